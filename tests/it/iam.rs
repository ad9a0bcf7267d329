//! The policies that ship allow what the code calls, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::layering::walk;

/// AWS lets every identity do these; no policy grants them (AWS, "GetCallerIdentity").
const NEEDS_NO_PERMISSION: &str = "sts:GetCallerIdentity";

/// Statement id to its actions.
type Statements = BTreeMap<String, BTreeSet<String>>;

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn text(path: &str) -> String {
    fs::read_to_string(repository(path)).unwrap()
}

/// The constant `OPERATION` of every file of `src/aws/`, as IAM spells it.
fn called() -> BTreeSet<String> {
    let mut files = Vec::new();
    walk(&repository("src/aws"), &mut files);
    let operation = |path: PathBuf| {
        let source = fs::read_to_string(path).unwrap();
        let (_, rest) = source.split_once("pub const OPERATION: &str = \"")?;
        Some(rest.split('"').next()?.to_owned())
    };
    files.into_iter().filter_map(operation).filter(|operation| operation != NEEDS_NO_PERMISSION).collect()
}

fn statements_of_json(policy: &str) -> Statements {
    let policy: Value = serde_json::from_str(policy).unwrap();
    assert_eq!(policy["Version"], "2012-10-17");
    let statements = policy["Statement"].as_array().unwrap().iter().map(|statement| {
        assert_eq!(statement["Effect"], "Allow");
        let actions = statement["Action"].as_array().unwrap().iter().map(|action| action.as_str().unwrap().to_owned());
        (statement["Sid"].as_str().unwrap_or_default().to_owned(), actions.collect())
    });
    statements.collect()
}

/// All of `provisioning/iam/*.json`.
fn shipped() -> Statements {
    let mut all = Statements::new();
    for entry in fs::read_dir(repository("provisioning/iam")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            all.extend(statements_of_json(&fs::read_to_string(path).unwrap()));
        }
    }
    all
}

/// Reads CloudFormation and Terraform alike: a line that names a statement (`Sid: x`, `sid = "x"`), and lines that hold
/// one action of it each.
fn statements_of_lines(text: &str) -> Statements {
    let mut statements = Statements::new();
    let mut current = String::new();
    for line in text.lines() {
        let word = line.trim_start_matches(['-', ' ']).trim_end_matches(',').replace(['"', '=', ':'], " ");
        let words: Vec<&str> = word.split_whitespace().collect();
        match words.as_slice() {
            ["Sid" | "sid", name] => current = (*name).to_owned(),
            [service @ ("cloudwatch" | "kinesisanalytics" | "logs" | "sts" | "iam" | "s3"), action] => {
                statements.entry(current.clone()).or_default().insert(format!("{service}:{action}"));
            }
            _ => {}
        }
    }
    statements
}

fn union(statements: &Statements) -> BTreeSet<String> {
    statements.values().flatten().cloned().collect()
}

#[test]
fn the_policies_allow_what_the_code_calls() {
    let called = called();
    assert!(called.len() >= 5, "the operations of src/aws are not found: {called:?}");
    assert_eq!(union(&shipped()), called);
}

#[test]
fn cloudformation_and_terraform_say_the_same_as_json() {
    assert_eq!(statements_of_lines(&text("provisioning/iam/flinkwatch.cfn.yaml")), shipped());
    assert_eq!(statements_of_lines(&text("provisioning/iam/flinkwatch.tf")), shipped());
}

#[test]
fn the_whole_policy_of_the_documentation_is_the_sum() {
    let page = text("docs/iam.md");
    let block = page.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert_eq!(union(&statements_of_json(block)), called());
}

/// Nothing is shipped that could write, or that allows more than it names.
#[test]
fn no_action_is_a_wildcard_or_writes() {
    for action in union(&shipped()) {
        let (_, name) = action.split_once(':').unwrap();
        let is_read = ["Get", "List", "Describe"].iter().any(|verb| name.starts_with(verb));
        assert!(is_read && !name.contains('*'), "{action}");
    }
}
