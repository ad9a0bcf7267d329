//! The way from an application to its page in the AWS console.
//!
//! The console's host differs by partition, and dashboards cannot know it (their variable may say "default"). So the
//! link stands here, and its URL and the region in columns that tables hide and that other links can use:
//! `${__data.fields.console}`.

use serde_json::{Map, Value, json};

use super::frame::{Field, Link, Tab, Values};
use crate::catalog::regions::console_of_applications;
use crate::place::ApplicationName;

/// For the column of names. None where no console is known, and where some rows are of other accounts: a console shows
/// the account that somebody is signed in to.
pub(super) fn link(rows: &[ConsoleRow<'_>], region: &str) -> Option<Link> {
    let base = console_of_applications(region).filter(|_| rows.iter().all(|row| row.is_own))?;
    Some(Link {
        title: "Open in the AWS console".to_owned(),
        url: format!("{base}${{__value.raw:percentencode}}"),
        tab: Tab::New,
    })
}

/// A row of a table of applications.
pub(super) struct ConsoleRow<'v> {
    pub application: &'v ApplicationName,
    /// Whether it is of the data source's own account.
    pub is_own: bool,
}

/// The region of each row, and its URL where its console is known.
pub(super) fn columns(rows: &[ConsoleRow<'_>], region: &str) -> Vec<Field> {
    let regions = rows.iter().map(|_| Some(region.to_owned())).collect();
    let url = |base: String| {
        // Names hold letters, digits and the signs _ . - alone, so there is nothing to escape.
        let url = |row: &ConsoleRow<'_>| row.is_own.then(|| format!("{base}{}", row.application));
        hidden_field("console", rows.iter().map(url).collect())
    };
    let console = console_of_applications(region).map(url);
    std::iter::once(hidden_field("region", regions)).chain(console).collect()
}

fn hidden_field(name: &str, texts: Vec<Option<String>>) -> Field {
    let mut field = Field::new(name, Values::Text(texts));
    field.config.custom = hidden();
    field
}

/// As Grafana's table reads it, in its older and its newer spelling.
fn hidden() -> Map<String, Value> {
    let everywhere = json!({ "viz": true, "legend": true, "tooltip": true });
    Map::from_iter([("hidden".to_owned(), Value::Bool(true)), ("hideFrom".to_owned(), everywhere)])
}
