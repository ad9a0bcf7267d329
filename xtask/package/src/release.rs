//! What plugin.json says about the release, and the names that follow from it.

use serde_json::Value;

use xtask::architecture::Architecture;
use xtask::failure::{Doing, Failure, Outcome};
use xtask::workspace::Workspace;

pub struct Release {
    pub id: String,
    pub version: String,
    /// Such as `2026-11-21`: the time of everything in the package.
    pub date: String,
    executable: String,
}

impl Release {
    pub fn read(workspace: &Workspace) -> Outcome<Self> {
        let text = std::fs::read(workspace.root.join("plugin.json")).doing("read plugin.json")?;
        let plugin: Value = serde_json::from_slice(&text).doing("read plugin.json")?;
        let field = |path: &str| {
            let value = plugin.pointer(path).and_then(Value::as_str).map(str::to_owned);
            value.ok_or_else(|| Failure::new(format!("plugin.json has no text at {path}")))
        };
        Ok(Self {
            id: field("/id")?,
            version: field("/info/version")?,
            date: field("/info/updated")?,
            executable: field("/executable")?,
        })
    }

    pub fn zip_name(&self) -> String {
        format!("{}-{}.zip", self.id, self.version)
    }

    pub fn sbom_name(&self) -> String {
        format!("{}-{}.cdx.json", self.id, self.version)
    }

    pub fn program(&self, architecture: Architecture) -> String {
        format!("{}_linux_{}", self.executable, architecture.go())
    }

    /// Year, month and day.
    pub fn day(&self) -> Outcome<(u16, u8, u8)> {
        let numbers: Vec<u16> = self.date.split('-').filter_map(|number| number.parse().ok()).collect();
        match numbers[..] {
            [year, month @ 1..=12, day @ 1..=31] => Ok((year, month as u8, day as u8)),
            _ => Err(Failure::new(format!("plugin.json's info.updated is not a date: {}", self.date))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_grafanas_pattern() {
        let mut release = Release {
            id: "flinkwatch-msf-datasource".to_owned(),
            version: "0.1.0".to_owned(),
            date: "2026-11-21".to_owned(),
            executable: "gpx_flinkwatch".to_owned(),
        };
        assert_eq!(release.zip_name(), "flinkwatch-msf-datasource-0.1.0.zip");
        assert_eq!(release.program(Architecture::Arm64), "gpx_flinkwatch_linux_arm64");
        assert_eq!(release.day().unwrap(), (2026, 11, 21));
        release.date = "%TODAY%".to_owned();
        assert!(release.day().is_err());
    }
}
