//! CloudWatch's statistics: their names, and their values over the samples of one bucket.

use crate::world::Minute;

/// A statistic by name. Percentages are between 0 and 100.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Statistic {
    SampleCount,
    Sum,
    Average,
    Minimum,
    Maximum,
    Percentile(f64),
    /// A statistic of the samples between two bounds.
    Trimmed(Trim, Bounds),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trim {
    Mean,
    Count,
    Sum,
    /// Samples outside the bounds count as the bound.
    WinsorizedMean,
    /// Share of the samples within the bounds, in percent.
    Rank,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bounds {
    Percent(f64, f64),
    Value(f64, f64),
}

impl Statistic {
    /// `Sum`, `p99.9`, `tm90`, `TM(10%:90%)`, `PR(:300)`, `IQM` … Names are case sensitive as in AWS.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "SampleCount" => return Some(Self::SampleCount),
            "Sum" => return Some(Self::Sum),
            "Average" => return Some(Self::Average),
            "Minimum" => return Some(Self::Minimum),
            "Maximum" => return Some(Self::Maximum),
            "IQM" => return Some(Self::Trimmed(Trim::Mean, Bounds::Percent(25.0, 75.0))),
            _ => {}
        }
        if let Some(percent) = name.strip_prefix('p') {
            return parse_percent(percent).map(Self::Percentile);
        }
        let (kind, rest) = name.split_at_checked(2)?;
        if let Some(bounds) = rest.strip_prefix('(') {
            let bounds = parse_bounds(bounds.strip_suffix(')')?)?;
            return Some(Self::Trimmed(trim_of(kind)?, bounds));
        }
        let is_short = kind.bytes().all(|b| b.is_ascii_lowercase());
        let trim = trim_of(&kind.to_ascii_uppercase()).filter(|trim| is_short && *trim != Trim::Rank)?;
        parse_percent(rest).map(|upper| Self::Trimmed(trim, Bounds::Percent(0.0, upper)))
    }

    /// Whether the folded minutes suffice, or each sample is needed.
    pub fn needs_samples(self) -> bool {
        match self {
            Self::SampleCount | Self::Sum | Self::Average | Self::Minimum | Self::Maximum => false,
            Self::Percentile(_) | Self::Trimmed(..) => true,
        }
    }

    pub fn of_fold(self, fold: &Minute) -> Option<f64> {
        match self {
            Self::SampleCount => Some(fold.sample_count),
            Self::Sum => Some(fold.sum),
            Self::Average => Some(fold.sum / fold.sample_count),
            Self::Minimum => Some(fold.minimum),
            Self::Maximum => Some(fold.maximum),
            Self::Percentile(_) | Self::Trimmed(..) => None,
        }
    }

    /// Of all samples of a bucket, in any order. Extended statistics do not exist where a sample is negative.
    pub fn of_samples(self, samples: &mut [f64]) -> Option<f64> {
        samples.sort_by(f64::total_cmp);
        let (lowest, highest) = (*samples.first()?, *samples.last()?);
        if lowest < 0.0 {
            return None;
        }
        match self {
            Self::Percentile(percent) => Some(quantile(samples, percent)),
            Self::Trimmed(trim, bounds) => trimmed(samples, trim, bounds),
            Self::SampleCount | Self::Sum | Self::Average | Self::Minimum | Self::Maximum => self.of_fold(&Minute {
                sample_count: samples.len() as f64,
                sum: samples.iter().sum(),
                minimum: lowest,
                maximum: highest,
            }),
        }
    }
}

fn trim_of(name: &str) -> Option<Trim> {
    match name {
        "TM" => Some(Trim::Mean),
        "TC" => Some(Trim::Count),
        "TS" => Some(Trim::Sum),
        "WM" => Some(Trim::WinsorizedMean),
        "PR" => Some(Trim::Rank),
        _ => None,
    }
}

fn parse_percent(text: &str) -> Option<f64> {
    let is_plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let percent: f64 = text.parse().ok().filter(|_| is_plain)?;
    (0.0..=100.0).contains(&percent).then_some(percent)
}

