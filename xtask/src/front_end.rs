//! The front end: Node and the packages that it needs, its scripts, and the built bundle.
//!
//! The packages are those of the lock file and nothing else; they are installed again only when it changes.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use crate::failure::{Doing, Failure, Outcome};
use crate::house::{House, must_exist};
use crate::{process, setup};

/// The oldest that all packages of the front end take.
const OLDEST_NODE: u32 = 24;
/// What is installed where the machine's own Node is older; an old npm does not know a new Node.
const OWN_NODE: [&str; 2] = ["node@24.21.0", "npm@11.19.1"];

/// The front end, ready to run its scripts.
pub struct FrontEnd {
    dir: PathBuf,
    search_path: OsString,
}

impl FrontEnd {
    pub fn set_up(house: &House) -> Outcome<Self> {
        let dir = house.front_end();
        must_exist(&dir.join("package-lock.json"))?;
        let front_end = Self { dir, search_path: find_node(house)? };
        front_end.install_packages(house)?;
        Ok(front_end)
    }

    /// Runs a script of package.json.
    pub fn run(&self, script: &str) -> Outcome<()> {
        process::run(self.npm().args(["run", "--silent", script]))
    }

    /// Builds the bundle where a source is newer. Returns the plugin's folder, in which the executable is still missing.
    pub fn build_when_stale(&self, house: &House) -> Outcome<PathBuf> {
        let inputs = ["src", "rspack.config.mjs", "package-lock.json"].map(|name| self.dir.join(name));
        let copied = ["plugin.json", "README.md", "CHANGELOG.md", "LICENSE", "img"].map(|name| house.root.join(name));
        let built = changed(&house.dist().join("module.js"));
        let newest = inputs.iter().chain(&copied).filter_map(|path| newest_change(path)).max();
        if built.is_none() || newest > built {
            self.run("build")?;
        }
        Ok(house.dist())
    }

    /// A command of Node's world, in the folder of the front end.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.dir).env("PATH", &self.search_path);
        command
    }

    fn npm(&self) -> Command {
        self.command("npm")
    }

    fn install_packages(&self, house: &House) -> Outcome<()> {
        let lock = self.dir.join("package-lock.json");
        let wanted = fs::read_to_string(&lock).doing(format_args!("read {}", lock.display()))?;
        // Written last, so that an interrupted installation is done again.
        let stamp = house.target.join("installed-package-lock.json");
        let is_installed = fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted);
        if is_installed && self.dir.join("node_modules").exists() {
            return Ok(());
        }
        process::run_quietly(self.npm().arg("ci"))?;
        fs::write(&stamp, wanted).doing(format_args!("write {}", stamp.display()))
    }
}

/// A search path on which a recent Node and its npm come first.
fn find_node(house: &House) -> Outcome<OsString> {
    let machine = std::env::var_os("PATH").unwrap_or_default();
    if is_recent(&machine) {
        return Ok(machine);
    }
    let own = house.target.join("node");
    let paths = std::iter::once(own.join("node_modules/.bin")).chain(std::env::split_paths(&machine));
    let search_path = std::env::join_paths(paths).doing("put Node on the search path")?;
    if is_recent(&search_path) {
        return Ok(search_path);
    }
    if !process::succeeds(Command::new("npm").arg("--version")) {
        setup::install_debian_packages("Node.js with npm", &["npm"])?;
    }
    let mut install = house.command("npm");
    install.args(["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"]).arg(&own);
    process::run_quietly(install.args(OWN_NODE))?;
    if is_recent(&search_path) {
        return Ok(search_path);
    }
    Err(Failure::new(format!("Node {OLDEST_NODE} or newer is missing: install it")))
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

/// The latest change of a file, or of anything in a folder.
fn newest_change(path: &Path) -> Option<SystemTime> {
    let inside = fs::read_dir(path).into_iter().flatten().flatten().filter_map(|entry| newest_change(&entry.path()));
    inside.chain(changed(path)).max()
}

fn changed(path: &Path) -> Option<SystemTime> {
    path.metadata().ok()?.modified().ok()
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

    #[test]
    fn a_folder_is_as_new_as_its_newest_file() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let file = changed(&here.join("src/front_end.rs"));
        assert!(file.is_some() && newest_change(here) >= file);
        assert_eq!(newest_change(&here.join("no-such-folder")), None);
    }
}
