//! Something of others that is in the package: a crate, a package of npm, a library of the toolchain.

use std::path::Path;

use xtask::failure::{Doing, Outcome};

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone)]
pub struct Part {
    /// Its address as package-url, which says where it comes from; unique.
    pub purl: String,
    pub name: String,
    pub version: String,
    /// An SPDX expression.
    pub licence: String,
    /// Licence texts and notices that come with it.
    pub texts: Vec<String>,
    /// Addresses of the parts that it uses.
    pub needs: Vec<String>,
    /// Whether our own code names it.
    pub is_named: bool,
}

/// How the names of files begin that hold licences or notices, in capitals.
const NAMES: [&str; 6] = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"];
/// Files of code may be called so too. Any other ending is a format of text, or names the licence, as in
/// LICENSE.Apache.
const CODE: [&str; 7] = ["rs", "js", "json", "ts", "go", "c", "h"];

/// The texts in the files of a part's folder that hold licences or notices.
pub fn texts_in(folder: &Path) -> Outcome<Vec<String>> {
    let mut texts = Vec::new();
    let entries = std::fs::read_dir(folder).doing(format_args!("read {}", folder.display()))?;
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.is_file() && is_licence(path)) {
        texts.push(read_text(path)?);
    }
    Ok(texts)
}

/// A text with the line ends and spaces that do not matter taken away, so that equal texts are seen as equal.
pub fn read_text(path: &Path) -> Outcome<String> {
    let bytes = std::fs::read(path).doing(format_args!("read {}", path.display()))?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    Ok(lines.join("\n").trim_matches('\n').to_owned())
}

fn is_licence(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    !CODE.contains(&ending.as_str()) && NAMES.iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_are_known_by_their_names() {
        for name in ["LICENSE", "LICENSE-APACHE", "license.md", "COPYING", "NOTICE.txt", "LICENSE.Apache"] {
            assert!(is_licence(Path::new(name)), "{name}");
        }
        for name in ["README.md", "license.rs", "src/lib.rs", "notice.go"] {
            assert!(!is_licence(Path::new(name)), "{name}");
        }
    }
}
