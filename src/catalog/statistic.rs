//! CloudWatch statistics by name.

use std::fmt;

/// A statistic that GetMetricData computes. Percentiles and trimmed statistics keep their CloudWatch spelling.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Statistic {
    SampleCount,
    Sum,
    Average,
    Minimum,
    Maximum,
    /// `p95`, `tm90`, `IQM` … exactly as CloudWatch takes them.
    Extended(String),
}

impl Statistic {
    /// Reads a name as an author writes it: case does not matter for the five plain statistics, and `p95` may be `P95`.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = match text.to_ascii_lowercase().as_str() {
            "samplecount" => Some(Self::SampleCount),
            "sum" => Some(Self::Sum),
            "average" | "avg" => Some(Self::Average),
            "minimum" | "min" => Some(Self::Minimum),
            "maximum" | "max" => Some(Self::Maximum),
            "iqm" => Some(Self::Extended("IQM".to_owned())),
            _ => None,
        };
        plain.or_else(|| parse_extended(text))
    }

    /// The name CloudWatch takes.
    pub fn as_str(&self) -> &str {
        match self {
            Self::SampleCount => "SampleCount",
            Self::Sum => "Sum",
            Self::Average => "Average",
            Self::Minimum => "Minimum",
            Self::Maximum => "Maximum",
            Self::Extended(name) => name,
        }
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// `pNN`, `tmNN`, `wmNN`, `tcNN`, `tsNN` with up to ten decimals, and the range forms `TM(10%:90%)`, `PR(:300)`.
fn parse_extended(text: &str) -> Option<Statistic> {
    if let Some((name, range)) = text.split_once('(') {
        let name = name.to_ascii_uppercase();
        let range = range.strip_suffix(')')?;
        let known = matches!(name.as_str(), "PR" | "TM" | "WM" | "TC" | "TS");
        let (low, high) = range.split_once(':')?;
        let is_bound = |bound: &str| bound.is_empty() || bound.trim_end_matches('%').parse::<f64>().is_ok();
        let bounded = !(low.is_empty() && high.is_empty());
        return (known && bounded && is_bound(low) && is_bound(high))
            .then(|| Statistic::Extended(format!("{name}({range})")));
    }
    let lower = text.to_ascii_lowercase();
    let number = ["tm", "wm", "tc", "ts", "p"].iter().find_map(|prefix| lower.strip_prefix(prefix))?;
    let is_plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let percent: f64 = number.parse().ok()?;
    (is_plain && (0.0..=100.0).contains(&percent)).then_some(Statistic::Extended(lower))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_are_read_as_authors_write_them() {
        let read = |text| Statistic::parse(text).map(|s| s.to_string());
        assert_eq!(read("maximum").as_deref(), Some("Maximum"));
        assert_eq!(read("Avg").as_deref(), Some("Average"));
        assert_eq!(read("P99.9").as_deref(), Some("p99.9"));
        assert_eq!(read("tm(10%:90%)").as_deref(), Some("TM(10%:90%)"));
        assert_eq!(read("PR(:300)").as_deref(), Some("PR(:300)"));
        for wrong in ["", "p", "p101", "pinf", "p1e1", "median", "TM()", "PR(a:b)", "XX(1:2)"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
