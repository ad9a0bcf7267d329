//! Node and npm, recent enough for the tools of the front end, and the packages of a directory.
//!
//! The packages are those of the lock file and nothing else; they are installed again only when it changes.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use crate::failure::{Doing, Failure, Outcome};
use crate::workspace::{Workspace, must_exist};
use crate::{process, tools};

/// The oldest that all packages of the front end take.
const OLDEST_NODE: u32 = 24;
/// What is installed where the machine's own Node is older; an old npm does not know a new Node.
const OWN_NODE: [&str; 2] = ["node@24.21.0", "npm@11.19.1"];

/// A usable Node with its npm: a search path on which they come first.
pub struct Node {
    search_path: OsString,
}

impl Node {
    /// The machine's own where it is recent enough, else one below the build directory, which npm fetches.
    pub fn set_up(workspace: &Workspace) -> Outcome<Self> {
        let machine = std::env::var_os("PATH").unwrap_or_default();
        if is_recent(&machine) {
            return Ok(Self { search_path: machine });
        }
        let own = workspace.target.join("node");
        let paths = std::iter::once(own.join("node_modules/.bin")).chain(std::env::split_paths(&machine));
        let search_path = std::env::join_paths(paths).doing("put Node on the search path")?;
        if is_recent(&search_path) {
            return Ok(Self { search_path });
        }
        if !process::succeeds(Command::new("npm").arg("--version")) {
            tools::install_debian_packages("Node.js with npm", &["npm"])?;
        }
        let mut install = workspace.command("npm");
        // The package of Node fetches the program of this machine by a script.
        install.args(["install", "--no-save", "--no-audit", "--no-fund", "--prefix"]).arg(&own);
        process::run_quietly(install.args(OWN_NODE))?;
        if is_recent(&search_path) {
            return Ok(Self { search_path });
        }
        Err(Failure::new(format!("Node {OLDEST_NODE} or newer is missing: install it")))
    }

    /// Runs a script of the directory's package.json when it is started.
    pub fn script(&self, dir: &Path, name: &str) -> Command {
        let mut command = self.npm(dir);
        command.args(["run", "--silent", name]);
        command
    }

    /// Installs the packages of the directory's lock file unless just these are there.
    pub fn packages(&self, dir: &Path) -> Outcome<()> {
        let lock = dir.join("package-lock.json");
        must_exist(&lock)?;
        let wanted = std::fs::read(&lock).doing(format_args!("read {}", lock.display()))?;
        // Written last, so that an interrupted installation is done again.
        let stamp = dir.join("node_modules/.installed-package-lock.json");
        if std::fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
            return Ok(());
        }
        process::run_quietly(self.npm(dir).arg("ci"))?;
        std::fs::write(&stamp, wanted).doing(format_args!("write {}", stamp.display()))
    }

    /// A program that comes with Node, when it is started in the directory.
    pub fn program(&self, name: &str, dir: &Path) -> Command {
        let mut command = Command::new(name);
        command.current_dir(dir).env("PATH", &self.search_path);
        command
    }

    fn npm(&self, dir: &Path) -> Command {
        self.program("npm", dir)
    }
}

/// Whether Node is there and recent enough, and npm is there.
fn is_recent(search_path: &OsString) -> bool {
    let ask = |program: &str| Command::new(program).arg("--version").env("PATH", search_path).output();
    let node = ask("node").ok().and_then(|output| parse_node_version(&String::from_utf8_lossy(&output.stdout)));
    node >= Some(OLDEST_NODE) && ask("npm").is_ok_and(|output| output.status.success())
}

/// `v24.21.0` as 24.
fn parse_node_version(text: &str) -> Option<u32> {
    text.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions() {
        assert_eq!(parse_node_version("v24.21.0\n"), Some(24));
        assert_eq!(parse_node_version("24"), None);
        assert!(parse_node_version("v20.20.2") < Some(OLDEST_NODE));
        assert!(None < Some(OLDEST_NODE));
    }
}
