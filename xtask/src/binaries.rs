//! Builds of the programs, static as users get them: quickly built for demo and checks, optimised for measurements and
//! users.
//!
//! All checks share one build. Cargo compiles a dependency again wherever the set of crates, the flags or the profile
//! differ, so these commands differ in none of them.

use std::path::PathBuf;
use std::process::Command;

use crate::architecture::Architecture;
use crate::failure::{Failure, Outcome};
use crate::workspace::Workspace;
use crate::{process, tools};

pub const PLUGIN: &str = "gpx_flinkwatch";
const LOCAL_AWS: &str = "local-aws";

/// How a static program is compiled: one of cargo's profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// As it is shipped: small and fast, minutes to build.
    Release,
    /// Linked like the shipped program, but compiled as for development.
    Quick,
}

impl Profile {
    /// Its name for cargo, and of its folder below the build directory.
    fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Quick => "quick",
        }
    }
}

pub struct Binaries {
    pub plugin: PathBuf,
    pub local_aws: PathBuf,
}

/// What is shipped, or stands in for what is around it. These commands are not among them: with their own dependencies
/// cargo would choose other features for those that are shared.
pub const SHARED: [&str; 4] = ["--package", "flinkwatch", "--package", "local-aws"];

/// For checks, together with their tests.
pub fn checked(workspace: &Workspace) -> Outcome<Binaries> {
    process::run(checked_by(workspace, "build")?.args(SHARED).args(["--bins", "--tests"]))?;
    quick(workspace)
}

/// A cargo command over the build that the checks share.
pub fn checked_by(workspace: &Workspace, subcommand: &str) -> Outcome<Command> {
    let mut cargo = shipped(workspace, subcommand)?;
    cargo.args(["--profile", Profile::Quick.name()]);
    Ok(cargo)
}

/// For the demo: without the tests it takes half the time. With the small benchmark cargo chooses the features that the
/// tests need, so that they find all dependencies built.
pub fn shown(workspace: &Workspace) -> Outcome<Binaries> {
    process::run(checked_by(workspace, "build")?.args(SHARED).args(["--bins", "--bench", "core"]))?;
    quick(workspace)
}

fn quick(workspace: &Workspace) -> Outcome<Binaries> {
    let dir = shipped_dir(workspace, Profile::Quick)?;
    Ok(Binaries { plugin: dir.join(PLUGIN), local_aws: dir.join(LOCAL_AWS) })
}

pub fn linked_for_users(workspace: &Workspace, profile: Profile) -> Outcome<Binaries> {
    Ok(Binaries {
        plugin: plugin_for_users(workspace, profile)?,
        local_aws: package_for_users(workspace, profile, LOCAL_AWS, LOCAL_AWS)?,
    })
}

/// The plugin as it is shipped.
pub fn plugin_for_users(workspace: &Workspace, profile: Profile) -> Outcome<PathBuf> {
    package_for_users(workspace, profile, "flinkwatch", PLUGIN)
}

/// The Go program that starts the plugin as Grafana does.
pub fn host(workspace: &Workspace) -> Outcome<PathBuf> {
    let program = workspace.target.join("host");
    process::run(workspace.command("go").current_dir(workspace.host()).args(["build", "-o"]).arg(&program).arg("."))?;
    Ok(program)
}

/// The plugin, linked as it is shipped for Linux on this architecture, which may be another than the machine's own.
pub fn linux_plugin(workspace: &Workspace, profile: Profile, architecture: Architecture) -> Outcome<PathBuf> {
    if profile == Profile::Quick && architecture == Architecture::host()? {
        return Ok(checked(workspace)?.plugin);
    }
    let mut build = for_linux(workspace, "build", architecture)?;
    if architecture != Architecture::host()? {
        tools::cross_tools(workspace, architecture)?;
        build.envs(architecture.cross_environment());
    }
    process::run(build.args(["--profile", profile.name(), "--package", "flinkwatch", "--bin", PLUGIN]))?;
    Ok(linux_dir(workspace, profile, architecture).join(PLUGIN))
}

fn package_for_users(workspace: &Workspace, profile: Profile, package: &str, binary: &str) -> Outcome<PathBuf> {
    process::run(shipped(workspace, "build")?.args([
        "--profile",
        profile.name(),
        "--package",
        package,
        "--bin",
        binary,
    ]))?;
    Ok(shipped_dir(workspace, profile)?.join(binary))
}

/// Where [`shipped`] builds to.
fn shipped_dir(workspace: &Workspace, profile: Profile) -> Outcome<PathBuf> {
    if cfg!(target_os = "linux") {
        return Ok(linux_dir(workspace, profile, Architecture::host()?));
    }
    Ok(workspace.target.join(profile.name()))
}

/// A cargo command that compiles as for users, for this machine.
pub fn shipped(workspace: &Workspace, subcommand: &str) -> Outcome<Command> {
    if cfg!(target_os = "linux") {
        return for_linux(workspace, subcommand, Architecture::host()?);
    }
    let mut cargo = workspace.cargo();
    cargo.arg(subcommand);
    Ok(cargo)
}

/// On Linux users get a static program: Grafana's Alpine images have no libgcc. Other flags than in development mean
/// another build directory, or each build would throw the other away.
fn for_linux(workspace: &Workspace, subcommand: &str, architecture: Architecture) -> Outcome<Command> {
    let mut cargo = workspace.cargo();
    // A named target keeps the flags away from build scripts and macros, which cannot be static.
    cargo.args([subcommand, "--locked", "--target", &architecture.triple()]);
    cargo.arg("--target-dir").arg(static_dir(workspace));
    // This form takes folders with spaces in their names.
    cargo.env("CARGO_ENCODED_RUSTFLAGS", shipped_flags(workspace)?.join("\x1f"));
    Ok(cargo)
}

/// The same program comes out wherever the project lies: no path of the machine is left in it. Of two prefixes that fit
/// the last counts.
fn shipped_flags(workspace: &Workspace) -> Outcome<Vec<String>> {
    let folders = [(&workspace.root, "/flinkwatch"), (&workspace.target, "/target"), (&cargo_home()?, "/cargo")];
    let remaps = folders.map(|(folder, name)| format!("--remap-path-prefix={}={name}", folder.display()));
    let link = ["-C", "target-feature=+crt-static"].map(str::to_owned);
    Ok(link.into_iter().chain(remaps).collect())
}

/// Where cargo keeps the sources of dependencies.
pub fn cargo_home() -> Outcome<PathBuf> {
    let named = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = named.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    home.ok_or_else(|| Failure::new("cargo's folder is not known: set CARGO_HOME"))
}

fn linux_dir(workspace: &Workspace, profile: Profile, architecture: Architecture) -> PathBuf {
    static_dir(workspace).join(architecture.triple()).join(profile.name())
}

fn static_dir(workspace: &Workspace) -> PathBuf {
    workspace.target.join("static")
}
