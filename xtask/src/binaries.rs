//! Builds of the programs: debug for the checks; release, static, for demo, measurements and users.

use std::path::PathBuf;
use std::process::Command;

use crate::failure::Outcome;
use crate::house::House;
use crate::process;

pub const PLUGIN: &str = "gpx_flinkwatch";
const LOCAL_AWS: &str = "local-aws";

pub struct Binaries {
    pub plugin: PathBuf,
    pub local_aws: PathBuf,
}

/// Built together with the tests: cargo then picks the same features as `cargo test` did, and the
/// dependencies are not compiled a second time.
pub fn debug(house: &House) -> Outcome<Binaries> {
    process::run(house.cargo().args(["build", "--workspace", "--exclude", "xtask", "--bins", "--tests"]))?;
    let dir = house.target.join("debug");
    Ok(Binaries { plugin: dir.join(PLUGIN), local_aws: dir.join(LOCAL_AWS) })
}

pub fn release(house: &House) -> Outcome<Binaries> {
    Ok(Binaries { plugin: release_plugin(house)?, local_aws: release_package(house, LOCAL_AWS, LOCAL_AWS)? })
}

/// The plugin as it is shipped.
pub fn release_plugin(house: &House) -> Outcome<PathBuf> {
    release_package(house, "flinkwatch", PLUGIN)
}

/// The Go program that starts the plugin as Grafana does.
pub fn host(house: &House) -> Outcome<PathBuf> {
    let program = house.target.join("host");
    process::run(house.command("go").current_dir(house.host()).args(["build", "-o"]).arg(&program).arg("."))?;
    Ok(program)
}

fn release_package(house: &House, package: &str, binary: &str) -> Outcome<PathBuf> {
    process::run(shipped(house, "build").args(["--release", "--package", package, "--bin", binary]))?;
    Ok(shipped_dir(house).join("release").join(binary))
}

/// A cargo command that compiles as for users. On Linux that is a static program: Grafana's Alpine images have no
/// libgcc. Other flags than in development mean another build directory, or each build would throw the other away.
pub fn shipped(house: &House, subcommand: &str) -> Command {
    let mut cargo = house.cargo();
    cargo.arg(subcommand);
    if cfg!(target_os = "linux") {
        // A named target keeps the flags away from build scripts and macros, which cannot be static.
        cargo.env("RUSTFLAGS", "-C target-feature=+crt-static").args(["--target", &triple()]);
        cargo.arg("--target-dir").arg(house.target.join("static"));
    }
    cargo
}

fn shipped_dir(house: &House) -> PathBuf {
    if cfg!(target_os = "linux") { house.target.join("static").join(triple()) } else { house.target.clone() }
}

fn triple() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}
