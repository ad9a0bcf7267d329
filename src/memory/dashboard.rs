//! The refreshes of one dashboard.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::{DASHBOARD_BYTES, PanelQuery, Recall};
use crate::query::TimeRange;

/// Refreshes that are told apart: several viewers' panels arrive at the same time.
const REFRESHES: usize = 16;

/// A panel that asked in none of the last two is out of sight or gone.
const LOOKED_AT: usize = 2;

/// The last panels of a refresh arrive after about a second; much later none will.
const SETTLED_MS: i64 = 10_000;

/// One query in ten may be fetched in vain.
const WASTE_TOLERATED: u64 = 10;

/// Queries before which there is no judging: one panel that was scrolled out of sight says little.
const JUDGED: u64 = 20;

/// Queries after which old experience counts half.
const REMEMBERED: u64 = 1000;

const PAUSE_MS: i64 = 3_600_000;

type Asks = Arc<[PanelQuery]>;

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
    panels: BTreeMap<String, Asks>,
    foreseen: Option<Foreseen>,
}

/// What was fetched ahead, by panels that have not asked yet.
#[derive(Debug)]
struct Foreseen {
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
    ) -> Recall {
        self.seen_ms = now_ms;
        let mut recall = Recall { wasted: self.settle(now_ms), ..Recall::default() };
        let asks = self.shared(panel, queries);
        let index = self.open(range, &mut recall);
        self.refreshes[index].meet(panel, asks, &mut recall);
        self.judge(&recall, now_ms);
        if self.paused_until_ms.is_none() && self.refreshes[index].foreseen.is_none() {
            let open = self.foresee(index, panel);
            let asked = open.iter().flat_map(|(panel, queries)| queries.iter().map(|query| query.asked(panel, range)));
            recall.ahead = asked.collect();
            // A panel that foresees nobody leaves it to the next one.
            self.refreshes[index].foreseen = (!open.is_empty()).then_some(Foreseen { at_ms: now_ms, open });
        }
        self.keep_small();
        recall
    }

    pub(super) fn seen_ms(&self) -> i64 {
        self.seen_ms
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Counts what was fetched ahead so long ago that nobody will ask for it.
    fn settle(&mut self, now_ms: i64) -> u64 {
        let foreseen = self.refreshes.iter_mut().filter_map(|refresh| refresh.foreseen.as_mut());
        let over = foreseen.filter(|foreseen| foreseen.at_ms.saturating_add(SETTLED_MS) <= now_ms);
        over.map(Foreseen::give_up).sum()
    }

    /// The queries, shared with an earlier refresh where they are the same: most are.
    fn shared(&self, panel: &str, queries: Vec<PanelQuery>) -> Asks {
        let mut before = self.refreshes.iter().rev().filter_map(|refresh| refresh.panels.get(panel));
        before.find(|asks| ***asks == *queries).map(Arc::clone).unwrap_or_else(|| queries.into())
    }

    /// The refresh of a range, begun if it is new.
    fn open(&mut self, range: TimeRange, recall: &mut Recall) -> usize {
        if let Some(index) = self.refreshes.iter().position(|refresh| refresh.range == range) {
            return index;
        }
        if self.refreshes.len() >= REFRESHES {
            let gone = self.refreshes.pop_front().and_then(|refresh| refresh.foreseen);
            recall.wasted += gone.map_or(0, |mut foreseen| foreseen.give_up());
        }
        self.refreshes.push_back(Refresh { range, panels: BTreeMap::new(), foreseen: None });
        self.refreshes.len() - 1
    }

    fn judge(&mut self, recall: &Recall, now_ms: i64) {
        if self.paused_until_ms.is_some_and(|until| until <= now_ms) {
            self.paused_until_ms = None;
        }
        self.used += recall.used;
        self.wasted += recall.wasted;
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
    fn foresee(&self, index: usize, panel: &str) -> BTreeMap<String, Vec<PanelQuery>> {
        let now = &self.refreshes[index];
        let Some(own) = now.panels.get(panel) else { return BTreeMap::new() };
        let with_panel = self.refreshes.range(..index).rev().filter(|refresh| refresh.panels.contains_key(panel));
        let mut foreseen = BTreeMap::new();
        for refresh in with_panel.take(LOOKED_AT).filter(|refresh| is_same(&refresh.panels[panel], own)) {
            for (other, asks) in &refresh.panels {
                if !now.panels.contains_key(other) && !foreseen.contains_key(other) {
                    let moved = asks.iter().map(|query| query.moved(refresh.range, now.range)).collect();
                    foreseen.insert(other.clone(), moved);
                }
            }
        }
        foreseen
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
            for (panel, asks) in &refresh.panels {
                bytes += panel.len() + size_of::<Asks>();
                if seen.insert(Arc::as_ptr(asks).cast::<()>()) {
                    bytes += asks.iter().map(PanelQuery::bytes).sum::<usize>();
                }
            }
            bytes += refresh.foreseen.as_ref().map_or(0, Foreseen::bytes);
        }
        bytes
    }
}

impl Refresh {
    /// Notes what a panel asks, and compares it with what was fetched ahead for it.
    fn meet(&mut self, panel: &str, asks: Asks, recall: &mut Recall) {
        let expected = self.foreseen.as_mut().and_then(|foreseen| foreseen.open.remove(panel)).unwrap_or_default();
        for query in &expected {
            if asks.iter().any(|asked| query.serves(asked)) {
                recall.used += 1;
            } else {
                recall.wasted += 1;
            }
        }
        self.panels.insert(panel.to_owned(), asks);
    }
}

impl Foreseen {
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
