//! The host page that stands in for Grafana in a browser, built from Grafana's published packages.

use std::path::PathBuf;
use std::thread;

use crate::failure::{Doing, Failure, Outcome};
use crate::node::Node;
use crate::outdated::is_outdated;
use crate::process;
use crate::workspace::Workspace;

/// Older packages, by their folder below `tests/e2e/sets`. The page over each is served below its name.
const OLDER_SETS: [&str; 2] = ["grafana-11", "grafana-12"];
/// A set between these, which is tested every night: the workflow says so in this variable.
const MORE_SETS: &str = "MORE_PAGE_SETS";
/// The folders that the variable may name.
const KNOWN_SETS: [&str; 1] = ["grafana-12-2"];

/// Builds the page over the newest packages where a source is newer. Returns the directory to serve.
pub fn build_newest(workspace: &Workspace, node: &Node) -> Outcome<PathBuf> {
    build(workspace, node, None)?;
    Ok(pages(workspace))
}

/// Builds the page over every wanted set of packages.
pub fn build_all(workspace: &Workspace, node: &Node, older: &[&'static str]) -> Outcome<PathBuf> {
    // The build tools stand among the newest packages, and the other pages in the folder of that page.
    let top = build_newest(workspace, node)?;
    thread::scope(|scope| {
        let start = |set: &'static str| scope.spawn(move || build(workspace, node, Some(set)));
        let builds: Vec<_> = older.iter().map(|set| start(set)).collect();
        let end = |build: thread::ScopedJoinHandle<'_, Outcome<()>>| {
            build.join().map_err(|_| Failure::new("a build of the page broke off"))?
        };
        builds.into_iter().try_for_each(end)
    })?;
    Ok(top)
}

/// The packages of all wanted sets.
pub fn fetch(workspace: &Workspace, node: &Node) -> Outcome<()> {
    node.packages(&workspace.e2e())?;
    older_sets()?.into_iter().try_for_each(|set| node.packages(&workspace.e2e().join("sets").join(set)))
}

/// The older sets that are tested: the usual ones, and those that the environment asks for.
pub fn older_sets() -> Outcome<Vec<&'static str>> {
    with_more(&std::env::var(MORE_SETS).unwrap_or_default())
}

/// The usual sets, and those of a list with commas.
fn with_more(more: &str) -> Outcome<Vec<&'static str>> {
    let named = more.split(',').map(str::trim).filter(|name| !name.is_empty());
    let find = |name| {
        KNOWN_SETS.into_iter().find(|known| *known == name).ok_or_else(|| {
            Failure::new(format!("{MORE_SETS} names the set {name:?}: it may name {}", KNOWN_SETS.join(", ")))
        })
    };
    let found: Vec<&'static str> = named.map(find).collect::<Outcome<_>>()?;
    Ok(OLDER_SETS.into_iter().chain(found).collect())
}

fn pages(workspace: &Workspace) -> PathBuf {
    workspace.target.join("page")
}

fn build(workspace: &Workspace, node: &Node, older: Option<&str>) -> Outcome<()> {
    let e2e = workspace.e2e();
    let (packages, page) = match older {
        None => (e2e.clone(), pages(workspace)),
        Some(set) => (e2e.join("sets").join(set), pages(workspace).join(set)),
    };
    node.packages(&packages)?;
    let sources = [e2e.join("page"), e2e.join("vite.config.ts"), packages.join("package-lock.json")];
    if !is_outdated(&page.join("index.html"), &sources) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_sets_are_tested_on_request() {
        assert_eq!(with_more("").unwrap(), OLDER_SETS);
        assert_eq!(with_more(" grafana-12-2,").unwrap(), ["grafana-11", "grafana-12", "grafana-12-2"]);
        let failure = with_more("grafana-9").unwrap_err().to_string();
        assert!(failure.contains("grafana-9") && failure.contains("grafana-12-2"), "{failure}");
    }
}
