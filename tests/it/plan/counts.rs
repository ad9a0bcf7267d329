//! How few calls a dashboard costs.

use std::collections::BTreeSet;
use std::sync::Arc;

use flinkwatch::catalog::runtime::Runtime;
use flinkwatch::catalog::statistic::Statistic;
use flinkwatch::place::{Account, AccountId, ApplicationName, Place, Region};
use flinkwatch::plan::series::PlannedSeries;
use flinkwatch::query::TimeRange;
use local_aws::fleet::Fleet;
use local_aws::server::{Options, RateLimits};
use local_aws::world::{SeriesEntry, World};
use serde_json::{Value, json};

use super::{FLEET, HOUR_MS, MINUTE_MS, NOW_MS, calls_of, parse, plan_fleet};
use crate::support::fleet::facts_of;
use crate::support::panels::panels;
use crate::support::served::Served;

/// One of everything about the application "orders".
fn mixed() -> Vec<Value> {
    let application =
        |signals: &[&str]| json!({"queryType": "application", "applications": ["orders"], "signals": signals});
    let mut queries: Vec<Value> = [
        &["sourceRate", "sinkRate"][..],
        &["restarts"],
        &["uptime", "availability"],
        &["consumerLagTime"],
        &["watermarkLag", "watermarkSkew"],
        &["busy"],
        &["backPressure", "idle"],
        &["cpu", "heap"],
        &["gcPressure"],
        &["kpus"],
        &["recordsIn", "recordsOut"],
    ]
    .map(application)
    .into();
    queries.extend([
        json!({"queryType": "application", "applications": ["orders"], "as": "table"}),
        json!({"queryType": "operator", "applications": ["orders"]}),
        json!({"queryType": "operator", "applications": ["orders"], "as": "table"}),
        json!({"queryType": "operator", "applications": ["orders"], "level": "operator"}),
        json!({"queryType": "operator", "applications": ["orders"], "signals": ["busy"], "top": {"count": 2}}),
        json!({"queryType": "checkpoint", "applications": ["orders"]}),
        json!({"queryType": "checkpoint", "applications": ["orders"], "as": "summary"}),
        json!({"queryType": "metric", "applications": ["orders"], "metric": "cpuUtilization", "statistic": "p99"}),
        json!({"queryType": "metric", "applications": ["orders"], "metric": "busyTimeMsPerSecond",
               "dimensions": {"Task": "*"}}),
    ]);
    queries
}

#[test]
fn twenty_queries_of_one_application_over_one_range_are_one_call_and_one_for_the_day_before() {
    let queries = mixed();
    assert_eq!(queries.len(), 20);
    let mut calls = Vec::new();
    for hours in [1, 6, 24, 7 * 24, 30 * 24, 90 * 24] {
        let (plan, _) = plan_fleet(&parse(&panels(hours, &queries)));
        calls.push((hours, calls_of(&plan).len()));
        // What the verdict compares with the day before, in hours: the table of a day or more reaches back to them
        // itself.
        let growth =
            calls_of(&plan).iter().filter(|call| call.series.iter().all(|key| key.period.seconds() >= 3600)).count();
        assert!(growth >= 1 || hours >= 24, "{hours} h");
    }
    // Where the table has longer periods, a verdict's minutes are a call of their own.
    assert_eq!(calls, [(1, 2), (6, 3), (24, 3), (7 * 24, 3), (30 * 24, 4), (90 * 24, 4)]);
}

#[test]
fn equal_series_of_different_queries_are_asked_once() {
    let busy = json!({"queryType": "application", "applications": ["orders"], "signals": ["busy"]});
    let raw = json!({"queryType": "metric", "applications": ["orders"], "metric": "busyTimeMsPerSecond",
                     "statistic": "Maximum"});
    let summed_up = json!({"queryType": "application", "applications": ["orders"], "as": "table", "signals": ["busy"],
                           "period": "1m"});
    let (plan, _) = plan_fleet(&parse(&panels(6, &[busy.clone(), busy, raw, summed_up])));
    let of_busy: Vec<_> = plan.series.iter().filter(|series| &*series.key.metric == "busyTimeMsPerSecond").collect();
    // And the samples of its newest minutes are counted.
    let statistics: BTreeSet<_> = of_busy.iter().map(|series| series.key.statistic.as_str()).collect();
    assert_eq!((of_busy.len(), statistics), (2, BTreeSet::from(["Maximum", "SampleCount"])), "{plan}");
    let users: BTreeSet<_> = ["A", "B", "C", "D"].map(str::to_owned).into();
    assert!(of_busy.iter().all(|series| series.users == users));
}

