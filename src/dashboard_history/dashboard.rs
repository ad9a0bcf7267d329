//! The refreshes of one dashboard.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::{DASHBOARD_BYTES, PanelQuery, Prediction};
use crate::query::TimeRange;

/// Refreshes that are told apart: several viewers' panels arrive at the same time.
const REFRESHES: usize = 16;

/// A panel that asked in none of the last two is out of sight or gone.
const LOOKED_AT: usize = 2;

/// The last panels of a refresh arrive after about a second; much later none will.
const SETTLED_MS: i64 = 10_000;

/// One query in ten may be prefetched for nobody.
const WASTE_TOLERATED: u64 = 10;

/// Queries before which there is no judging: one panel that was scrolled out of sight says little.
const JUDGED: u64 = 20;

/// Queries after which old experience counts half.
const REMEMBERED: u64 = 1000;

const PAUSE_MS: i64 = 3_600_000;

type Queries = Arc<[PanelQuery]>;

/// One dashboard.
#[derive(Debug, Default)]
pub(super) struct Dashboard {
    /// By the time of their first panel.
    refreshes: VecDeque<Refresh>,
    used: u64,
    wasted: u64,
    paused_until_ms: Option<i64>,
    seen_ms: i64,
    bytes: usize,
}

#[derive(Debug)]
struct Refresh {
    range: TimeRange,
    panels: BTreeMap<String, Queries>,
    predicted: Option<Predicted>,
}

/// What was prefetched, by panels that have not asked yet.
#[derive(Debug)]
struct Predicted {
    at_ms: i64,
    open: BTreeMap<String, Vec<PanelQuery>>,
}

impl Dashboard {
    pub(super) fn panel_asks(
        &mut self,
        panel: &str,
        range: TimeRange,
        queries: Vec<PanelQuery>,
        now_ms: i64,
    ) -> Prediction {
        self.seen_ms = now_ms;
        let mut prediction = Prediction { wasted: self.settle(now_ms), ..Prediction::default() };
        let queries = self.shared(panel, queries);
        let index = self.open(range, &mut prediction);
        self.refreshes[index].compare(panel, queries, &mut prediction);
        self.judge(&prediction, now_ms);
        if self.paused_until_ms.is_none() && self.refreshes[index].predicted.is_none() {
            let open = self.predict(index, panel);
            let asked = open.iter().flat_map(|(panel, queries)| queries.iter().map(|query| query.asked(panel, range)));
            prediction.queries = asked.collect();
            // A panel that foresees nobody leaves it to the next one.
            self.refreshes[index].predicted = (!open.is_empty()).then_some(Predicted { at_ms: now_ms, open });
        }
        self.keep_small();
        prediction
    }

    pub(super) fn seen_ms(&self) -> i64 {
        self.seen_ms
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Counts what was prefetched so long ago that nobody will ask for it.
    fn settle(&mut self, now_ms: i64) -> u64 {
        let predicted = self.refreshes.iter_mut().filter_map(|refresh| refresh.predicted.as_mut());
        let over = predicted.filter(|predicted| predicted.at_ms.saturating_add(SETTLED_MS) <= now_ms);
        over.map(Predicted::give_up).sum()
    }

    /// The queries, shared with an earlier refresh where they are the same: most are.
    fn shared(&self, panel: &str, queries: Vec<PanelQuery>) -> Queries {
        let mut before = self.refreshes.iter().rev().filter_map(|refresh| refresh.panels.get(panel));
        before.find(|known| ***known == *queries).map(Arc::clone).unwrap_or_else(|| queries.into())
    }

    /// The refresh of a range, begun if it is new.
    fn open(&mut self, range: TimeRange, prediction: &mut Prediction) -> usize {
        if let Some(index) = self.refreshes.iter().position(|refresh| refresh.range == range) {
            return index;
        }
        if self.refreshes.len() >= REFRESHES {
            let gone = self.refreshes.pop_front().and_then(|refresh| refresh.predicted);
            prediction.wasted += gone.map_or(0, |mut predicted| predicted.give_up());
        }
        self.refreshes.push_back(Refresh { range, panels: BTreeMap::new(), predicted: None });
        self.refreshes.len() - 1
    }

    fn judge(&mut self, prediction: &Prediction, now_ms: i64) {
        if self.paused_until_ms.is_some_and(|until| until <= now_ms) {
            self.paused_until_ms = None;
        }
        self.used += prediction.used;
        self.wasted += prediction.wasted;
        let all = self.used + self.wasted;
        if all >= JUDGED && self.wasted * WASTE_TOLERATED > all {
            self.paused_until_ms = Some(now_ms.saturating_add(PAUSE_MS));
            (self.used, self.wasted) = (0, 0);
        } else if all > REMEMBERED {
            self.used /= 2;
            self.wasted /= 2;
        }
    }

    /// What the panels will ask that shared the last refreshes of this one and have not asked yet.
    fn predict(&self, index: usize, panel: &str) -> BTreeMap<String, Vec<PanelQuery>> {
        let now = &self.refreshes[index];
        let Some(own) = now.panels.get(panel) else { return BTreeMap::new() };
        let with_panel = self.refreshes.range(..index).rev().filter(|refresh| refresh.panels.contains_key(panel));
        let mut predicted = BTreeMap::new();
        for refresh in with_panel.take(LOOKED_AT).filter(|refresh| is_same(&refresh.panels[panel], own)) {
            for (other, queries) in &refresh.panels {
                if !now.panels.contains_key(other) && !predicted.contains_key(other) {
                    let moved = queries.iter().map(|query| query.moved(refresh.range, now.range)).collect();
                    predicted.insert(other.clone(), moved);
                }
            }
        }
        predicted
    }

    /// Forgets the oldest refreshes of a dashboard with very long queries.
    fn keep_small(&mut self) {
        self.bytes = self.measured();
        while self.bytes > DASHBOARD_BYTES && self.refreshes.pop_front().is_some() {
            self.bytes = self.measured();
        }
    }

    /// Bytes of names and queries; shared ones count once.
    fn measured(&self) -> usize {
        let mut seen = BTreeSet::new();
        let mut bytes = 0;
        for refresh in &self.refreshes {
            for (panel, queries) in &refresh.panels {
                bytes += panel.len() + size_of::<Queries>();
                if seen.insert(Arc::as_ptr(queries).cast::<()>()) {
                    bytes += queries.iter().map(PanelQuery::bytes).sum::<usize>();
                }
            }
            bytes += refresh.predicted.as_ref().map_or(0, Predicted::bytes);
        }
        bytes
    }
}

impl Refresh {
    /// Notes what a panel asks, and compares it with what was prefetched for it.
    fn compare(&mut self, panel: &str, queries: Queries, prediction: &mut Prediction) {
        let expected = self.predicted.as_mut().and_then(|predicted| predicted.open.remove(panel)).unwrap_or_default();
        for query in &expected {
            if queries.iter().any(|asked| query.serves(asked)) {
                prediction.used += 1;
            } else {
                prediction.wasted += 1;
            }
        }
        self.panels.insert(panel.to_owned(), queries);
    }
}

impl Predicted {
    /// The number of queries that were fetched for nobody.
    fn give_up(&mut self) -> u64 {
        std::mem::take(&mut self.open).values().map(|queries| queries.len() as u64).sum()
    }

    fn bytes(&self) -> usize {
        self.open.values().flatten().map(PanelQuery::bytes).sum()
    }
}

/// Whether a panel asks what it asked before.
fn is_same(before: &[PanelQuery], now: &[PanelQuery]) -> bool {
    before.len() == now.len() && before.iter().zip(now).all(|(before, now)| before.is_same(now))
}
