//! The package that users install: a folder and a zip below `target/package`, with checksums, a bill of materials and licences.
//!
//! The same sources give the same bytes wherever they lie: every time in it is the release's date, names are sorted, and no
//! path of the machine is left. `--twice` shows it.

mod archive;
mod bundle;
mod checksums;
mod contents;
mod crates;
mod licences;
mod part;
mod readme;
mod release;
mod rules;
mod sbom;
mod sign;
mod toolchain;
mod twice;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::architecture::Architecture;
use crate::arguments::{PackageSettings, Repeat};
use crate::binaries::Profile;
use crate::failure::{Doing, Outcome};
use crate::house::House;
use crate::{handshake, progress, say, setup};
use contents::Contents;
use release::Release;
use sign::Signature;

/// What users want beside the plugin, by the folder in which it is.
const MORE_ZIPS: [(&str, &str); 2] =
    [("flinkwatch-cloudwatch-dashboards", "provisioning/cloudwatch"), ("flinkwatch-provisioning", "provisioning")];

/// What is wanted, beside what the sources say.
struct Order<'a> {
    /// Below the build directory.
    dir: &'static str,
    profile: Profile,
    architectures: &'a [Architecture],
    /// Where the sources are public: links of the README lead there.
    repository: Option<&'a str>,
    signature: Option<Signature<'a>>,
}

/// Makes and checks the package for all architectures.
pub fn run(house: &House, settings: &PackageSettings) -> Outcome<()> {
    let signature = settings.sign.as_deref().map(Signature::new).transpose()?;
    let order = Order {
        dir: "package",
        profile: Profile::Release,
        architectures: &Architecture::ALL,
        repository: settings.repository.as_deref(),
        signature,
    };
    let zip = progress::alone("package", || make(house, &order))?;
    say::line(progress::alone("check", || check(house, &order, &zip))?);
    match settings.repeat {
        Repeat::Never => Ok(()),
        Repeat::InAnotherFolder => progress::alone("again", || twice::must_give_the_same(house, &order, &zip)),
    }
}

/// The same for this machine alone and quickly built, which is what `cargo xtask test` has time for.
pub fn test(house: &House) -> Outcome<()> {
    let order = Order {
        dir: "package-test",
        profile: Profile::Quick,
        architectures: &[Architecture::host()?],
        repository: None,
        signature: None,
    };
    let zip = make(house, &order)?;
    check(house, &order, &zip).map(say::detail)
}

/// Builds everything and writes folder, zip, checksums and bill of materials. Returns the zip.
fn make(house: &House, order: &Order) -> Outcome<PathBuf> {
    let release = Release::read(house)?;
    let mut contents = contents::gather(house, order, &release)?;
    let dir = house.empty_dir(order.dir)?;
    let folder = dir.join(&release.id);
    contents.write(&folder)?;
    if let Some(signature) = &order.signature {
        contents.add(sign::MANIFEST, signature.sign(house, &folder)?);
    }
    let zip = dir.join(release.zip_name());
    archive::write(&zip, &release.id, &contents, &release)?;
    let bill = dir.join(release.sbom_name());
    std::fs::write(&bill, contents.read(sbom::NAME)?).doing("write the bill of materials")?;
    let mut others = vec![bill];
    for (name, folder) in MORE_ZIPS {
        let zip = dir.join(format!("{name}-{}.zip", release.version));
        archive::write(&zip, name, &contents::all_of(&house.root.join(folder))?, &release)?;
        others.push(zip);
    }
    checksums::write(&dir, &zip, &others)?;
    Ok(zip)
}

/// Unpacks the zip, holds it to the rules, and starts each program in it.
fn check(house: &House, order: &Order, zip: &Path) -> Outcome<String> {
    let release = Release::read(house)?;
    let contents = archive::read(zip, &release)?;
    rules::must_hold(house, order, &release, &contents)?;
    let unpacked = house.empty_dir("package-unpacked")?.join(&release.id);
    contents.write(&unpacked)?;
    for architecture in order.architectures {
        let program = unpacked.join(release.program(*architecture));
        let address =
            handshake::must_start_serve_and_stop(&mut start(&program, *architecture)?, house.log("package")?)?;
        say::detail(format_args!("  {} starts and serves at {address}", release.program(*architecture)));
    }
    describe(zip, &contents)
}

/// A program of another architecture runs in an emulator.
fn start(program: &Path, architecture: Architecture) -> Outcome<Command> {
    if architecture == Architecture::host()? {
        return Ok(Command::new(program));
    }
    let mut command = Command::new(setup::emulator(architecture)?);
    // With this limit the plugin does not start itself again, which would be outside of the emulator.
    command.args(["-E", "MALLOC_ARENA_MAX=1"]).arg(program);
    Ok(command)
}

fn describe(zip: &Path, contents: &Contents) -> Outcome<String> {
    let size = zip.metadata().doing("look at the zip")?.len() as f64 / 1_048_576.0;
    let hash = checksums::sha256(&std::fs::read(zip).doing("read the zip")?);
    Ok(format!("  {}: {} files, {size:.1} MiB, sha256 {hash}", zip.display(), contents.files().count()))
}
