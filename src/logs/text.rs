//! Text from logs is anybody's: it is made harmless before it is shown.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use crate::limits;

/// Colours and cursor movements of terminals (ECMA-48).
static ANSI: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\x1b\[[0-9;?]*[ -/]*[@-~]").expect("the pattern is valid"));

/// The text without terminal codes and control characters, of a length that can be shown.
pub(super) fn harmless(text: &str) -> Cow<'_, str> {
    let is_control = |letter: char| letter.is_control() && letter != '\n' && letter != '\t';
    let text = limits::cut(text, limits::LOG_LINE_BYTES);
    if !text.contains(is_control) {
        return text;
    }
    Cow::Owned(ANSI.replace_all(&text, "").chars().filter(|letter| !is_control(*letter)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_and_control_characters_are_left_out() {
        assert_eq!(harmless("\x1b[1;31mERROR\x1b[0m no\u{0} \u{7}bell\r\n\tat here"), "ERROR no bell\n\tat here");
        assert!(matches!(harmless("plain <b>text</b>\n\tat line"), Cow::Borrowed(_)));
        let long = harmless(&"x".repeat(limits::LOG_LINE_BYTES + 1)).len();
        assert!(long < limits::LOG_LINE_BYTES + 40, "{long}");
    }
}
