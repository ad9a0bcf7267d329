//! What the compilers link into the programs: Rust's standard library, the GNU C library, and GCC's runtime.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::part::{self, Part};
use crate::architecture::Architecture;
use crate::failure::{Doing, Failure, Outcome};
use crate::house::House;
use crate::process;

pub fn linked(house: &House, architectures: &[Architecture]) -> Outcome<Vec<Part>> {
    let mut parts = BTreeSet::from([rust_library(house)?]);
    for architecture in architectures {
        let compiler =
            if *architecture == Architecture::host()? { "cc".to_owned() } else { architecture.cross_compiler() };
        parts.insert(c_library(house, &compiler)?);
        parts.insert(gcc_runtime(house, &compiler)?);
    }
    Ok(parts.into_iter().collect())
}

/// The notices of Rust's standard library and of what it is made of, as the toolchain brings them.
pub fn rust_notices(house: &House) -> Outcome<Vec<u8>> {
    let path = rust_documents(house)?.join("COPYRIGHT-library.html");
    std::fs::read(&path).doing(format_args!("read {}", path.display()))
}

/// The text of a licence by its name in SPDX, as the toolchain brings it.
pub fn licence_text(house: &House, name: &str) -> Outcome<String> {
    part::read_text(&rust_documents(house)?.join("licenses").join(format!("{name}.txt")))
}

fn rust_library(house: &House) -> Outcome<Part> {
    let words = process::read(house.command("rustc").arg("--version"))?;
    let version = words.split(' ').nth(1).ok_or_else(|| Failure::new("rustc does not say its version"))?;
    let notice = format!("All notices stand in {}.", super::licences::RUST_LIBRARY);
    Ok(generic("rust-standard-library", version, "MIT OR Apache-2.0", vec![notice]))
}

fn c_library(house: &House, compiler: &str) -> Outcome<Part> {
    let mut ask = house.command(compiler);
    let macros = process::read(ask.args(["-dM", "-E", "-include", "features.h", "-x", "c", "/dev/null"]))?;
    let number = |name: &str| macros.lines().find_map(|line| line.strip_prefix(&format!("#define {name} ")));
    let (Some(major), Some(minor)) = (number("__GLIBC__"), number("__GLIBC_MINOR__")) else {
        return Err(Failure::new(format!("{compiler} has no GNU C library")));
    };
    let text = part::read_text(&house.root.join("xtask/licences/gnu-c-library.txt"))?;
    Ok(generic("glibc", &format!("{major}.{minor}"), "LGPL-2.1-or-later", vec![text]))
}

fn gcc_runtime(house: &House, compiler: &str) -> Outcome<Part> {
    let version = process::read(house.command(compiler).arg("-dumpfullversion"))?;
    let texts = ["GCC-exception-3.1", "GPL-3.0-or-later"].map(|name| licence_text(house, name));
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

fn rust_documents(house: &House) -> Outcome<PathBuf> {
    let root = process::read(house.command("rustc").args(["--print", "sysroot"]))?;
    Ok(PathBuf::from(root.trim()).join("share/doc/rust"))
}
