//! The crates that are linked into the programs: what cargo would build for them, without macros and build scripts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::licences;
use crate::part::{self, Part};
use xtask::architecture::Architecture;
use xtask::failure::{Doing, Failure, Outcome};
use xtask::process;
use xtask::workspace::Workspace;

/// The plugin's own crate.
const OWN: &str = "flinkwatch";

pub fn linked(workspace: &Workspace, architectures: &[Architecture]) -> Outcome<Vec<Part>> {
    let mut names = BTreeSet::new();
    for architecture in architectures {
        names.extend(tree(workspace, *architecture)?);
    }
    let answer = process::read(workspace.cargo().args(["metadata", "--locked", "--format-version", "1"]))?;
    let metadata: Value = serde_json::from_str(&answer).doing("read cargo's metadata")?;
    let known = by_id(&metadata)?;
    let needs = needs_of(&metadata, &known, &names);
    let own = known.iter().find(|(_, (name, _))| name.starts_with(&format!("{OWN}@")));
    let named = own.and_then(|(id, _)| needs.get(id)).cloned().unwrap_or_default();
    let mut parts = Vec::new();
    for (id, (name, package)) in known.iter().filter(|(_, (name, _))| names.contains(name)) {
        let mut part = part_of(name, package)?;
        part.needs = needs.get(id).cloned().unwrap_or_default();
        part.is_named = named.contains(&part.purl);
        parts.push(part);
    }
    if parts.len() == names.len() {
        return Ok(parts);
    }
    Err(Failure::new("cargo's tree names a crate that its metadata does not know"))
}

/// Each crate as `name@version`.
fn tree(workspace: &Workspace, architecture: Architecture) -> Outcome<BTreeSet<String>> {
    let mut ask = workspace.cargo();
    ask.args(["tree", "--locked", "--package", OWN, "--edges", "normal,no-proc-macro"]);
    ask.args(["--prefix", "none", "--format", "{p}", "--target", &architecture.triple()]);
    parse_tree(&process::read(&mut ask)?)
}

/// Lines such as `serde v1.0.2` or, for what was shown before, `serde v1.0.2 (*)`.
fn parse_tree(text: &str) -> Outcome<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let mut words = line.split(' ');
        let (Some(name), Some(version)) = (words.next(), words.next().and_then(|word| word.strip_prefix('v'))) else {
            return Err(Failure::new(format!("cargo's tree has a line that is no crate: {line}")));
        };
        if name != OWN {
            names.insert(format!("{name}@{version}"));
        }
    }
    Ok(names)
}

type Known<'a> = BTreeMap<&'a str, (String, &'a Value)>;

/// Every package that cargo knows, by its id, with `name@version`.
fn by_id(metadata: &Value) -> Outcome<Known<'_>> {
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let row = |package| {
        Ok((text(package, "id")?, (format!("{}@{}", text(package, "name")?, text(package, "version")?), package)))
    };
    packages.iter().map(row).collect()
}

/// What each package uses in the program; macros and what only builds or tests it are left out.
fn needs_of<'a>(metadata: &'a Value, known: &Known, linked: &BTreeSet<String>) -> BTreeMap<&'a str, Vec<String>> {
    let nodes = metadata["resolve"]["nodes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let needs = |node: &'a Value| {
        let used = node["deps"].as_array().map(Vec::as_slice).unwrap_or_default();
        let normal = used.iter().filter(|dependency| {
            dependency["dep_kinds"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"].is_null()))
        });
        let names = normal.filter_map(|dependency| known.get(dependency["pkg"].as_str()?)).map(|(name, _)| name);
        names.filter(|name| linked.contains(*name)).map(|name| purl(name)).collect()
    };
    nodes.iter().filter_map(|node| Some((node["id"].as_str()?, needs(node)))).collect()
}

fn part_of(name: &str, package: &Value) -> Outcome<Part> {
    let manifest = Path::new(text(package, "manifest_path")?);
    let mut texts = part::texts_in(manifest.parent().unwrap_or(manifest))?;
    if texts.is_empty() {
        texts.push(licences::without_text(&authors(package)));
    }
    Ok(Part {
        purl: purl(name),
        name: text(package, "name")?.to_owned(),
        version: text(package, "version")?.to_owned(),
        licence: spdx(text(package, "license")?),
        texts,
        needs: Vec::new(),
        is_named: false,
    })
}

/// An older way of writing a choice is a slash.
fn spdx(licence: &str) -> String {
    licence.split('/').map(str::trim).collect::<Vec<_>>().join(" OR ")
}

fn authors(package: &Value) -> String {
    let authors = package["authors"].as_array().map(Vec::as_slice).unwrap_or_default();
    authors.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
}

fn purl(name: &str) -> String {
    format!("pkg:cargo/{}", name.replace('+', "%2B"))
}

fn text<'a>(value: &'a Value, key: &str) -> Outcome<&'a str> {
    value[key].as_str().ok_or_else(|| Failure::new(format!("a package of cargo's metadata has no {key}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_a_set_of_crates_without_our_own() {
        let names = parse_tree("flinkwatch v0.1.0 (/project)\nserde v1.0.2\nserde v1.0.2 (*)\n").unwrap();
        assert_eq!(names, BTreeSet::from(["serde@1.0.2".to_owned()]));
        assert_eq!(spdx("MIT / Apache-2.0"), "MIT OR Apache-2.0");
        assert!(parse_tree("[build-dependencies]").is_err());
    }
}
