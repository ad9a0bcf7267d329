//! The commands of `cargo xtask` that the documentation and the workflows name; each program's tests hold it to them.

use std::path::{Path, PathBuf};

use crate::failure::{Doing, Failure, Outcome};

/// An error unless there are such commands and the program takes each of them. `is_own` is asked with a command's first
/// word.
pub fn must_be_accepted<R>(is_own: impl Fn(&str) -> bool, accept: impl Fn(&[String]) -> Outcome<R>) -> Outcome<()> {
    let mut count = 0;
    for page in pages()? {
        let text = std::fs::read_to_string(&page).doing(format_args!("read {}", page.display()))?;
        for words in commands(&text).filter(|words| is_own(words.first().map_or("", String::as_str))) {
            accept(&words).doing(format_args!("{}: cargo xtask {}", page.display(), words.join(" ")))?;
            count += 1;
        }
    }
    if count == 0 { Err(Failure::new("the documentation names no such command")) } else { Ok(()) }
}

/// The pages at the root and below `docs`, and the workflows.
fn pages() -> Outcome<Vec<PathBuf>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders = vec![root.clone(), root.join(".github/workflows")];
    let mut pages = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).doing(format_args!("read {}", folder.display()))?.flatten() {
            let path = entry.path();
            if path.is_dir() && path.starts_with(root.join("docs")) {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "md" || ending == "yml") {
                pages.push(path);
            }
        }
    }
    Ok(pages)
}

/// What stands after `cargo xtask`, up to the end of the line or of the `code`, with something in place of what is left
/// open.
fn commands(text: &str) -> impl Iterator<Item = Vec<String>> {
    let typed = |word: &str| match word {
        "N" => "1".to_owned(),
        "STEP" => "fmt".to_owned(),
        word => word.to_owned(),
    };
    text.split("cargo xtask").skip(1).map(move |rest| {
        let line = rest.split(['`', '\n']).next().unwrap_or_default();
        let line = line.split(" #").next().unwrap_or_default();
        line.split_whitespace().map(typed).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_in_pages_and_workflows() {
        let found: Vec<Vec<String>> = commands("`cargo xtask demo --port N`, or\ncargo xtask test # all\n").collect();
        assert_eq!(found, [vec!["demo", "--port", "1"], vec!["test"]]);
        let pages = pages().unwrap();
        assert!(
            pages.iter().any(|page| page.ends_with("nightly.yml"))
                && pages.iter().any(|page| page.ends_with("README.md"))
        );
    }
}
