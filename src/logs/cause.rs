//! Why something failed: the last cause of a stack trace.

/// The exception at the bottom of a stack trace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cause {
    /// With its package.
    pub class: String,
    /// The first line; empty where the exception says nothing.
    pub message: String,
}

impl Cause {
    /// The exception after the last `Caused by:` of the trace, or the one at its top.
    pub fn of(trace: &str) -> Option<Self> {
        let last = trace.lines().filter_map(|line| line.strip_prefix("Caused by: ")).next_back();
        let line = last.or_else(|| trace.lines().next())?.trim();
        let is_class = |text: &str| !text.is_empty() && !text.contains(char::is_whitespace);
        let (class, message) = match line.split_once(": ") {
            Some((class, message)) if is_class(class) => (class, message),
            _ if is_class(line) => (line, ""),
            _ => return None,
        };
        Some(Self { class: class.to_owned(), message: message.trim().to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_stands_after_the_last_caused_by() {
        let cause = |trace: &str| Cause::of(trace).map(|cause| format!("{}|{}", cause.class, cause.message));
        let trace = "a.Outer: failed\n\tat a.B.c(B.java:1)\nCaused by: a.Middle\n\t... 3 more\nCaused by: a.Inner: key: 7\nmore\n\tat d";
        assert_eq!(cause(trace).as_deref(), Some("a.Inner|key: 7"));
        assert_eq!(cause("java.lang.NullPointerException\n\tat a").as_deref(), Some("java.lang.NullPointerException|"));
        assert_eq!(cause("a.X: Caused by: rain\n\tat a").as_deref(), Some("a.X|Caused by: rain"));
        assert_eq!(cause("no exception at all"), None);
        assert_eq!(cause(""), None);
    }
}
