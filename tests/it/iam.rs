//! The policies that ship allow what the code calls, and nothing else.
//!
//! `UPDATE_DOCS=1 cargo test --test it iam` writes the actions of the table of operations into the policies and
//! docs/iam.md.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use flinkwatch::catalog::operations::{Feature, OPERATIONS, QUOTAS};
use serde_json::Value;

use crate::layering::walk;

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
    files.into_iter().filter_map(operation).collect()
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

/// The actions of a feature.
fn actions(of: Feature) -> BTreeSet<String> {
    let rows = OPERATIONS.iter().filter(|operation| operation.feature == of);
    rows.map(|operation| operation.action.to_owned()).collect()
}

/// Those that need a permission. AWS lets every identity ask who it is (AWS, "GetCallerIdentity").
fn features() -> BTreeSet<Feature> {
    OPERATIONS.iter().map(|operation| operation.feature).filter(|feature| *feature != Feature::Identity).collect()
}

fn all_actions() -> BTreeSet<String> {
    features().into_iter().flat_map(actions).collect()
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

/// How a file puts actions into a list.
#[derive(Clone, Copy, PartialEq)]
enum Commas {
    None,
    Between,
    AfterEach,
}

/// The text with the actions of the table in place of those that it has, under each statement id.
fn with_actions(text: &str, commas: Commas, actions_of: impl Fn(&str) -> BTreeSet<String>) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut statement = String::new();
    let mut written = BTreeSet::new();
    for line in text.lines() {
        let found = statements_of_lines(&format!("sid: {statement}\n{line}"));
        match found.first_key_value() {
            Some((_, old)) if written.insert(statement.clone()) => {
                let old = old.first().unwrap();
                let actions = actions_of(&statement);
                for (index, action) in actions.iter().enumerate() {
                    let is_last = index + 1 == actions.len();
                    let comma =
                        if commas == Commas::AfterEach || commas == Commas::Between && !is_last { "," } else { "" };
                    lines.push(line.trim_end_matches(',').replace(old, action) + comma);
                }
            }
            Some(_) => {}
            None => {
                let words = line.replace(['"', '=', ':', ',', '-'], " ");
                if let ["Sid" | "sid", name] = words.split_whitespace().collect::<Vec<_>>().as_slice() {
                    statement = (*name).to_owned();
                }
                lines.push(line.to_owned());
            }
        }
    }
    lines.join("\n") + "\n"
}

/// `FlinkwatchMetrics` has those of the feature `metrics`.
fn actions_of_statement(id: &str) -> BTreeSet<String> {
    let is_of =
        |feature: &Feature| id.strip_prefix("Flinkwatch").is_some_and(|name| name.eq_ignore_ascii_case(feature.name()));
    features().into_iter().find(is_of).map(actions).unwrap_or_default()
}

fn check(path: &str, expected: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(repository(path), expected).unwrap();
    }
    assert!(
        text(path) == expected,
        "{path} is not what the table of operations says: run this test with UPDATE_DOCS=1"
    );
}

#[test]
fn the_files_have_the_actions_of_the_table() {
    for (path, commas) in [("flinkwatch.cfn.yaml", Commas::None), ("flinkwatch.tf", Commas::AfterEach)] {
        let path = format!("provisioning/iam/{path}");
        check(&path, &with_actions(&text(&path), commas, actions_of_statement));
    }
    for feature in features() {
        let path = format!("provisioning/iam/{}.json", feature.name());
        check(&path, &with_actions(&text(&path), Commas::Between, actions_of_statement));
    }
    let page = text("docs/iam.md");
    let (before, rest) = page.split_once("```json\n").unwrap();
    let (block, after) = rest.split_once("```").unwrap();
    let block = with_actions(block, Commas::Between, |_| all_actions());
    check("docs/iam.md", &format!("{before}```json\n{block}```{after}"));
}

#[test]
fn every_operation_that_is_called_is_a_row_and_every_row_is_called() {
    let rows: BTreeSet<String> = OPERATIONS.iter().map(|operation| operation.action.to_owned()).collect();
    assert_eq!((called(), OPERATIONS.len()), (rows.clone(), rows.len()));
}

#[test]
fn each_feature_has_a_policy_with_what_it_calls_and_a_line_in_the_documentation() {
    let page = text("docs/iam.md");
    for feature in features() {
        let name = feature.name();
        let file = format!("provisioning/iam/{name}.json");
        assert_eq!(union(&statements_of_json(&text(&file))), actions(feature), "{file}");
        let line = format!("| {name} | [`{name}.json`](../{file}) |");
        assert!(page.contains(&line), "docs/iam.md lacks {line}");
    }
    assert_eq!(union(&shipped()), all_actions());
}

/// A number as pages have it: without a fraction.
fn plain(number: f64) -> String {
    format!("{number}")
}

#[test]
fn pages_and_the_settings_page_have_the_quotas_of_the_table() {
    let (settings, costs, page) =
        (text("docs/configuration.md"), text("docs/limits-and-cost.md"), text("frontend/src/settings.ts"));
    let line_of = |page: &str, start: &str| {
        let line = page.lines().find(|line| line.starts_with(start)).map(str::to_owned);
        line.unwrap_or_else(|| panic!("no line begins with {start}"))
    };
    for row in QUOTAS {
        let (default, most) = (plain(row.per_second), plain(row.most));
        let of_aws = row.of_aws.map_or("not published".to_owned(), |quota| format!("{quota} a second"));
        let line = line_of(&settings, &format!("| `{}` | `{default}` |", row.setting));
        assert!(line.contains(&format!("0.1 to {most}")), "{line}");
        let line = line_of(&costs, &format!("| `{}` | {default} |", row.setting));
        assert!(line.contains(&format!("| {of_aws}")), "{line}");
        let field = page.split(&format!("key: '{}'", row.setting)).nth(1).unwrap();
        let field = field.split('}').next().unwrap();
        assert!(field.contains(&format!("preset: {default},")) && field.contains(&format!("most: {most},")), "{field}");
    }
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
    assert_eq!(union(&statements_of_json(block)), all_actions());
}

/// Nothing is shipped that could write, or that allows more than it names.
#[test]
fn no_action_is_a_wildcard_or_writes() {
    for action in union(&shipped()) {
        let (_, name) = action.split_once(':').unwrap();
        let is_read = ["Get", "List", "Describe", "Filter"].iter().any(|verb| name.starts_with(verb));
        assert!(is_read && !name.contains('*'), "{action}");
    }
}
