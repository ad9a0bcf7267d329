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

/// What [`Statistic::parse`] reads, for people.
pub const ALLOWED: &str = "auto, Average, Minimum, Maximum, Sum, SampleCount, IQM, a percentile such as p95, one of the samples up to a percentile (tm90, wm90, tc90, ts90), or one of those between two bounds (TM, WM, TC or TS, such as TM(10%:90%) or TS(100:2000), and PR(:300))";

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

    /// Whether it is about as high as the samples, and in their unit: no count, sum or share of them.
    pub fn is_value(&self) -> bool {
        match self {
            Self::SampleCount | Self::Sum => false,
            Self::Average | Self::Minimum | Self::Maximum => true,
            Self::Extended(name) => !["tc", "ts", "TC", "TS", "PR"].iter().any(|start| name.starts_with(start)),
        }
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

/// `pNN`, `tmNN`, `wmNN`, `tcNN`, `tsNN` with up to ten decimals, and the range forms `TM(10%:90%)`, `TS(100:2000)`,
/// `PR(:300)`. What CloudWatch refuses would cost all that share a call with it (CloudWatch user guide, "Statistics
/// definitions").
fn parse_extended(text: &str) -> Option<Statistic> {
    if let Some((name, range)) = text.split_once('(') {
        let name = name.to_ascii_uppercase();
        let range = range.strip_suffix(')')?;
        let is_range = match name.as_str() {
            "PR" => is_range_of(range, plain_number),
            "TM" | "WM" | "TC" | "TS" => is_range_of(range, plain_number) || is_range_of(range, percent),
            _ => false,
        };
        return is_range.then(|| Statistic::Extended(format!("{name}({range})")));
    }
    let lower = text.to_ascii_lowercase();
    let number = ["tm", "wm", "tc", "ts", "p"].iter().find_map(|prefix| lower.strip_prefix(prefix))?;
    plain_number(number).filter(|percent| *percent <= 100.0).map(|_| Statistic::Extended(lower))
}

/// `low:high`, of which one may be left out.
fn is_range_of(range: &str, bound: impl Fn(&str) -> Option<f64>) -> bool {
    match range.split_once(':') {
        None | Some(("", "")) => false,
        Some(("", high)) => bound(high).is_some(),
        Some((low, "")) => bound(low).is_some(),
        Some((low, high)) => bound(low).zip(bound(high)).is_some_and(|(low, high)| low < high),
    }
}

/// Without sign and exponent, and with up to ten decimals.
fn plain_number(text: &str) -> Option<f64> {
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let is_plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.') && decimals <= 10;
    text.parse().ok().filter(|_| is_plain)
}

fn percent(text: &str) -> Option<f64> {
    plain_number(text.strip_suffix('%')?).filter(|percent| *percent <= 100.0)
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
        for right in
            ["IQM", "tm90", "wm98.5", "tc99", "ts90", "WM(:95%)", "TC(0.005:0.030)", "TS(80%:)", "TM(150:1000)"]
        {
            assert_eq!(read(right).as_deref(), Some(right));
        }
        let wrong = [
            "",
            "p",
            "p101",
            "pinf",
            "p1e1",
            "p99.12345678901",
            "median",
            "TM()",
            "TM(:)",
            "TM(90)",
            "PR(a:b)",
            "XX(1:2)",
        ];
        for wrong in
            wrong.into_iter().chain(["TM(10%:5)", "TM(90%:10%)", "TM(1:101%)", "TM(10%%:90%)", "PR(10%:90%)", "pr90"])
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
