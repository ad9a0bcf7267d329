//! The shipped front end in a real browser, over the real plugin and local AWS: tests over the packages of
//! Grafana 11.6, 12.4 and 13.2, and the pictures of the plugin's page.

use std::path::Path;
use std::process::Stdio;

use crate::demo_page;
use crate::failure::Outcome;
use crate::front_end::FrontEnd;
use crate::process::Running;
use crate::stack::{Plan, Source, Stack};
use crate::workspace::{Workspace, must_exist};
use crate::{binaries, http, process, progress, tools};

/// An application with that many tasks, for long drop-downs.
const MANY_TASKS: &str = "300";

pub fn run(workspace: &Workspace) -> Outcome<()> {
    browse(workspace, None)
}

/// Draws the pictures that plugin.json names.
pub fn draw_pictures(workspace: &Workspace) -> Outcome<()> {
    progress::alone("pictures", || browse(workspace, Some(&workspace.root.join("img"))))
}

/// Runs the specs, or draws the pictures into a directory.
fn browse(workspace: &Workspace, pictures: Option<&Path>) -> Outcome<()> {
    let e2e = workspace.e2e();
    must_exist(&e2e.join("specs"))?;
    tools::go()?;
    let chromium = tools::chromium()?;
    let front_end = FrontEnd::set_up(workspace)?;
    let dist = front_end.build_when_outdated(workspace)?;
    let node = &front_end.node;
    let older = if pictures.is_some() { Vec::new() } else { demo_page::older_sets()? };
    let page = demo_page::build_all(workspace, node, &older)?;
    if pictures.is_none() {
        process::run(&mut node.script(&e2e, "check"))?;
    }

    let host = binaries::host(workspace)?;
    let binaries = binaries::checked(workspace)?;
    let large = http::loopback(http::free_port()?);
    let mut start_large = workspace.command(&binaries.local_aws);
    start_large.args(["--port", &large.port().to_string(), "--bench-tasks", MANY_TASKS]).stdout(Stdio::null());
    let _large_aws = Running::start("local AWS with many tasks", &mut start_large)?;
    let plan = Plan {
        page: Some((page, dist)),
        more_sources: vec![
            Source { uid: "large", name: "Many tasks", aws: Some(large) },
            Source { uid: "settings", name: "Settings", aws: None },
            Source { uid: "settings-11", name: "Settings 11", aws: None },
            Source { uid: "settings-12", name: "Settings 12", aws: None },
            Source { uid: "settings-12-2", name: "Settings 12.2", aws: None },
        ],
        ..Plan::new(&binaries, host, http::free_port()?)
    };
    let stack = Stack::start(workspace, &plan)?;
    let mut test = node.script(&e2e, "test");
    test.env("PAGE_URL", format!("http://{}", stack.address)).env("CHROMIUM", chromium);
    test.env("OLDER_PAGE_SETS", older.join(","));
    if let Some(pictures) = pictures {
        test.env("PICTURES", pictures);
    }
    process::run(test.env("E2E_OUTPUT", workspace.target.join("e2e")))
}
