//! Checksums: SHA-256 for people, SHA-1 for the form with which Grafana's catalogue takes plugins.

use std::path::{Path, PathBuf};

use sha2::Digest;

use xtask::failure::{Doing, Failure, Outcome};

/// For `sha256sum --check`.
const SUMS: &str = "SHA256SUMS";

/// Writes `SHA256SUMS` for the zip and these files, and the zip's SHA-1, as Grafana's tools do, alone in a file beside
/// it.
pub fn write(dir: &Path, zip: &Path, others: &[PathBuf]) -> Outcome<()> {
    let mut lines = String::new();
    for path in others.iter().map(PathBuf::as_path).chain([zip]) {
        lines.push_str(&format!("{}  {}\n", sha256(&read(path)?), name_of(path)?));
    }
    std::fs::write(dir.join(SUMS), lines).doing(format_args!("write {SUMS}"))?;
    let sha1 = hex(&sha1::Sha1::digest(read(zip)?));
    std::fs::write(dir.join(format!("{}.sha1", name_of(zip)?)), format!("{sha1}\n")).doing("write the zip's SHA-1")
}

pub fn sha256(bytes: &[u8]) -> String {
    hex(&sha2::Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read(path: &Path) -> Outcome<Vec<u8>> {
    std::fs::read(path).doing(format_args!("read {}", path.display()))
}

fn name_of(path: &Path) -> Outcome<&str> {
    let name = path.file_name().and_then(|name| name.to_str());
    name.ok_or_else(|| Failure::new(format!("{} has no name", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_sums() {
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(hex(&sha1::Sha1::digest(b"abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
    }
}
