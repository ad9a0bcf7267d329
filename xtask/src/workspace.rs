//! Where things are: the root of the project, the build directory, and the folders that commands visit.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::failure::{Doing, Failure, Outcome};
use crate::{output, process};

pub struct Workspace {
    pub root: PathBuf,
    /// Cargo's build directory; everything that commands make goes below it.
    pub target: PathBuf,
}

impl Workspace {
    /// Asks cargo, so that a moved build directory is respected.
    pub fn find() -> Outcome<Self> {
        let mut ask = Command::new(cargo_program());
        ask.args(["metadata", "--no-deps", "--format-version", "1", "--offline"]);
        let answer = process::read(&mut ask)?;
        let metadata: Value = serde_json::from_str(&answer).doing("read cargo's metadata")?;
        Ok(Self { root: path_of(&metadata, "workspace_root")?, target: path_of(&metadata, "target_directory")? })
    }

    pub fn cargo(&self) -> Command {
        let mut cargo = self.command(cargo_program());
        if !output::is_verbose() {
            // Also where its output is read here and not shown.
            cargo.env("CARGO_TERM_PROGRESS_WHEN", "always").env("CARGO_TERM_PROGRESS_WIDTH", "100");
        }
        cargo
    }

    /// Where a program that runs for long writes what it has to say; empty at first.
    pub fn log(&self, name: &str) -> Outcome<PathBuf> {
        let folder = self.target.join("logs");
        std::fs::create_dir_all(&folder).doing(format_args!("create {}", folder.display()))?;
        let log = folder.join(name).with_extension("log");
        std::fs::write(&log, "").doing(format_args!("write {}", log.display()))?;
        Ok(log)
    }

    /// A command that runs at the root of the project.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }

    /// The Go program that starts the plugin as Grafana does, and its tests.
    pub fn host(&self) -> PathBuf {
        self.root.join("tests/host")
    }

    /// The plugin's part that runs in the browser.
    pub fn front_end(&self) -> PathBuf {
        self.root.join("frontend")
    }

    /// The host page and the tests in a browser.
    pub fn e2e(&self) -> PathBuf {
        self.root.join("tests/e2e")
    }

    /// The checks of local AWS with the client library of AWS.
    pub fn boto3(&self) -> PathBuf {
        self.root.join("tests/local-aws/boto3")
    }

    /// The plugin's folder as Grafana takes it.
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// A new directory below the build directory, empty.
    pub fn empty_dir(&self, name: &str) -> Outcome<PathBuf> {
        let dir = self.target.join(name);
        if dir.exists() {
            std::fs::remove_dir_all(&dir).doing(format!("empty {}", dir.display()))?;
        }
        std::fs::create_dir_all(&dir).doing(format!("create {}", dir.display()))?;
        Ok(dir)
    }
}

/// A step whose files are gone must fail: a skipped check looks like a passed one.
pub fn must_exist(path: &Path) -> Outcome<()> {
    if path.exists() {
        return Ok(());
    }
    Err(Failure::new(format!("{} does not exist, so its checks cannot run", path.display())))
}

/// Cargo tells its children which cargo they run under.
fn cargo_program() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn path_of(metadata: &Value, key: &str) -> Outcome<PathBuf> {
    match metadata[key].as_str() {
        Some(path) => Ok(PathBuf::from(path)),
        None => Err(Failure::new(format!("cargo's metadata has no {key}"))),
    }
}
