//! RuntimeEnvironment of an application.

use std::fmt;

/// A runtime; unknown ones keep their text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Runtime {
    /// `FLINK-1_20`: Flink by (major, minor).
    Flink(u8, u8),
    /// `ZEPPELIN-FLINK-3_0`: a Studio notebook.
    Studio(String),
    /// `SQL-1_0`.
    Sql,
    Other(String),
}

impl Runtime {
    pub fn parse(text: &str) -> Self {
        if let Some(version) = text.strip_prefix("FLINK-")
            && let Some((major, minor)) = version.split_once('_')
            && let (Ok(major), Ok(minor)) = (major.parse(), minor.parse())
        {
            return Self::Flink(major, minor);
        }
        match text {
            text if text.starts_with("ZEPPELIN-") => Self::Studio(text.to_owned()),
            text if text.starts_with("SQL-") => Self::Sql,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Whether this is Flink of at least the given version.
    pub fn is_flink_from(&self, major: u8, minor: u8) -> bool {
        matches!(self, Self::Flink(a, b) if (*a, *b) >= (major, minor))
    }
}

impl fmt::Display for Runtime {
    /// As people say it: `Flink 1.20`, `Studio`, `SQL`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flink(major, minor) => write!(f, "Flink {major}.{minor}"),
            Self::Studio(_) => f.write_str("Studio"),
            Self::Sql => f.write_str("SQL"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runtimes_are_read_and_shown_as_people_say_them() {
        let shown = |text| Runtime::parse(text).to_string();
        assert_eq!(shown("FLINK-1_20"), "Flink 1.20");
        assert_eq!(shown("FLINK-2_2"), "Flink 2.2");
        assert_eq!(shown("ZEPPELIN-FLINK-3_0"), "Studio");
        assert_eq!(shown("SQL-1_0"), "SQL");
        assert_eq!(shown("FLINK-next"), "FLINK-next");
        assert!(Runtime::parse("FLINK-1_20").is_flink_from(1, 8));
        assert!(!Runtime::parse("FLINK-1_8").is_flink_from(1, 20));
    }
}
