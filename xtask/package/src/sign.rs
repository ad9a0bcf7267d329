//! The signature by which Grafana knows a plugin: Grafana's own tool asks Grafana's service for it, with the token in
//! `GRAFANA_ACCESS_POLICY_TOKEN`.

use std::path::Path;

use xtask::failure::{Doing, Failure, Outcome};
use xtask::node::Node;
use xtask::process;
use xtask::workspace::Workspace;

/// The signed list of all files, in the plugin's folder.
pub const MANIFEST: &str = "MANIFEST.txt";
const TOOL: &str = "@grafana/sign-plugin@3.3.3";

pub enum Signature<'a> {
    /// For everyone; Grafana gives it to plugins of its catalogue.
    Public,
    /// For the Grafana servers at these addresses, separated by commas.
    Private(&'a str),
}

impl<'a> Signature<'a> {
    pub fn new(words: &'a str) -> Outcome<Self> {
        if words == "public" {
            return Ok(Self::Public);
        }
        let are_addresses = words.split(',').all(|one| one.starts_with("https://") || one.starts_with("http://"));
        if are_addresses {
            return Ok(Self::Private(words));
        }
        Err(Failure::new(format!("--sign needs `public` or addresses of Grafana, not {words:?}")))
    }

    /// Signs the folder; the manifest.
    pub fn sign(&self, workspace: &Workspace, folder: &Path) -> Outcome<Vec<u8>> {
        let mut tool = Node::set_up(workspace)?.program("npx", &workspace.root);
        tool.args(["--yes", TOOL, "--distDir"]).arg(folder);
        match self {
            Self::Public => {}
            Self::Private(addresses) => {
                tool.args(["--rootUrls", addresses]);
            }
        }
        process::run(&mut tool)?;
        std::fs::read(folder.join(MANIFEST)).doing("read the signed manifest")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_public_or_for_addresses() {
        assert!(matches!(Signature::new("public"), Ok(Signature::Public)));
        assert!(matches!(Signature::new("https://a/,http://b/grafana"), Ok(Signature::Private(_))));
        assert!(Signature::new("https://a/,b").is_err());
        assert!(Signature::new("").is_err());
    }
}