#[test]
fn different_ranges_and_regions_are_different_calls() {
    let cpu = json!({"queryType": "application", "applications": ["orders"], "signals": ["cpu"]});
    let elsewhere = json!({"queryType": "application", "region": "us-east-1", "applications": ["orders"],
                           "signals": ["cpu"]});
    let mut asked = panels(6, &[cpu.clone(), cpu.clone(), cpu, elsewhere]);
    asked[1].range = TimeRange { from_ms: NOW_MS - 12 * HOUR_MS, to_ms: NOW_MS - 6 * HOUR_MS };
    let (plan, _) = plan_fleet(&parse(&asked));
    let planned = calls_of(&plan);
    let calls: Vec<_> = planned.iter().map(|call| (call.region.as_str(), call.series.len())).collect();
    // Where the present is asked for, samples are counted.
    assert_eq!(calls, [("eu-west-1", 1), ("eu-west-1", 2), ("us-east-1", 2)]);
}

#[test]
fn a_wildcard_needs_the_list_first_then_each_application_then_nothing() {
    let queries = parse(&panels(1, &[json!({"queryType": "application", "applications": ["*"]})]));
    let (facts, rounds) = facts_of(&FLEET, &queries);
    let place = Place { region: Region::from("eu-west-1"), account: Account::Own };
    assert_eq!(rounds.len(), 2);
    assert_eq!(rounds[0].lists, BTreeSet::from([place]));
    assert!(rounds[0].inventories.is_empty() && rounds[0].descriptions.is_empty());
    assert!(rounds[1].lists.is_empty());
    assert_eq!(rounds[1].inventories, rounds[1].descriptions);
    let names: Vec<_> = rounds[1].inventories.iter().map(|(_, name)| name.as_str()).collect();
    let running: Vec<_> = facts.lists.values().flatten().flat_map(|list| list.applications.values()).collect();
    let running = running.into_iter().filter(|row| {
        let is_flink = matches!(row.runtime, Some(Runtime::Flink(_, _)));
        is_flink && row.status.as_ref().is_some_and(|status| status.is_active())
    });
    let mut running: Vec<_> = running.map(|row| row.name.as_str()).collect();
    running.sort_unstable();
    assert_eq!(names, running);
    assert!(flinkwatch::plan::needs(&queries, &facts, NOW_MS).is_empty());
}

#[test]
fn named_applications_need_no_list() {
    let named = [json!({"queryType": "application", "applications": ["orders", "payments"]})];
    let (_, rounds) = facts_of(&FLEET, &parse(&panels(1, &named)));
    assert_eq!(rounds.len(), 1);
    assert!(rounds[0].lists.is_empty());
    assert_eq!(rounds[0].inventories.len(), 2);
}

#[test]
fn series_of_linked_accounts_are_asked_of_their_account() {
    let of = |account: &str| json!({"queryType": "application", "accountId": account, "applications": ["partner-feed"], "signals": ["cpu"]});
    let (plan, _) = plan_fleet(&parse(&panels(1, &[of("222222222222"), of("all"), of("")])));
    let partner = AccountId::from("222222222222");
    let accounts: Vec<_> = calls_of(&plan)[0].series.iter().map(|key| key.account.clone()).collect();
    assert_eq!(
        accounts,
        [Some(partner.clone()), Some(partner.clone())],
        "one ask and its count for both queries, none for the own account"
    );
    let of_query = |index: usize| plan.queries[index].applications.iter().map(|state| state.account.clone()).collect();
    let (linked, all, own): (Vec<_>, Vec<_>, Vec<_>) = (of_query(0), of_query(1), of_query(2));
    assert_eq!((linked, all, own), (vec![Some(partner.clone())], vec![Some(partner)], vec![None]));
}

#[tokio::test]
async fn statistics_of_one_metric_are_billed_as_one() {
    let served = Served::start(Fleet::new()).await;
    let of = |statistic: &str| json!({"queryType": "metric", "applications": ["orders"], "metric": "cpuUtilization", "statistic": statistic});
    let outcomes = served.answer(&panels(6, &["Average", "Maximum", "p95"].map(of))).await;
    assert!(outcomes.iter().all(|outcome| outcome.result.as_ref().is_ok_and(|frames| frames.len() == 1)));
    let counts = served.server.counters().operation("GetMetricData");
    assert_eq!((counts.calls, counts.usage.queries, counts.usage.billed_metrics), (1, 4, 1));
    served.server.stop().await;
}

