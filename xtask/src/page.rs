//! The host page that stands in for Grafana in a browser, built from Grafana's published packages.

use std::path::PathBuf;
use std::thread;

use crate::failure::{Doing, Failure, Outcome};
use crate::house::House;
use crate::node::Node;
use crate::process;
use crate::stale::is_stale;

/// Older packages, by their folder below `tests/e2e/sets`. The page over each is served below its name.
const OLDER_SETS: [&str; 2] = ["grafana-11", "grafana-12"];

/// Builds the page over the newest packages where a source is newer. Returns the directory to serve.
pub fn build_newest(house: &House, node: &Node) -> Outcome<PathBuf> {
    build(house, node, None)?;
    Ok(pages(house))
}

/// Builds the page over every set of packages.
pub fn build_all(house: &House, node: &Node) -> Outcome<PathBuf> {
    // The build tools stand among the newest packages, and the other pages in the folder of that page.
    let top = build_newest(house, node)?;
    thread::scope(|scope| {
        let builds = OLDER_SETS.map(|set| scope.spawn(move || build(house, node, Some(set))));
        let ended = builds.map(|build| build.join().map_err(|_| Failure::new("a build of the page broke off"))?);
        ended.into_iter().collect::<Outcome<()>>()
    })?;
    Ok(top)
}

/// The packages of all sets.
pub fn fetch(house: &House, node: &Node) -> Outcome<()> {
    let sets = OLDER_SETS.map(|set| house.e2e().join("sets").join(set));
    std::iter::once(house.e2e()).chain(sets).try_for_each(|packages| node.packages(&packages))
}

fn pages(house: &House) -> PathBuf {
    house.target.join("page")
}

fn build(house: &House, node: &Node, older: Option<&str>) -> Outcome<()> {
    let e2e = house.e2e();
    let (packages, page) = match older {
        None => (e2e.clone(), pages(house)),
        Some(set) => (e2e.join("sets").join(set), pages(house).join(set)),
    };
    node.packages(&packages)?;
    let sources = [e2e.join("page"), e2e.join("vite.config.ts"), packages.join("package-lock.json")];
    if !is_stale(&page.join("index.html"), &sources) {
        return Ok(());
    }
    if page.exists() {
        std::fs::remove_dir_all(&page).doing(format_args!("empty {}", page.display()))?;
    }
    let mut build = node.script(&e2e, "build");
    if let Some(set) = older {
        build.env("PACKAGE_SET", set);
    }
    process::run(build.env("PAGE_DIR", &page))
}
