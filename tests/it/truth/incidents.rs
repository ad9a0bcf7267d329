//! The verdict on each story of the incident fleet. That the alert rules say the same is tested in `tests/host/suite/verdict_test.go`.

use std::sync::{Arc, LazyLock};

use local_aws::fleet::Fleet;
use serde_json::json;

use super::{HOUR, NOON};
use crate::support::world::{Answer, Chain};

fn incidents() -> Arc<Fleet> {
    static FLEET: LazyLock<Arc<Fleet>> = LazyLock::new(|| Arc::new(Fleet::incidents()));
    Arc::clone(&FLEET)
}

/// What leaks shows on its second day: 80 minutes before the leaking application is deployed anew.
const MOMENT: i64 = NOON + 34 * HOUR + 40 * 60;

async fn table_at(moment: i64, hours: i64) -> Answer {
    let chain = Chain::start(incidents(), moment).await;
    let query = json!({ "queryType": "application", "applications": ["*"], "as": "table" });
    chain.ask(query, moment - hours * HOUR..moment).await
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
    ("steady", "healthy", ""),
    ("steady-kafka", "healthy", ""),
    ("steady-coarse", "healthy", ""),
    ("often-deployed", "healthy", ""),
    ("often-scaled", "healthy", ""),
    ("restarts-now-and-then", "healthy", ""),
];

#[tokio::test]
async fn each_story_has_its_verdict_whatever_the_range() {
    for hours in [1, 3, 24] {
        let answer = table_at(MOMENT, hours).await;
        for (name, health, why) in STORIES {
            let found = (answer.text(name, "health"), answer.text(name, "why"));
            assert!(found.0 == *health && found.1.starts_with(why), "{hours} h, {name}: {found:?}");
            assert_eq!(found.0 == "healthy", found.1.is_empty(), "{hours} h, {name}: {found:?}");
        }
    }
}
