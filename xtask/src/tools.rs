//! What a fresh machine lacks: programs, cargo-deny, Python environments, Go modules.
//!
//! Every function here makes sure of one thing and does nothing when it is there, so each step can ask for
//! just what it needs. Debian packages are installed only for root; anyone else reads what to install.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use crate::architecture::Architecture;
use crate::failure::{Doing, Failure, Outcome};
use crate::workspace::{Workspace, must_exist};
use crate::{process, progress};

const CARGO_DENY_VERSION: &str = "0.20.2";
/// From this version on Go fetches the newer release that a go.mod asks for.
const OLDEST_GO: (u32, u32) = (1, 21);
/// The client library of AWS in two releases, for two wire formats of CloudWatch.
pub const PYTHON_ENVIRONMENTS: [&str; 2] = ["current", "query"];

/// Chromium without its own windows, which takes half as much time of the processors for the same page.
const HEADLESS: &str = "chromium-headless-shell";

/// Steps that run side by side may lack the same thing.
static FETCHING: Mutex<()> = Mutex::new(());
/// Debian installs one thing at a time.
static INSTALLING: Mutex<()> = Mutex::new(());

/// Go, recent enough for the host.
pub fn go() -> Outcome<()> {
    if go_is_usable() {
        return Ok(());
    }
    install_debian_packages("Go 1.21 or newer", &["golang-go"])?;
    if go_is_usable() {
        return Ok(());
    }
    Err(Failure::new(
        "the Go on the PATH is older than 1.21: install a newer one, and it fetches what tests/host/go.mod names",
    ))
}

/// The modules of the host, fetched before the build so that its time is not the network's.
pub fn go_modules(workspace: &Workspace) -> Outcome<()> {
    must_exist(&workspace.host())?;
    process::run_quietly(workspace.command("go").current_dir(workspace.host()).args(["mod", "download"]))
}

/// The program that checks licences and sources, in the pinned version.
pub fn cargo_deny(workspace: &Workspace) -> Outcome<PathBuf> {
    let _one_at_a_time = FETCHING.lock().unwrap_or_else(PoisonError::into_inner);
    let tools = workspace.target.join("tools");
    let own = tools.join("bin/cargo-deny");
    for candidate in [own.as_path(), Path::new("cargo-deny")] {
        if is_pinned_cargo_deny(candidate) {
            return Ok(candidate.to_path_buf());
        }
    }
    progress::report("cargo-deny is built once");
    let mut install = workspace.cargo();
    install
        .args(["install", "--quiet", "--locked", "cargo-deny", "--version", CARGO_DENY_VERSION, "--root"])
        .arg(&tools);
    // A quick check needs no optimised build; these settings halve the wait.
    install.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1").env("CARGO_PROFILE_RELEASE_LTO", "off");
    install.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    process::run_quietly(&mut install)?;
    Ok(own)
}

