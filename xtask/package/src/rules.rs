//! What Grafana, its catalogue and its users expect of a package, read from the zip: after the model of Grafana's own
//! validator as far as a plugin without Go can follow it, and more. docs/packaging.md says where it cannot.

use std::path::PathBuf;

use serde_json::Value;

use crate::contents::{Contents, GO_MANIFEST, PAGES};
use crate::order::Order;
use crate::release::Release;
use crate::{checksums, elf, licences, readme, sbom, sign};
use xtask::architecture::Architecture;
use xtask::binaries;
use xtask::failure::{Doing, Failure, Outcome};
use xtask::workspace::Workspace;

/// Files without which a package is not one.
const NEEDED: [&str; 9] = [
    "plugin.json",
    "module.js",
    "module.js.map",
    "README.md",
    "CHANGELOG.md",
    "LICENSE",
    GO_MANIFEST,
    sbom::NAME,
    licences::NAME,
];
/// Words of templates, and of tools that users of a plugin never see.
const FOREIGN_WORDS: [&str; 5] = ["create-plugin", "starting point for building", "yarn", "nodejs", "%VERSION%"];
/// Commands of those who build the plugin, which its users do not have.
const COMMANDS_OF_BUILDERS: [&str; 2] = ["cargo ", "npm "];
/// What makes a picture a program, or fetches something.
const UNSAFE_IN_SVG: [&str; 6] = ["<script", "<foreignobject", "javascript:", " onload", " onclick", "href=\"http"];
/// Licences of packages of npm; those of crates are held by cargo-deny.
const LICENCES: [&str; 6] = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"];
/// Go files at the root and below it.
const SURE_GO: [&str; 2] = ["Magefile.go", "tests/host/internal/process/process.go"];
/// One part from each source: a list without it was made from something else.
const SURE_PARTS: [&str; 5] = [
    "pkg:cargo/aws-sdk-cloudwatch@",
    "pkg:cargo/tokio@",
    "pkg:npm/%40grafana/aws-sdk@",
    "pkg:generic/glibc@",
    "pkg:generic/rust-standard-library@",
];

pub fn must_hold(workspace: &Workspace, order: &Order, release: &Release, contents: &Contents) -> Outcome<()> {
    let mut faults = Vec::new();
    files_and_modes(order, release, contents, &mut faults);
    pages(release, contents, &mut faults)?;
    plugin_json(workspace, release, contents, &mut faults)?;
    for architecture in order.architectures {
        let file = contents.read(&release.program(*architecture))?;
        faults.extend(faults_of_program(*architecture, file));
    }
    paths_of_the_machine(workspace, contents, &mut faults)?;
    pictures(contents, &mut faults)?;
    go_manifest(workspace, contents, &mut faults)?;
    bill_of_materials(contents, &mut faults)?;
    if faults.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("the package breaks these rules:\n  {}", faults.join("\n  "))))
}

fn files_and_modes(order: &Order, release: &Release, contents: &Contents, faults: &mut Vec<String>) {
    let missing = NEEDED.iter().filter(|name| contents.entry(name).is_none());
    faults.extend(missing.map(|name| format!("{name} is missing")));
    let programs: Vec<String> = order.architectures.iter().map(|one| release.program(*one)).collect();
    let found = contents.files().filter(|(name, _)| name.starts_with(binaries::PLUGIN)).count();
    if found != programs.len() {
        faults.push(format!("{found} programs instead of {}", programs.join(", ")));
    }
    for (name, entry) in contents.files() {
        let wanted = if programs.iter().any(|program| program == name) { 0o755 } else { 0o644 };
        if entry.mode != wanted {
            faults.push(format!("{name} has mode {:o} instead of {wanted:o}", entry.mode));
        }
    }
    if order.signature.is_some() != contents.entry(sign::MANIFEST).is_some() {
        faults.push(format!("{} is there without a signature, or missing", sign::MANIFEST));
    }
}

