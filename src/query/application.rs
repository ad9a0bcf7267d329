//! Signals of one, several or all applications.

use std::collections::BTreeSet;

use super::error::QueryError;
use super::signals::{self, AskedSignal, ChosenBy};
use super::top::{self, Top};
use super::wire::Fields;
use super::{Kind, KindRow};
use crate::place::{AccountId, ApplicationName};

pub(super) const KIND: KindRow = KindRow {
    name: "application",
    fields: &["signals", "as", "top", "statistic", "period", "legend"],
    is_prefetched: true,
    parse: |fields, _patterns| Ok(Kind::Application(parse_application(fields)?)),
};

/// An application query.
#[derive(Debug, Clone, PartialEq)]
pub struct ApplicationQuery {
    /// At least one; for a table without signals, the columns of the fleet table.
    pub signals: Vec<AskedSignal>,
    pub chosen_by: ChosenBy,
    /// Of series only: the table has every application.
    pub top: Option<Top>,
    /// The applications that are highest, once that is known: nothing is asked about others.
    pub kept: Option<BTreeSet<(ApplicationName, Option<AccountId>)>>,
    pub shape: ApplicationShape,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApplicationShape {
    Series,
    Table,
}

const DEFAULT_SIGNALS: &[&str] = &["sourceRate", "sinkRate"];

/// The numbers of the fleet table, in the order of its columns.
pub const FLEET_SIGNALS: &[&str] = &[
    "uptime",
    "restarts",
    "sourceRate",
    "sinkRate",
    "consumerLagTime",
    "consumerLagRecords",
    "backPressure",
    "busy",
    "checkpointDuration",
    "checkpointsFailed",
    "cpu",
    "heap",
];

fn parse_application(fields: &Fields) -> Result<ApplicationQuery, QueryError> {
    let choices = [("series", ApplicationShape::Series), ("table", ApplicationShape::Table)];
    let shape = fields.choice("as", ApplicationShape::Series, &choices)?;
    let defaults = match shape {
        ApplicationShape::Series => DEFAULT_SIGNALS,
        ApplicationShape::Table => FLEET_SIGNALS,
    };
    let (signals, chosen_by) = signals::parse_signals(fields, defaults)?;
    let top = top::parse_top(fields, &signals)?;
    if top.is_some() && shape == ApplicationShape::Table {
        let allowed = "nothing for a table of applications, which has all of them: show series, or sort the table";
        return Err(QueryError::wrong_thing("top", "an object", allowed));
    }
    Ok(ApplicationQuery { signals, chosen_by, top, kept: None, shape })
}
