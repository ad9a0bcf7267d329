//! The packages of npm whose code is in the bundle: those that its source maps name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::licences;
use crate::part::{self, Part};
use xtask::failure::{Doing, Failure, Outcome};
use xtask::workspace::Workspace;

const MODULES: &str = "node_modules/";

pub fn bundled(workspace: &Workspace) -> Outcome<Vec<Part>> {
    let mut folders = BTreeSet::new();
    let dist = workspace.dist();
    for entry in std::fs::read_dir(&dist).doing("read the bundle")? {
        let path = entry.doing("read the bundle")?.path();
        if path.extension().is_some_and(|ending| ending == "map") {
            let map: Value = read_json(&path)?;
            let sources = map["sources"].as_array().map(Vec::as_slice).unwrap_or_default();
            folders.extend(sources.iter().filter_map(Value::as_str).filter_map(package_folder).map(str::to_owned));
        }
    }
    // The same version may stand in several folders.
    let mut parts = BTreeMap::new();
    for folder in folders {
        let part = part_in(&workspace.front_end().join(folder))?;
        parts.insert(part.purl.clone(), part);
    }
    Ok(parts.into_values().collect())
}

/// `node_modules/@a/b` of `webpack://x/../node_modules/@a/b/dist/c.js`; the innermost where several stand in each
/// other.
fn package_folder(source: &str) -> Option<&str> {
    let start = source.find(MODULES)?;
    let inner = source.rfind(MODULES)? + MODULES.len();
    let words = if source[inner..].starts_with('@') { 2 } else { 1 };
    let name: usize = source[inner..].split_inclusive('/').take(words).map(str::len).sum();
    Some(source[start..inner + name].trim_end_matches('/'))
}

fn part_in(folder: &Path) -> Outcome<Part> {
    let package = read_json(&folder.join("package.json"))?;
    let field = |key: &str| {
        let text = package[key].as_str().map(str::to_owned);
        text.ok_or_else(|| Failure::new(format!("{}: package.json has no {key}", folder.display())))
    };
    let (name, version) = (field("name")?, field("version")?);
    let mut texts = part::texts_in(folder)?;
    if texts.is_empty() {
        let author = package["author"].as_str().or(package["author"]["name"].as_str());
        texts.push(licences::without_text(author.unwrap_or_default()));
    }
    let purl = format!("pkg:npm/{}@{version}", name.replace('@', "%40"));
    Ok(Part { purl, name, version, licence: field("license")?, texts, needs: Vec::new(), is_named: true })
}

fn read_json(path: &Path) -> Outcome<Value> {
    let text = std::fs::read(path).doing(format_args!("read {}", path.display()))?;
    serde_json::from_slice(&text).doing(format_args!("read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_of_a_module() {
        let folder = |path: &str| package_folder(path).map(str::to_owned);
        assert_eq!(folder("webpack://x/../node_modules/tslib/tslib.es6.mjs").unwrap(), "node_modules/tslib");
        assert_eq!(folder("webpack://x/../node_modules/@a/b/dist/c.js").unwrap(), "node_modules/@a/b");
        assert_eq!(
            folder("webpack://x/../node_modules/a/node_modules/b/c.js").unwrap(),
            "node_modules/a/node_modules/b"
        );
        assert_eq!(folder("webpack://x/./module.ts"), None);
    }
}
