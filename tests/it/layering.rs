//! The rules of the architecture, read from the source: who may use whom, where foreign names may stand, how long a
//! file may be.

mod circles;

use std::fs;
use std::path::{Path, PathBuf};

/// Modules from left to right: each may use those to its left, and itself.
const ORDER: &[&str] = &[
    "limits",
    "billing",
    "place",
    "period",
    "notice",
    "failure",
    "telemetry",
    "large_work",
    "catalog",
    "model",
    "topology",
    "logs",
    "settings",
    "query",
    "dashboard_history",
    "plan",
    "answers",
    "aws",
    "fetch",
    "compute",
    "frames",
    "engine",
    "resources",
    "save_and_test",
    "plugin",
    "data_source",
    "main",
    "lib",
];

/// Names and the only modules in which they may stand.
const FOREIGN: &[(&[&str], &[&str])] = &[
    (&["aws_sdk_", "aws_config::", "aws_smithy", "aws_types::", "aws_credential_types::", "minicbor"], &["aws"]),
    (&["tonic::", "tonic_", "prost::"], &["plugin"]),
    (&["arrow_array", "arrow_buffer", "arrow_ipc", "arrow_schema"], &["frames"]),
];

/// What a pure module never does: wait, read a clock, the network or the environment.
const IMPURE: &[&str] = &[
    "tokio",
    "futures::",
    "async fn",
    ".await",
    "Instant",
    "SystemTime",
    "std::env",
    "std::net",
    "std::fs",
    "std::thread",
    "std::process",
    "tracing::",
];

/// Modules that compute only.
const PURE: &[&str] = &[
    "limits",
    "place",
    "period",
    "failure",
    "notice",
    "catalog",
    "model",
    "topology",
    "logs",
    "query",
    "dashboard_history",
    "plan",
    "answers",
    "compute",
    "frames",
];

const LINES: usize = 400;

/// Tables may be long.
const TABLES: &[&str] = &["catalog/conditions.rs", "catalog/metrics.rs", "catalog/signals.rs"];

/// A file of `src/`, without its tests.
struct Source {
    /// Relative to `src/`.
    name: String,
    module: String,
    /// Production lines: comments among them, tests not.
    lines: Vec<String>,
}

impl Source {
    /// `name` is relative to `src/`.
    fn of(name: &str, text: &str) -> Self {
        let module = name.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        // Tests stand last.
        let lines = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).map(str::to_owned).collect();
        Self { name: name.to_owned(), module, lines }
    }

    fn text(&self) -> String {
        self.lines.join("\n")
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    paths.sort();
    paths.iter().map(|path| read(&root, path)).collect()
}

pub fn walk(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

fn read(root: &Path, path: &Path) -> Source {
    let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
    Source::of(&name, &fs::read_to_string(path).unwrap())
}

/// A line without its comment.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

/// Texts in quotes are not code.
fn without_texts(line: &str) -> String {
    line.split('"').step_by(2).collect::<Vec<_>>().join("\"\"")
}

/// Every `crate::module` of a line, those of `use crate::{a, b::c}` among them.
fn used(line: &str) -> Vec<&str> {
    let mut modules = Vec::new();
    for rest in line.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(list) => modules.extend(list.split(',').map(first_word)),
            None => modules.push(first_word(rest)),
        }
    }
    modules
}

fn first_word(text: &str) -> &str {
    let text = text.trim_start();
    &text[..text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())]
}

fn rank(module: &str) -> usize {
    ORDER.iter().position(|known| *known == module).unwrap_or_else(|| panic!("where does {module} stand?"))
}

/// Checks every line of code; `fault` says what is wrong with it.
fn check(fault: impl Fn(&Source, &str) -> Option<String>) {
    let mut faults = Vec::new();
    for source in sources() {
        for (index, line) in source.lines.iter().enumerate() {
            let line = without_texts(code(line));
            faults.extend(fault(&source, &line).map(|fault| format!("src/{}:{}: {fault}", source.name, index + 1)));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn each_module_uses_only_what_stands_to_its_left() {
    check(|source, line| {
        let own = rank(&source.module);
        let upward = used(line).into_iter().find(|module| rank(module) > own)?;
        Some(format!("{} must not use {upward}", source.module))
    });
}

#[test]
fn every_module_has_its_place_in_the_order() {
    for source in sources() {
        rank(&source.module);
    }
}

#[test]
fn foreign_names_stay_behind_their_border() {
    check(|source, line| {
        let (name, homes) = FOREIGN.iter().find_map(|(names, homes)| {
            let name = names.iter().find(|name| line.contains(**name))?;
            (!homes.contains(&source.module.as_str())).then_some((name, homes))
        })?;
        Some(format!("{name} belongs into {}", homes.join(", ")))
    });
}

#[test]
fn what_computes_does_not_wait_or_look_around() {
    check(|source, line| {
        if !PURE.contains(&source.module.as_str()) {
            return None;
        }
        IMPURE.iter().find(|name| line.contains(**name)).map(|name| format!("{name} in {}", source.module))
    });
}

#[test]
fn no_file_is_too_long() {
    let too_long = sources().into_iter().filter(|source| !TABLES.contains(&source.name.as_str()));
    let too_long: Vec<String> = too_long
        .filter(|source| source.lines.len() > LINES)
        .map(|source| format!("src/{} has {} lines", source.name, source.lines.len()))
        .collect();
    assert!(too_long.is_empty(), "{}", too_long.join("\n"));
}

#[test]
fn every_file_says_what_it_is() {
    let silent =
        sources().into_iter().filter(|source| !source.lines.first().is_some_and(|line| line.starts_with("//!")));
    let silent: Vec<String> = silent.map(|source| source.name).collect();
    assert!(silent.is_empty(), "no header: {}", silent.join(", "));
}

/// The check itself, on lines that it must and must not understand.
#[test]
fn uses_are_read_from_code() {
    assert_eq!(used("use crate::{plan, query::Query};"), ["plan", "query"]);
    assert_eq!(used("use crate::plan::{self, Plan};"), ["plan"]);
    assert_eq!(used("let a = crate::frames::f(crate::aws::g);"), ["frames", "aws"]);
    assert!(used(&without_texts(code("let a = 1; // crate::plugin"))).is_empty());
    assert!(used(&without_texts(code("let a = \"crate::plugin\";"))).is_empty());
}
