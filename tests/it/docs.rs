//! The documentation says what the code says: its table of signals is the catalogue's, its examples are valid queries,
//! and what its links and paths name is there. Below: its blocks of code, the messages that it quotes, and what else it
//! names.
//!
//! `UPDATE_DOCS=1 cargo test --test it docs` writes the table anew.

mod address;
mod blocks;
mod catalogue;
mod dashboards;
mod messages;
mod names;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

use flinkwatch::catalog::signal::{Signal, State};
use flinkwatch::catalog::signals::SIGNALS;
use flinkwatch::place::Region;
use flinkwatch::query::{AskedQuery, Origin, QueryDefaults, Resolution, TimeRange, parse_query};

const START: &str = "<!-- The table of signals starts here; a test keeps it equal to the catalogue. -->\n";
const END: &str = "<!-- The table of signals ends here. -->\n";

fn page(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn text_of(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// One table per group, in the order of the catalogue.
fn table_of_signals() -> String {
    let mut text = String::new();
    for rows in SIGNALS.chunk_by(|a, b| a.group == b.group) {
        text.push_str(&format!("\n### {}\n\n", words(&format!("{:?}", rows[0].group))));
        text.push_str("| id | title | unit | exists for | formula | meaning |\n|---|---|---|---|---|---|\n");
        rows.iter().for_each(|signal| text.push_str(&row(signal)));
    }
    text.push('\n');
    text
}

fn row(signal: &Signal) -> String {
    let unit = words(&format!("{:?}", signal.unit)).to_lowercase();
    let scopes: Vec<String> = signal.scopes.iter().map(|scope| format!("{scope:?}").to_lowercase()).collect();
    let meaning = format!("{}{}", signal.description, thresholds(signal));
    let cells = [
        format!("`{}`", signal.id),
        signal.title.to_owned(),
        unit,
        scopes.join(", "),
        signal.formula_text.to_owned(),
        meaning,
    ];
    format!("| {} |\n", cells.map(|cell| cell.replace('|', "\\|")).join(" | "))
}

/// ` Thresholds: warning at 0.1, critical at 0.5.`
fn thresholds(signal: &Signal) -> String {
    let lines: Vec<String> =
        signal.thresholds.iter().map(|at| format!("{} at {}", state_name(at.state), at.value)).collect();
    if lines.is_empty() { String::new() } else { format!(" Thresholds: {}.", lines.join(", ")) }
}

fn state_name(state: State) -> &'static str {
    match state {
        State::Ok => "ok",
        State::Warning => "warning",
        State::Critical => "critical",
    }
}

/// `PerSecond` as `Per second`.
fn words(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push(' ');
            text.extend(letter.to_lowercase());
        } else {
            text.push(letter);
        }
    }
    text
}

#[test]
fn the_table_of_signals_is_the_catalogue() {
    let path = page("docs/signals.md");
    let text = text_of(&path);
    let (before, rest) = text.split_once(START).unwrap();
    let (table, after) = rest.split_once(END).unwrap();
    let expected = table_of_signals();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, format!("{before}{START}{expected}{END}{after}")).unwrap();
        return;
    }
    assert!(table == expected, "docs/signals.md is not what the catalogue says: run this test with UPDATE_DOCS=1");
}

/// The blocks of JSON on a page that are queries.
fn examples(path: &Path) -> Vec<String> {
    let text = text_of(path);
    let blocks = text.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.filter(|block| block.contains("\"queryType\"")).map(str::to_owned).collect()
}

#[test]
fn every_example_is_a_valid_query() {
    let mut count = 0;
    for path in pages() {
        for example in examples(&path) {
            let parsed = parse_query(&asked(&example), &defaults());
            assert!(parsed.is_ok(), "{}: {example}\n{parsed:?}", path.display());
            count += 1;
        }
    }
    assert!(count >= 8, "only {count} examples are found");
}

fn asked(json: &str) -> AskedQuery {
    AskedQuery {
        ref_id: "A".to_owned(),
        query_type: String::new(),
        json: json.as_bytes().to_vec(),
        range: TimeRange { from_ms: 0, to_ms: 3_600_000 },
        resolution: Resolution { max_data_points: 1000, interval_ms: 15_000 },
        origin: Origin::Panel,
    }
}

fn defaults() -> QueryDefaults {
    QueryDefaults { region: Region::from("eu-west-1"), application: None }
}

/// All pages for people: those at the top and below `docs/`.
fn pages() -> Vec<PathBuf> {
    let top = fs::read_dir(page("")).unwrap().map(|entry| entry.unwrap().path());
    top.chain(files_below(&page("docs"))).filter(|path| is_page(path)).collect()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
}

/// The text outside of blocks of code, whose brackets are no links.
fn prose(text: &str) -> String {
    text.split("```").step_by(2).collect()
}

/// The anchor that a heading gets: lower case, spaces as hyphens, no punctuation.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase();
    let kept = kept.trim().chars().filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
    kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

fn has_anchor(path: &Path, wanted: &str) -> bool {
    let text = prose(&text_of(path));
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| anchor(line.trim_start_matches('#'))).any(|found| found == wanted)
}

#[test]
fn every_link_within_the_documentation_leads_somewhere() {
    let mut broken = Vec::new();
    for path in pages() {
        let text = prose(&text_of(&path));
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") {
                continue;
            }
            let (file, wanted) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            let leads = target.exists() && (wanted.is_empty() || has_anchor(&target, wanted));
            if !leads {
                broken.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Folders whose files are named in the text; what is built is not there.
const FOLDERS: &[&str] = &["docs/", "frontend/src/", "img/", "provisioning/", "src/", "tests/", "xtask/"];

#[test]
fn every_path_that_the_documentation_names_exists() {
    let mut missing = Vec::new();
    for path in pages() {
        let text = prose(&text_of(&path));
        for named in text.split('`').skip(1).step_by(2) {
            let is_path = FOLDERS.iter().any(|folder| named.starts_with(folder)) && !named.contains(['*', ' ', ':']);
            let is_path = is_path && !named.ends_with("node_modules");
            if is_path && !page(named).exists() {
                missing.push(format!("{}: {named}", path.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// Written by commands, in entries that are lines, or still to be wrapped.
const LONG_LINES: [&str; 4] = ["benchmarks.md", "soak.md", "CHANGELOG.md", "alerts.md"];

#[test]
fn lines_of_prose_are_short_enough_to_read_in_a_diff() {
    let mut long = Vec::new();
    for path in pages().into_iter().filter(|path| !LONG_LINES.iter().any(|name| path.ends_with(name))) {
        let text = prose(&text_of(&path));
        let lines = text.lines().filter(|line| !line.starts_with('|') && line.chars().count() > 180);
        long.extend(lines.map(|line| format!("{}: {line}", path.display())));
    }
    assert!(long.is_empty(), "more than 180 letters:\n{}", long.join("\n"));
}

#[test]
fn the_readme_fits_one_screen() {
    let lines = text_of(&page("README.md")).lines().count();
    assert!(lines <= 50, "README.md has {lines} lines: move what is for few people into docs");
}
