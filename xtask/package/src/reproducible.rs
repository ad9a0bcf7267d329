//! The same package from a copy of the sources in another folder, with nothing built before: it must be the same bytes.

use std::path::Path;

use crate::order::Order;
use crate::release::Release;
use crate::{archive, make};
use xtask::failure::{Doing, Failure, Outcome};
use xtask::process;
use xtask::workspace::Workspace;

/// Longer than the folder of any build, so that a path that is left somewhere shows in the length too.
const COPY: &str = "package-again/a-copy-of-the-sources-at-another-place";

pub fn must_give_the_same(workspace: &Workspace, order: &Order, zip: &Path) -> Outcome<()> {
    if order.signature.is_some() {
        return Err(Failure::new("a signature is another each time: leave out --sign or --twice"));
    }
    let copy = workspace.empty_dir(COPY)?;
    copy_sources(workspace, &copy)?;
    let other_workspace = Workspace { target: copy.join("target"), root: copy };
    let other_zip = make::make(&other_workspace, order)?;
    let release = Release::read(workspace)?;
    let (first, second) = (archive::read(zip, &release)?, archive::read(&other_zip, &release)?);
    let differs = first.files().filter(|(name, entry)| second.entry(name) != Some(*entry)).map(|(name, _)| name);
    let is_new = second.files().filter(|(name, _)| first.entry(name).is_none()).map(|(name, _)| name);
    let names: Vec<&str> = differs.chain(is_new).collect();
    if !names.is_empty() {
        return Err(Failure::new(format!("these files differ from build to build: {}", names.join(", "))));
    }
    let read = |path: &Path| std::fs::read(path).doing(format_args!("read {}", path.display()));
    if read(zip)? != read(&other_zip)? {
        return Err(Failure::new("the zips differ although their files are equal"));
    }
    Ok(())
}

/// What git knows and what is new, without what is built.
fn copy_sources(workspace: &Workspace, copy: &Path) -> Outcome<()> {
    let mut list = workspace.command("git");
    let names = process::read(list.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))?;
    for name in names.split('\0').filter(|name| workspace.root.join(name).is_file()) {
        let to = copy.join(name);
        std::fs::create_dir_all(to.parent().unwrap_or(copy)).doing(format_args!("make a folder for {name}"))?;
        std::fs::copy(workspace.root.join(name), &to).doing(format_args!("copy {name}"))?;
    }
    Ok(())
}