/// 100,800 points are 69 series of a day of minutes and five before, so 500 series are 8 calls, with room for the
/// sample counts of 17; a call that asked for more would be answered in pages, one after the other, which would count
/// as calls here.
#[tokio::test]
async fn a_day_of_five_hundred_series_is_eight_calls_without_further_pages() {
    let served = Served::start(Fleet::bench(10, 50)).await;
    let busy = json!({"queryType": "operator", "applications": ["*"], "signals": ["busy"]});
    let mut asked = panels(24, &[busy]);
    let to_ms = NOW_MS / MINUTE_MS * MINUTE_MS;
    asked[0].range = TimeRange { from_ms: to_ms - 24 * HOUR_MS, to_ms };
    asked[0].resolution.max_data_points = 1440;
    let outcomes = served.answer(&asked).await;
    let frames = outcomes[0].result.as_ref().unwrap();
    assert_eq!(frames.len(), 500);
    let counts = served.server.counters().operation("GetMetricData");
    assert_eq!((counts.calls, counts.usage.queries, counts.usage.data_points), (8, 517, 517 * 1445));
    served.server.stop().await;
}

#[tokio::test]
async fn thirty_days_of_sixty_rows_are_one_call_and_thirty_metrics_on_the_bill() {
    let fleet = Fleet::bench_metric(1, 30, "busyTimeMsPerSecond");
    let listed = fleet.series("eu-west-1", NOW_MS / 1000);
    let tseries: Vec<Arc<str>> = listed.iter().filter_map(task_of).collect();
    let served = Served::start(fleet).await;
    let of = |task: &Arc<str>, statistic: &str| {
        json!({"queryType": "metric", "applications": ["bench-000"], "metric": "busyTimeMsPerSecond", "statistic": statistic,
               "dimensions": {"Task": &**task}})
    };
    let queries: Vec<Value> =
        tseries.iter().flat_map(|task| ["Average", "Maximum"].map(|statistic| of(task, statistic))).collect();
    assert_eq!(queries.len(), 60);
    let outcomes = served.answer(&panels(30 * 24, &queries)).await;
    for outcome in &outcomes {
        assert_eq!(outcome.result.as_ref().map(Vec::len), Ok(1), "{}", outcome.ref_id);
    }
    let counts = served.server.counters().operation("GetMetricData");
    assert_eq!((counts.calls, counts.usage.queries, counts.usage.billed_metrics), (1, 90, 30));
    served.server.stop().await;
}

fn task_of(entry: &SeriesEntry) -> Option<Arc<str>> {
    let (_, task) = entry.series.dimensions.iter().find(|(name, _)| &**name == "Task")?;
    Some(Arc::clone(task))
}

/// AWS throttles what is over its quota, and a panel that lost a query to that would just be empty.
#[tokio::test]
async fn panels_beyond_what_aws_admits_lose_no_query() {
    let rate_limits = Some(RateLimits { per_second: [("GetMetricData".to_owned(), 5.0)].into() });
    let served = Served::start_with(Fleet::new(), Options { rate_limits, ..Options::default() }).await;
    let signals = ["cpu", "heap", "restarts"];
    // One by one they would be twice what AWS admits.
    let panels: Vec<_> = (1..=12)
        .map(|hours| {
            let of =
                |signal: &str| json!({"queryType": "application", "applications": ["orders"], "signals": [signal]});
            let mut asked = panels(1, &signals.map(of));
            asked.iter_mut().for_each(|asked| asked.range.from_ms -= hours * 24 * HOUR_MS);
            asked.iter_mut().for_each(|asked| asked.range.to_ms -= hours * 24 * HOUR_MS);
            asked
        })
        .collect();
    let outcomes = futures::future::join_all(panels.iter().map(|panel| served.answer(panel))).await;
    for outcome in outcomes.iter().flatten() {
        let frames = outcome.result.as_ref().unwrap();
        assert!(frames.iter().any(|frame| !frame.fields[0].values.is_empty()), "{}: {frames:?}", outcome.ref_id);
    }
    served.server.stop().await;
}

#[tokio::test]
async fn the_second_time_nothing_is_asked() {
    let served = Served::start(Fleet::new()).await;
    let asked = panels(1, &[json!({"queryType": "application", "applications": ["*"], "as": "table"})]);
    served.answer(&asked).await;
    served.server.reset_counters();
    served.answer(&asked).await;
    assert!(served.server.counters().operations.is_empty());
    served.server.stop().await;
}

