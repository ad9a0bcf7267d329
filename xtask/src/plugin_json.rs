//! `plugin.json` agrees with what is built, and has what Grafana's schema requires of a data source.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{binaries, stack};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn plugin_json() -> Value {
    serde_json::from_slice(&std::fs::read(root().join("plugin.json")).unwrap()).unwrap()
}

#[test]
fn it_names_the_program_and_version_that_are_built() {
    let plugin = plugin_json();
    assert_eq!(plugin["executable"], binaries::PLUGIN);
    assert_eq!(plugin["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(plugin["id"], stack::DATA_SOURCE_TYPE);
}

#[test]
fn it_has_what_grafana_requires_of_a_data_source() {
    let plugin = plugin_json();
    assert_eq!((plugin["type"].as_str(), plugin["backend"].as_bool()), (Some("datasource"), Some(true)));
    assert!(plugin["info"]["keywords"].as_array().is_some_and(|keywords| !keywords.is_empty()));
    assert!(plugin["info"]["updated"].as_str().is_some_and(|date| date.len() == "2000-01-01".len()));
    assert!(plugin["dependencies"]["grafanaDependency"].is_string());
}

#[test]
fn its_logos_exist() {
    for size in ["small", "large"] {
        let logo = plugin_json()["info"]["logos"][size].as_str().unwrap().to_owned();
        assert!(root().join(&logo).is_file(), "{logo} is missing");
    }
}

#[test]
fn its_screenshots_are_the_pictures_that_are_drawn() {
    let named: BTreeSet<String> = plugin_json()["info"]["screenshots"]
        .as_array()
        .unwrap()
        .iter()
        .map(|screenshot| {
            assert!(screenshot["name"].as_str().is_some_and(|name| !name.is_empty()));
            screenshot["path"].as_str().unwrap().to_owned()
        })
        .collect();
    let drawn = std::fs::read_dir(root().join("img")).unwrap().map(|file| file.unwrap().file_name());
    let pictures = drawn.filter_map(|name| name.into_string().ok().filter(|name| name.ends_with(".png")));
    assert_eq!(named, pictures.map(|name| format!("img/{name}")).collect());
}

#[test]
fn its_dashboards_are_those_that_are_built() {
    let plugin = plugin_json();
    let included: BTreeSet<String> = plugin["includes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|include| {
            // The bundler copies the folder under this name.
            let name = include["path"].as_str().unwrap().strip_prefix("dashboards/").unwrap().to_owned();
            let text = std::fs::read(root().join("frontend/dashboards/json").join(&name)).unwrap();
            let dashboard: Value = serde_json::from_slice(&text).unwrap();
            assert_eq!(dashboard["title"], include["name"], "{name}");
            name
        })
        .collect();
    let built = std::fs::read_dir(root().join("frontend/dashboards/json")).unwrap();
    assert_eq!(included, built.map(|file| file.unwrap().file_name().into_string().unwrap()).collect());
}
