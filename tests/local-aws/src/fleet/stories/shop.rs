//! The applications of the shop: one per story, in reading order of the dashboards.

use super::super::checkpoints::Health;
use super::super::story::{
    CheckpointPlan, Custom, Failure, Kind, Level, LogLevel, Logging, ShipStrategy, Story, TaskPlan, committer, plain,
    source, task, window, writer,
};
use super::super::timeline::{Deploys, Restarts, Throughput};
use super::{DAY, FLAT, HOUR, LINKED_ACCOUNT, OFFICE, SECOND_REGION, WEEK, flink, kafka, kinesis};

fn orders_tasks() -> Vec<TaskPlan> {
    vec![
        task(vec![source("orders-stream"), plain("Parse", 1.0), plain("Filter valid", 0.94)]).busy(260.0),
        task(vec![plain("Deduplicate by order id", 0.985), plain("Split order lines", 2.4)])
            .after(&[(0, ShipStrategy::Hash)])
            .busy(340.0)
            .skew(0.35),
        task(vec![window("Revenue per merchant (1m)", 60, 0.04), plain("Format revenue", 1.0)])
            .after(&[(1, ShipStrategy::Hash)])
            .busy(290.0)
            .skew(0.5),
        task(vec![writer("Sink: order-lines")]).after(&[(1, ShipStrategy::Rebalance)]).busy(120.0),
        task(vec![writer("Sink: revenue"), committer("Sink: revenue")])
            .after(&[(2, ShipStrategy::Rebalance)])
            .busy(30.0)
            .parallelism(2),
    ]
}

fn orders() -> Story {
    Story {
        description: "Cleans orders, splits them into lines and sums revenue per merchant",
        parallelism: 6,
        mean_per_second: 820.0,
        restarts: Restarts::Rare { every: 5 * DAY, down: 32 },
        tasks: orders_tasks(),
        connectors: vec![kinesis(0, "orders-stream")],
        ..flink("orders")
    }
}

fn payments() -> Story {
    Story {
        description: "Matches payments with accounts; the account service is slow",
        team: "payments",
        mean_per_second: 610.0,
        // What the slow operator manages does not depend on the hour.
        shape: FLAT,
        deploys: Deploys { every: DAY, at: 4 * HOUR, gap: 80 },
        restarts: Restarts::Never,
        throughput: Throughput::FallsBehind(0.82),
        checkpoints: CheckpointPlan { interval: 60, mean_seconds: 24.0, mean_bytes: 96e6, health: Health::Good },
        bottleneck: Some(2),
        cpu: 62.0,
        tasks: vec![
            task(vec![source("payments-stream"), plain("Decode", 1.0)]).busy(150.0),
            task(vec![plain("Normalise currency", 1.0), plain("Drop test cards", 0.97)])
                .after(&[(0, ShipStrategy::Rebalance)])
                .busy(210.0),
            task(vec![plain("Enrich with account", 1.0)]).after(&[(1, ShipStrategy::Hash)]).busy(990.0),
            task(vec![writer("Sink: payments-enriched")]).after(&[(2, ShipStrategy::Forward)]).busy(90.0),
        ],
        connectors: vec![kinesis(0, "payments-stream")],
        ..flink("payments")
    }
}

fn fraud_scoring() -> Story {
    Story {
        description: "Scores payments against a year of customer history",
        team: "risk",
        parallelism: 8,
        mean_per_second: 540.0,
        deploys: Deploys { every: WEEK, at: 6 * DAY + 10 * HOUR, gap: 140 },
        restarts: Restarts::Never,
        checkpoints: CheckpointPlan { interval: 60, mean_seconds: 31.0, mean_bytes: 2.1e9, health: Health::Episodes },
        cpu: 58.0,
        tasks: vec![
            task(vec![source("payments-enriched"), plain("To transaction", 1.0)]).busy(180.0),
            task(vec![plain("Customer profile", 1.0)]).after(&[(0, ShipStrategy::Hash)]).busy(520.0).skew(0.4),
            task(vec![
                plain("Score [model v7]", 1.0),
                plain("Alert (score > 0.9)", 0.012),
                writer("Sink: fraud-alerts"),
            ])
            .after(&[(1, ShipStrategy::Rebalance)])
            .busy(430.0),
        ],
        connectors: vec![kinesis(0, "payments-enriched")],
        ..flink("fraud-scoring")
    }
}

