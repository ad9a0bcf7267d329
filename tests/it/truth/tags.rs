//! The table of tags: each application once, what is not there by name, and why where tags cannot be read.

use serde_json::{Value, json};

use super::{HOUR, NOON, fleet};
use crate::support::world::{Answer, Chain};

fn tags(applications: Value) -> Value {
    json!({ "queryType": "tags", "applications": applications })
}

async fn ask(chain: &Chain, applications: Value) -> Answer {
    chain.ask(tags(applications), NOON - HOUR..NOON).await
}

#[tokio::test]
async fn each_application_is_a_row_and_each_key_a_column_and_nothing_is_billed() {
    let chain = Chain::start(fleet(), NOON).await;
    let answer = ask(&chain, json!(["*"])).await;
    let names: Vec<&str> = answer.frames()[0].1.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["application", "env", "team"]);
    assert_eq!((answer.text("orders", "team"), answer.text("orders", "env")), ("commerce", "prod"));
    // It is stopped.
    assert_eq!(answer.text("legacy-reports", "env"), "prod");
    assert_eq!(answer.notices(), "");
    let rows = answer.texts("application").len() as u64;
    let calls = |chain: &Chain| (chain.calls("ListApplications"), chain.calls("ListTagsForResource"), chain.billed());
    assert_eq!(calls(&chain), (1, rows, 0));
    ask(&chain, json!(["*"])).await;
    assert_eq!(calls(&chain), (1, rows, 0), "what is known is not asked again");
    assert_eq!(chain.calls("DescribeApplication") + chain.calls("ListMetrics"), 0);
}

/// Tags are those of now, whatever the time range of the dashboard.
#[tokio::test]
async fn names_patterns_and_exclusions_select_and_the_time_range_does_not() {
    let chain = Chain::start(fleet(), NOON).await;
    let selected = |exclude: Value| {
        let query = json!({ "queryType": "tags", "applications": ["/^(orders|payments)$/"], "exclude": exclude });
        let chain = &chain;
        async move {
            let answer = chain.ask(query, 0..HOUR).await;
            answer.texts("application").join(" ")
        }
    };
    assert_eq!(selected(json!({})).await, "orders payments");
    assert_eq!(selected(json!({ "applications": ["orders"] })).await, "payments");
}

#[tokio::test]
async fn what_is_not_there_is_told_by_name_beside_the_rest() {
    let chain = Chain::start(fleet(), NOON).await;
    let answer = ask(&chain, json!(["orders", "no-such-app", "/^nothing/"])).await;
    assert_eq!(answer.texts("application"), ["orders"]);
    let notices = answer.notices();
    assert!(notices.contains("There is no application \"no-such-app\" in eu-west-1."), "{notices}");
    assert!(notices.contains("No application in eu-west-1 matches \"/^nothing/\""), "{notices}");
}

#[tokio::test]
async fn what_may_not_be_read_is_an_error_that_names_the_action() {
    for action in ["kinesisanalytics:ListTagsForResource", "kinesisanalytics:ListApplications"] {
        let chain = Chain::start_denied(fleet(), NOON, &[action]).await;
        let answer = ask(&chain, json!(["orders"])).await;
        assert!(answer.error().contains(action), "{}", answer.error());
    }
}

#[tokio::test]
async fn an_alert_rule_is_told_that_there_is_no_number() {
    let chain = Chain::start(fleet(), NOON).await;
    let answer = chain.alert(tags(json!(["*"])), NOON - HOUR..NOON).await;
    assert_eq!(answer.status(), 400);
    assert!(answer.error().contains("\"queryType\"") && answer.error().contains("no numbers"), "{}", answer.error());
}

#[tokio::test]
async fn fields_of_numbers_are_told_as_without_effect() {
    let chain = Chain::start(fleet(), NOON).await;
    let query = json!({ "queryType": "tags", "applications": ["orders"], "signals": ["cpu"], "period": "5m" });
    let notices = chain.ask(query, NOON - HOUR..NOON).await.notices();
    assert!(notices.contains("\"signals\"") && notices.contains("\"period\""), "{notices}");
}
