//! The licences of everything in the package, each text once, with the parts that stand under it.

use std::collections::BTreeMap;

use crate::part::Part;
use crate::toolchain;
use xtask::failure::Outcome;
use xtask::workspace::Workspace;

/// In a folder of their own: the validator looks for the plugin's own licence among the files beside plugin.json.
pub const NAME: &str = "licences/third-party.txt";
/// What parts without a text are licensed under.
const USUAL: [&str; 2] = ["Apache-2.0", "MIT"];
const RULE: &str = "================================================================================";

/// Stands for the text of a part that brings none.
pub fn without_text(authors: &str) -> String {
    let words = "It comes without a licence text; the usual text of its licence stands at the end.";
    if authors.is_empty() { words.to_owned() } else { format!("By {authors}. {words}") }
}

pub fn render(workspace: &Workspace, parts: &[Part]) -> Outcome<String> {
    let mut text = String::from("What Flinkwatch is made of beside its own code, and under which licences\n\n");
    for part in parts {
        text.push_str(&format!("{} {}: {}\n", part.name, part.version, part.licence));
    }
    let mut users: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for part in parts {
        for licence in &part.texts {
            users.entry(licence).or_default().push(format!("{} {}", part.name, part.version));
        }
    }
    for (licence, users) in users {
        text.push_str(&format!("\n{RULE}\n{}\n{RULE}\n\n{licence}\n", users.join(", ")));
    }
    for name in USUAL {
        let licence = toolchain::licence_text(workspace, name)?;
        text.push_str(&format!("\n{RULE}\nThe usual text of {name}\n{RULE}\n\n{licence}\n"));
    }
    Ok(text)
}
