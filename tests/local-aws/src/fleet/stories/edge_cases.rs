//! What is hard: one name in three accounts, tags that have little in common, an old Flink, lines that are no records.

use super::super::checkpoints::Health;
use super::super::story::{CheckpointPlan, Failure, Logging, ShipStrategy, Story, plain, source, task, writer};
use super::super::timeline::{Restarts, Throughput};
use super::{FLAT, LINKED_ACCOUNT, OTHER_LINKED_ACCOUNT, flink, kinesis};

fn orders(account: &'static str, mean_per_second: f64) -> Story {
    Story {
        account,
        description: "Orders of one account",
        mean_per_second,
        shape: FLAT,
        restarts: Restarts::Never,
        tasks: vec![
            task(vec![source("orders-stream"), plain("Parse", 1.0)]).busy(170.0),
            task(vec![writer("Sink: order-lines")]).after(&[(0, ShipStrategy::Rebalance)]).busy(80.0),
        ],
        connectors: vec![kinesis(0, "orders-stream")],
        ..flink("orders")
    }
}

/// Of the three only one is ill.
fn failing_orders() -> Story {
    Story {
        restarts: Restarts::Loop { up: 105, down: 15 },
        throughput: Throughput::Stuck,
        checkpoints: CheckpointPlan { interval: 60, mean_seconds: 3.0, mean_bytes: 9e6, health: Health::Hopeless },
        failure: Failure::PoisonRecord,
        ..orders(LINKED_ACCOUNT, 95.0)
    }
}

fn tagged(name: &str, tags: &'static [(&'static str, &'static str)]) -> Story {
    Story { name: name.to_owned(), tags: Some(tags), ..orders(super::HOME_ACCOUNT, 40.0) }
}

pub fn edge_cases() -> Vec<Story> {
    vec![
        orders(super::HOME_ACCOUNT, 820.0),
        failing_orders(),
        orders(OTHER_LINKED_ACCOUNT, 410.0),
        // Before 1.13 checkpoints were logged in other words.
        Story {
            runtime: "FLINK-1_11",
            ..tagged("returns", &[("env", "staging"), ("team", "logistics"), ("cost-center", "4711")])
        },
        Story { writes_odd_lines: true, ..tagged("untagged", &[]) },
        Story {
            logging: Logging::MissingStream,
            ..tagged(
                "oddly-tagged",
                &[
                    ("Env", "prod"),
                    ("owner", ""),
                    ("note", "a=b; <c> \"d\""),
                    ("aws:cloudformation:stack-name", "shop"),
                ],
            )
        },
    ]
}
