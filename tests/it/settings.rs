//! Settings: what each AWS data source of Grafana may send, and what an administrator may forbid.

use std::collections::HashMap;
use std::time::Duration;

use flinkwatch::catalog::operations::Quota;
use flinkwatch::place::Region;
use flinkwatch::settings::{
    AdminSettings, AuthType, CallLimits, CredentialSource, Endpoints, GrafanaVersion, HostEnvironment, RegionRefusal,
    Secret, Settings, SettingsError, SettingsSource,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const ROLE: &str = "arn:aws:iam::123456789012:role/grafana";

fn texts(pairs: &[(&str, &str)]) -> HashMap<String, String> {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

fn admin(pairs: &[(&str, &str)]) -> AdminSettings {
    AdminSettings::from(&texts(pairs), &|_| None)
}

/// Reads `json` with a default region filled in.
fn parse_with(mut json: Value, secure: &[(&str, &str)], admin: &AdminSettings) -> Result<Settings, SettingsError> {
    if let Some(object) = json.as_object_mut() {
        object.entry("defaultRegion").or_insert(json!("eu-west-1"));
    }
    let (json, secure) = (json.to_string(), texts(secure));
    Settings::parse(&SettingsSource { json_data: json.as_bytes(), secure: &secure, database: "" }, admin)
}

fn parse(json: Value) -> Result<Settings, SettingsError> {
    parse_with(json, &[], &AdminSettings::default())
}

#[test]
fn a_region_is_all_that_must_be_set() {
    let settings = parse(json!({})).unwrap();
    assert_eq!(settings.auth, AuthType::Default);
    assert_eq!(settings.identity.credentials, CredentialSource::DefaultChain);
    assert_eq!((settings.identity.role, settings.default_application), (None, None));
    assert_eq!(settings.endpoints, Endpoints::default());
    assert_eq!(settings.default_region.as_str(), "eu-west-1");
    assert_eq!((settings.kpu_price_per_hour, settings.request_timeout), (0.11, Duration::from_secs(30)));
    assert_eq!(settings.limits, CallLimits::default());
}

/// Who mends one field should not be told of the next one only then.
#[test]
fn all_that_is_wrong_is_told_at_once() {
    let wrong = json!({
        "authType": "keys", "defaultRegion": "EU", "allowedRegions": ["EU"], "endpoint": "ftp://x", "stsEndpoint": "http://",
        "defaultApplication": "no/name", "kpuPricePerHour": -1, "requestTimeoutSeconds": 0, "listMetricsPerSecond": "many",
        "maxConcurrentCalls": 1.5, "cacheMegabytes": true, "assumeRoleArn": "grafana",
    });
    let error = parse_with(wrong, &[("secretKey", "s")], &AdminSettings::default()).unwrap_err();
    let fields: Vec<&str> = error.all().map(|error| error.field).collect();
    let expected = [
        "defaultRegion",
        "accessKey",
        "assumeRoleArn",
        "allowedRegions",
        "endpoint",
        "stsEndpoint",
        "defaultApplication",
        "kpuPricePerHour",
        "requestTimeoutSeconds",
        "cacheMegabytes",
        "listMetricsPerSecond",
        "maxConcurrentCalls",
    ];
    assert_eq!(fields, expected);
    let text = error.to_string();
    assert!(text.contains("; and cacheMegabytes is a boolean; allowed: a number from 0 to 4096"), "{text}");
    assert!(text.ends_with("; and 2 more settings cannot be used"), "{text}");
    let two = parse(json!({ "kpuPricePerHour": -1, "maxConcurrentCalls": 0 })).unwrap_err().to_string();
    assert!(two.contains("kpuPricePerHour is -1") && two.contains("; and maxConcurrentCalls is 0;"), "{two}");
}

#[test]
fn every_auth_type_is_read_in_its_old_and_new_spelling() {
    let keys = [("accessKey", " AKIDEXAMPLE\n"), ("secretKey", "secret"), ("sessionToken", "token")];
    let table = [
        ("default", AuthType::Default, CredentialSource::DefaultChain),
        ("arn", AuthType::Default, CredentialSource::DefaultChain),
        ("ec2_iam_role", AuthType::Ec2IamRole, CredentialSource::DefaultChain),
        ("credentials", AuthType::Credentials, CredentialSource::Profile(None)),
        ("sharedCreds", AuthType::Credentials, CredentialSource::Profile(None)),
        (
            "keys",
            AuthType::Keys,
            CredentialSource::Keys {
                access_key: Secret::new("AKIDEXAMPLE"),
                secret_key: Secret::new("secret"),
                session_token: Some(Secret::new("token")),
            },
        ),
    ];
    for (text, auth, credentials) in table {
        let settings = parse_with(json!({ "authType": text }), &keys, &AdminSettings::default()).unwrap();
        assert_eq!((settings.auth, settings.identity.credentials), (auth, credentials), "{text}");
    }
}

#[test]
fn auth_types_that_cannot_work_are_refused_by_name() {
    let cloud = parse(json!({ "authType": "grafana_assume_role" })).unwrap_err();
    assert_eq!(cloud.field, "authType");
    assert!(cloud.allowed.contains("Grafana Cloud only"), "{cloud}");
    let unknown = parse(json!({ "authType": "kerberos" })).unwrap_err();
    assert_eq!(unknown.to_string(), r#"authType is "kerberos"; allowed: default, keys, credentials, ec2_iam_role"#);
    let missing = parse(json!({ "authType": "keys" })).unwrap_err();
    assert_eq!((missing.field, missing.found.as_str()), ("accessKey", "missing"));
    let half = parse_with(json!({ "authType": "keys" }), &[("accessKey", "AKID")], &AdminSettings::default());
    assert_eq!(half.unwrap_err().field, "secretKey");
}

#[test]
fn old_data_sources_keep_the_profile_in_database() {
    let profile = |json: Value, database| {
        let json = json.to_string();
        let source = SettingsSource { json_data: json.as_bytes(), secure: &HashMap::new(), database };
        Settings::parse(&source, &AdminSettings::default()).unwrap().identity.credentials
    };
    let named = |name: &str| CredentialSource::Profile(Some(name.to_owned()));
    let old = json!({ "authType": "credentials", "defaultRegion": "eu-west-1" });
    assert_eq!(profile(old.clone(), "team"), named("team"));
    assert_eq!(profile(old, ""), CredentialSource::Profile(None));
    let new = json!({ "authType": "credentials", "defaultRegion": "eu-west-1", "profile": "other" });
    assert_eq!(profile(new, "team"), named("other"));
}

#[test]
fn a_role_is_read_in_both_spellings_with_its_external_id() {
    for field in ["assumeRoleArn", "assumeRoleARN"] {
        let role = parse(json!({ field: ROLE, "externalId": "ours" })).unwrap().identity.role.unwrap();
        assert_eq!((role.arn.as_str(), role.external_id.as_deref()), (ROLE, Some("ours")));
        assert_eq!(role.session, Duration::from_secs(900));
    }
    for wrong in
        ["grafana", "arn:aws:iam::123456789012:user/me", "arn:aws:iam::12:role/x", "arn:aws:s3::123456789012:role/x"]
    {
        assert_eq!(parse(json!({ "assumeRoleArn": wrong })).unwrap_err().field, "assumeRoleArn", "{wrong}");
    }
}

#[test]
fn the_region_comes_from_the_settings_then_from_the_environment() {
    let env = |name: &str| (name == "AWS_REGION").then(|| "us-east-2".to_owned());
    let admin = AdminSettings::from(&HashMap::new(), &env);
    let region = |json: Value| {
        let json = json.to_string();
        let source = SettingsSource { json_data: json.as_bytes(), secure: &HashMap::new(), database: "" };
        Settings::parse(&source, &admin).map(|settings| settings.default_region.to_string())
    };
    assert_eq!(region(json!({ "defaultRegion": "eu-west-1", "region": "eu-west-2" })).unwrap(), "eu-west-1");
    assert_eq!(region(json!({ "region": "eu-west-2" })).unwrap(), "eu-west-2");
    assert_eq!(region(json!({ "defaultRegion": "default" })).unwrap(), "us-east-2");
    assert_eq!(region(json!({})).unwrap(), "us-east-2");
    assert_eq!(region(json!({ "defaultRegion": "x/y" })).unwrap_err().field, "defaultRegion");
    let nothing = Settings::parse(
        &SettingsSource { json_data: b"", secure: &HashMap::new(), database: "" },
        &AdminSettings::default(),
    );
    assert_eq!(nothing.unwrap_err().field, "defaultRegion");
}

#[test]
fn numbers_may_be_text_and_have_limits() {
    let settings = parse(json!({ "kpuPricePerHour": "0.132", "requestTimeoutSeconds": 5 })).unwrap();
    assert_eq!((settings.kpu_price_per_hour, settings.request_timeout), (0.132, Duration::from_secs(5)));
    let cache = |json| parse(json).unwrap().cache_bytes;
    assert_eq!((cache(json!({})), cache(json!({ "cacheMegabytes": 0.5 }))), (64 << 20, 512 << 10));
    let wrong = [
        ("kpuPricePerHour", json!(-1)),
        ("kpuPricePerHour", json!("NaN")),
        ("kpuPricePerHour", json!([0.11])),
        ("requestTimeoutSeconds", json!(0)),
        ("requestTimeoutSeconds", json!("soon")),
        ("requestTimeoutSeconds", json!(1e300)),
        ("getMetricDataPerSecond", json!(501)),
        ("listMetricsPerSecond", json!(0)),
        ("kinesisAnalyticsPerSecond", json!("many")),
        ("maxConcurrentCalls", json!(0)),
        ("cacheMegabytes", json!(-1)),
        ("cacheMegabytes", json!(4097)),
    ];
    for (field, value) in wrong {
        assert_eq!(parse(json!({ field: value })).unwrap_err().field, field);
    }
}

#[test]
fn limits_of_calls_are_read_one_by_one() {
    let limits = parse(json!({ "listMetricsPerSecond": "2.5", "maxConcurrentCalls": 3 })).unwrap().limits;
    let expected = CallLimits { concurrent_calls: 3, ..CallLimits::default() }.with_rate(Quota::ListMetrics, 2.5);
    assert_eq!(limits, expected);
}

#[test]
fn grafanas_socks_proxy_is_refused_instead_of_bypassed() {
    assert_eq!(parse(json!({ "enableSecureSocksProxy": true })).unwrap_err().field, "enableSecureSocksProxy");
    assert!(parse(json!({ "enableSecureSocksProxy": false })).is_ok());
}

#[test]
fn an_administrators_list_of_providers_is_enforced() {
    let only_keys = admin(&[("AWS_AUTH_AllowedAuthProviders", "keys, sharedCreds")]);
    let secure = [("accessKey", "AKID"), ("secretKey", "s")];
    let read = |auth: &str| parse_with(json!({ "authType": auth }), &secure, &only_keys);
    assert!(read("keys").is_ok() && read("credentials").is_ok() && read("sharedCreds").is_ok());
    for refused in ["default", "ec2_iam_role", "arn"] {
        let error = read(refused).unwrap_err();
        assert_eq!(error.field, "authType");
        assert!(error.allowed.contains("keys, sharedCreds"), "{error}");
    }
    let empty = admin(&[("AWS_AUTH_AllowedAuthProviders", " ")]);
    assert!(parse_with(json!({}), &[], &empty).is_ok());
}

#[test]
fn an_administrator_may_forbid_roles_or_fix_their_external_id_and_session() {
    let role = json!({ "assumeRoleArn": ROLE });
    let read = |json: &Value, pairs: &[(&str, &str)]| parse_with(json.clone(), &[], &admin(pairs));
    assert_eq!(read(&role, &[("AWS_AUTH_AssumeRoleEnabled", "false")]).unwrap_err().field, "assumeRoleArn");
    assert_eq!(
        read(&role, &[("AWS_AUTH_AssumeRoleEnabled", "perhaps")]).unwrap_err().field,
        "AWS_AUTH_AssumeRoleEnabled"
    );
    assert!(read(&json!({}), &[("AWS_AUTH_AssumeRoleEnabled", "false")]).is_ok());

    let fixed = [("AWS_AUTH_EXTERNAL_ID", "theirs"), ("AWS_AUTH_SESSION_DURATION", "1h30m")];
    let settings = read(&role, &fixed).unwrap().identity.role.unwrap();
    assert_eq!((settings.external_id.as_deref(), settings.session.as_secs()), (Some("theirs"), 5400));
    let other = json!({ "assumeRoleArn": ROLE, "externalId": "ours" });
    assert_eq!(read(&other, &fixed).unwrap_err().field, "externalId");
    for wrong in ["5m", "13h", "long"] {
        let error = read(&role, &[("AWS_AUTH_SESSION_DURATION", wrong)]).unwrap_err();
        assert_eq!(error.field, "AWS_AUTH_SESSION_DURATION");
    }
}

#[test]
fn grafanas_word_goes_before_the_environment() {
    let env = |name: &str| (name == "AWS_AUTH_AllowedAuthProviders").then(|| "keys".to_owned());
    let from_env = AdminSettings::from(&HashMap::new(), &env);
    assert!(parse_with(json!({}), &[], &from_env).is_err());
    let from_grafana = AdminSettings::from(&texts(&[("AWS_AUTH_AllowedAuthProviders", "default")]), &env);
    assert!(parse_with(json!({}), &[], &from_grafana).is_ok());
}

#[test]
fn a_missing_host_environment_is_noticed() {
    let host = |env: &dyn Fn(&str) -> Option<String>| {
        parse_with(json!({}), &[], &AdminSettings::from(&HashMap::new(), env)).unwrap().host
    };
    assert_eq!(host(&|_| None), HostEnvironment::NoAwsVariables);
    let profile = |name: &str| (name == "AWS_PROFILE").then(|| "team".to_owned());
    assert_eq!(host(&profile), HostEnvironment::HasAwsVariables);
}

#[test]
fn secrets_are_never_shown() {
    let secure =
        [("accessKey", "CANARY1"), ("secretKey", "CANARY2"), ("sessionToken", "CANARY3"), ("other", "CANARY4")];
    let settings = parse_with(json!({ "authType": "keys" }), &secure, &AdminSettings::default()).unwrap();
    let all = texts(&secure);
    let source = SettingsSource { json_data: b"{}", secure: &all, database: "" };
    let broken = [("accessKey", "CANARY 1"), ("secretKey", "CANARY2")];
    let error = parse_with(json!({ "authType": "keys" }), &broken, &AdminSettings::default()).unwrap_err();
    assert_eq!(error.field, "accessKey");
    for shown in [format!("{settings:?}"), format!("{source:?}"), format!("{error:?} {error}")] {
        assert!(!shown.contains("CANARY"), "{shown}");
    }
}

#[test]
fn a_secret_in_the_wrong_field_is_not_repeated() {
    let pasted = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    for field in ["authType", "assumeRoleArn", "endpoint", "defaultRegion", "kpuPricePerHour", "enableSecureSocksProxy"]
    {
        let value = if field == "endpoint" { format!("http://{pasted}") } else { pasted.to_owned() };
        let Err(error) = parse(json!({ field: value })) else { continue };
        assert_eq!(error.field, field);
        assert!(!error.to_string().contains("wJalr"), "{error}");
    }
}

#[test]
fn identities_are_equal_only_if_all_secrets_are() {
    let identity = |secret: &str| {
        let secure = [("accessKey", "AKID"), ("secretKey", secret)];
        parse_with(json!({ "authType": "keys" }), &secure, &AdminSettings::default()).unwrap().identity
    };
    assert_eq!(identity("one"), identity("one"));
    assert_ne!(identity("one"), identity("two"));
}

/// Any JSON value under the names of real fields, so that reading gets past the first one.
fn any_settings() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "authType",
        "assumeRoleArn",
        "assumeRoleARN",
        "externalId",
        "profile",
        "endpoint",
        "defaultRegion",
        "region",
        "defaultApplication",
        "kpuPricePerHour",
        "requestTimeoutSeconds",
        "getMetricDataPerSecond",
        "listMetricsPerSecond",
        "kinesisAnalyticsPerSecond",
        "maxConcurrentCalls",
        "cacheMegabytes",
        "enableSecureSocksProxy",
        "x",
    ]);
    let real =
        prop::sample::select(vec!["keys", "default", "credentials", "eu-west-1", ROLE, "http://h:1", "true", "3"]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
        real.prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(2, 8, 3, |inner| prop::collection::vec(inner, 0..3).prop_map(Value::from));
    prop::collection::btree_map(names.prop_map(str::to_owned), value, 0..8)
        .prop_map(|fields| Value::from(serde_json::Map::from_iter(fields)))
}

proptest! {
    #[test]
    fn any_json_is_read_or_refused_by_field(json in any_settings(), key in ".*", config in ".*") {
        let (text, secure) = (json.to_string(), texts(&[("accessKey", &key), ("secretKey", "CANARY")]));
        let admin = admin(&[("AWS_AUTH_SESSION_DURATION", &config)]);
        let source = SettingsSource { json_data: text.as_bytes(), secure: &secure, database: &key };
        if let Err(error) = Settings::parse(&source, &admin) {
            prop_assert!(!error.field.is_empty() && !error.found.is_empty() && !error.allowed.is_empty());
            prop_assert!(!error.to_string().contains("CANARY"));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let source = SettingsSource { json_data: &bytes, secure: &HashMap::new(), database: "" };
        prop_assert!(Settings::parse(&source, &AdminSettings::default()).is_err());
    }
}

#[test]
fn everything_that_is_missing_is_named_at_once() {
    let json = json!({ "authType": "keys" }).to_string();
    let source = SettingsSource { json_data: json.as_bytes(), secure: &HashMap::new(), database: "" };
    let error = Settings::parse(&source, &AdminSettings::default()).unwrap_err().to_string();
    for field in ["defaultRegion is missing", "accessKey is missing", "secretKey is missing"] {
        assert!(error.contains(field), "{error}");
    }
}

/// YAML makes numbers and booleans of texts without quotes, and other digits of those that begin with 0.
#[test]
fn a_text_without_quotes_is_told_to_be_put_in_quotes() {
    let fields =
        ["externalId", "profile", "endpoint", "stsEndpoint", "defaultApplication", "defaultRegion", "authType"];
    for field in fields {
        for value in [json!(123_456_789_012_i64), json!(1.5), json!(true)] {
            let mut json = json!({ "assumeRoleArn": ROLE, "authType": "credentials" });
            json[field] = value;
            let error = parse(json).unwrap_err();
            assert_eq!(error.field, field);
            assert!(error.allowed.contains(&format!("put it in quotes, such as {field}: ")), "{error}");
        }
    }
    let error = parse(json!({ "allowedRegions": [1] })).unwrap_err();
    assert!(error.to_string().contains("an array with a number in it"), "{error}");
    assert!(parse(json!({ "enableSecureSocksProxy": 0 })).unwrap_err().to_string().contains("true or false"));
    assert!(parse(json!({ "cacheMegabytes": true })).unwrap_err().to_string().contains("a number from 0"));
}

#[test]
fn what_is_pasted_instead_of_a_role_is_recognised() {
    let read = |arn: &str| parse(json!({ "assumeRoleArn": arn })).unwrap_err().to_string();
    let session = read("arn:aws-cn:sts::123456789012:assumed-role/grafana/i-0abc");
    assert!(session.contains("is the ARN of an assumed-role session"), "{session}");
    assert!(session.contains("arn:aws-cn:iam::123456789012:role/grafana,"), "{session}");
    assert!(read("arn:aws:iam::123456789012:instance-profile/x").contains("an instance profile"));
    assert!(read("arn:aws:iam::123456789012:user/x").contains("a user"));
    assert!(read("grafana").contains("such as arn:aws:iam::123456789012:role/grafana"));
    let secret = read("arn:aws:sts::CANARY/x:assumed-role/CAN ARY/x");
    assert!(!secret.contains("CANARY") && !secret.contains("CAN ARY"), "{secret}");
}

#[test]
fn regions_that_may_be_asked_are_a_list_or_a_text() {
    for allowed in [json!(["us-east-1", " eu-west-2 "]), json!("us-east-1, eu-west-2")] {
        let regions = parse(json!({ "allowedRegions": allowed })).unwrap().regions;
        for (region, refused) in [("us-east-1", false), ("eu-west-2", false), ("eu-west-1", false), ("us-west-2", true)]
        {
            assert_eq!(regions.refusal(&Region::from(region)).is_some(), refused, "{region}");
        }
    }
    let open = parse(json!({})).unwrap().regions;
    assert_eq!(open.refusal(&Region::from("eusc-de-east-1")), None);
    assert_eq!(open.refusal(&Region::from("aa-aaa-1")), Some(RegionRefusal::Unknown));
    assert_eq!(parse(json!({ "allowedRegions": ["EU"] })).unwrap_err().field, "allowedRegions");
    assert_eq!(parse(json!({ "defaultApplication": "a/b" })).unwrap_err().field, "defaultApplication");
}

#[test]
fn grafana_and_its_files_are_known_for_explanations() {
    let of = |variables: &[(&str, &str)]| {
        let set = texts(variables);
        let admin = AdminSettings::from(&HashMap::new(), &|name| set.get(name).cloned());
        parse_with(json!({}), &[], &admin).unwrap()
    };
    let bare = of(&[]);
    assert_eq!(bare.grafana, None);
    assert!(bare.host_files.credentials.starts_with("nowhere: neither AWS_SHARED_CREDENTIALS_FILE nor HOME"));
    let full = of(&[("GF_VERSION", "12.4.2"), ("HOME", "/usr/share/grafana/"), ("AWS_CONFIG_FILE", "/etc/aws")]);
    assert_eq!(full.grafana, Some(GrafanaVersion(12, 4)));
    assert_eq!(full.host_files.credentials, "/usr/share/grafana/.aws/credentials");
    assert_eq!(full.host_files.config, "/etc/aws (from AWS_CONFIG_FILE)");
}
