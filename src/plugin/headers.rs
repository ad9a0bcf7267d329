//! Headers of a request: readable by name, never printed with their values.

use std::collections::BTreeMap;
use std::fmt;

/// Headers by lower-case name. Grafana marks those of the viewer's HTTP request with the
/// prefix `http_`, but not in every version and not for every call, so [`Headers::first`]
/// accepts both spellings. Values can be tokens of the viewer: `Debug` prints names only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(BTreeMap<String, String>);

impl Headers {
    /// The value of a header, named in lower case and without the prefix.
    pub fn first(&self, name: &str) -> Option<&str> {
        let exact = self.0.get(name);
        let value = exact.or_else(|| self.0.get(&format!("http_{name}")))?;
        Some(value.as_str())
    }

    /// True when the header is there and says anything but "false" or "0".
    pub fn says(&self, name: &str) -> bool {
        self.first(name).is_some_and(is_true)
    }

    /// The same of a header that no viewer can send.
    pub fn says_of_grafana(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| is_true(value))
    }
}

fn is_true(value: &str) -> bool {
    !matches!(value.trim(), "" | "0" | "false" | "False" | "FALSE")
}

impl<N: AsRef<str>> FromIterator<(N, String)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, String)>>(headers: I) -> Self {
        let lower = |(name, value): (N, String)| (name.as_ref().to_ascii_lowercase(), value);
        Self(headers.into_iter().map(lower).collect())
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> Headers {
        pairs.iter().map(|(name, value)| (*name, value.to_string())).collect()
    }

    #[test]
    fn names_match_in_any_case_with_and_without_the_prefix() {
        let both = headers(&[("http_X-Panel-Id", "7"), ("FromAlert", "true")]);
        assert_eq!(both.first("x-panel-id"), Some("7"));
        assert!(both.says("fromalert"));
        assert!(!both.says("x-grafana-from-expr"));
        assert!(!headers(&[("FromAlert", "false")]).says("fromalert"));
        assert!(both.says_of_grafana("fromalert"));
        assert!(!headers(&[("http_FromAlert", "true")]).says_of_grafana("fromalert"));
    }

    #[test]
    fn values_are_never_printed() {
        let printed = format!("{:?}", headers(&[("Authorization", "Bearer canary")]));
        assert_eq!(printed, r#"{"authorization"}"#);
    }
}
