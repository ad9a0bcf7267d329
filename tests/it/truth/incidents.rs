//! The verdict on each story of the incident fleet. That the alert rules say the same is tested in
//! `tests/host/suite/verdict_test.go`.

use std::sync::{Arc, LazyLock};

use local_aws::fleet::Fleet;
use serde_json::json;

use super::{HOUR, NOON};
use crate::support::world::{Answer, Chain};
use crate::support::worlds::Restated;

pub(super) fn incidents() -> Arc<Fleet> {
    static FLEET: LazyLock<Arc<Fleet>> = LazyLock::new(|| Arc::new(Fleet::incidents()));
    Arc::clone(&FLEET)
}

/// What leaks shows on its second day: 80 minutes before the leaking application is deployed anew.
pub(super) const MOMENT: i64 = NOON + 34 * HOUR + 40 * 60;

/// The fleet table over so many minutes.
async fn table(chain: &Chain, minutes: i64) -> Answer {
    table_at(chain, MOMENT, minutes).await
}

/// The same at another time, with one column where days of all would take long to simulate.
async fn table_at(chain: &Chain, to: i64, minutes: i64) -> Answer {
    let signals = if minutes > 24 * 60 { json!(["cpu"]) } else { json!([]) };
    let query = json!({ "queryType": "application", "applications": ["*"], "signals": signals, "as": "table" });
    chain.ask(query, to - minutes * 60..to).await
}

/// Each application, its health, and what the reason begins with.
const STORIES: &[(&str, &str, &str)] = &[
    ("crash-loop", "failing", ""),
    ("waits-for-slots", "failing", "ran for "),
    ("silent", "failing", "nothing published for "),
    ("drops-everything", "degraded", "nothing written for half an hour"),
    ("behind-in-time", "failing", ""),
    ("behind-in-records", "degraded", ""),
    ("back-pressured", "degraded", "back pressured for "),
    ("stalled-subtask", "degraded", "event time "),
    ("slow-checkpoints", "degraded", "a checkpoint takes "),
    ("leaking", "degraded", "checkpoints "),
    ("out-of-memory", "degraded", ""),
    ("hot", "degraded", ""),
    ("at-its-quota", "degraded", "61 KPUs"),
    ("runs-a-third", "failing", "ran for "),
    ("restarts-hourly", "degraded", "1 restart within an hour"),
    ("late-by-90-seconds", "degraded", "90 seconds behind"),
    ("late-by-20-minutes", "failing", "20 minutes behind"),
    ("late-by-25-hours", "failing", "25.0 hours behind"),
    ("late-by-1500000-records", "degraded", ""),
    ("falls-behind-slowly", "failing", ""),
    ("falls-behind-slowly-in-records", "degraded", ""),
    ("back-to-back-checkpoints", "degraded", "a checkpoint takes "),
    ("slow-subtask", "degraded", "watermarks 13 minutes apart"),
    ("steady", "healthy", ""),
    ("steady-kafka", "healthy", ""),
    ("steady-coarse", "healthy", ""),
    ("often-deployed", "healthy", ""),
    ("often-scaled", "healthy", ""),
    ("restarts-now-and-then", "healthy", ""),
];

/// Minutes of ranges with the same end.
const RANGES: [i64; 9] = [1, 10, 30, 60, 3 * 60, 6 * 60, 2 * 1440, 7 * 1440, 30 * 1440];

#[tokio::test]
async fn each_story_has_its_verdict_whatever_the_range() {
    for start in [Chain::start(incidents(), MOMENT).await, Chain::start_late(incidents(), MOMENT).await] {
        check_stories(&start).await;
    }
}

async fn check_stories(chain: &Chain) {
    let mut known = None;
    for minutes in RANGES {
        let answer = table(chain, minutes).await;
        let found = |name| (answer.text(name, "health").to_owned(), answer.text(name, "why").to_owned());
        for (name, health, why) in STORIES {
            let found = found(name);
            assert!(found.0 == *health && found.1.starts_with(why), "{minutes} min, {name}: {found:?}");
            assert_eq!(found.0 == "healthy", found.1.is_empty(), "{minutes} min, {name}: {found:?}");
        }
        // Where a call has no room for counts of samples, the newest minute is left out: a mean may differ in its last
        // digit.
        let words = |name| {
            let (health, why) = found(name);
            (name, health, why.replace(|letter: char| letter.is_ascii_digit(), ""))
        };
        let all: Vec<_> = STORIES.iter().map(|(name, ..)| words(*name)).collect();
        assert_eq!(&all, known.get_or_insert_with(|| all.clone()), "{minutes} min");
    }
}