/// The facts of these tests are those that the real client reads.
#[tokio::test]
async fn the_fleets_facts_are_as_the_client_reads_them() {
    let served = Served::start(Fleet::new()).await;
    let queries = [
        json!({"queryType": "application", "applications": ["*"]}),
        json!({"queryType": "application", "applications": ["legacy-reports", "nobody"]}),
        json!({"queryType": "application", "accountId": "all", "applications": ["*"]}),
        json!({"queryType": "application", "accountId": "222222222222", "applications": ["*"]}),
    ];
    let (facts, rounds) = facts_of(&FLEET, &parse(&panels(1, &queries)));
    for needs in rounds {
        let read = flinkwatch::fetch::facts(&served.source, &needs).await;
        for (place, list) in read.lists {
            assert_eq!(list.unwrap().applications, facts.lists[&place].as_ref().unwrap().applications, "{place}");
        }
        for ((place, name), inventory) in read.inventories {
            let (read, made) =
                (inventory.unwrap(), facts.inventories[&(place, name.clone())].as_ref().unwrap().clone());
            let sorted = |inventory: &flinkwatch::topology::inventory::Inventory| {
                let mut series: Vec<_> = inventory.series().cloned().collect();
                series.sort();
                series
            };
            assert_eq!(sorted(&read), sorted(&made), "{name}");
            assert_eq!(read.freshness, made.freshness, "{name}");
        }
        for ((place, name), description) in read.descriptions {
            let made = facts.descriptions[&(place, ApplicationName::clone(&name))].as_ref().ok();
            assert_eq!(description.ok().as_ref(), made, "{name}");
        }
    }
    served.server.stop().await;
}

/// Lines every two minutes and a table every quarter of an hour: both count their buckets from the start of their call.
#[test]
fn periods_share_a_call_from_a_start_that_suits_all() {
    let lines = json!({"queryType": "application", "applications": ["orders"], "signals": ["cpu"], "period": "2m"});
    let table = json!({"queryType": "application", "applications": ["orders"], "signals": ["heap"], "period": "15m"});
    let (plan, _) = plan_fleet(&parse(&panels(24, &[lines.clone(), table])));
    assert_eq!(calls_of(&plan).len(), 1);
    assert_eq!(calls_of(&plan)[0].start % 1800, 0);
    let odd = json!({"queryType": "application", "applications": ["orders"], "signals": ["heap"], "period": "419m"});
    let (plan, _) = plan_fleet(&parse(&panels(24, &[lines, odd])));
    assert_eq!(calls_of(&plan).len(), 2, "a start that suits both would be far away");
}

#[tokio::test]
async fn lines_of_linked_accounts_are_labelled_with_their_account() {
    let served = Served::start(Fleet::new()).await;
    let of = |account: &str, name: &str| json!({"queryType": "application", "accountId": account, "applications": [name], "signals": ["cpu"]});
    let asked = panels(1, &[of("", "orders"), of("222222222222", "partner-feed"), of("all", "*")]);
    let mut accounts = served.answer(&asked).await.into_iter().map(|outcome| {
        let frames = outcome.result.unwrap();
        let labels = frames.iter().filter_map(|frame| frame.fields[1].labels.get("account").cloned());
        labels.collect::<BTreeSet<String>>()
    });
    let of_accounts = |ids: &[&str]| Some(ids.iter().map(|id| (*id).to_owned()).collect::<BTreeSet<_>>());
    assert_eq!(accounts.next(), of_accounts(&[]));
    assert_eq!(accounts.next(), of_accounts(&["222222222222"]));
    assert_eq!(accounts.next(), of_accounts(&["111111111111", "222222222222"]));
    served.server.stop().await;
}

/// Who series for all counts of samples may look back less far than who needs the newest of them: a verdict on the last
/// hour than a table of a minute more, and a chart than what compares with the day before.
#[test]
fn newest_counts_of_samples_need_no_older_ones_where_all_are_asked_for_another_line() {
    let table = json!({"queryType": "application", "applications": ["audit-log"], "signals": ["numRecordsInPerSecond"],
                       "statistic": "Average", "period": "1m", "as": "table"});
    let counts = json!({"queryType": "metric", "applications": ["orders"], "metric": "lastCheckpointSize",
                        "statistic": "SampleCount", "period": "1h"});
    let growth = json!({"queryType": "application", "applications": ["orders"], "signals": ["stateGrowth"],
                        "period": "1h"});
    for (queries, metric) in [(vec![table], "numRecordsInPerSecond"), (vec![counts, growth], "lastCheckpointSize")] {
        let mut asked = panels(1, &queries);
        asked.iter_mut().for_each(|asked| asked.range.from_ms -= MINUTE_MS);
        let (plan, _) = plan_fleet(&parse(&asked));
        let is_count = |series: &&PlannedSeries| {
            &*series.key.metric == metric && series.key.statistic == Statistic::SampleCount && !series.is_spare
        };
        assert_eq!(plan.series.iter().filter(is_count).count(), 1, "{plan}");
    }
}
