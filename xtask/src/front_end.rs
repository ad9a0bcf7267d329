//! The front end: its packages and scripts, and the built bundle.

use std::path::PathBuf;

use crate::failure::Outcome;
use crate::node::Node;
use crate::outdated::is_outdated;
use crate::process;
use crate::workspace::Workspace;

/// The front end, ready to run its scripts.
pub struct FrontEnd {
    dir: PathBuf,
    pub node: Node,
}

impl FrontEnd {
    pub fn set_up(workspace: &Workspace) -> Outcome<Self> {
        let front_end = Self { dir: workspace.front_end(), node: Node::set_up(workspace)? };
        front_end.node.packages(&front_end.dir)?;
        Ok(front_end)
    }

    /// Runs a script of package.json.
    pub fn run(&self, script: &str) -> Outcome<()> {
        process::run(&mut self.node.script(&self.dir, script))
    }

    /// Builds the bundle where a source is newer. Returns the plugin's folder, in which the executable is still
    /// missing.
    pub fn build_when_outdated(&self, workspace: &Workspace) -> Outcome<PathBuf> {
        let own = ["src", "dashboards/json", "rspack.config.mjs", "rspack.sorted_externals.mjs", "package-lock.json"]
            .map(|name| self.dir.join(name));
        let copied = ["plugin.json", "README.grafana.md", "CHANGELOG.md", "LICENSE", "img"]
            .map(|name| workspace.root.join(name));
        if is_outdated(&workspace.dist().join("module.js"), &[&own[..], &copied[..]].concat()) {
            self.run("build")?;
        }
        Ok(workspace.dist())
    }
}
