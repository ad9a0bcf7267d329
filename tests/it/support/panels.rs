//! Queries as Grafana's panels and alert rules send them.

use flinkwatch::query::{AskedQuery, Origin, Resolution, TimeRange};
use serde_json::Value;

use super::fleet::NOW;

/// Queries of one panel each, A, B, C …, over the newest `hours`.
pub fn panels(hours: i64, queries: &[Value]) -> Vec<AskedQuery> {
    let to_ms = NOW * 1000;
    let range = TimeRange { from_ms: to_ms - hours * 3_600_000, to_ms };
    let asked = |(index, json): (usize, &Value)| AskedQuery {
        ref_id: ref_id(index),
        query_type: String::new(),
        json: json.to_string().into_bytes(),
        range,
        resolution: Resolution { max_data_points: 800, interval_ms: 15_000 },
        origin: Origin::Panel,
    };
    queries.iter().enumerate().map(asked).collect()
}

/// The same, asked by alert rules.
pub fn alerts(hours: i64, queries: &[Value]) -> Vec<AskedQuery> {
    panels(hours, queries).into_iter().map(|asked| AskedQuery { origin: Origin::Alert, ..asked }).collect()
}

/// A to Z, AA …, as Grafana counts.
pub fn ref_id(index: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(index % 26).unwrap());
    if index < 26 { letter.to_string() } else { format!("{}{letter}", ref_id(index / 26 - 1)) }
}
