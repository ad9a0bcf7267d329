//! What the panels of each dashboard asked at their last refreshes, so that the first panel of the next one has it all
//! fetched.
//!
//! A browser sends six panels at a time, so those of one refresh arrive over as much as a second; what they have in
//! common is the range, to the millisecond. A refresh therefore is a range of a dashboard. When a panel opens a new one
//! with just what it asked before, the panels that shared its last two refreshes are predicted. A panel with a time of
//! its own has refreshes of its own and foresees nobody; after a change of variables nobody is predicted, because the
//! panel asks something else. What was fetched for nobody is counted, and a dashboard where that is too much is left
//! alone for an hour. Pure: owners and times come in as values.

mod dashboard;
mod interval;

use std::collections::HashMap;
use std::hash::Hash;

use serde_json::{Map, Value};

use crate::query::{AskedQuery, Origin, Resolution, TimeRange};
use dashboard::Dashboard;

/// Dashboards that are remembered; the one that was not seen for longest makes room.
const DASHBOARDS: usize = 256;

/// All texts of queries together. A dashboard of 30 panels takes about 50 KiB.
const BYTES: usize = 8 << 20;

/// Of one dashboard.
const DASHBOARD_BYTES: usize = 1 << 20;

/// Longer names of panels or dashboards than Grafana makes are not its own.
const NAME_BYTES: usize = 128;

/// A dashboard, as one data source sees it on behalf of one owner.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DashboardId<O> {
    /// Whose credentials read the answers: nothing is predicted beyond them.
    pub owner: O,
    pub org_id: i64,
    pub data_source: String,
    pub dashboard: String,
}

/// What a panel's asking brings up.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Prediction {
    /// What the other panels will ask, by all experience. Their refIds name panel and query.
    pub queries: Vec<AskedQuery>,
    /// Prefetched queries that this panel now asks for.
    pub used: u64,
    /// Prefetched queries that nobody asked for.
    pub wasted: u64,
}

/// All dashboards that were seen lately.
#[derive(Debug)]
pub struct DashboardHistory<O> {
    dashboards: HashMap<DashboardId<O>, Dashboard>,
    bytes: usize,
}

impl<O> Default for DashboardHistory<O> {
    fn default() -> Self {
        Self { dashboards: HashMap::new(), bytes: 0 }
    }
}

impl<O: Eq + Hash + Clone> DashboardHistory<O> {
    /// Notes what a panel asks, and gives what should be fetched with it. Alerts, and queries of different ranges, are
    /// not remembered.
    pub fn panel_asks(&mut self, id: DashboardId<O>, panel: &str, asked: &[AskedQuery], now_ms: i64) -> Prediction {
        let Some((range, queries)) = PanelQuery::of_all(asked) else { return Prediction::default() };
        let is_nameless = |name: &str| name.is_empty() || name.len() > NAME_BYTES;
        if is_nameless(panel) || is_nameless(&id.dashboard) {
            return Prediction::default();
        }
        let mut dashboard = self.dashboards.remove(&id).unwrap_or_default();
        self.bytes -= dashboard.bytes();
        let prediction = dashboard.panel_asks(panel, range, queries, now_ms);
        self.bytes += dashboard.bytes();
        self.dashboards.insert(id, dashboard);
        self.make_room();
        prediction
    }

    /// Bytes of the queries that are remembered.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn make_room(&mut self) {
        while self.dashboards.len() > DASHBOARDS || self.bytes > BYTES {
            let oldest = self.dashboards.iter().min_by_key(|(_, dashboard)| dashboard.seen_ms());
            let Some(id) = oldest.map(|(id, _)| id.clone()) else { return };
            if let Some(gone) = self.dashboards.remove(&id) {
                self.bytes -= gone.bytes();
            }
        }
    }
}

/// A query without its range.
#[derive(Debug, Clone, PartialEq)]
struct PanelQuery {
    ref_id: String,
    query_type: String,
    /// Without what Grafana adds for each range.
    json: String,
    resolution: Resolution,
}

impl PanelQuery {
    /// The queries of a panel and the range that they have in common.
    fn of_all(asked: &[AskedQuery]) -> Option<(TimeRange, Vec<Self>)> {
        let range = asked.first()?.range;
        let is_usual = |asked: &AskedQuery| asked.range == range && asked.origin == Origin::Panel;
        if !asked.iter().all(is_usual) {
            return None;
        }
        let queries: Option<Vec<_>> = asked.iter().map(Self::of).collect();
        Some((range, queries?))
    }

    /// None for what no query editor wrote.
    fn of(asked: &AskedQuery) -> Option<Self> {
        let mut fields: Map<String, Value> = serde_json::from_slice(&asked.json).ok()?;
        for of_range in ["intervalMs", "maxDataPoints"] {
            fields.remove(of_range);
        }
        Some(Self {
            ref_id: asked.ref_id.clone(),
            query_type: asked.query_type.clone(),
            json: Value::Object(fields).to_string(),
            resolution: asked.resolution,
        })
    }

    /// Whether both ask the same on a panel of the same width, whatever the range.
    fn is_same(&self, other: &Self) -> bool {
        self.query_type == other.query_type
            && self.json == other.json
            && self.resolution.max_data_points == other.resolution.max_data_points
    }

    /// The query as it will be asked when the range changes.
    fn moved(&self, from: TimeRange, to: TimeRange) -> Self {
        let interval_ms = interval::moved(self.resolution, from, to);
        Self { resolution: Resolution { interval_ms, ..self.resolution }, ..self.clone() }
    }

    /// Whether fetching `self` has fetched what `asked` needs.
    fn serves(&self, asked: &Self) -> bool {
        self.is_same(asked)
            && interval::counted(self.resolution.interval_ms) == interval::counted(asked.resolution.interval_ms)
    }

    fn asked(&self, panel: &str, range: TimeRange) -> AskedQuery {
        AskedQuery {
            ref_id: format!("{panel}/{}", self.ref_id),
            query_type: self.query_type.clone(),
            json: self.json.clone().into_bytes(),
            range,
            resolution: self.resolution,
            origin: Origin::Panel,
        }
    }

    fn bytes(&self) -> usize {
        self.json.len() + self.ref_id.len() + self.query_type.len() + size_of::<Self>()
    }
}