/// `10%:90%`, `:90%`, `10%:`, `150:1000`, `:300`.
fn parse_bounds(text: &str) -> Option<Bounds> {
    let (low, high) = text.split_once(':')?;
    if low.is_empty() && high.is_empty() {
        return None;
    }
    if low.ends_with('%') || high.ends_with('%') {
        let bound = |side: &str, open: f64| match side {
            "" => Some(open),
            _ => parse_percent(side.strip_suffix('%')?),
        };
        return Some(Bounds::Percent(bound(low, 0.0)?, bound(high, 100.0)?));
    }
    let bound = |side: &str, open: f64| match side {
        "" => Some(open),
        _ => side.parse().ok().filter(|value: &f64| value.is_finite()),
    };
    Some(Bounds::Value(bound(low, f64::NEG_INFINITY)?, bound(high, f64::INFINITY)?))
}

/// Between the two nearest samples of a sorted list.
fn quantile(sorted: &[f64], percent: f64) -> f64 {
    let position = percent / 100.0 * (sorted.len() - 1) as f64;
    let below = position.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    let share = position - below as f64;
    sorted[below] + (sorted[above] - sorted[below]) * share
}

fn trimmed(sorted: &[f64], trim: Trim, bounds: Bounds) -> Option<f64> {
    let (low, high) = match bounds {
        Bounds::Percent(low, high) => (quantile(sorted, low), quantile(sorted, high)),
        Bounds::Value(low, high) => (low, high),
    };
    let within = sorted.iter().filter(|sample| **sample >= low && **sample <= high);
    let (count, sum) = within.fold((0.0, 0.0), |(count, sum), sample| (count + 1.0, sum + sample));
    let all = sorted.len() as f64;
    match trim {
        Trim::Count => Some(count),
        Trim::Rank => Some(count / all * 100.0),
        Trim::Sum => Some(sum),
        Trim::Mean => (count > 0.0).then(|| sum / count),
        Trim::WinsorizedMean => {
            let clamped = sorted.iter().map(|sample| sample.max(low).min(high));
            Some(clamped.sum::<f64>() / all)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(name: &str, samples: &[f64]) -> Option<f64> {
        let mut samples = samples.to_vec();
        Statistic::parse(name).unwrap().of_samples(&mut samples)
    }

    #[test]
    fn names_are_read_as_aws_reads_them() {
        for name in [
            "Sum",
            "p99",
            "p99.9",
            "p100",
            "tm90",
            "TM(10%:90%)",
            "WM(:95%)",
            "PR(:300)",
            "PR(1:2)",
            "tc5",
            "TS(80%:)",
            "IQM",
        ] {
            assert!(Statistic::parse(name).is_some(), "{name}");
        }
        for name in [
            "sum", "P99", "p", "p101", "p-1", "p1e1", "pNaN", "tm", "TM90", "pr5", "TM(:)", "TM(1%:2)", "Mean", "", "é",
        ] {
            assert!(Statistic::parse(name).is_none(), "{name}");
        }
    }

    #[test]
    fn values_of_a_known_list() {
        let samples = [5.0, 1.0, 3.0, 2.0, 4.0];
        assert_eq!(value("p50", &samples), Some(3.0));
        assert_eq!(value("p0", &samples), Some(1.0));
        assert_eq!(value("p100", &samples), Some(5.0));
        assert_eq!(value("p90", &samples), Some(4.6));
        assert_eq!(value("IQM", &samples), Some(3.0));
        assert_eq!(value("TM(2:4)", &samples), Some(3.0));
        assert_eq!(value("tc50", &samples), Some(3.0));
        assert_eq!(value("ts50", &samples), Some(6.0));
        assert_eq!(value("wm50", &samples), Some((1.0 + 2.0 + 3.0 * 3.0) / 5.0));
        assert_eq!(value("PR(:3)", &samples), Some(60.0));
        assert_eq!(value("TM(9:10)", &samples), None);
        assert_eq!(value("p50", &[]), None);
    }

    #[test]
    fn a_negative_sample_takes_percentiles_away() {
        assert_eq!(value("p50", &[-1.0, 5.0]), None);
        assert_eq!(value("tm99", &[-1.0, 5.0]), None);
    }
}
