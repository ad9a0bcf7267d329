//! The whole chain in front of the reader's eyes: a fleet table through local AWS, plugin and host, then
//! the same paths as in Grafana, to try by hand.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::arguments::{DemoSettings, Ending};
use crate::binaries::{self, Profile};
use crate::failure::Outcome;
use crate::front_end::FrontEnd;
use crate::house::House;
use crate::page;
use crate::stack::{DATA_SOURCE_UID, Fleet, Plan, Stack};
use crate::{http, say, setup};

pub fn run(house: &House, settings: DemoSettings) -> Outcome<()> {
    http::must_be_free(settings.port)?;
    say::line("Building; the first time this takes minutes.");
    setup::go()?;
    let host = binaries::host(house)?;
    let binaries = binaries::linked_for_users(house, Profile::Quick)?;
    let page = match settings.ending {
        Ending::AfterTheFleet => None,
        Ending::OnRequest => Some(page_and_front_end(house)?),
    };
    let plan = Plan { fleet: Fleet::Shown, page, ..Plan::new(&binaries, host, settings.port) };
    say::line("Starting local AWS, the host and the plugin.\n");
    let mut stack = Stack::start(house, &plan)?;
    if settings.ending == Ending::AfterTheFleet {
        return Ok(());
    }
    say::line(what_to_try(stack.address, stack.aws_address));
    stack.serve()?;
    say::line("\nStopping.");
    Ok(())
}

fn page_and_front_end(house: &House) -> Outcome<(PathBuf, PathBuf)> {
    let front_end = FrontEnd::set_up(house)?;
    let dist = front_end.build_when_stale(house)?;
    Ok((page::build_newest(house, &front_end.node)?, dist))
}

fn what_to_try(address: SocketAddr, aws_address: SocketAddr) -> String {
    let source = format!("http://{address}/api/datasources/uid/{DATA_SOURCE_UID}");
    let query = |query: &str| {
        format!(
            "curl -s http://{address}/api/ds/query -H 'Content-Type: application/json' -d '{{\"from\":\"now-1h\",\"to\":\"now\",\
             \"queries\":[{{\"refId\":\"A\",\"datasource\":{{\"uid\":\"{DATA_SOURCE_UID}\"}},{query}}}]}}'"
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
        let bodies: Vec<&str> =
            words.lines().filter_map(|line| line.split_once("-d '")?.1.strip_suffix('\'')).collect();
        assert_eq!(bodies.len(), 2);
        for body in bodies {
            let body: serde_json::Value = serde_json::from_str(body).unwrap();
            assert_eq!(body["queries"][0]["datasource"]["uid"], DATA_SOURCE_UID);
        }
    }
}
