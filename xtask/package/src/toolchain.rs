//! What the compilers link into the programs: Rust's standard library, the GNU C library, and GCC's runtime.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::part::{self, Part};
use xtask::architecture::Architecture;
use xtask::failure::{Doing, Failure, Outcome};
use xtask::process;
use xtask::workspace::Workspace;

/// The notices of Rust's standard library, by their name in the package.
pub const NOTICES: &str = "licences/rust-standard-library.html";

pub fn linked(workspace: &Workspace, architectures: &[Architecture]) -> Outcome<Vec<Part>> {
    let mut parts = BTreeSet::from([rust_library(workspace)?]);
    for architecture in architectures {
        let compiler =
            if *architecture == Architecture::host()? { "cc".to_owned() } else { architecture.cross_compiler() };
        parts.insert(c_library(workspace, &compiler)?);
        parts.insert(gcc_runtime(workspace, &compiler)?);
    }
    Ok(parts.into_iter().collect())
}

/// The notices of Rust's standard library and of what it is made of, as the toolchain brings them.
pub fn rust_notices(workspace: &Workspace) -> Outcome<Vec<u8>> {
    let path = rust_documents(workspace)?.join("COPYRIGHT-library.html");
    std::fs::read(&path).doing(format_args!("read {}", path.display()))
}

/// The text of a licence by its name in SPDX, as the toolchain brings it.
pub fn licence_text(workspace: &Workspace, name: &str) -> Outcome<String> {
    part::read_text(&rust_documents(workspace)?.join("licenses").join(format!("{name}.txt")))
}

fn rust_library(workspace: &Workspace) -> Outcome<Part> {
    let words = process::read(workspace.command("rustc").arg("--version"))?;
    let version = words.split(' ').nth(1).ok_or_else(|| Failure::new("rustc does not say its version"))?;
    let notice = format!("All notices stand in {}.", NOTICES);
    Ok(generic("rust-standard-library", version, "MIT OR Apache-2.0", vec![notice]))
}

fn c_library(workspace: &Workspace, compiler: &str) -> Outcome<Part> {
    let mut ask = workspace.command(compiler);
    let macros = process::read(ask.args(["-dM", "-E", "-include", "features.h", "-x", "c", "/dev/null"]))?;
    let number = |name: &str| macros.lines().find_map(|line| line.strip_prefix(&format!("#define {name} ")));
    let (Some(major), Some(minor)) = (number("__GLIBC__"), number("__GLIBC_MINOR__")) else {
        return Err(Failure::new(format!("{compiler} has no GNU C library")));
    };
    let text = part::read_text(&workspace.root.join("xtask/package/licences/gnu-c-library.txt"))?;
    Ok(generic("glibc", &format!("{major}.{minor}"), "LGPL-2.1-or-later", vec![text]))
}

fn gcc_runtime(workspace: &Workspace, compiler: &str) -> Outcome<Part> {
    let version = process::read(workspace.command(compiler).arg("-dumpfullversion"))?;
    let texts = ["GCC-exception-3.1", "GPL-3.0-or-later"].map(|name| licence_text(workspace, name));
    let texts = texts.into_iter().collect::<Outcome<_>>()?;
    Ok(generic("libgcc", version.trim(), "GPL-3.0-or-later WITH GCC-exception-3.1", texts))
}

fn generic(name: &str, version: &str, licence: &str, texts: Vec<String>) -> Part {
    Part {
        purl: format!("pkg:generic/{name}@{version}"),
        name: name.to_owned(),
        version: version.to_owned(),
        licence: licence.to_owned(),
        texts,
        needs: Vec::new(),
        is_named: true,
    }
}

fn rust_documents(workspace: &Workspace) -> Outcome<PathBuf> {
    let root = process::read(workspace.command("rustc").args(["--print", "sysroot"]))?;
    Ok(PathBuf::from(root.trim()).join("share/doc/rust"))
}
