//! Every block of code in the documentation is what it says it is. Blocks of YAML are read by `tests/host`, which has a
//! reader for it.

use std::io::Write;
use std::process::{Command, Stdio};

use super::{pages, text_of};

/// A block between fences.
struct Block {
    /// The page and the block, for whoever has to mend it.
    place: String,
    language: String,
    text: String,
}

fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    for path in pages() {
        for rest in text_of(&path).split("```").skip(1).step_by(2) {
            let (language, text) = rest.split_once('\n').unwrap_or((rest, ""));
            let place = format!("{}:\n{text}", path.display());
            blocks.push(Block { place, language: language.to_owned(), text: text.to_owned() });
        }
    }
    blocks
}

fn blocks_of(language: &str) -> Vec<Block> {
    let found: Vec<Block> = blocks().into_iter().filter(|block| block.language == language).collect();
    assert!(!found.is_empty(), "no page has a block of {language}");
    found
}

/// A language that is new here needs a test of its own.
#[test]
fn every_block_is_in_a_language_that_is_checked_or_in_plain_text() {
    for Block { place, language, .. } in blocks() {
        let is_known = ["ini", "json", "sh", "yaml", "promql", "text"].contains(&language.as_str());
        assert!(is_known, "{language:?} in {place}");
    }
}

#[test]
fn every_block_of_json_is_json() {
    for Block { place, text, .. } in blocks_of("json") {
        let read = serde_json::from_str::<serde_json::Value>(&text);
        assert!(read.is_ok(), "{read:?} in {place}");
    }
}

/// Comments, sections, and below them keys with values.
#[test]
fn every_block_of_settings_is_an_ini_file() {
    for Block { place, text, .. } in blocks_of("ini") {
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with(['#', ';']));
        let mut has_section = false;
        for line in lines {
            has_section |= line.starts_with('[') && line.ends_with(']');
            let is_key = line.split_once(" = ").is_some_and(|(key, value)| !key.contains(' ') && !value.is_empty());
            assert!(has_section && (is_key || line.starts_with('[')), "{line:?} in {place}");
        }
    }
}

#[test]
fn every_block_for_the_shell_is_understood_by_it() {
    for Block { place, text, .. } in blocks_of("sh") {
        let mut shell = Command::new("sh").arg("-n").stdin(Stdio::piped()).spawn().unwrap();
        shell.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        assert!(shell.wait().unwrap().success(), "{place}");
    }
}

/// The keys of the object that is given to `jsonencode`, against the table of settings.
#[test]
fn the_data_source_of_terraform_has_settings_that_exist() {
    let text = text_of(&super::page("provisioning/terraform/datasource.tf"));
    let (_, object) = text.split_once("jsonencode(").unwrap();
    let keys: Vec<&str> = object.lines().filter_map(|line| Some(line.split_once(" = ")?.0.trim())).collect();
    assert!(keys.len() >= 3, "{keys:?}");
    let known = text_of(&super::page("docs/configuration.md"));
    for key in keys {
        assert!(known.contains(&format!("`{key}`")), "{key}");
    }
}
