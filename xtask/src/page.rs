//! The host page that stands in for Grafana in a browser, built from Grafana's published packages.

use std::path::PathBuf;

use crate::failure::{Doing, Outcome};
use crate::house::House;
use crate::node::Node;
use crate::process;
use crate::stale::is_stale;

/// Against which of Grafana's packages the page is built.
#[derive(Clone, Copy, PartialEq)]
pub enum PackageSet {
    /// The newest ones, with React 19.
    Newest,
    /// An older Grafana's, with React 18; the page is then served below `/react18/`.
    React18,
}

/// Builds the page where a source is newer. Returns the directory to serve: that of the newest packages, in which the
/// other one stands.
pub fn build_when_stale(house: &House, node: &Node, set: PackageSet) -> Outcome<PathBuf> {
    let e2e = house.e2e();
    let top = house.target.join("page");
    let (packages, pages) = match set {
        PackageSet::Newest => (e2e.clone(), top.clone()),
        PackageSet::React18 => (e2e.join("react18"), top.join("react18")),
    };
    // The build tools stand among the newest packages.
    node.packages(&e2e)?;
    node.packages(&packages)?;
    let sources = [e2e.join("page"), e2e.join("vite.config.ts"), packages.join("package-lock.json")];
    if is_stale(&pages.join("index.html"), &sources) {
        if pages.exists() {
            std::fs::remove_dir_all(&pages).doing(format_args!("empty {}", pages.display()))?;
        }
        let mut build = node.script(&e2e, "build");
        if set == PackageSet::React18 {
            build.env("PACKAGE_SET", "react18");
        }
        process::run(build.env("PAGE_DIR", &pages))?;
    }
    Ok(top)
}
