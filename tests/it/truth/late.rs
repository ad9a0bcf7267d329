//! What AWS publishes hours late is shown once it is there, also where it was asked for before.

use serde_json::json;

use super::{HOUR, NOON, fleet};
use crate::support::world::Chain;

/// Seconds until a sample can be asked for.
const DELAYS: [i64; 3] = [HOUR + 600, 2 * HOUR, 5 * HOUR];

/// A bucket that was asked for in vain is asked for again within so many seconds, and beside it some that were there.
const ASKED_AGAIN: i64 = HOUR / 2 + 600;

#[tokio::test]
async fn what_comes_hours_late_closes_its_gap() {
    for delay in DELAYS {
        let mut chain = Chain::start_delayed(fleet(), NOON, delay).await;
        for signal in ["cpu", "sourceRate", "recordsIn"] {
            let query =
                json!({ "queryType": "application", "applications": ["orders"], "signals": [signal], "period": 60 });
            // A dashboard that is looked at every ten minutes, and a rule over its last hours.
            for minute in (0..150).step_by(10) {
                let now = NOON + 60 * minute;
                chain.move_to(now);
                let panel = chain.ask(query.clone(), now - 8 * HOUR..now).await.signal(signal);
                let rule = chain.alert(query.clone(), now - 8 * HOUR..now).await.signal(signal);
                for line in [panel, rule] {
                    let until = now - delay - ASKED_AGAIN;
                    let missing = line.points.iter().filter(|(time, value)| *time < until && value.is_nan()).count();
                    assert_eq!(missing, 0, "{signal} after {minute} minutes, {delay} s late");
                }
            }
        }
    }
}