fn clickstream() -> Story {
    Story {
        description: "Sessions from page views; fails on a record it cannot parse, again and again",
        team: "web",
        mean_per_second: 2400.0,
        deploys: Deploys { every: DAY, at: 6 * HOUR, gap: 70 },
        restarts: Restarts::Loop { up: 105, down: 15 },
        throughput: Throughput::Stuck,
        checkpoints: CheckpointPlan { interval: 60, mean_seconds: 3.0, mean_bytes: 9e6, health: Health::Hopeless },
        cpu: 97.0,
        failure: Failure::PoisonRecord,
        tasks: vec![
            task(vec![source("page-views"), plain("Parse JSON", 1.0)]),
            task(vec![window("Session window (30m gap)", 60, 0.05)]).after(&[(0, ShipStrategy::Hash)]),
            task(vec![writer("Sink: sessions-raw")]).after(&[(1, ShipStrategy::Forward)]),
        ],
        connectors: vec![kinesis(0, "page-views")],
        ..flink("clickstream")
    }
}

fn inventory_sync() -> Story {
    Story {
        description: "Keeps stock levels in step with the warehouses; twice as wide by day",
        team: "logistics",
        parallelism: 4,
        scaled_parallelism: Some(8),
        mean_per_second: 350.0,
        shape: OFFICE,
        // Even deployments at 08:00 UTC are the wide ones, odd ones at 20:00 the narrow ones.
        deploys: Deploys { every: 12 * HOUR, at: 8 * HOUR, gap: 75 },
        restarts: Restarts::Never,
        tasks: vec![
            task(vec![source("stock-movements"), plain("Parse movement", 1.0)]).busy(240.0),
            task(vec![plain("Stock per article", 1.0)]).after(&[(0, ShipStrategy::Hash)]).busy(380.0).skew(0.2),
            task(vec![writer("Sink: stock-levels")]).after(&[(1, ShipStrategy::Forward)]).busy(140.0),
        ],
        connectors: vec![kinesis(0, "stock-movements")],
        ..flink("inventory-sync")
    }
}

fn legacy_reports() -> Story {
    Story {
        description: "Nightly sales report of the old shop; stopped",
        team: "finance",
        parallelism: 2,
        mean_per_second: 40.0,
        ended: true,
        tasks: vec![
            task(vec![source("sales-export"), plain("To row", 1.0)]),
            task(vec![window("Sales per hour", 60, 0.1), writer("Sink: reports")]).after(&[(0, ShipStrategy::Hash)]),
        ],
        connectors: vec![kinesis(0, "sales-export")],
        ..flink("legacy-reports")
    }
}

fn sessions() -> Story {
    Story {
        description: "Web sessions of customers, on Flink 2.2 and Kafka",
        team: "web",
        runtime: "FLINK-2_2",
        parallelism: 6,
        mean_per_second: 1250.0,
        restarts: Restarts::Rare { every: 2 * DAY, down: 28 },
        failure: Failure::LostTaskManager,
        logging: Logging::Shared("/shop/flink"),
        tasks: vec![
            task(vec![source("web-events"), plain("Drop bots", 0.88)]).busy(310.0),
            task(vec![window("Sessionize", 60, 0.06)]).after(&[(0, ShipStrategy::Hash)]).busy(360.0).skew(0.3),
            task(vec![writer("Sink: sessions"), committer("Sink: sessions")])
                .after(&[(1, ShipStrategy::Forward)])
                .busy(60.0),
        ],
        connectors: vec![kafka(0, "web-events")],
        ..flink("sessions")
    }
}

fn audit_log() -> Story {
    Story {
        description: "Archives audit events; metrics of the application only",
        team: "platform",
        level: Level::Application,
        parallelism: 2,
        mean_per_second: 75.0,
        shape: OFFICE,
        event_time: None,
        log_level: LogLevel::Error,
        tasks: vec![
            task(vec![source("audit-events"), plain("Redact", 1.0)]),
            task(vec![writer("Sink: audit-archive"), committer("Sink: audit-archive")])
                .after(&[(0, ShipStrategy::Rebalance)]),
        ],
        connectors: vec![kinesis(0, "audit-events")],
        ..flink("audit-log")
    }
}

fn catalog_cdc() -> Story {
    Story {
        description: "Changes of the product catalogue from the shop's database",
        team: "catalogue",
        level: Level::Task,
        mean_per_second: 130.0,
        shape: OFFICE,
        event_time: None,
        logging: Logging::Off,
        tasks: vec![
            task(vec![source("catalog.products"), plain("Unwrap change", 1.0)]).share(0.7).busy(150.0),
            task(vec![source("catalog.prices"), plain("Unwrap price change", 1.0)]).share(0.3).busy(90.0),
            task(vec![plain("Latest per product", 1.0)])
                .after(&[(0, ShipStrategy::Hash), (1, ShipStrategy::Hash)])
                .busy(260.0)
                .skew(0.25),
            task(vec![writer("Sink: search-index")]).after(&[(2, ShipStrategy::Rebalance)]).busy(310.0),
        ],
        connectors: vec![kafka(0, "catalog.products"), kafka(1, "catalog.prices")],
        ..flink("catalog-cdc")
    }
}

