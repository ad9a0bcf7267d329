//! The documentation names only commands that exist.

use std::fs;
use std::path::{Path, PathBuf};

use crate::arguments::{self, Request};
use crate::failure::Outcome;
use crate::steps;

/// The pages at the root and below `docs`.
fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders = vec![root.clone()];
    let mut pages = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.starts_with(root.join("docs")) {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages
}

/// What stands after `cargo xtask`, up to the end of the line or of the `code`.
fn commands(text: &str) -> impl Iterator<Item = String> {
    text.split("cargo xtask").skip(1).map(|rest| {
        let line = rest.split(['`', '\n']).next().unwrap_or_default();
        line.split(" #").next().unwrap_or_default().to_owned()
    })
}

/// Reads a command as it would be read if somebody typed it, with something in place of what is left open.
fn accept(command: &str) -> Outcome<()> {
    let typed = |word: &str| match word {
        "N" => "1".to_owned(),
        "STEP" => "fmt".to_owned(),
        word => word.to_owned(),
    };
    let words: Vec<String> = command.split_whitespace().map(typed).collect();
    if let Request::Test(only) = arguments::parse(&words)? {
        steps::choose(&only)?;
    }
    Ok(())
}

#[test]
fn every_command_of_the_documentation_is_accepted() {
    let mut count = 0;
    for page in pages() {
        for command in commands(&fs::read_to_string(&page).unwrap()) {
            count += 1;
            if let Err(failure) = accept(&command) {
                panic!("{}: cargo xtask{command}: {failure}", page.display());
            }
        }
    }
    assert!(count >= 30, "only {count} commands are found");
}

#[test]
fn a_command_that_does_not_exist_is_found() {
    for command in ["tset", "test --only fmmt", "demo --twice", "demo prints"] {
        assert!(accept(command).is_err(), "{command}");
    }
}
