//! The history of dashboards: what is predicted, what is not, and when it stops.

use std::collections::{BTreeMap, BTreeSet};

use flinkwatch::dashboard_history::{DashboardHistory, DashboardId, Prediction};
use flinkwatch::query::{AskedQuery, Origin, Resolution, TimeRange};
use proptest::prelude::*;

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// Six hours up to a minute of the clock.
fn until(minute: i64) -> TimeRange {
    let to_ms = minute * MINUTE;
    TimeRange { from_ms: to_ms - 6 * HOUR, to_ms }
}

fn query(signal: &str, range: TimeRange) -> AskedQuery {
    AskedQuery {
        ref_id: "A".to_owned(),
        query_type: "application".to_owned(),
        json: format!(r#"{{"signals":["{signal}"],"intervalMs":30000,"maxDataPoints":800}}"#).into_bytes(),
        range,
        resolution: Resolution { max_data_points: 800, interval_ms: 30_000 },
        origin: Origin::Panel,
    }
}

fn dashboard(uid: &str) -> DashboardId<&'static str> {
    DashboardId { owner: "one", org_id: 1, data_source: "msf".to_owned(), dashboard: uid.to_owned() }
}

/// One dashboard of one owner; times are the end of the range plus what a test says.
#[derive(Default)]
struct Dashboard {
    history: DashboardHistory<&'static str>,
}

impl Dashboard {
    /// A panel asks for the signal that has its name.
    fn queries(&mut self, panel: &str, range: TimeRange) -> Prediction {
        self.asks_for(panel, panel, range)
    }

    fn asks_for(&mut self, panel: &str, signal: &str, range: TimeRange) -> Prediction {
        self.history.panel_asks(dashboard("d"), panel, &[query(signal, range)], range.to_ms)
    }

    /// All panels ask; what the first one brought up.
    fn refresh(&mut self, panels: &[&str], range: TimeRange) -> Vec<String> {
        let predictions: Vec<Prediction> = panels.iter().map(|panel| self.queries(panel, range)).collect();
        assert!(
            predictions[1..].iter().all(|prediction| prediction.queries.is_empty()),
            "only the first panel of a refresh foresees"
        );
        names(&predictions[0])
    }
}

fn names(prediction: &Prediction) -> Vec<String> {
    prediction.queries.iter().map(|asked| asked.ref_id.clone()).collect()
}