fn recommendations() -> Story {
    Story {
        description: "Product recommendations; metrics of every subtask",
        team: "data-science",
        level: Level::Parallelism,
        mean_per_second: 690.0,
        logging: Logging::Shared("/shop/flink"),
        tasks: vec![
            task(vec![source("product-views"), plain("Parse view", 1.0)]).busy(210.0),
            task(vec![plain("Co-occurrence", 3.5)]).after(&[(0, ShipStrategy::Hash)]).busy(450.0).skew(2.2),
            task(vec![window("Top products (5m)", 300, 0.02), writer("Sink: recommendations")])
                .after(&[(1, ShipStrategy::Hash)])
                .busy(330.0)
                .skew(0.4),
        ],
        connectors: vec![kinesis(0, "product-views")],
        ..flink("recommendations")
    }
}

fn iot_telemetry() -> Story {
    let custom = |metric, operator, per_record, dimension| Custom { metric, task: 0, operator, per_record, dimension };
    Story {
        description: "Readings of meters in the warehouses; one task holds the whole chain",
        team: "logistics",
        mean_per_second: 900.0,
        shape: FLAT,
        logging: Logging::MissingGroup,
        tasks: vec![
            task(vec![
                source("device-readings"),
                plain("Decode", 1.0),
                plain("Validate", 0.98),
                writer("Sink: readings"),
            ])
            .busy(420.0),
        ],
        connectors: vec![kinesis(0, "device-readings")],
        customs: vec![
            custom("rejectedReadings", 2, 0.02, None),
            custom("readingsByDevice", 1, 0.72, Some(("DeviceType", "thermostat"))),
            custom("readingsByDevice", 1, 0.28, Some(("DeviceType", "power-meter"))),
        ],
        ..flink("iot-telemetry")
    }
}

fn old_sql() -> Story {
    Story {
        description: "Alerts on order volume, in SQL",
        kind: Kind::Sql,
        runtime: "SQL-1_0",
        level: Level::Application,
        parallelism: 1,
        per_kpu: 1,
        mean_per_second: 60.0,
        connectors: vec![kinesis(0, "orders-stream")],
        ..flink("old-sql")
    }
}

fn notebook() -> Story {
    Story {
        description: "Analysts' notebook",
        team: "analytics",
        kind: Kind::Studio,
        runtime: "ZEPPELIN-FLINK-3_0",
        level: Level::Application,
        per_kpu: 1,
        mean_per_second: 20.0,
        shape: OFFICE,
        ..flink("notebook")
    }
}

fn partner_feed() -> Story {
    Story {
        account: LINKED_ACCOUNT,
        description: "Orders of partner shops, in the partner account",
        team: "partners",
        mean_per_second: 95.0,
        tasks: vec![
            task(vec![source("partner-orders"), plain("Validate", 0.99)]).busy(170.0),
            task(vec![writer("Sink: partner-orders-clean")]).after(&[(0, ShipStrategy::Rebalance)]).busy(80.0),
        ],
        connectors: vec![kinesis(0, "partner-orders")],
        ..flink("partner-feed")
    }
}

/// The same name as in the home region, with half the load.
fn orders_us() -> Story {
    Story { region: SECOND_REGION, parallelism: 4, mean_per_second: 410.0, ..orders() }
}

fn returns_us() -> Story {
    Story {
        region: SECOND_REGION,
        description: "Parcels that come back",
        team: "logistics",
        runtime: "FLINK-2_2",
        mean_per_second: 55.0,
        tasks: vec![
            task(vec![source("returns"), plain("Parse return", 1.0)]).busy(110.0),
            task(vec![writer("Sink: refunds")]).after(&[(0, ShipStrategy::Hash)]).busy(70.0),
        ],
        connectors: vec![kafka(0, "returns")],
        ..flink("returns")
    }
}

pub fn shop() -> Vec<Story> {
    vec![
        orders(),
        payments(),
        fraud_scoring(),
        clickstream(),
        inventory_sync(),
        legacy_reports(),
        sessions(),
        audit_log(),
        catalog_cdc(),
        recommendations(),
        iot_telemetry(),
        old_sql(),
        notebook(),
        partner_feed(),
        orders_us(),
        returns_us(),
    ]
}
