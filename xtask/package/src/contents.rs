//! Everything in the package, as a value: names within the plugin's folder, sorted, with bytes and permissions.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::order::Order;
use crate::release::Release;
use crate::{bundle, checksums, crates, licences, readme, sbom, toolchain};
use xtask::binaries;
use xtask::failure::{Doing, Failure, Outcome};
use xtask::front_end::FrontEnd;
use xtask::workspace::Workspace;

/// The validator's only accepted permissions of a program, and those of all other files.
const PROGRAM: u32 = 0o755;
const PLAIN: u32 = 0o644;
/// Hashes of all Go files: Grafana's validator wants it of every backend whose sources have one.
pub const GO_MANIFEST: &str = "go_plugin_build_manifest";
/// Pages for people, whose links must lead somewhere from Grafana too.
pub const PAGES: [&str; 2] = ["README.md", "CHANGELOG.md"];

/// The address that plugin.json has in the sources; a package has the one that it is made for.
const PROJECT: &str = env!("CARGO_PKG_REPOSITORY");

/// Folders of things that were fetched or built.
const NOT_SOURCES: [&str; 3] = ["node_modules", "target", "dist"];

#[derive(Debug, PartialEq, Default)]
pub struct Contents(BTreeMap<String, Entry>);

#[derive(Debug, PartialEq)]
pub struct Entry {
    pub bytes: Vec<u8>,
    pub mode: u32,
}

impl Contents {
    pub fn add(&mut self, name: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.insert(name.into(), Entry { bytes: bytes.into(), mode: PLAIN });
    }

    pub fn insert(&mut self, name: String, entry: Entry) {
        self.0.insert(name, entry);
    }

    pub fn files(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.0.iter().map(|(name, entry)| (name.as_str(), entry))
    }

    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.0.get(name)
    }

    pub fn read(&self, name: &str) -> Outcome<&[u8]> {
        let entry = self.entry(name).ok_or_else(|| Failure::new(format!("the package has no {name}")))?;
        Ok(&entry.bytes)
    }

    pub fn text(&self, name: &str) -> Outcome<&str> {
        std::str::from_utf8(self.read(name)?).doing(format_args!("read {name}"))
    }

    /// Writes all files below a folder.
    pub fn write(&self, folder: &Path) -> Outcome<()> {
        for (name, entry) in &self.0 {
            let path = folder.join(name);
            let parent = path.parent().unwrap_or(folder);
            std::fs::create_dir_all(parent).doing(format_args!("create {}", parent.display()))?;
            std::fs::write(&path, &entry.bytes).doing(format_args!("write {}", path.display()))?;
            let permissions = std::fs::Permissions::from_mode(entry.mode);
            std::fs::set_permissions(&path, permissions).doing(format_args!("set modes of {}", path.display()))?;
        }
        Ok(())
    }
}

/// Builds what the package is made of.
pub fn gather(workspace: &Workspace, order: &Order, release: &Release) -> Outcome<Contents> {
    let front_end = FrontEnd::set_up(workspace)?;
    // Always anew: what lies in dist may be a bundle for development.
    front_end.run("build")?;
    let mut contents = Contents::default();
    add_folder(&mut contents, &workspace.dist(), "", is_of_the_front_end)?;
    for page in PAGES {
        let text = readme::with_absolute_links(contents.text(page)?, order.repository, &release.version);
        contents.add(page, text);
    }
    add_runbooks(&mut contents, workspace)?;
    if let Some(address) = order.repository {
        let text = contents.text("plugin.json")?.replace(PROJECT, address.trim_end_matches('/'));
        contents.add("plugin.json", text);
    }
    for architecture in order.architectures {
        let program = binaries::linux_plugin(workspace, order.profile, *architecture)?;
        let bytes = std::fs::read(&program).doing(format_args!("read {}", program.display()))?;
        contents.insert(release.program(*architecture), Entry { bytes, mode: PROGRAM });
    }
    contents.add(GO_MANIFEST, go_manifest(workspace)?);
    let mut parts = crates::linked(workspace, order.architectures)?;
    parts.extend(bundle::bundled(workspace)?);
    parts.extend(toolchain::linked(workspace, order.architectures)?);
    contents.add(sbom::NAME, sbom::render(release, &parts)?);
    contents.add(licences::NAME, licences::render(workspace, &parts)?);
    contents.add(toolchain::NOTICES, toolchain::rust_notices(workspace)?);
    Ok(contents)
}

/// The alert rules link to these pages; Grafana serves them from the plugin's folder, and a browser shows texts.
fn add_runbooks(contents: &mut Contents, workspace: &Workspace) -> Outcome<()> {
    let pages = all_of(&workspace.root.join("docs/runbooks"))?;
    for (name, entry) in pages.files() {
        contents.add(format!("runbooks/{}.txt", name.trim_end_matches(".md")), entry.bytes.clone());
    }
    Ok(())
}

/// Every file below a folder.
pub fn all_of(folder: &Path) -> Outcome<Contents> {
    let mut contents = Contents::default();
    add_folder(&mut contents, folder, "", |_, _| true)?;
    Ok(contents)
}

/// Every wanted file below a folder, and nothing of a folder that is not wanted.
fn add_folder(contents: &mut Contents, folder: &Path, prefix: &str, is_wanted: fn(&Path, &str) -> bool) -> Outcome<()> {
    let doing = || format!("read {}", folder.display());
    for entry in std::fs::read_dir(folder).doing(doing())? {
        let path = entry.doing(doing())?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            return Err(Failure::new(format!("{} has a name that is no text", path.display())));
        };
        let inner = format!("{prefix}{name}");
        if !is_wanted(&path, name) {
            continue;
        }
        if path.is_dir() {
            add_folder(contents, &path, &format!("{inner}/"), is_wanted)?;
        } else {
            contents.add(inner, std::fs::read(&path).doing(format_args!("read {}", path.display()))?);
        }
    }
    Ok(())
}

/// A program in dist is of some earlier build.
fn is_of_the_front_end(_: &Path, name: &str) -> bool {
    !name.starts_with(binaries::PLUGIN)
}

/// Go files, and folders of sources in which they may be.
fn is_go(path: &Path, name: &str) -> bool {
    if path.is_dir() { !name.starts_with('.') && !NOT_SOURCES.contains(&name) } else { name.ends_with(".go") }
}

/// One line `<sha256>:<path>` for each Go file of the sources. None of them is built into the plugin: they are its
/// tests' host and the targets of mage.
fn go_manifest(workspace: &Workspace) -> Outcome<String> {
    let mut sources = Contents::default();
    add_folder(&mut sources, &workspace.root, "", is_go)?;
    Ok(sources.files().map(|(name, entry)| format!("{}:{name}\n", checksums::sha256(&entry.bytes))).collect())
}