/// A Python environment with the packages of `requirements-<name>.txt`; the path of its interpreter.
pub fn python_environment(workspace: &Workspace, name: &str) -> Outcome<PathBuf> {
    let requirements = workspace.boto3().join(format!("requirements-{name}.txt"));
    must_exist(&requirements)?;
    let _one_at_a_time = FETCHING.lock().unwrap_or_else(PoisonError::into_inner);
    python()?;
    let wanted = std::fs::read_to_string(&requirements).doing(format_args!("read {}", requirements.display()))?;
    let environment = workspace.target.join(format!("venv-{name}"));
    let interpreter = environment.join("bin/python");
    // Written last, so that an interrupted installation is done again.
    let stamp = environment.join("installed-requirements.txt");
    let is_installed = std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted);
    if is_installed && process::succeeds(Command::new(&interpreter).arg("--version")) {
        return Ok(interpreter);
    }
    process::run_quietly(workspace.command("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
    let mut install = workspace.command(&interpreter);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
    process::run_quietly(install.arg(&requirements))?;
    std::fs::write(&stamp, wanted).doing(format_args!("write {}", stamp.display()))?;
    Ok(interpreter)
}

/// The browser of the tests; its path.
pub fn chromium() -> Outcome<PathBuf> {
    let find = || {
        let is_there = |name: &&str| process::succeeds(Command::new(name).arg("--version"));
        [HEADLESS, "chromium", "chromium-browser", "google-chrome"].into_iter().find(is_there)
    };
    if let Some(name) = find() {
        return search(name);
    }
    install_debian_packages("Chromium", &[HEADLESS])?;
    find().map_or_else(|| Err(Failure::new("chromium cannot be started")), search)
}

/// What builds programs for another architecture: its C compiler, and Rust's standard library for it.
pub fn cross_tools(workspace: &Workspace, architecture: Architecture) -> Outcome<()> {
    let compiler = architecture.cross_compiler();
    if !process::succeeds(Command::new(&compiler).arg("--version")) {
        install_debian_packages(&compiler, &architecture.cross_packages().each_ref().map(String::as_str))?;
    }
    let triple = architecture.triple();
    let root = process::read(workspace.command("rustc").args(["--print", "sysroot"]))?;
    if Path::new(root.trim()).join("lib/rustlib").join(&triple).is_dir() {
        return Ok(());
    }
    process::run_quietly(workspace.command("rustup").args(["target", "add", &triple]))
}

/// The program that runs programs of another architecture.
pub fn emulator(architecture: Architecture) -> Outcome<String> {
    let program = architecture.emulator();
    if !process::succeeds(Command::new(&program).arg("--version")) {
        install_debian_packages(&program, &["qemu-user-static"])?;
    }
    Ok(program)
}

/// Where a program of the search path is.
fn search(name: &str) -> Outcome<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file());
    found.ok_or_else(|| Failure::new(format!("{name} is not on the search path")))
}

fn python() -> Outcome<()> {
    let has_python = || process::succeeds(Command::new("python3").args(["-c", "import venv, ensurepip"]));
    if has_python() {
        return Ok(());
    }
    install_debian_packages("Python 3 with venv", &["python3", "python3-venv"])?;
    if has_python() {
        return Ok(());
    }
    Err(Failure::new("python3 cannot make environments: install its venv module"))
}

pub fn install_debian_packages(what: &str, packages: &[&str]) -> Outcome<()> {
    let _one_at_a_time = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    let has_apt = process::succeeds(Command::new("apt-get").arg("--version"));
    if !has_apt || !is_root() {
        let packages = packages.join(" ");
        return Err(Failure::new(format!("{what} is missing: install it (on Debian: apt-get install {packages})")));
    }
    process::run_quietly(Command::new("apt-get").args(["-qq", "update"]))?;
    let mut install = Command::new("apt-get");
    install.env("DEBIAN_FRONTEND", "noninteractive").args(["-qq", "install", "-y", "--no-install-recommends"]);
    process::run_quietly(install.args(packages))
}

pub fn is_root() -> bool {
    // The directory of a process belongs to the user that it runs as.
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

fn go_is_usable() -> bool {
    let output = Command::new("go").args(["env", "GOVERSION"]).output();
    output.is_ok_and(|output| parse_go_version(&String::from_utf8_lossy(&output.stdout)) >= Some(OLDEST_GO))
}

/// `go1.26.8` as (1, 26).
fn parse_go_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().strip_prefix("go")?.split('.');
    let major = numbers.next()?.parse().ok()?;
    let minor: String = numbers.next()?.chars().take_while(char::is_ascii_digit).collect();
    Some((major, minor.parse().ok()?))
}

fn is_pinned_cargo_deny(program: &Path) -> bool {
    let output = Command::new(program).arg("--version").output();
    output.is_ok_and(|output| {
        String::from_utf8_lossy(&output.stdout).trim() == format!("cargo-deny {CARGO_DENY_VERSION}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_versions() {
        assert_eq!(parse_go_version("go1.26.8\n"), Some((1, 26)));
        assert_eq!(parse_go_version("go1.21rc2"), Some((1, 21)));
        assert_eq!(parse_go_version("devel"), None);
        assert!(parse_go_version("go1.19.8") < Some(OLDEST_GO));
    }
}
