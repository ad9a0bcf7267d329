//! What a request and an hour may cost. The bill is that of the simulated AWS, in dollars.

use std::sync::Arc;
use std::time::Duration;

use flinkwatch::fetch::{Payer, Source};
use flinkwatch::plugin::messages::query_reply;
use flinkwatch::query::Origin;
use flinkwatch::settings::costs::CostLimits;
use futures::future::join_all;
use local_aws::fleet::Fleet;
use local_aws::server::Options;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::coalescer::{Clock, Requests, plan, series_key};
use crate::support::fleet::NOW;
use crate::support::panels::panels;
use crate::support::scripted::Scripted;
use crate::support::served::Served;
use crate::support::world::{Answer, Chain};

const HOUR: i64 = 3600;

/// Minutes that divide an hour, so each is a period of its own and a metric on the bill.
const PERIODS: [i64; 12] = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60];

/// Ten metrics cost a hundredth of a cent.
const TEN: CostLimits =
    CostLimits { request_points: 20_000_000, request_metrics: 100, panel_metrics: 10, alert_metrics: 10 };
const TEN_DOLLARS: f64 = 0.0001;

/// One metric on the bill.
fn cpu(minutes: i64) -> Value {
    json!({ "queryType": "application", "applications": ["orders"], "signals": ["cpu"], "period": minutes * 60 })
}

async fn chain() -> Chain {
    let mut chain = Chain::start(Arc::new(Fleet::new()), NOW).await;
    chain.limit(TEN);
    chain
}

async fn panel(chain: &Chain, minutes: i64) -> Answer {
    chain.ask(cpu(minutes), NOW - HOUR..NOW).await
}

#[tokio::test]
async fn panels_never_spend_more_in_an_hour_than_they_may_and_are_told_who_how_much_and_until_when() {
    let mut chain = chain().await;
    let mut answers = Vec::new();
    for minutes in PERIODS {
        answers.push(panel(&chain, minutes).await);
    }
    let statuses: Vec<u16> = answers.iter().map(Answer::status).collect();
    assert_eq!(statuses, [[200; 10].as_slice(), &[429; 2]].concat());
    assert!((chain.dollars() - TEN_DOLLARS).abs() < 1e-9, "{}", chain.dollars());
    assert_eq!(chain.spent(), [chain.billed(), 0]);
    let text = answers[10].error();
    let sentences = "panels of this data source have cost $0.0001 in the last hour and may cost $0.0001 (maxDollarsPerHour), \
                     this could cost $0.00001; there is room again at ";
    let advice = " UTC. Refresh less often, ask for less, or raise this limit in its settings.";
    assert!(text.contains(sentences) && text.ends_with(advice), "{text}");

    let told: Vec<bool> =
        answers.iter().map(|answer| answer.notices().contains("$0.0001 (maxDollarsPerHour")).collect();
    assert_eq!(told, [[false; 7].as_slice(), &[true; 3], &[false; 2]].concat(), "from four fifths on it is said");

    // What is kept is still shown.
    assert_eq!(panel(&chain, 60).await.status(), 429);
    assert_eq!(panel(&chain, 1).await.status(), 200);

    chain.move_to(NOW + HOUR);
    let later = chain.ask(cpu(1), NOW..NOW + HOUR).await;
    assert_eq!((later.status(), later.notices().as_str(), later.lines().len()), (200, "", 1));
}

#[tokio::test]
async fn panels_that_ask_at_the_same_moment_cannot_pass_the_limit_together() {
    let chain = chain().await;
    let answers = join_all(PERIODS.map(|minutes| panel(&chain, minutes))).await;
    assert!(answers.iter().any(|answer| answer.status() == 429));
    assert!(chain.billed() > 0 && chain.dollars() <= TEN_DOLLARS + 1e-9, "{}", chain.dollars());
    assert_eq!(chain.spent(), [chain.billed(), 0]);
}

