use std::collections::HashMap;
use std::rc::Rc;

use super::*;
use crate::server::test_world::series;

/// Queries by id; buckets 0, 60, … 240.
#[derive(Default)]
struct Fixed(HashMap<&'static str, Line>);

fn line(points: &[(i64, f64)]) -> Line {
    Line { label: "x".to_owned(), origin: None, period: 60, points: points.to_vec() }
}

impl Scope for Fixed {
    fn query(&self, id: &str) -> Result<Rc<Value>, String> {
        let line = self.0.get(id).ok_or("unknown")?;
        Ok(Rc::new(Value::Line(line.clone())))
    }

    fn metrics(&self, id_part: &str) -> Result<Vec<Line>, String> {
        let mut ids: Vec<_> = self.0.keys().filter(|id| id.contains(id_part)).collect();
        ids.sort();
        Ok(ids.into_iter().map(|id| self.0[id].clone()).collect())
    }

    fn search(&self, _search: &Search) -> Vec<Line> {
        vec![line(&[(0, 7.0)])]
    }

    fn buckets(&self, period: i64) -> Vec<i64> {
        (0..5).map(|number| number * period).collect()
    }
}

fn points(text: &str) -> Vec<(i64, f64)> {
    let scope = Fixed(HashMap::from([
        ("m1", line(&[(0, 10.0), (60, 20.0), (180, 5.0)])),
        ("m2", line(&[(60, 2.0), (120, 0.0), (180, 5.0)])),
    ]));
    match parse(text).unwrap().evaluate(&scope).unwrap() {
        Value::Line(line) => line.points,
        Value::Lines(lines) => lines.into_iter().flat_map(|line| line.points).collect(),
        Value::Number(number) => vec![(-1, number)],
    }
}

#[test]
fn operators_bind_as_in_arithmetic() {
    assert_eq!(points("1 + 2 * 3 - 4 / 2"), [(-1, 5.0)]);
    assert_eq!(points("-(1 + 2) * -3"), [(-1, 9.0)]);
    assert_eq!(points("10 - 3 - 2"), [(-1, 5.0)]);
    assert_eq!(points("1 + 1 < 3"), [(-1, 1.0)]);
    assert_eq!(points("m1 / (4 * PERIOD(m1) / 60)"), [(0, 2.5), (60, 5.0), (180, 1.25)]);
}

#[test]
fn series_meet_where_both_have_points() {
    assert_eq!(points("m1 - m2"), [(60, 18.0), (180, 0.0)]);
    assert_eq!(points("m1 / m2"), [(60, 10.0), (180, 1.0)]);
    assert_eq!(points("EPOCH(m1) - m1"), [(0, -10.0), (60, 40.0), (180, 175.0)]);
    assert_eq!(points("1 / m2"), [(60, 0.5), (180, 0.2)]);
}

#[test]
fn lists_fold_across_series_and_a_series_over_time() {
    assert_eq!(points("SUM([m1, m2])"), [(0, 10.0), (60, 22.0), (120, 0.0), (180, 10.0)]);
    assert_eq!(points("AVG(METRICS())"), [(0, 10.0), (60, 11.0), (120, 0.0), (180, 5.0)]);
    assert_eq!(points("MAX(METRICS(\"m1\"))"), [(0, 10.0), (60, 20.0), (180, 5.0)]);
    assert_eq!(points("MIN(m1)"), [(-1, 5.0)]);
    assert_eq!(points("m1 / MAX(m1)"), [(0, 0.5), (60, 1.0), (180, 0.25)]);
    assert_eq!(points("METRICS() * 2")[3..], [(60, 4.0), (120, 0.0), (180, 10.0)]);
}

#[test]
fn series_are_sorted_and_the_first_are_kept() {
    let firsts = |text: &str| points(text).iter().filter(|(at, _)| *at == 180 || *at == 120).count();
    assert_eq!(points("SORT([m2, m1], AVG, DESC, 1)"), points("m1"));
    assert_eq!(points("SORT([m2, m1], MIN, ASC, 1)"), points("m2"));
    assert_eq!(points("SORT([m2, m1] * 2, MAX, DESC)")[..3], [(0, 20.0), (60, 40.0), (180, 10.0)]);
    assert_eq!(points("SORT([m1, m2], SUM, ASC)")[..3], points("m2"));
    // One without points is last in both orders.
    assert_eq!(points("SORT([m1 / 0, m2], MAX, ASC, 1)"), points("m2"));
    assert_eq!(firsts("SORT([m1, m2], MAX, ASC, 9)"), 3);
}

#[test]
fn changes_are_between_neighbours() {
    assert_eq!(points("DIFF(m1)"), [(60, 10.0), (180, -15.0)]);
    assert_eq!(points("RATE(m1) * 60"), [(60, 10.0), (180, -7.5)]);
}

#[test]
fn gaps_are_filled_over_the_asked_range() {
    assert_eq!(points("FILL(m1, 0)"), [(0, 10.0), (60, 20.0), (120, 0.0), (180, 5.0), (240, 0.0)]);
    assert_eq!(points("FILL(m1, REPEAT)"), [(0, 10.0), (60, 20.0), (120, 20.0), (180, 5.0), (240, 5.0)]);
    assert_eq!(points("FILL(m1, LINEAR)"), [(0, 10.0), (60, 20.0), (120, 12.5), (180, 5.0)]);
    assert_eq!(points("FILL(m1, m2)"), [(0, 10.0), (60, 20.0), (120, 0.0), (180, 5.0)]);
}

#[test]
fn a_choice_is_made_at_each_time() {
    assert_eq!(points("IF(m1 < 10, 0, m1)"), [(0, 10.0), (60, 20.0), (180, 0.0)]);
    assert_eq!(points("IF(m1 >= 10, m2, 1)"), [(60, 2.0), (180, 1.0)]);
    assert_eq!(points("IF(1 == 1, m2, 0)").len(), 3);
}

#[test]
fn what_is_not_supported_is_named() {
    let error = |text: &str| parse(text).unwrap_err();
    assert!(error("ANOMALY_DETECTION_BAND(m1, 2)").contains("ANOMALY_DETECTION_BAND"));
    assert!(error("SELECT AVG(x) FROM y").contains("SELECT"));
    assert!(error("m1 ^ 2").contains("^ 2"));
    assert!(error("m1 +").contains("ends too early"));
    assert!(error("(m1").contains(')'));
    assert!(error("IF(m1)").contains("IF"));
    assert!(error("SORT(m1, AVG)").contains("SORT"));
    assert!(error("SEARCH('{x} A=(b AND c)', 'Sum', 60)").contains("AND c"));
    assert!(error("SEARCH('{x} A=(b', 'Sum', 60)").contains("not supported"));
    assert!(error("SEARCH('{x} (A OR B)', 'Sum', 60)").contains("not supported"));
    assert!(error("SEARCH('{x} A OR B', 'Sum', 60)").contains("OR"));
    assert!(error(&"(".repeat(1000)).contains("nested"));
    assert!(error("'open").contains("quotation"));
}

#[test]
fn ids_are_found_anywhere() {
    let expression = parse("IF(a < 1, SUM([b, -c]), FILL(d, REPEAT))").unwrap();
    assert_eq!(expression.ids().collect::<Vec<_>>(), ["a", "b", "c", "d"]);
}

#[test]
fn a_search_matches_schema_and_terms() {
    let found = |query: &str, metric: &str, application: &str| {
        let search = Search::parse(query, "Sum", 60).unwrap();
        search.is_match(&series(metric, application, "Sink:_out"))
    };
    let schema = "{AWS/KinesisAnalytics,Task,Application}";
    assert!(found(&format!("{schema} MetricName=\"rate\""), "rate", "orders"));
    assert!(!found(&format!("{schema} MetricName=\"rat\""), "rate", "orders"));
    assert!(found(&format!("{schema} MetricName=RAT AND Application=\"orders\""), "rate", "orders"));
    assert!(found(&format!("{schema} sink"), "rate", "orders"));
    assert!(found("Namespace=\"AWS/KinesisAnalytics\" \"rate\"", "rate", "orders"));
    assert!(!found("Namespace=\"AWS/Other\" \"rate\"", "rate", "orders"));
    assert!(found(&format!("{schema} MetricName=(\"other\" OR \"rate\") Task=(sink OR source)"), "rate", "orders"));
    assert!(!found(&format!("{schema} MetricName=(\"other\" OR \"rat\")"), "rate", "orders"));
    assert!(!found("{AWS/KinesisAnalytics,Application} rate", "rate", "orders"));
    assert!(!found("{AWS/Other,Application,Task} rate", "rate", "orders"));
    assert!(Search::parse("{x", "Sum", 60).is_err());
    assert!(Search::parse("x", "Total", 60).is_err());
    assert!(Search::parse("x", "Sum", 61).is_err());
}
