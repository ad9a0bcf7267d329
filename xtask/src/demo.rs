//! The whole chain in front of the reader's eyes: a fleet table through local AWS, plugin and host, then
//! the same paths as in Grafana, to try by hand.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::arguments::{DemoSettings, Ending};
use crate::binaries::{self, Binaries};
use crate::demo_page;
use crate::failure::{Failure, Outcome};
use crate::front_end::FrontEnd;
use crate::progress::{self, Task};
use crate::stack::{DATA_SOURCE_UID, Fleet, Plan, Stack};
use crate::workspace::Workspace;
use crate::{http, output, tools};

pub fn run(workspace: &Workspace, settings: DemoSettings) -> Outcome<()> {
    http::must_be_free(settings.port)?;
    let built = build(workspace, settings.ending)?;
    let plan = Plan { fleet: Fleet::Shown, page: built.page, ..Plan::new(&built.programs, built.host, settings.port) };
    output::line("");
    let mut stack = Stack::start(workspace, &plan)?;
    if settings.ending == Ending::AfterTheFleet {
        return Ok(());
    }
    output::line(what_to_try(stack.address, stack.aws_address));
    stack.serve()?;
    output::line("\nStopping.");
    Ok(())
}

/// What the chain is made of.
struct Built {
    programs: Binaries,
    host: PathBuf,
    /// The page and the plugin's front end.
    page: Option<(PathBuf, PathBuf)>,
}

/// Three tools build three parts side by side: each downloads while another compiles.
fn build(workspace: &Workspace, ending: Ending) -> Outcome<Built> {
    let (mut programs, mut host, mut page) = (None, None, None);
    let mut tasks = vec![
        Task::new("backend", || binaries::shown(workspace).map(|built| programs = Some(built))),
        Task::new("host", || tools::go().and_then(|()| binaries::host(workspace)).map(|built| host = Some(built))),
    ];
    if ending == Ending::OnRequest {
        tasks.push(Task::new("page", || page_and_front_end(workspace).map(|built| page = Some(built))));
    }
    progress::side_by_side(tasks)?;
    match (programs, host) {
        (Some(programs), Some(host)) => Ok(Built { programs, host, page }),
        _ => Err(Failure::new("something was not built")),
    }
}

fn page_and_front_end(workspace: &Workspace) -> Outcome<(PathBuf, PathBuf)> {
    let front_end = FrontEnd::set_up(workspace)?;
    let dist = front_end.build_when_outdated(workspace)?;
    Ok((demo_page::build_newest(workspace, &front_end.node)?, dist))
}

fn what_to_try(address: SocketAddr, aws_address: SocketAddr) -> String {
    let source = format!("http://{address}/api/datasources/uid/{DATA_SOURCE_UID}");
    let query = |query: &str| {
        format!(
            "curl -s http://{address}/api/ds/query -H 'Content-Type: application/json' -d '\n  {{\"from\":\"now-1h\",\"to\":\"now\",\
             \"queries\":[{{\"refId\":\"A\",\"datasource\":{{\"uid\":\"{DATA_SOURCE_UID}\"}},\n  {query}}}]}}'"
        )
    };
    let rate = query(r#""queryType":"application","applications":["*"],"signals":["sourceRate"],"as":"series""#);
    let checkpoints = query(r#""queryType":"checkpoint","applications":["*"],"as":"summary""#);
    format!(
        "
Dashboards, query editor and configuration in the browser:
  http://{address}

The plugin answers on Grafana's paths there too.
Local AWS answers at http://{aws_address} (any access key)

Records read per second, by application, in the last hour:
  {rate}
Checkpoints:
  {checkpoints}
Save & test:
  curl -s {source}/health
What the drop-downs offer:
  curl -s {source}/resources/applications
  curl -s '{source}/resources/signals?queryType=application'

Ctrl-C stops everything."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bodies_of_the_examples_are_json() {
        let address = SocketAddr::from(([127, 0, 0, 1], 3000));
        let words = what_to_try(address, address);
        let bodies: Vec<&str> = words.split("-d '").skip(1).filter_map(|rest| rest.split('\'').next()).collect();
        assert_eq!(bodies.len(), 2);
        assert!(words.lines().all(|line| line.len() <= 120), "{words}");
        for body in bodies {
            let body: serde_json::Value = serde_json::from_str(body).unwrap();
            assert_eq!(body["queries"][0]["datasource"]["uid"], DATA_SOURCE_UID);
        }
    }
}