fn pages(release: &Release, contents: &Contents, faults: &mut Vec<String>) -> Outcome<()> {
    for page in PAGES {
        let text = contents.text(page)?;
        faults.extend(readme::relative_links(text).iter().map(|link| format!("{page} has the relative link {link}")));
        let words = FOREIGN_WORDS.iter().filter(|word| text.contains(**word));
        faults.extend(words.map(|word| format!("{page} has the words {word:?}")));
    }
    let readme = contents.text("README.md")?;
    let commands = COMMANDS_OF_BUILDERS.iter().filter(|command| readme.contains(**command));
    faults.extend(commands.map(|command| format!("README.md tells users of a plugin to run {}", command.trim())));
    let headings = ["unreleased", &release.date].map(|when| format!("## [{}] - {when}", release.version));
    if !contents.text("CHANGELOG.md")?.lines().any(|line| headings.iter().any(|heading| heading == line)) {
        faults.push(format!("CHANGELOG.md has none of the headings {}", headings.join(", ")));
    }
    if !contents.text("LICENSE")?.contains("Apache License") {
        faults.push("LICENSE is not the Apache License".to_owned());
    }
    Ok(())
}

fn plugin_json(workspace: &Workspace, release: &Release, contents: &Contents, faults: &mut Vec<String>) -> Outcome<()> {
    let read = |bytes: &[u8], name: &str| serde_json::from_slice::<Value>(bytes).doing(format_args!("read {name}"));
    let plugin = read(contents.read("plugin.json")?, "plugin.json")?;
    let package = std::fs::read(workspace.front_end().join("package.json")).doing("read package.json")?;
    if read(&package, "package.json")?["version"] != release.version.as_str() {
        faults.push(format!("the front end's package.json is not at {}", release.version));
    }
    let screenshots = plugin["info"]["screenshots"].as_array().map(Vec::as_slice).unwrap_or_default();
    if screenshots.is_empty() {
        faults.push("plugin.json names no screenshot".to_owned());
    }
    let logos = ["small", "large"].map(|size| &plugin["info"]["logos"][size]);
    let includes = plugin["includes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let shown = screenshots.iter().chain(includes).map(|one| &one["path"]);
    for path in logos.into_iter().chain(shown) {
        if path.as_str().and_then(|path| contents.entry(path)).is_none() {
            faults.push(format!("plugin.json names {path}, which is not there"));
        }
    }
    Ok(())
}

fn faults_of_program(architecture: Architecture, file: &[u8]) -> impl Iterator<Item = String> {
    let verdicts = [elf::must_be_static(file), elf::must_be_for(file, architecture)];
    verdicts.into_iter().filter_map(Result::err).map(move |fault| format!("{}: {fault}", architecture.go()))
}

/// No file says where it was built: it would tell strangers about the machine, and differ from build to build.
fn paths_of_the_machine(workspace: &Workspace, contents: &Contents, faults: &mut Vec<String>) -> Outcome<()> {
    let cargo = binaries::cargo_home()?;
    // A folder right below the root, such as /src, has a name that others have too.
    let is_telling = |folder: &&PathBuf| folder.components().count() > 2;
    let folders = [&workspace.root, &workspace.target, &cargo].into_iter().filter(is_telling);
    let folders: Vec<String> = folders.map(|folder| folder.to_string_lossy().into_owned()).collect();
    for (name, entry) in contents.files() {
        let said = folders.iter().filter(|folder| contains(&entry.bytes, folder.as_bytes()));
        faults.extend(said.map(|folder| format!("{name} names the folder {folder}")));
    }
    Ok(())
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn pictures(contents: &Contents, faults: &mut Vec<String>) -> Outcome<()> {
    for (name, _) in contents.files().filter(|(name, _)| name.ends_with(".svg")) {
        let text = contents.text(name)?.to_lowercase();
        let found = UNSAFE_IN_SVG.iter().filter(|word| text.contains(**word));
        faults.extend(found.map(|word| format!("{name} has {word:?}")));
    }
    Ok(())
}

/// Every Go file that the manifest names is there with its hash, and those that must be in it are.
fn go_manifest(workspace: &Workspace, contents: &Contents, faults: &mut Vec<String>) -> Outcome<()> {
    let lines: Vec<(&str, &str)> =
        contents.text(GO_MANIFEST)?.lines().filter_map(|line| line.split_once(':')).collect();
    let missing = SURE_GO.iter().filter(|sure| !lines.iter().any(|(_, name)| name == *sure));
    faults.extend(missing.map(|name| format!("{GO_MANIFEST} lacks {name}")));
    for (hash, name) in lines {
        let bytes = std::fs::read(workspace.root.join(name)).doing(format_args!("read {name}"))?;
        if checksums::sha256(&bytes) != hash {
            faults.push(format!("{GO_MANIFEST} has another hash of {name}"));
        }
    }
    Ok(())
}

fn bill_of_materials(contents: &Contents, faults: &mut Vec<String>) -> Outcome<()> {
    let bill: Value = serde_json::from_slice(contents.read(sbom::NAME)?).doing("read the bill of materials")?;
    let parts = bill["components"].as_array().map(Vec::as_slice).unwrap_or_default();
    let purl = |part: &Value| part["purl"].as_str().unwrap_or_default().to_owned();
    let missing = SURE_PARTS.iter().filter(|sure| !parts.iter().any(|part| purl(part).starts_with(**sure)));
    faults.extend(missing.map(|sure| format!("{} lacks {sure}", sbom::NAME)));
    for part in parts.iter().filter(|part| purl(part).starts_with("pkg:npm/")) {
        let licence = part["licenses"][0]["expression"].as_str().unwrap_or_default();
        if !LICENCES.contains(&licence) {
            faults.push(format!("{} is licensed under {licence:?}", purl(part)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contents::Entry;

    fn workspace() -> Workspace {
        Workspace::find().unwrap()
    }

    fn order(architectures: &[Architecture]) -> Order<'_> {
        Order { dir: "rules-test", profile: binaries::Profile::Quick, architectures, repository: None, signature: None }
    }

    fn with(files: &[(&str, &str)]) -> Contents {
        let mut contents = Contents::default();
        files.iter().for_each(|(name, text)| contents.add(*name, *text));
        contents
    }

    #[test]
    fn missing_files_and_wrong_modes_are_named() {
        let release = Release::read(&workspace()).unwrap();
        let mut contents = with(&[("module.js", "")]);
        let program = release.program(Architecture::Arm64);
        contents.insert(program.clone(), Entry { bytes: Vec::new(), mode: 0o644 });
        let mut faults = Vec::new();
        files_and_modes(&order(&Architecture::ALL), &release, &contents, &mut faults);
        let faults = faults.join("\n");
        assert!(faults.contains("README.md is missing") && !faults.contains("module.js is missing"), "{faults}");
        assert!(faults.contains("1 programs instead of"), "{faults}");
        assert!(faults.contains(&format!("{program} has mode 644 instead of 755")), "{faults}");
    }

    #[test]
    fn pages_that_help_nobody_are_named() {
        let release = Release::read(&workspace()).unwrap();
        let contents = with(&[
            ("README.md", "[more](docs/more.md), run yarn build or cargo xtask demo"),
            ("CHANGELOG.md", "## [0.0.0]"),
            ("LICENSE", "All rights reserved"),
        ]);
        let mut faults = Vec::new();
        pages(&release, &contents, &mut faults).unwrap();
        assert_eq!(faults.len(), 5, "{faults:?}");
    }

    #[test]
    fn folders_of_the_machine_and_unsafe_pictures_are_named() {
        let workspace = workspace();
        let inside = format!("at {}/src/main.rs", workspace.root.display());
        let contents = with(&[("module.js", &inside), ("a.svg", "<SVG><script/></SVG>"), ("b.svg", "<svg/>")]);
        let mut faults = Vec::new();
        paths_of_the_machine(&workspace, &contents, &mut faults).unwrap();
        pictures(&contents, &mut faults).unwrap();
        assert_eq!(faults.len(), 2, "{faults:?}");
    }

    #[test]
    fn a_stale_manifest_and_a_poor_bill_are_named() {
        let bill = r#"{"components": [{"purl": "pkg:npm/a@1", "licenses": [{"expression": "GPL-3.0-only"}]}]}"#;
        let contents = with(&[(GO_MANIFEST, "0:Magefile.go\n"), (sbom::NAME, bill)]);
        let mut faults = Vec::new();
        go_manifest(&workspace(), &contents, &mut faults).unwrap();
        bill_of_materials(&contents, &mut faults).unwrap();
        let (stale, absent) = (1, SURE_GO.len() - 1);
        assert_eq!(faults.len(), stale + absent + SURE_PARTS.len() + 1, "{faults:?}");
    }
}