#[test]
fn the_first_panel_of_a_refresh_foresees_those_of_the_last() {
    let mut dashboard = Dashboard::default();
    assert_eq!(dashboard.refresh(&["1", "2", "3"], until(0)), [""; 0]);
    let prediction = dashboard.queries("2", until(1));
    assert_eq!(names(&prediction), ["1/A", "3/A"]);
    for asked in &prediction.queries {
        assert_eq!((asked.range, asked.origin), (until(1), Origin::Panel));
        assert_eq!(asked.query_type, "application");
        assert_eq!(asked.resolution, Resolution { max_data_points: 800, interval_ms: 30_000 });
    }
    assert_eq!(String::from_utf8_lossy(&prediction.queries[0].json), r#"{"signals":["1"]}"#);
    assert_eq!(dashboard.queries("1", until(1)), Prediction { used: 1, ..Prediction::default() });
    assert_eq!(dashboard.queries("3", until(1)), Prediction { used: 1, ..Prediction::default() });
}

#[test]
fn a_panel_that_is_out_of_sight_for_two_refreshes_is_forgotten() {
    let mut dashboard = Dashboard::default();
    dashboard.refresh(&["1", "2", "3"], until(0));
    assert_eq!(dashboard.refresh(&["1", "2"], until(1)), ["2/A", "3/A"]);
    assert_eq!(dashboard.refresh(&["1", "2"], until(2)), ["2/A", "3/A"]);
    assert_eq!(dashboard.refresh(&["1", "2"], until(3)), ["2/A"]);
}

#[test]
fn a_panel_that_was_never_seen_foresees_nothing_and_the_next_one_does() {
    let mut dashboard = Dashboard::default();
    dashboard.refresh(&["1", "2", "3"], until(0));
    assert_eq!(names(&dashboard.queries("new", until(1))), [""; 0]);
    assert_eq!(names(&dashboard.queries("1", until(1))), ["2/A", "3/A"]);
}

#[test]
fn a_panel_with_its_own_time_foresees_nobody_and_is_foreseen_by_nobody() {
    let mut dashboard = Dashboard::default();
    let shifted = |minute| TimeRange { from_ms: until(minute).from_ms - HOUR, to_ms: until(minute).to_ms - HOUR };
    for minute in 0..5 {
        assert_eq!(names(&dashboard.queries("shifted", shifted(minute))), [""; 0]);
        let expected: &[&str] = if minute == 0 { &[] } else { &["2/A"] };
        assert_eq!(dashboard.refresh(&["1", "2"], until(minute)), expected);
    }
}

#[test]
fn another_variable_asks_something_else_and_nothing_is_predicted() {
    let mut dashboard = Dashboard::default();
    dashboard.refresh(&["1", "2", "3"], until(0));
    assert_eq!(names(&dashboard.asks_for("1", "other", until(1))), [""; 0]);
}

#[test]
fn another_range_is_foreseen_with_its_own_interval() {
    let mut dashboard = Dashboard::default();
    dashboard.refresh(&["1", "2"], until(0));
    let day = TimeRange { from_ms: until(1).to_ms - 24 * HOUR, to_ms: until(1).to_ms };
    let prediction = dashboard.queries("1", day);
    assert_eq!((prediction.queries[0].range, prediction.queries[0].resolution.interval_ms), (day, 2 * MINUTE));
}

#[test]
fn viewers_at_the_same_time_do_not_disturb_each_other() {
    let mut dashboard = Dashboard::default();
    let panels = ["1", "2", "3", "4"];
    dashboard.refresh(&panels, until(0));
    let viewer = |index: i64| TimeRange { to_ms: until(1).to_ms + index, ..until(1) };
    // The first panels of all viewers come before the second ones.
    for panel in panels {
        for index in 0..10 {
            dashboard.queries(panel, viewer(index));
        }
    }
    assert_eq!(dashboard.refresh(&panels, until(2)), ["2/A", "3/A", "4/A"]);
}

#[test]
fn nothing_is_foreseen_across_owners_organisations_data_sources_and_dashboards() {
    let ids = [
        dashboard("d"),
        dashboard("other"),
        DashboardId { owner: "two", ..dashboard("d") },
        DashboardId { org_id: 2, ..dashboard("d") },
        DashboardId { data_source: "other".to_owned(), ..dashboard("d") },
    ];
    let mut history = DashboardHistory::default();
    for panel in ["1", "2"] {
        history.panel_asks(ids[0].clone(), panel, &[query(panel, until(0))], 0);
    }
    for (index, id) in ids.into_iter().enumerate() {
        let prediction = history.panel_asks(id, "1", &[query("1", until(1))], 1);
        assert_eq!(prediction.queries.len(), usize::from(index == 0));
    }
}

#[test]
fn alerts_and_what_no_editor_wrote_are_not_remembered() {
    let mut history = DashboardHistory::default();
    let strange = [
        vec![AskedQuery { origin: Origin::Alert, ..query("1", until(0)) }],
        vec![query("1", until(0)), query("1", until(1))],
        vec![AskedQuery { json: b"[]".to_vec(), ..query("1", until(0)) }],
        Vec::new(),
    ];
    for asked in &strange {
        history.panel_asks(dashboard("d"), "1", asked, 0);
    }
    history.panel_asks(dashboard("d"), "", &[query("1", until(0))], 0);
    history.panel_asks(dashboard(&"d".repeat(1000)), "1", &[query("1", until(0))], 0);
    assert_eq!(history.bytes(), 0);
}

#[test]
fn a_dashboard_that_wastes_too_much_is_left_alone_for_an_hour() {
    let mut dashboard = Dashboard::default();
    let panels: Vec<String> = (10..40).map(|panel| panel.to_string()).collect();
    let panels: Vec<&str> = panels.iter().map(String::as_str).collect();
    dashboard.refresh(&panels, until(0));
    assert_eq!(dashboard.refresh(&panels, until(1)).len(), 29);
    // Only half of it is in sight now.
    assert_eq!(dashboard.refresh(&panels[..15], until(2)).len(), 29);
    let found_out = dashboard.queries("10", until(3));
    assert_eq!((found_out.wasted, found_out.queries.len()), (15, 0));
    for minute in [4, 30, 62] {
        assert_eq!(dashboard.refresh(&panels[..15], until(minute)), [""; 0], "{minute}");
    }
    assert_eq!(dashboard.refresh(&panels[..15], until(64)).len(), 14);
}

#[test]
fn one_panel_in_thirty_may_be_fetched_in_vain() {
    let mut dashboard = Dashboard::default();
    let panels: Vec<String> = (10..40).map(|panel| panel.to_string()).collect();
    let panels: Vec<&str> = panels.iter().map(String::as_str).collect();
    dashboard.refresh(&panels, until(0));
    for minute in 1..20 {
        let left_out = usize::try_from(minute).unwrap() % 30;
        let seen: Vec<&str> = panels.iter().enumerate().filter(|(at, _)| *at != left_out).map(|(_, p)| *p).collect();
        assert_eq!(dashboard.refresh(&seen, until(minute)).len(), 29, "{minute}");
    }
}

#[test]
fn memory_is_bounded_and_the_least_recently_seen_makes_room() {
    let mut history = DashboardHistory::default();
    let long = "x".repeat(10_000);
    for index in 0..2000_i64 {
        for panel in ["1", "2"] {
            history.panel_asks(dashboard(&index.to_string()), panel, &[query(&long, until(0))], index);
        }
    }
    assert!((4 << 20..=8 << 20).contains(&history.bytes()), "{}", history.bytes());
    let predicted = |history: &mut DashboardHistory<_>, uid: &str| {
        history.panel_asks(dashboard(uid), "1", &[query(&long, until(1))], 3000).queries.len()
    };
    assert_eq!((predicted(&mut history, "1999"), predicted(&mut history, "0")), (1, 0));

    let mut history = DashboardHistory::default();
    for panel in 0..1000 {
        history.panel_asks(dashboard("d"), &panel.to_string(), &[query(&long, until(0))], 0);
    }
    assert!(history.bytes() <= 1 << 20, "{}", history.bytes());
}

/// One panel's asking.
#[derive(Debug, Clone)]
struct Event {
    owner: usize,
    dashboard: usize,
    panel: usize,
    signal: usize,
    /// 0 is the newest range; older ones were there before.
    age: i64,
    begins_new_range: bool,
    seconds: i64,
}

fn event() -> impl Strategy<Value = Event> {
    let who = (0..2_usize, 0..2_usize, 0..5_usize);
    // Mostly the same signal, so that something is predicted.
    let signal = prop_oneof![9 => Just(0_usize), 1 => 1..3_usize];
    let when = (0..3_i64, prop::bool::weighted(0.2), 0..30_i64);
    (who, signal, when).prop_map(|((owner, dashboard, panel), signal, (age, begins_new_range, seconds))| Event {
        owner,
        dashboard,
        panel,
        signal,
        age,
        begins_new_range,
        seconds,
    })
}

/// What each panel asked, by refresh in the order in which they began.
type History = Vec<(TimeRange, BTreeMap<String, BTreeSet<Vec<u8>>>)>;

fn without_range(asked: &AskedQuery) -> Vec<u8> {
    let mut json: serde_json::Value = serde_json::from_slice(&asked.json).unwrap();
    let fields = json.as_object_mut().unwrap();
    fields.remove("intervalMs");
    fields.remove("maxDataPoints");
    json.to_string().into_bytes()
}

proptest! {
    #[test]
    fn only_what_was_asked_in_the_last_two_refreshes_is_predicted(events in prop::collection::vec(event(), 1..300)) {
        let mut history = DashboardHistory::default();
        let mut histories: BTreeMap<(usize, usize), History> = BTreeMap::new();
        let (mut minute, mut now_ms) = (10, 0);
        for event in events {
            minute += i64::from(event.begins_new_range);
            now_ms += event.seconds * SECOND;
            let range = until(minute - event.age);
            let (panel, signal) = (event.panel.to_string(), format!("{} {}", event.panel, event.signal));
            let asked = query(&signal, range);
            let owner = ["one", "two"][event.owner];
            let id = DashboardId { owner, ..dashboard(&event.dashboard.to_string()) };
            let prediction = history.panel_asks(id, &panel, std::slice::from_ref(&asked), now_ms);

            let refreshes = histories.entry((event.owner, event.dashboard)).or_default();
            let known = refreshes.iter().position(|(of, _)| *of == range);
            let at = known.unwrap_or(refreshes.len());
            let last_two = refreshes[..at].iter().rev().filter(|(_, panels)| panels.contains_key(&panel)).take(2);
            let last_two: Vec<_> = last_two.collect();
            for predicted in &prediction.queries {
                let (of, _) = predicted.ref_id.split_once('/').unwrap();
                let was_asked = |panels: &BTreeMap<String, BTreeSet<Vec<u8>>>| {
                    panels.get(of).is_some_and(|asked| asked.contains(&predicted.json))
                };
                prop_assert!(of != panel && predicted.range == range && predicted.origin == Origin::Panel);
                prop_assert!(last_two.iter().any(|(_, panels)| was_asked(panels)), "{predicted:?}");
            }
            if known.is_none() {
                refreshes.push((range, BTreeMap::new()));
            }
            refreshes[at].1.entry(panel).or_default().insert(without_range(&asked));
            prop_assert!(history.bytes() < 100_000);
        }
    }
}
