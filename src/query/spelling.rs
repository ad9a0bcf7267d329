//! Several names as one text, in all the ways in which Grafana's formats of variables and people write them.
//!
//! `a,b` (csv), `{a,b}` (glob), `a|b` and `(a|b)` (pipe, regex), `["a","b"]` (json), each part with or without quotes.
//! A sign inside `/…/` or inside quotes belongs to its part.

use crate::limits;

const QUOTES: &[char] = &['"', '\''];

/// How deep lists may stand in lists: Grafana writes one level, a hand perhaps two. What is deeper is a name.
pub(super) const LIST_DEPTH: usize = 3;

/// The parts of a list or of alternatives; None of anything else.
pub(super) fn split(text: &str) -> Option<Vec<String>> {
    if let Some(parts) = json_list(text) {
        return Some(parts);
    }
    let inside = |open: char, close: char| text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
    let (list, sign) = match (inside('{', '}'), inside('(', ')')) {
        (Some(list), _) => (list, ','),
        (None, Some(list)) if !list.contains(',') => (list, '|'),
        _ if text.contains(',') => (text, ','),
        _ if text.contains('|') => (text, '|'),
        _ => return None,
    };
    let part = |part: &str| {
        let part = part.trim();
        let plain = unquote(part).unwrap_or_else(|| part.trim_matches(QUOTES).to_owned());
        if sign == '|' { unescape(&plain) } else { plain }
    };
    let pieces = split_outside(list, sign, |part| is_open_pattern(part) || is_open_quote(part))
        .unwrap_or_else(|whole| split_outside(list, sign, is_open_pattern).unwrap_or_else(|_| vec![whole]));
    let parts: Vec<String> = pieces.iter().map(|text| part(text)).filter(|part| !part.is_empty()).collect();
    // The start of a pattern that never ends, as `/a,b`, is no list: its only part is the text itself.
    (parts.as_slice() != [text]).then_some(parts)
}

/// The parts of a list, or the one name that a text is.
pub(super) fn list_of(text: &str) -> Vec<String> {
    split(text).unwrap_or_else(|| vec![plain(text)])
}

fn json_list(text: &str) -> Option<Vec<String>> {
    let is_like_one = text.starts_with('[') && text.ends_with(']');
    let parts: Vec<String> = if is_like_one { serde_json::from_str(text).ok()? } else { return None };
    Some(parts.into_iter().filter(|part| !part.trim().is_empty()).collect())
}

/// The pieces between the signs, where a piece that is still open takes in the next; the whole text where the last one
/// stays open.
fn split_outside(text: &str, sign: char, is_open: impl Fn(&str) -> bool) -> Result<Vec<String>, String> {
    let mut parts: Vec<String> = Vec::new();
    for piece in text.split(sign) {
        match parts.last_mut().filter(|part| is_open(part)) {
            Some(part) => {
                part.push(sign);
                part.push_str(piece);
            }
            None => parts.push(piece.to_owned()),
        }
    }
    if parts.last().is_some_and(|part| is_open(part)) { Err(text.to_owned()) } else { Ok(parts) }
}

fn is_open_pattern(part: &str) -> bool {
    let part = part.trim_start();
    let closed = || part[1..].rsplit_once('/').is_some_and(|(_, flags)| flags.trim().chars().all(char::is_alphabetic));
    part.starts_with('/') && !closed()
}

/// A quote closes where it is neither escaped nor doubled.
fn is_open_quote(part: &str) -> bool {
    let part = part.trim();
    let Some(quote) = part.chars().next().filter(|first| QUOTES.contains(first)) else { return false };
    let mut before = None;
    let mut count = 0;
    for c in part.chars() {
        count += usize::from(c == quote && before != Some('\\'));
        before = Some(c);
    }
    count % 2 == 1 || !part.ends_with(quote)
}

/// What stands in quotes: `'it''s'` (sqlstring) and `'it\'s'` (singlequote) are `it's`.
fn unquote(text: &str) -> Option<String> {
    QUOTES.iter().find_map(|quote| {
        let inner = text.strip_prefix(*quote)?.strip_suffix(*quote)?;
        let (doubled, escaped, plain) = (quote.to_string().repeat(2), format!("\\{quote}"), quote.to_string());
        Some(inner.replace(&doubled, &plain).replace(&escaped, &plain))
    })
}

/// The name of a variable's only value, which Grafana's formats write with quotes or escapes as they do in lists.
pub(super) fn plain(text: &str) -> String {
    unescape(&unquote(text).unwrap_or_else(|| text.to_owned()))
}

/// `pay\.eu` as Grafana's format "regex" writes `pay.eu`.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let is_escape = c == '\\' && rest.peek().is_some_and(|next| !next.is_alphanumeric());
        plain.extend(if is_escape { rest.next() } else { Some(c) });
    }
    plain
}

/// How many patterns a text holds, before anything is compiled.
pub fn count_patterns(text: &str) -> usize {
    let text = text.trim();
    // A longer one is refused as it is.
    count_nested(text, if text.len() > limits::TEXT_BYTES { 0 } else { LIST_DEPTH })
}

fn count_nested(text: &str, depth: usize) -> usize {
    match if depth == 0 { None } else { split(text) } {
        Some(parts) => parts.iter().map(|part| count_nested(part, depth - 1)).sum(),
        None => usize::from(text.starts_with('/') || text.contains('*') && !is_all(text)),
    }
}

pub(super) fn is_all(text: &str) -> bool {
    matches!(text, "*" | ".*" | ".+" | "$__all")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_of_a_variable_is_a_list() {
        let cases: &[(&str, &[&str])] = &[
            (r#"["a","b"]"#, &["a", "b"]),
            (r#"["a, b","c \"d\""]"#, &["a, b", r#"c "d""#]),
            (r#"["a"]"#, &["a"]),
            ("'a','b'", &["a", "b"]),
            ("'a, b','c'", &["a, b", "c"]),
            (r#""a, b","c""#, &["a, b", "c"]),
            ("'it''s','b'", &["it's", "b"]),
            (r"'it\'s, b','c'", &["it's, b", "c"]),
            ("{'a','b'}", &["a", "b"]),
            ("it's,that's", &["it's", "that's"]),
            ("'a,b", &["a", "b"]),
            ("a|b", &["a", "b"]),
            (r"(a\.b|c)", &["a.b", "c"]),
        ];
        for (text, expected) in cases {
            assert_eq!(split(text).unwrap(), *expected, "{text}");
        }
        for text in ["a", "[a]", "Calc[5]", "'it''s'", "[1,2"] {
            assert_eq!(split(text).unwrap_or_default().len(), usize::from(text.contains(',')) * 2, "{text}");
        }
        assert_eq!((plain("'it''s'"), plain(r#""cpu""#)), ("it's".to_owned(), "cpu".to_owned()));
    }
}
