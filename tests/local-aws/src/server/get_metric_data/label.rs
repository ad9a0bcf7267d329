//! Dynamic labels: `${LABEL}`, `${MAX}`, `${PROP('Dim.Task')}` and the others that AWS lists.
//!
//! AWS documents their names, but not how a value is written: here numbers are plain, times ISO 8601, and a value of a
//! series without points is `--`. What cannot be told stays as it was asked, so that a test sees it.

use chrono::{DateTime, FixedOffset};

use crate::server::expression::Line;
use crate::server::points::{NAMESPACE, Point};

/// What a label may say beside the series.
#[derive(Debug)]
pub struct Shown<'a> {
    pub region: &'a str,
    pub now: i64,
    pub timezone: FixedOffset,
}

pub fn expand(pattern: &str, line: &Line, shown: &Shown<'_>) -> String {
    let mut label = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, behind)) = after.split_once('}') else {
            break;
        };
        label.push_str(before);
        match value_of(name, line, shown) {
            Some(value) => label.push_str(&value),
            None => label.push_str(&format!("${{{name}}}")),
        }
        rest = behind;
    }
    label.push_str(rest);
    label
}

fn value_of(name: &str, line: &Line, shown: &Shown<'_>) -> Option<String> {
    let property = name.strip_prefix("PROP('").and_then(|rest| rest.strip_suffix("')"));
    match (name, property) {
        ("LABEL", _) => Some(line.label.clone()),
        (_, Some(property)) => property_of(property, line, shown.region),
        ("DATAPOINT_COUNT", None) => Some(line.points.len().to_string()),
        (_, None) => match Extremes::of(&line.points) {
            Some(extremes) => extremes.value_of(name, &line.points, shown),
            // Any point tells which names there are.
            None => Extremes::default().value_of(name, &[(0, 0.0)], shown).map(|_| "--".to_owned()),
        },
    }
}

/// Names of dimensions are case sensitive.
fn property_of(name: &str, line: &Line, region: &str) -> Option<String> {
    let origin = line.origin.as_ref()?;
    if let Some(dimension) = name.strip_prefix("Dim.") {
        let dimensions = &origin.stat.series.as_ref()?.dimensions;
        return dimensions.iter().find(|(name, _)| &**name == dimension).map(|(_, value)| value.to_string());
    }
    match name {
        "AccountId" => Some(origin.account.clone()),
        "MetricName" => Some(origin.stat.metric.clone()),
        "Namespace" => Some(NAMESPACE.to_owned()),
        "Period" => Some(line.period.to_string()),
        "Region" => Some(region.to_owned()),
        "Stat" => Some(origin.stat.statistic_name.clone()),
        // No account here has a label.
        _ => None,
    }
}

#[derive(Debug, Default)]
struct Extremes {
    first: Point,
    last: Point,
    lowest: Point,
    highest: Point,
}

impl Extremes {
    fn of(points: &[Point]) -> Option<Self> {
        Some(Self {
            first: *points.first()?,
            last: *points.last()?,
            lowest: *points.iter().min_by(|(_, a), (_, b)| a.total_cmp(b))?,
            highest: *points.iter().max_by(|(_, a), (_, b)| a.total_cmp(b))?,
        })
    }

    fn value_of(&self, name: &str, points: &[Point], shown: &Shown<'_>) -> Option<String> {
        let Self { first, last, lowest, highest } = self;
        let total: f64 = points.iter().map(|(_, value)| value).sum();
        let between = |a: &Point, b: &Point| duration((a.0 - b.0).abs());
        let since = |point: &Point| duration(shown.now - point.0);
        Some(match name {
            "AVG" => number(total / points.len() as f64),
            "SUM" => number(total),
            "MIN" => number(lowest.1),
            "MAX" => number(highest.1),
            "FIRST" => number(first.1),
            "LAST" => number(last.1),
            "MIN_MAX_RANGE" => number(highest.1 - lowest.1),
            "FIRST_LAST_RANGE" => number(last.1 - first.1),
            "MIN_TIME" => time(lowest, shown.timezone),
            "MAX_TIME" => time(highest, shown.timezone),
            "FIRST_TIME" => time(first, shown.timezone),
            "LAST_TIME" => time(last, shown.timezone),
            "MIN_TIME_RELATIVE" => since(lowest),
            "MAX_TIME_RELATIVE" => since(highest),
            "FIRST_TIME_RELATIVE" => since(first),
            "LAST_TIME_RELATIVE" => since(last),
            "MIN_MAX_TIME_RANGE" => between(highest, lowest),
            "FIRST_LAST_TIME_RANGE" => between(last, first),
            _ => return None,
        })
    }
}

