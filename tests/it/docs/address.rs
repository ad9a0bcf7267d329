//! The address of the project and the version stand in `Cargo.toml`; whatever else names them says the same.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::{files_below, page, pages, text_of};

const ADDRESS: &str = env!("CARGO_PKG_REPOSITORY");
const VERSION: &str = env!("CARGO_PKG_VERSION");
const PLUGIN: &str = "flinkwatch-msf-datasource";

/// The changelog names older releases.
fn named_in() -> Vec<(PathBuf, String)> {
    let files = pages().into_iter().chain([page("plugin.json")]).chain(files_below(&page("provisioning")));
    let files = files.filter(|path| !path.ends_with("CHANGELOG.md"));
    files.filter_map(|path| Some((path.clone(), fs::read_to_string(path).ok()?))).collect()
}

/// The words of a text, without the marks around them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| letter.is_whitespace() || "()<>\"'`|,;".contains(letter))
}

#[test]
fn every_address_of_the_project_is_the_one_in_cargo_toml() {
    let mut count = 0;
    for (path, text) in named_in() {
        for word in words(&text).filter(|word| word.contains("/flinkwatch") && word.contains("github.com/")) {
            let address = &word[word.find("https://github.com/").unwrap_or_default()..];
            let rest = address.strip_prefix(ADDRESS);
            assert!(rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')), "{}: {word}", path.display());
            count += 1;
        }
    }
    assert!(count >= 8, "only {count} addresses are found");
}

#[test]
fn every_address_of_a_release_leads_to_this_version() {
    let mut count = 0;
    for (path, text) in named_in() {
        for word in words(&text).filter(|word| word.contains("/releases/download/")) {
            let zip = |version: &str| format!("{ADDRESS}/releases/download/v{version}/{PLUGIN}-{version}.zip");
            let is_known = [VERSION, "VERSION"].iter().any(|version| word.ends_with(&zip(version)));
            let preinstalled = word.split_once('@').map(|(before, _)| before.rsplit('=').next().unwrap_or_default());
            assert!(is_known, "{}: {word}", path.display());
            assert!(preinstalled.is_none_or(|id| id == PLUGIN), "{}: {word}", path.display());
            count += 1;
        }
    }
    assert!(count >= 4, "only {count} releases are found");
}

#[test]
fn the_plugins_page_in_grafana_leads_to_the_project() {
    let plugin: Value = serde_json::from_str(&text_of(&page("plugin.json"))).unwrap();
    assert_eq!(plugin["info"]["author"]["url"], ADDRESS);
    let links: Vec<&str> =
        plugin["info"]["links"].as_array().unwrap().iter().map(|link| link["url"].as_str().unwrap()).collect();
    let documentation = format!("{ADDRESS}/blob/v{VERSION}/docs/README.md");
    for wanted in [ADDRESS, &documentation, &format!("{ADDRESS}/issues")] {
        assert!(links.contains(&wanted), "{wanted} is not in {links:?}");
    }
}