/// Seconds about a full hour, when "often-scaled" is scaled for 75 seconds.
const ABOUT_AN_HOUR: [i64; 4] = [-5, 5, 54, 100];

/// KPUs come once an hour, and an hour's bucket ends; nothing of that changes a verdict.
#[tokio::test]
async fn no_verdict_turns_with_the_hour_but_of_what_is_being_scaled() {
    let hour = NOON + 35 * HOUR;
    for seconds in ABOUT_AN_HOUR {
        let chain = Chain::start_late(incidents(), hour + seconds).await;
        let answer = table_at(&chain, hour + seconds, 60).await;
        for (name, health, why) in STORIES {
            let found = (answer.text(name, "health"), answer.text(name, "why"));
            if *name == "often-scaled" && (0..75).contains(&seconds) {
                assert_eq!(found, ("changing", "autoscaling"), "{seconds}");
            } else {
                assert!(found.0 == *health && found.1.starts_with(why), "{seconds}, {name}: {found:?}");
            }
        }
    }
}

/// Rules fire whatever the service is doing with an application; so its verdict says the same, and what is being done
/// beside it.
#[tokio::test]
async fn an_operation_of_the_service_hides_nothing_that_a_rule_fires_for() {
    for (status, words) in [("UPDATING", "updating"), ("AUTOSCALING", "autoscaling")] {
        let world = Arc::new(Restated { inner: incidents(), status, updated: None });
        let answer = table(&Chain::start(world, MOMENT).await, 60).await;
        for (name, health, why) in STORIES {
            let found = (answer.text(name, "health"), answer.text(name, "why"));
            if *health == "healthy" {
                assert_eq!(found, ("changing", words), "{name}");
            } else {
                let is_said = found.1.contains(&format!(" ({words})"));
                assert!(found.0 == *health && found.1.starts_with(why) && is_said, "{status} {name}: {found:?}");
            }
        }
    }
}

/// What the service says of an application today tells nothing of yesterday.
#[tokio::test]
async fn a_range_in_the_past_is_not_judged_by_the_status_of_today() {
    for status in ["READY", "UPDATING", "RUNNING"] {
        let world = Arc::new(Restated { inner: incidents(), status, updated: None });
        let chain = Chain::start(world, MOMENT + 2 * HOUR).await;
        let answer = table_at(&chain, MOMENT, 60).await;
        // What published nothing may have been stopped then.
        let is_row = |name: &str| status != "READY" || name != "silent";
        for (name, health, why) in STORIES.iter().filter(|(name, ..)| is_row(name)) {
            let found = (answer.text(name, "health"), answer.text(name, "why"));
            // A stopped application is billed for no KPUs.
            let expected = if status == "READY" && *name == "at-its-quota" { ("healthy", "") } else { (*health, *why) };
            assert!(found.0 == expected.0 && found.1.starts_with(expected.1), "{status} {name}: {found:?}");
        }
    }
}

/// How many KPUs an application had before its last update, its description does not tell.
#[tokio::test]
async fn a_range_in_the_past_is_judged_by_kpus_only_where_they_were_the_same() {
    for (updated, health) in [(MOMENT - HOUR, "degraded"), (MOMENT + HOUR, "healthy")] {
        let world = Restated { inner: incidents(), status: "RUNNING", updated: Some(updated) };
        let chain = Chain::start(Arc::new(world), MOMENT + 2 * HOUR).await;
        assert_eq!(table_at(&chain, MOMENT, 60).await.text("at-its-quota", "health"), health, "{updated}");
    }
}

/// Columns that the verdict asks for as well: those of `SHARED` whose series are at another period then.
const COLUMNS: [&str; 4] = ["cpu", "heap", "restarts", "uptime"];

/// What a table of one application is billed for, and its calls.
async fn cost_of(minutes: i64, columns: &[&str]) -> (u64, u64) {
    let chain = Chain::start(incidents(), MOMENT).await;
    let query = json!({ "queryType": "application", "applications": ["steady"], "signals": columns, "as": "table" });
    chain.ask(query, MOMENT - minutes * 60..MOMENT).await;
    (chain.billed(), chain.calls("GetMetricData"))
}

/// Within three hours the table has the verdict's minutes, or the verdict the table's; beyond, columns have longer
/// periods of their own.
#[tokio::test]
async fn a_verdict_is_billed_once_and_apart_from_its_columns_only_where_their_periods_are_longer() {
    let mut found = Vec::new();
    for minutes in [1, 60, 180, 360, 2 * 1440] {
        found.push((minutes, cost_of(minutes, &COLUMNS).await));
    }
    assert_eq!(found, [(1, (17, 2)), (60, (17, 2)), (180, (17, 2)), (360, (18, 2)), (2 * 1440, (21, 3))]);
}
