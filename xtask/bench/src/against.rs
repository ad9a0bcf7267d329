//! The plugin of another commit, built from its own sources as users got it.

use std::path::{Path, PathBuf};

use xtask::binaries::{self, Binaries, Profile};
use xtask::failure::{Doing, Failure, Outcome};
use xtask::workspace::Workspace;
use xtask::{process, progress};

use crate::workloads::Version;

/// Below the build directory; what was built once is taken again.
const FOLDER: &str = "bench-against";

pub struct Before {
    commit: String,
    plugin: PathBuf,
}

impl Before {
    /// Both plugins are measured before the same local AWS.
    pub fn with(self, local_aws: PathBuf) -> Version {
        Version { name: self.commit, binaries: Binaries { plugin: self.plugin, local_aws } }
    }
}

pub fn build(workspace: &Workspace, commit: &str) -> Outcome<Before> {
    let printed = process::read(workspace.command("git").args(["rev-parse", "--short", "--verify", commit]))?;
    let commit = printed.trim().to_owned();
    let folder = workspace.target.join(FOLDER).join(&commit);
    let kept = folder.join(binaries::PLUGIN);
    if !kept.is_file() {
        progress::alone("build before", || build_in(workspace, &commit, &folder, &kept))?;
    }
    Ok(Before { commit, plugin: kept })
}

fn build_in(workspace: &Workspace, commit: &str, folder: &Path, kept: &Path) -> Outcome<()> {
    let sources = folder.join("sources");
    std::fs::create_dir_all(&sources).doing(format_args!("create {}", sources.display()))?;
    let tar = folder.join("sources.tar");
    process::run(workspace.command("git").args(["archive", "--output"]).arg(&tar).arg(commit))?;
    process::run(workspace.command("tar").arg("--extract").arg("--file").arg(&tar).arg("--directory").arg(&sources))?;
    let there = Workspace { target: folder.join("target"), root: sources };
    let plugin = binaries::plugin_for_users(&there, Profile::Release)?;
    // Written last, so that an interrupted build is done again.
    match std::fs::copy(&plugin, kept) {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::new(format!("keep the plugin of {commit}: {error}"))),
    }
}
