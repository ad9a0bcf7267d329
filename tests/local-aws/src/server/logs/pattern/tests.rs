use super::*;

const FAILED: &str = r#"{"logger":"org.apache.flink.Task","message":"Parse (3/4)#0 (a_b_2_0) switched from RUNNING to FAILED","throwableInformation":"java.lang.IllegalStateException: 12,50\n\tat x","messageType":"WARN","code":7,"who":null}"#;

fn is_match(pattern: &str) -> bool {
    Pattern::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error:?}")).is_match(FAILED)
}

#[test]
fn terms_stand_for_whole_words_in_their_case() {
    for pattern in
        ["", "FAILED", "switched FAILED", "\"switched from RUNNING to\"", "?nothing ?FAILED", "IllegalStateException"]
    {
        assert!(is_match(pattern), "{pattern}");
    }
    for pattern in ["failed", "FAIL", "switched nothing", "\"switched to\"", "?nothing ?never", "IllegalState"] {
        assert!(!is_match(pattern), "{pattern}");
    }
}

#[test]
fn excluded_terms_and_ignored_alternatives() {
    assert!(!is_match("FAILED -RUNNING") && is_match("FAILED -CANCELED") && is_match("-CANCELED"));
    assert!(is_match("FAILED ?nothing"), "beside other terms alternatives do not count");
}

#[test]
fn regular_expressions_match_parts() {
    assert!(is_match("%Illegal[A-Z]tate%") && is_match(r"%RUNNING\sto%") && !is_match("%^Parse%"));
    for pattern in ["%a(b)%", "%a b%", "%é%", "%[%", "%a% %b% %c%", "%open"] {
        assert!(Pattern::parse(pattern).is_err(), "{pattern}");
    }
}

#[test]
fn conditions_on_json() {
    for pattern in [
        r#"{ $.messageType = "WARN" }"#,
        "{ $.messageType = WARN }",
        r#"{ $.message = "*switched from RUNNING to*" && $.messageType != "INFO" }"#,
        r#"{ ($.messageType = "X" || $.code >= 7) && $.code < 8 }"#,
        "{ $.nothing NOT EXISTS }",
        "{ $.who IS NULL }",
        "{ $.throwableInformation = %Illegal% }",
        r#"{ $.throwableInformation = "*12,50*" }"#,
    ] {
        assert!(is_match(pattern), "{pattern}");
    }
    for pattern in [
        r#"{ $.message = "switched*" }"#,
        "{ $.nothing = 1 }",
        "{ $.nothing != 1 }",
        "{ $.code > 7 }",
        "{ $.who NOT EXISTS }",
    ] {
        assert!(!is_match(pattern), "{pattern}");
    }
    assert!(!Pattern::parse("{ $.a = 1 }").unwrap().is_match("no JSON"));
}

#[test]
fn what_is_no_pattern_is_refused() {
    for pattern in ["a-b", "/ping", "\"open", "\"\"", "{ $.a }", "{ a = 1 }", "{ $.a = 1", "{ $.a EXISTS }", "[a, b]"] {
        let error = Pattern::parse(pattern).unwrap_err();
        assert_eq!(error.shape, "InvalidParameterException", "{pattern}");
    }
    assert_eq!(Pattern::parse("/ping").unwrap_err().message, "Invalid character(s) in term '/ping'");
    assert!(Pattern::parse(&"a".repeat(1025)).is_err());
}
