//! Names of tasks and operators: as Flink has them, as CloudWatch has them, as people read them.
//!
//! The service writes a Flink name into a dimension after replacing some characters one for one. That loses
//! information, so there is no way back, only a readable guess ([`display`]) and a tolerant comparison ([`matches`]).
//! The one surprise: operator names are cut at 80 characters, task names are not.

use std::iter::Peekable;
use std::str::Chars;

/// Flink's limit for operator names in metrics: `METRICS_OPERATOR_NAME_MAX_LENGTH`.
const OPERATOR_NAME_LIMIT: usize = 80;

/// ` -> ` after cleaning.
const ARROW: usize = 4;

/// What Flink 2.x keeps at the end of an operator name that it cuts, after [`fold`].
const KEPT_SUFFIXES: [&str; 2] = ["__Writer", "__Committer"];

/// A Flink name as it stands in a dimension. Each of space `-` `>` `[` `]` `(` `)` `,` becomes `_`, one for one, and
/// `:` stays: seen on live applications. What happens to `<` `&` `#` `/` `.` `=` is not known; they are left as they
/// are.
pub fn clean(name: &str) -> String {
    let replaced = [' ', '-', '>', '[', ']', '(', ')', ','];
    name.chars().map(|c| if replaced.contains(&c) { '_' } else { c }).collect()
}

/// A dimension's value for reading. Four or more `_` in a row are taken as the arrow of a chain, fewer as one space; so
/// `Source:_trades_source____parse_trade` reads `Source: trades source -> parse trade`. Brackets and dashes of the
/// Flink name are lost: two different names may read the same, so never match by this text.
pub fn display(cleaned: &str) -> String {
    let mut shown = String::with_capacity(cleaned.len());
    let mut rest = cleaned.trim_matches('_').chars().peekable();
    while let Some(c) = rest.next() {
        if c != '_' {
            shown.push(c);
            continue;
        }
        let run = 1 + skip_underscores(&mut rest);
        match rest.peek() {
            _ if run >= ARROW => shown.push_str(" -> "),
            // A closing bracket before a colon: `(hourly): Writer`.
            Some(':') => {}
            _ => shown.push(' '),
        }
    }
    if shown.is_empty() { cleaned.to_owned() } else { shown }
}

fn skip_underscores(rest: &mut Peekable<Chars<'_>>) -> usize {
    let mut count = 0;
    while rest.next_if_eq(&'_').is_some() {
        count += 1;
    }
    count
}

/// Whether a name that an author wrote means this dimension value. The author may have the value itself, the Flink name
/// before cleaning, or the whole name of an operator that Flink cut. Where several values match, an equal one is meant.
pub fn matches(asked: &str, cleaned_value: &str) -> bool {
    let is_same = asked.chars().map(folded).eq(cleaned_value.chars().map(folded));
    // Most values are too short to be cut, and an application has hundreds.
    is_same || cleaned_value.len() >= OPERATOR_NAME_LIMIT && is_cut_from(&fold(cleaned_value), &fold(asked))
}

/// Every character that is not an ASCII letter or digit as `_`, so that names compare equal whatever the service made
/// of it.
pub fn fold(name: &str) -> String {
    name.chars().map(folded).collect()
}

fn folded(c: char) -> char {
    if c.is_ascii_alphanumeric() { c } else { '_' }
}

/// Whether Flink cuts the folded name `whole` to the folded name `value`.
fn is_cut_from(value: &str, whole: &str) -> bool {
    if value.len() < OPERATOR_NAME_LIMIT || whole.len() <= value.len() {
        return false;
    }
    if value.len() == OPERATOR_NAME_LIMIT && whole.starts_with(value) {
        return true;
    }
    KEPT_SUFFIXES.iter().any(|suffix| {
        let Some(start) = value.strip_suffix(suffix) else { return false };
        let limits = OPERATOR_NAME_LIMIT - suffix.len()..=OPERATOR_NAME_LIMIT;
        limits.contains(&start.len()) && whole.starts_with(start) && whole.ends_with(suffix)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_like_the_names_they_came_from() {
        let cases = [
            ("Source:_trades_source____parse_trade", "Source: trades source -> parse trade"),
            ("Source:_prices_src_17_____Calc_18_", "Source: prices src 17 -> Calc 18"),
            ("Deduplicate_4______Calc_5___Calc_10__", "Deduplicate 4 -> Calc 5 Calc 10"),
            ("Sink:_s3_archive__hourly_:_Writer", "Sink: s3 archive hourly: Writer"),
            ("plain", "plain"),
            ("____", "____"),
            ("", ""),
        ];
        for (value, shown) in cases {
            assert_eq!(display(value), shown);
        }
    }

    #[test]
    fn cleaning_replaces_one_for_one() {
        assert_eq!(clean("Source: trades-source -> parse-trade"), "Source:_trades_source____parse_trade");
        assert_eq!(clean("Deduplicate[4] -> (Calc[5], Calc[10])"), "Deduplicate_4______Calc_5___Calc_10__");
        assert_eq!(clean("valid & a/b #1 = 1.5"), "valid_&_a/b_#1_=_1.5");
    }

    #[test]
    fn unknown_characters_do_not_keep_names_apart() {
        assert!(matches("Filter: valid & non-test", "Filter:_valid_&_non_test"));
        assert!(matches("Filter: valid & non-test", "Filter:_valid___non_test"));
        assert!(matches("Café", "Caf_"));
        assert!(!matches("Filter: valid", "Filter:_invalid"));
        assert!(!matches("Calc[1]", "Calc_10_"));
    }

    #[test]
    fn a_cut_operator_is_found_by_its_whole_name() {
        let whole = format!("orders {}: Writer", "x".repeat(100));
        let cut_in_1_20: String = clean(&whole).chars().take(80).collect();
        let short_start: String = clean(&whole).chars().take(72).collect();
        let long_start: String = clean(&whole).chars().take(80).collect();
        assert!(matches(&whole, &cut_in_1_20));
        assert!(matches(&whole, &format!("{short_start}:_Writer")));
        assert!(matches(&whole, &format!("{long_start}:_Writer")));
        assert!(!matches(&whole, &format!("{short_start}:_Committer")));
        assert!(!matches(&whole, &clean(&whole)[..79]));
    }
}
