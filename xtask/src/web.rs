//! What runs in the browser: the plugin's front end, and the host page that stands in for Grafana. Each is built only
//! when something that it is made of has changed.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use crate::failure::{Doing, Outcome};
use crate::house::House;
use crate::node::Node;
use crate::process;

/// Against which of Grafana's packages the host page is built.
#[derive(Clone, Copy, PartialEq)]
pub enum PackageSet {
    /// The newest ones, with React 19.
    Newest,
    /// An older Grafana's, with React 18; they are served below `/react18/`.
    React18,
}

impl PackageSet {
    fn packages(self, house: &House) -> PathBuf {
        match self {
            Self::Newest => house.e2e(),
            Self::React18 => house.e2e().join("react18"),
        }
    }

    fn pages(self, house: &House) -> PathBuf {
        match self {
            Self::Newest => house.target.join("page"),
            Self::React18 => house.target.join("page/react18"),
        }
    }
}

/// The directory of the plugin's front end, as it is shipped.
pub fn front_end(house: &House, node: &Node) -> Outcome<PathBuf> {
    let dist = house.root.join("dist");
    let sources = house.front_end();
    node.packages(&sources)?;
    let parts = ["src", "package-lock.json", "rspack.config.mjs", "tsconfig.json"].map(|part| sources.join(part));
    let also = ["plugin.json", "img", "README.md", "CHANGELOG.md"].map(|part| house.root.join(part));
    let state = fingerprint(parts.iter().chain(&also))?;
    if is_current(&dist, "module.js", &house.target.join("front-end.state"), &state) {
        return Ok(dist);
    }
    process::run(&mut node.script(&sources, "build"))?;
    remember(&house.target.join("front-end.state"), &state)?;
    Ok(dist)
}

/// The directory of the host page with the newest packages; that of older ones stands below it.
pub fn page(house: &House, node: &Node, set: PackageSet) -> Outcome<PathBuf> {
    let e2e = house.e2e();
    // The build tools stand in the newest set.
    node.packages(&e2e)?;
    let packages = set.packages(house);
    node.packages(&packages)?;
    let pages = set.pages(house);
    let parts = [e2e.join("page"), e2e.join("vite.config.ts"), packages.join("package-lock.json")];
    let state = fingerprint(parts.iter())?;
    let stamp = pages.join("built.state");
    if is_current(&pages, "index.html", &stamp, &state) {
        return Ok(pages);
    }
    let mut build = node.script(&e2e, "build");
    if set == PackageSet::React18 {
        build.env("PACKAGE_SET", "react18");
    }
    if pages.exists() {
        std::fs::remove_dir_all(&pages).doing(format_args!("empty {}", pages.display()))?;
    }
    process::run(build.env("PAGE_DIR", &pages))?;
    remember(&stamp, &state)?;
    Ok(pages)
}

fn is_current(dir: &Path, product: &str, stamp: &Path, state: &str) -> bool {
    dir.join(product).is_file() && std::fs::read_to_string(stamp).is_ok_and(|built| built == state)
}

fn remember(stamp: &Path, state: &str) -> Outcome<()> {
    std::fs::write(stamp, state).doing(format_args!("write {}", stamp.display()))
}

/// A short text that changes with the name or content of any file.
fn fingerprint<'a>(paths: impl Iterator<Item = &'a PathBuf>) -> Outcome<String> {
    let mut hasher = DefaultHasher::new();
    for path in paths {
        add(path, &mut hasher)?;
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn add(path: &Path, hasher: &mut DefaultHasher) -> Outcome<()> {
    path.hash(hasher);
    let reading = || format!("read {}", path.display());
    if !path.is_dir() {
        std::fs::read(path).doing(reading())?.hash(hasher);
        return Ok(());
    }
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(path).doing(reading())? {
        entries.push(entry.doing(reading())?.path());
    }
    entries.sort();
    entries.iter().try_for_each(|entry| add(entry, hasher))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_follows_names_and_contents() {
        let dir = std::env::temp_dir().join(format!("xtask-fingerprint-{}", std::process::id()));
        std::fs::create_dir_all(dir.join("inner")).unwrap();
        let paths = [dir.clone()];
        let empty = fingerprint(paths.iter()).unwrap();
        std::fs::write(dir.join("inner/a"), "1").unwrap();
        let one = fingerprint(paths.iter()).unwrap();
        assert_eq!(one, fingerprint(paths.iter()).unwrap());
        std::fs::write(dir.join("inner/a"), "2").unwrap();
        let two = fingerprint(paths.iter()).unwrap();
        std::fs::rename(dir.join("inner/a"), dir.join("inner/b")).unwrap();
        let renamed = fingerprint(paths.iter()).unwrap();
        std::fs::remove_dir_all(&dir).unwrap();
        let all = [empty, one, two, renamed];
        assert!(all.iter().enumerate().all(|(index, one)| !all[..index].contains(one)), "{all:?}");
    }
}
