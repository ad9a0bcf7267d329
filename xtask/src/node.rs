//! Node and npm, recent enough for the tools of the front end.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use crate::failure::{Doing, Outcome};
use crate::house::{House, must_exist};
use crate::{process, say, setup};

/// The release with long-term support that some packages ask for.
const MAJOR: u32 = 24;

/// A usable Node: what must stand first on the search path.
pub struct Node {
    search_path: OsString,
}

/// Node on the PATH, else the one below the build directory, which npm fetches.
pub fn find(house: &House) -> Outcome<Node> {
    if !process::succeeds(Command::new("npm").arg("--version")) {
        setup::install_debian_packages("npm", &["npm"])?;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    if is_usable(Path::new("node")) {
        return Ok(Node { search_path: path });
    }
    let home = house.target.join("node");
    let programs = home.join("node_modules/.bin");
    if !is_usable(&programs.join("node")) {
        say::line(format_args!("  Node {MAJOR} is fetched once"));
        std::fs::create_dir_all(&home).doing(format_args!("create {}", home.display()))?;
        let mut install = house.command("npm");
        install.args(["install", "--no-save", "--no-audit", "--no-fund", "--prefix"]).arg(&home);
        process::run_quietly(install.arg(format!("node@{MAJOR}")))?;
    }
    let search_path = std::env::join_paths(std::iter::once(programs).chain(std::env::split_paths(&path)))
        .doing("put Node on the search path")?;
    Ok(Node { search_path })
}

impl Node {
    /// An npm command that runs in that directory.
    pub fn npm(&self, dir: &Path) -> Command {
        let mut command = Command::new("npm");
        command.current_dir(dir).env("PATH", &self.search_path).env("NO_UPDATE_NOTIFIER", "1");
        command
    }

    /// Runs a script of the package in that directory.
    pub fn script(&self, dir: &Path, name: &str) -> Command {
        let mut command = self.npm(dir);
        command.args(["run", "--silent", name]);
        command
    }

    /// The packages that the directory's lock file names. Does nothing when just these are installed.
    pub fn packages(&self, dir: &Path) -> Outcome<()> {
        let lock = dir.join("package-lock.json");
        must_exist(&lock)?;
        let wanted = std::fs::read(&lock).doing(format_args!("read {}", lock.display()))?;
        // Written last, so that an interrupted installation is done again.
        let stamp = dir.join("node_modules/.installed-lock.json");
        if std::fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
            return Ok(());
        }
        let mut install = self.npm(dir);
        process::run_quietly(install.args(["ci", "--no-audit", "--no-fund", "--prefer-offline"]))?;
        std::fs::write(&stamp, wanted).doing(format_args!("write {}", stamp.display()))
    }
}

fn is_usable(program: &Path) -> bool {
    let output = Command::new(program).arg("--version").output();
    output.is_ok_and(|output| parse_major(&String::from_utf8_lossy(&output.stdout)) >= Some(MAJOR))
}

/// `v24.21.0` as 24.
fn parse_major(text: &str) -> Option<u32> {
    text.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions() {
        assert_eq!(parse_major("v24.21.0\n"), Some(24));
        assert_eq!(parse_major("24"), None);
        assert!(parse_major("v20.20.2") < Some(MAJOR));
    }
}