/// In both orders: neither takes anything from the other.
#[tokio::test]
async fn alert_rules_have_a_limit_of_their_own() {
    for rules_come_first in [false, true] {
        let chain = chain().await;
        let rules = async {
            for minutes in &PERIODS[..10] {
                let answer = chain.alert(cpu(*minutes), NOW - 2 * HOUR..NOW - HOUR).await;
                assert_eq!(answer.error(), "", "a rule was silenced");
            }
            let refused = chain.alert(cpu(30), NOW - 2 * HOUR..NOW - HOUR).await;
            let text = refused.error();
            assert!(
                text.contains("alert rules of this data source") && text.contains("(maxAlertDollarsPerHour)"),
                "{text}"
            );
        };
        let viewers = async {
            for minutes in PERIODS {
                panel(&chain, minutes).await;
            }
        };
        if rules_come_first {
            rules.await;
            viewers.await;
        } else {
            viewers.await;
            rules.await;
        }
        assert_eq!(chain.spent(), [10, 10]);
        assert!((chain.dollars() - 2.0 * TEN_DOLLARS).abs() < 1e-9, "{}", chain.dollars());
    }
}

#[tokio::test]
async fn what_fails_costs_nothing() {
    let mut chain = Chain::start_denied(Arc::new(Fleet::new()), NOW, &["cloudwatch:GetMetricData"]).await;
    chain.limit(TEN);
    assert_eq!(panel(&chain, 1).await.status(), 403);
    assert_eq!((chain.spent(), chain.billed()), ([0, 0], 0));
}

/// Whoever leaves has been billed all the same.
#[tokio::test(start_paused = true)]
async fn a_call_that_nobody_waits_for_any_more_is_counted() {
    let clock = Clock::start();
    let latency = Duration::from_secs(5);
    let mut requests = Requests::new(Scripted { latency, ..Scripted::default() }, clock);
    requests.source.payer = Payer { limits: TEN, ..Payer::default() };
    let now = requests.clock.now_ms();
    let minute = flinkwatch::period::Period::MINUTE;
    let asked =
        plan(Origin::Panel, &[series_key("cpu", minute), series_key("heap", minute)], now / 1000 - HOUR..now / 1000);
    assert!(timeout(Duration::from_secs(1), requests.ask(&asked)).await.is_err());
    assert_eq!(requests.source.payer.spent(now), 2);
}

/// 8 KiB of JSON that would cost $1.92.
#[tokio::test]
async fn one_request_has_a_limit_and_its_queries_share_it() {
    let mut served = Served::start_with(Fleet::new(), Options::default()).await;
    let limits = CostLimits { request_metrics: 100, ..CostLimits::default() };
    served.source = Source { payer: Payer { limits, ..Payer::default() }, ..served.source.clone() };
    let queries: Vec<Value> = PERIODS
        .iter()
        .map(|minutes| {
            let signals = ["cpu", "heap", "restarts"];
            json!({ "queryType": "application", "applications": ["*"], "signals": signals, "period": minutes * 60 })
        })
        .collect();
    let outcomes = served.answer(&panels(1, &queries)).await;
    let replies: Vec<_> = outcomes.into_iter().map(query_reply).collect();
    let refused: Vec<_> = replies.iter().filter_map(|reply| reply.error.as_ref()).collect();
    assert!(!refused.is_empty() && refused.len() < replies.len(), "{refused:?}");
    for error in refused {
        assert_eq!(error.status, 400);
        let is_told = error.text.starts_with("The queries of this request could cost $0.00")
            && error.text.contains(" metrics of CloudWatch); at most $0.001 are spent (maxDollarsPerRequest of this data source). Name fewer");
        assert!(is_told, "{}", error.text);
    }
    let billed = served.server.counters().operation("GetMetricData").usage.billed_metrics;
    assert!((20..=100).contains(&billed), "{billed}");
}
