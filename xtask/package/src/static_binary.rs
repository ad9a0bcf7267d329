//! The binary, linked as it is shipped, needs nothing beside the kernel: no loader or library by its file, and it
//! starts, serves and stops in a directory tree that holds only itself.

use std::path::Path;
use std::process::Command;

use xtask::failure::{Doing, Outcome};
use xtask::workspace::Workspace;
use xtask::{binaries, output, tools};

use crate::{elf, handshake};

pub fn run(workspace: &Workspace) -> Outcome<()> {
    let plugin = binaries::checked(workspace)?.plugin;
    let file = std::fs::read(&plugin).doing(format_args!("read {}", plugin.display()))?;
    elf::must_be_static(&file)?;
    output::detail(format_args!("  {} is static, {:.1} MiB", binaries::PLUGIN, file.len() as f64 / 1_048_576.0));

    let tree = workspace.empty_dir("empty-tree")?;
    std::fs::copy(&plugin, tree.join(binaries::PLUGIN)).doing("copy the plugin into the empty tree")?;
    let address = handshake::must_start_serve_and_stop(&mut in_tree(&tree), workspace.log("static")?)?;
    output::detail(format_args!("  started in an empty tree, served at {address}"));
    Ok(())
}

/// Root may change the root of a process; anyone else does it in a user namespace of their own.
fn in_tree(tree: &Path) -> Command {
    let mut command = if tools::is_root() {
        Command::new("chroot")
    } else {
        output::detail("  not root: the empty tree is entered in a user namespace");
        let mut unshare = Command::new("unshare");
        unshare.args(["--map-root-user", "chroot"]);
        unshare
    };
    command.arg(tree).arg(Path::new("/").join(binaries::PLUGIN));
    command
}
