//! Arguments that cannot be meant: an empty list would look like an answer.

use std::sync::Arc;

use flinkwatch::failure::CallErrorKind;
use flinkwatch::fetch::Source;
use flinkwatch::place::Account;
use flinkwatch::plugin::messages::resource_reply;
use flinkwatch::resources::check_method;
use serde_json::{Value, json};

use super::{ask, aws, fetch};
use crate::support::facts::{description, settings, source};
use crate::support::scripted::{Scripted, failure, series};

/// The status and the text that people read.
async fn told(path: &str, arguments: &[(&str, &str)]) -> (u16, String) {
    told_of(&source(&aws(), &settings(json!({}))), path, arguments).await
}

async fn told_of(source: &Source, path: &str, arguments: &[(&str, &str)]) -> (u16, String) {
    let answer = fetch(source, path, arguments).await;
    let reply = resource_reply(path, answer);
    let body: Value = serde_json::from_slice(&reply.body).unwrap();
    (reply.status, body["message"].as_str().unwrap_or_default().to_owned())
}

async fn refused(path: &str, arguments: &[(&str, &str)]) -> String {
    let (status, text) = told(path, arguments).await;
    assert_eq!(status, 400, "{path} {arguments:?}: {text}");
    text
}

/// Nothing can be changed here, and an answer to an attempt would look as if something had been.
#[test]
fn only_the_method_that_reads_is_allowed() {
    for (path, allowed) in [("applications", "GET"), ("estimate", "POST"), ("nothing", "GET")] {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            match check_method(path, method) {
                Ok(()) => assert_eq!(method, allowed, "{path}"),
                Err(error) => {
                    let reply = resource_reply(path, Err(error));
                    let body: Value = serde_json::from_slice(&reply.body).unwrap();
                    let text = format!("The resource {path:?} takes {allowed}, and not {method}.");
                    assert_eq!((reply.status, body["message"].as_str()), (405, Some(text.as_str())));
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_variable_that_nobody_replaced_is_refused_in_every_argument() {
    let cases = [
        ("applications", "match", "$team", "team"),
        ("applications", "match", "/^$env-/", "env"),
        ("applications", "tag", "team:${team}", "team"),
        ("applications", "tag", "[[team]]", "team"),
        ("applications", "region", "$region", "region"),
        ("applications", "accountId", "$account", "account"),
        ("applications", "status", "$status", "status"),
        ("tasks", "application", "$app", "app"),
        ("tasks", "match", "[[x:regex]]", "x"),
        ("operators", "task", "$task", "task"),
        ("operators", "task", "/${task:pipe}/", "task"),
        ("metrics", "application", "{$a,b}", "a"),
        ("signals", "queryType", "$kind", "kind"),
    ];
    for (path, argument, text, name) in cases {
        let told = refused(path, &[("application", "orders"), (argument, text)]).await;
        let expected = format!(
            "The argument {argument} holds a variable that was not replaced, {text:?}: the dashboard has no variable {name:?}"
        );
        assert!(told.starts_with(&expected), "{told}");
    }
    // What somebody types, the end of a line, and all.
    for (argument, text) in [("q", "$x"), ("match", "/orders$/"), ("match", "$__all")] {
        ask("applications", &[(argument, text)]).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_match_that_no_name_can_have_is_refused_as_the_application_is() {
    for text in ["/pay", "{}", ",", "^pay", "pay ments", "/pay(/"] {
        let of_match = refused("applications", &[("match", text)]).await;
        let of_application = refused("tasks", &[("application", text)]).await;
        assert_eq!(of_match.replace("argument match", "argument application"), of_application);
    }
    for text in ["{}", ",", "()", "{,}", "|"] {
        let told = refused("tasks", &[("application", "orders"), ("match", text)]).await;
        assert!(told.contains("a list with at least one name"), "{told}");
    }
    // Tasks and log groups may have any sign in their names.
    assert_eq!(ask("log-groups", &[("application", "orders"), ("match", "/flink")]).await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_path_that_is_not_there_is_told_with_all_that_are() {
    let (status, text) = told("aplications", &[]).await;
    assert_eq!(status, 404);
    let there_are = "regions, applications, application, tasks, operators, signals, metrics, dimensions, sources, log-groups, accounts";
    assert_eq!(text, format!("There is no resource \"aplications\"; there are {there_are}, and estimate with POST."));
}

/// Two weeks without a series of `nope`; what there is of `orders` and `zoo` is there.
fn with_unknown(describe: impl Fn() -> CallErrorKind + Send + Sync + 'static) -> Arc<Scripted> {
    let mut aws = Arc::into_inner(aws()).unwrap();
    let list = aws.list_metrics;
    aws.list_metrics = Box::new(move |ask| {
        let is_unknown = ask.application.as_ref().is_some_and(|name| name.as_str().starts_with("nope"));
        if is_unknown { Ok(Vec::new()) } else { list(ask) }
    });
    aws.describe_application = Box::new(move |name| match name.as_str().starts_with("nope") {
        true => Err(failure(describe())),
        false => Ok(description(name.as_str())),
    });
    Arc::new(aws)
}

const LISTS: [&str; 5] = ["tasks", "operators", "sources", "metrics", "dimensions"];

#[tokio::test(start_paused = true)]
async fn an_application_that_is_not_there_is_told_by_every_list() {
    let source = source(&with_unknown(|| CallErrorKind::NotFound), &settings(json!({})));
    for path in LISTS {
        let (status, text) = told_of(&source, path, &[("application", "nope")]).await;
        assert_eq!(status, 404, "{path}: {text}");
        assert!(text.starts_with("There is no application \"nope\" in eu-west-1, neither"), "{path}: {text}");
        let (status, text) = told_of(&source, path, &[("application", "nope"), ("application", "nope-2")]).await;
        assert!(
            status == 404 && text.starts_with("There are no applications \"nope\", \"nope-2\" in"),
            "{path}: {text}"
        );
        let (status, text) = told_of(&source, path, &[("application", "/^none/")]).await;
        assert!(status == 404 && text.starts_with("No application in eu-west-1 matches \"/^none/\""), "{path}: {text}");
        let linked = [("application", "nope"), ("accountId", "222222222222")];
        let (status, text) = told_of(&source, path, &linked).await;
        assert!(
            status == 404 && text.contains("\"nope\" in eu-west-1 of account 222222222222 published no metrics"),
            "{path}: {text}"
        );
        // One of two that is there is shown, and `*` may be none.
        let (status, _) = told_of(&source, path, &[("application", "nope"), ("application", "orders")]).await;
        assert_eq!(status, 200, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_application_that_cannot_be_described_is_not_called_missing() {
    let source = source(&with_unknown(|| CallErrorKind::AccessDenied), &settings(json!({})));
    let (status, text) = told_of(&source, "tasks", &[("application", "nope")]).await;
    assert!(status == 404 && text.contains("and cannot be described ("), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_task_that_is_not_there_is_told_by_the_list_of_operators() {
    let (status, text) = told("operators", &[("application", "orders"), ("task", "nope")]).await;
    assert_eq!(status, 404, "{text}");
    assert!(text.starts_with("No task of application \"orders\" in eu-west-1 matches \"nope\""), "{text}");
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_not_linked_is_told_by_every_list() {
    let mut aws = Arc::into_inner(aws()).unwrap();
    let list = aws.list_metrics;
    aws.list_metrics = Box::new(move |ask| match &ask.place.account {
        Account::Linked(id) if id.as_str() != "222222222222" => Ok(Vec::new()),
        Account::Own | Account::Linked(_) | Account::All => list(ask),
    });
    let source = source(&Arc::new(aws), &settings(json!({})));
    let unlinked = ("accountId", "333333333333");
    let mut cases = vec![("applications", vec![unlinked]), ("application", vec![unlinked, ("application", "orders")])];
    for path in LISTS {
        for name in ["orders", "*", "/o/"] {
            cases.push((path, vec![unlinked, ("application", name)]));
        }
    }
    for (path, arguments) in cases {
        let (status, text) = told_of(&source, path, &arguments).await;
        let words =
            "CloudWatch shows no metrics of Flink of account 333333333333 in eu-west-1: the account is not linked";
        assert!(status == 404 && text.starts_with(words), "{path} {arguments:?}: {status} {text}");
        let linked: Vec<_> = arguments
            .into_iter()
            .map(|(name, text)| (name, if name == "accountId" { "222222222222" } else { text }))
            .collect();
        let (status, text) = told_of(&source, path, &linked).await;
        assert_eq!(status, 200, "{path} {linked:?}: {text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_notebook_has_no_tasks_for_a_reason() {
    let mut aws = Arc::into_inner(aws()).unwrap();
    aws.list_metrics = Box::new(|_| {
        Ok(["zeppelinHeapMemoryUtilization", "cpuUtilization"]
            .map(|metric| series(metric, &[("Application", "notes")]))
            .to_vec())
    });
    let source = source(&Arc::new(aws), &settings(json!({})));
    for path in ["tasks", "operators"] {
        let (status, text) = told_of(&source, path, &[("application", "notes")]).await;
        assert_eq!(status, 404, "{path}: {text}");
        assert!(text.contains("\"notes\"") && text.contains("Studio notebook"), "{path}: {text}");
    }
}
