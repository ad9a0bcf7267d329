//! Files of one module do not use each other in a circle. What a file's parents declare is theirs to give: it does not
//! count.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};
use syn::{Item, ItemUse, UseTree, Visibility};

use super::{Source, sources};

/// The path of a module below the crate.
type ModulePath = Vec<String>;

/// The files that each file uses.
fn graph(sources: &[Source]) -> BTreeMap<ModulePath, BTreeSet<ModulePath>> {
    let modules: BTreeSet<ModulePath> = sources.iter().map(|source| module_path(&source.name)).collect();
    let used = |source: &Source| {
        let own = module_path(&source.name);
        let mut names = Names::default();
        for item in syn::parse_file(&source.text()).unwrap().items {
            names.visit_item(&item);
        }
        let used: BTreeSet<_> = names.paths.iter().filter_map(|path| resolve(&own, path, &modules)).collect();
        let used = used.into_iter().filter(|other| !own.starts_with(other)).collect();
        (own, used)
    };
    sources.iter().map(used).collect()
}

fn module_path(file: &str) -> ModulePath {
    let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
    path.split('/').filter(|part| *part != "lib").map(str::to_owned).collect()
}

/// The file that a path leads to from a module; None for other crates.
fn resolve(own: &[String], path: &[String], modules: &BTreeSet<ModulePath>) -> Option<ModulePath> {
    let mut rest = path;
    let mut place = match path.first()?.as_str() {
        "crate" => Vec::new(),
        "self" | "super" => own.to_vec(),
        name => {
            let child = [own, &[name.to_owned()]].concat();
            return modules.contains(&child).then_some(child);
        }
    };
    while let Some((first, after)) =
        rest.split_first().filter(|(first, _)| ["crate", "self", "super"].contains(&first.as_str()))
    {
        if first == "super" {
            place.pop();
        }
        rest = after;
    }
    for part in rest {
        place.push(part.clone());
        if !modules.contains(&place) {
            place.pop();
            break;
        }
    }
    modules.contains(&place).then_some(place)
}

/// All paths in a file, those of `pub use` aside: what is only handed on is not used.
#[derive(Default)]
struct Names {
    paths: Vec<Vec<String>>,
}

impl Names {
    fn add_tree(&mut self, before: &[String], tree: &UseTree) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.add_tree(&with(&path.ident), &path.tree),
            UseTree::Name(name) => self.paths.push(with(&name.ident)),
            UseTree::Rename(name) => self.paths.push(with(&name.ident)),
            UseTree::Glob(_) => self.paths.push(before.to_vec()),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_tree(before, tree)),
        }
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item(&mut self, item: &'ast Item) {
        // Tests stand in a module of their own.
        if !matches!(item, Item::Mod(module) if module.content.is_some()) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if matches!(item.vis, Visibility::Inherited) {
            self.add_tree(&[], &item.tree);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.paths.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }
}

/// A way from a file back to itself, if there is one.
fn circle(graph: &BTreeMap<ModulePath, BTreeSet<ModulePath>>) -> Option<Vec<String>> {
    let mut left: BTreeMap<&ModulePath, BTreeSet<&ModulePath>> =
        graph.iter().map(|(file, used)| (file, used.iter().collect())).collect();
    // What uses nothing that is left is on no circle.
    while let Some(file) = left.iter().find_map(|(file, used)| used.is_empty().then_some(*file)) {
        left.remove(file);
        for used in left.values_mut() {
            used.remove(file);
        }
    }
    let mut file = *left.keys().next()?;
    let mut seen: Vec<&ModulePath> = Vec::new();
    while !seen.contains(&file) {
        seen.push(file);
        file = left[file].first()?;
    }
    let start = seen.iter().position(|other| *other == file)?;
    Some(seen[start..].iter().chain([&file]).map(|file| file.join("/")).collect())
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let found = circle(&graph(&sources()));
    assert!(found.is_none(), "{}", found.unwrap().join(" → "));
}

/// The check itself, on files that it must and must not find.
#[test]
fn a_circle_is_found_however_it_is_written() {
    let check = |files: &[(&str, &str)], expected: Option<&str>| {
        let files = [files, &[("a/mod.rs", "fn f() { b::f() }")]].concat();
        let sources: Vec<Source> = files.iter().map(|(name, text)| Source::of(name, text)).collect();
        assert_eq!(circle(&graph(&sources)).map(|files| files.join(" → ")).as_deref(), expected, "{files:?}");
    };
    check(&[("a/b.rs", "use super::c::C;"), ("a/c.rs", "")], None);
    check(&[("a/b.rs", "use super::c::C;"), ("a/c.rs", "use crate::a::b;")], Some("a/b → a/c → a/b"));
    check(
        &[("a/b.rs", "use super::{x, c::{C, D}};"), ("a/c.rs", "fn f() { crate::a::b::f() }")],
        Some("a/b → a/c → a/b"),
    );
    check(&[("a/b.rs", "use super::F;")], None);
    check(&[("a/b.rs", "use super::c::C;"), ("a/c.rs", "mod tests { use super::super::b; }")], None);
}