/// At most three digits behind the point.
fn number(value: f64) -> String {
    ((value * 1000.0).round() / 1000.0).to_string()
}

fn time((at, _): &Point, timezone: FixedOffset) -> String {
    let moment = DateTime::from_timestamp(*at, 0).unwrap_or_default().with_timezone(&timezone);
    moment.format("%Y-%m-%dT%H:%M:%S%z").to_string()
}

fn duration(seconds: i64) -> String {
    format!("{}m", seconds / 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::expression::Origin;
    use crate::server::get_metric_data::Stat;
    use crate::server::statistic::Statistic;
    use crate::server::test_world::series;

    const AT: i64 = 1_764_000_000;

    fn line(points: &[Point]) -> Line {
        let stat = Stat {
            metric: "rate".to_owned(),
            series: Some(series("rate", "orders", "Sink:_out")),
            period: 60,
            statistic: Statistic::parse("p90").unwrap(),
            statistic_name: "p90".to_owned(),
        };
        let origin = Some(Origin { stat, account: "111111111111".to_owned() });
        Line { label: "orders Sink:_out rate".to_owned(), origin, period: 60, points: points.to_vec() }
    }

    #[track_caller]
    fn check(pattern: &str, line: &Line, expected: &str) {
        let timezone = "+0130".parse().unwrap();
        assert_eq!(expand(pattern, line, &Shown { region: "eu-west-1", now: AT + 600, timezone }), expected);
    }

    #[test]
    fn a_label_says_what_the_series_is() {
        let line = line(&[]);
        check("${LABEL}!", &line, "orders Sink:_out rate!");
        check("${PROP('Dim.Application')}: ${PROP('Dim.Task')}", &line, "orders: Sink:_out");
        check("${PROP('MetricName')} ${PROP('Stat')} ${PROP('Period')}", &line, "rate p90 60");
        check("${PROP('Namespace')} ${PROP('Region')}", &line, "AWS/KinesisAnalytics eu-west-1");
        check("${PROP('AccountId')}", &line, "111111111111");
    }

    #[test]
    fn a_label_says_what_the_points_are() {
        let line = line(&[(AT, 4.0), (AT + 60, 1.0), (AT + 120, 7.0), (AT + 180, 2.0)]);
        check("${MIN} ${MAX} ${AVG} ${SUM} ${DATAPOINT_COUNT}", &line, "1 7 3.5 14 4");
        check("${FIRST} ${LAST} ${FIRST_LAST_RANGE} ${MIN_MAX_RANGE}", &line, "4 2 -2 6");
        check("${FIRST_TIME} ${MAX_TIME}", &line, "2025-11-24T17:30:00+0130 2025-11-24T17:32:00+0130");
        check("${MIN_TIME} ${LAST_TIME}", &line, "2025-11-24T17:31:00+0130 2025-11-24T17:33:00+0130");
        check("${MIN_TIME_RELATIVE} ${LAST_TIME_RELATIVE}", &line, "9m 7m");
        check("${FIRST_TIME_RELATIVE} ${MAX_TIME_RELATIVE}", &line, "10m 8m");
        check("${FIRST_LAST_TIME_RANGE} ${MIN_MAX_TIME_RANGE}", &line, "3m 1m");
    }

    #[test]
    fn what_cannot_be_told_stays_as_it_was_asked() {
        let folded = Line { origin: None, ..line(&[]) };
        check("${PROP('Dim.Task')} ${LABEL}", &folded, "${PROP('Dim.Task')} orders Sink:_out rate");
        check(
            "${PROP('Dim.task')} ${PROP('x')} ${max} ${MAX",
            &line(&[]),
            "${PROP('Dim.task')} ${PROP('x')} ${max} ${MAX",
        );
        check("${MAX} of ${DATAPOINT_COUNT}, ${LAST_TIME}", &line(&[]), "-- of 0, --");
    }
}
