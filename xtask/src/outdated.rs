//! Whether something that was built is older than what it is made of.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Whether the product is missing, or any of its sources was changed after it.
pub fn is_outdated(product: &Path, sources: &[PathBuf]) -> bool {
    let newest = sources.iter().filter_map(|path| newest_change(path)).max();
    changed(product).is_none_or(|built| newest > Some(built))
}

/// The latest change of a file, or of anything in a folder.
fn newest_change(path: &Path) -> Option<SystemTime> {
    let inside =
        std::fs::read_dir(path).into_iter().flatten().flatten().filter_map(|entry| newest_change(&entry.path()));
    inside.chain(changed(path)).max()
}

fn changed(path: &Path) -> Option<SystemTime> {
    path.metadata().ok()?.modified().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_as_new_as_its_newest_file() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let file = changed(&here.join("src/outdated.rs"));
        assert!(file.is_some() && newest_change(here) >= file);
        assert_eq!(newest_change(&here.join("no-such-folder")), None);
    }

    #[test]
    fn what_is_missing_is_outdated() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(is_outdated(&here.join("no-such-file"), &[here.join("src")]));
        assert!(!is_outdated(
            &here.join("src/outdated.rs"),
            &[here.join("src/outdated.rs"), here.join("no-such-file")]
        ));
    }
}
