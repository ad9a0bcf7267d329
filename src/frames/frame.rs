//! Grafana's data frame: named columns of equal length, with what a panel needs to draw them.
//!
//! A frame does not know its refId; that is given when it is encoded. Names of the JSON
//! that Grafana reads are in the serde attributes here and nowhere else; what is not set
//! is left out.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::ser::{SerializeMap, SerializeStruct};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::notice::{Notice, Severity};

/// A time that is absent, in a table: see [`Values::TimeMs`].
pub const NO_TIME: i64 = i64::MIN;

/// Where the first colour of [`Thresholds`] begins. JSON has no minus infinity, and Grafana's server reads null as 0:
/// graphs would draw a line there. A much lower number would be too low for the arithmetic of Grafana's bar gauge.
pub const BELOW_ALL: f64 = -1e15;

/// One table of data.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Frame {
    pub name: String,
    pub meta: Meta,
    pub fields: Vec<Field>,
}

/// What holds for the whole frame.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Meta {
    pub kind: FrameKind,
    /// Shown by the query inspector.
    pub executed_query: Option<String>,
    pub notices: Vec<Notice>,
    pub preferred: Option<Visualisation>,
    /// Grafana wants an object here, never a text.
    pub custom: Option<Map<String, Value>>,
}

/// The promise about the columns by which Grafana's expressions and alerts read a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FrameKind {
    /// Any columns. Carries no type: alerts read such a table as string columns and one number.
    #[default]
    Table,
    TimeSeriesMulti,
    TimeSeriesWide,
    NumericMulti,
    NumericWide,
    LogLines,
}

/// The view that Explore chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Visualisation {
    Graph,
    Table,
    Logs,
    NodeGraph,
}

/// One column.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub config: Config,
    pub values: Values,
}

/// A column's cells.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Milliseconds since 1970, often shared by many frames. In a table [`NO_TIME`], and whatever
    /// does not fit Grafana's nanoseconds (years 1678 to 2261), is an empty cell. A series has a
    /// time in each row: what does not fit becomes the nearest that does.
    TimeMs(Arc<[i64]>),
    /// NaN is an empty cell.
    Number(Vec<f64>),
    Text(Vec<Option<String>>),
    /// Each a JSON value as text.
    Json(Vec<Option<String>>),
    Bool(Vec<Option<bool>>),
}

/// How to show a column.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Config {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(rename = "displayNameFromDS", skip_serializing_if = "Option::is_none")]
    pub display_name_from_ds: Option<String>,
    /// Grafana's unit id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// On a time column: the distance of two points, beyond which a gap is drawn.
    #[serde(rename = "interval", skip_serializing_if = "Option::is_none")]
    pub interval_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filterable: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mappings: Vec<Mapping>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thresholds: Option<Thresholds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<Color>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Shown in place of an empty cell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_value: Option<String>,
    /// Options of the panel, such as a table cell's display mode.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub custom: Map<String, Value>,
}

/// A link of a cell or point; the URL may name Grafana's variables.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    pub title: String,
    pub url: String,
    #[serde(rename = "targetBlank", skip_serializing_if = "is_same_tab")]
    pub tab: Tab,
}

/// Where a link opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    #[default]
    Same,
    New,
}

/// What a value is called, and its colour.
#[derive(Debug, Clone, PartialEq)]
pub enum Mapping {
    /// Exact values, in the order in which a legend lists them.
    Values(Vec<(String, Shown)>),
    /// Numbers from..to, both ends included; an absent end is open.
    Range {
        from: Option<f64>,
        to: Option<f64>,
        shown: Shown,
    },
    Special(Special, Shown),
}

/// Values that have no text of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Special {
    #[serde(rename = "null")]
    Null,
    #[serde(rename = "nan")]
    Nan,
    #[serde(rename = "null+nan")]
    NullOrNan,
    #[serde(rename = "true")]
    True,
    #[serde(rename = "false")]
    False,
    #[serde(rename = "empty")]
    Empty,
}

/// The text and colour of a mapped value.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Shown {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
}

/// From which value on which colour holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Thresholds {
    /// The colour below the first step.
    pub base: String,
    /// (value, colour), ascending.
    pub steps: Vec<(f64, String)>,
}

/// How a column gets its colour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Color {
    Fixed(String),
    Thresholds,
}

impl Field {
    /// A column without labels and without configuration.
    pub fn new(name: impl Into<String>, values: Values) -> Self {
        Self { name: name.into(), labels: BTreeMap::new(), config: Config::default(), values }
    }
}

impl Values {
    /// How many cells the column has.
    pub fn len(&self) -> usize {
        match self {
            Self::TimeMs(cells) => cells.len(),
            Self::Number(cells) => cells.len(),
            Self::Text(cells) | Self::Json(cells) => cells.len(),
            Self::Bool(cells) => cells.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl FrameKind {
    /// Whether each row must have its time. Grafana's alerts and expressions read frames of these
    /// kinds with `grafana/dataplane/sdata`, which refuses a time column that may hold an empty cell,
    /// also when none is empty.
    pub fn has_a_time_in_each_row(self) -> bool {
        match self {
            Self::TimeSeriesMulti | Self::TimeSeriesWide | Self::LogLines => true,
            Self::Table | Self::NumericMulti | Self::NumericWide => false,
        }
    }

    /// Grafana's name and version of the promise. Alerts need a version other than 0.0, which
    /// log lines do not have.
    fn wire(self) -> Option<(&'static str, [u8; 2])> {
        match self {
            Self::Table => None,
            Self::TimeSeriesMulti => Some(("timeseries-multi", [0, 1])),
            Self::TimeSeriesWide => Some(("timeseries-wide", [0, 1])),
            Self::NumericMulti => Some(("numeric-multi", [0, 1])),
            Self::NumericWide => Some(("numeric-wide", [0, 1])),
            Self::LogLines => Some(("log-lines", [0, 0])),
        }
    }
}

impl Serialize for Meta {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        if let Some((name, version)) = self.kind.wire() {
            map.serialize_entry("type", name)?;
            map.serialize_entry("typeVersion", &version)?;
        }
        if let Some(custom) = &self.custom {
            map.serialize_entry("custom", custom)?;
        }
        if !self.notices.is_empty() {
            let notices: Vec<_> = self.notices.iter().map(WireNotice::from).collect();
            map.serialize_entry("notices", &notices)?;
        }
        if let Some(preferred) = self.preferred {
            map.serialize_entry("preferredVisualisationType", &preferred)?;
        }
        if let Some(query) = &self.executed_query {
            map.serialize_entry("executedQueryString", query)?;
        }
        map.end()
    }
}

#[derive(Serialize)]
struct WireNotice<'a> {
    severity: &'static str,
    text: &'a str,
}

impl<'a> From<&'a Notice> for WireNotice<'a> {
    fn from(notice: &'a Notice) -> Self {
        let severity = match notice.severity {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        Self { severity, text: &notice.text }
    }
}

fn is_same_tab(tab: &Tab) -> bool {
    *tab == Tab::Same
}

impl Serialize for Tab {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bool(*self == Self::New)
    }
}

impl Serialize for Mapping {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut mapping = to.serialize_struct("Mapping", 2)?;
        match self {
            Self::Values(values) => {
                mapping.serialize_field("type", "value")?;
                mapping.serialize_field("options", &ValueOptions(values))?;
            }
            Self::Range { from, to, shown } => {
                mapping.serialize_field("type", "range")?;
                let (from, to, result) = (*from, *to, shown);
                mapping.serialize_field("options", &RangeOptions { from, to, result })?;
            }
            Self::Special(special, shown) => {
                mapping.serialize_field("type", "special")?;
                let (r#match, result) = (*special, shown);
                mapping.serialize_field("options", &SpecialOptions { r#match, result })?;
            }
        }
        mapping.end()
    }
}

struct ValueOptions<'a>(&'a [(String, Shown)]);

impl Serialize for ValueOptions<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Indexed<'a> {
            #[serde(flatten)]
            shown: &'a Shown,
            index: usize,
        }
        let indexed = self.0.iter().enumerate();
        to.collect_map(indexed.map(|(index, (value, shown))| (value, Indexed { shown, index })))
    }
}

#[derive(Serialize)]
struct RangeOptions<'a> {
    from: Option<f64>,
    to: Option<f64>,
    result: &'a Shown,
}

#[derive(Serialize)]
struct SpecialOptions<'a> {
    r#match: Special,
    result: &'a Shown,
}

impl Serialize for Thresholds {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Step<'a> {
            color: &'a str,
            value: f64,
        }
        let base = Step { color: &self.base, value: BELOW_ALL };
        let steps = self.steps.iter().map(|(value, color)| Step { color, value: *value });
        let steps: Vec<Step<'_>> = std::iter::once(base).chain(steps).collect();
        let mut thresholds = to.serialize_struct("Thresholds", 2)?;
        thresholds.serialize_field("mode", "absolute")?;
        thresholds.serialize_field("steps", &steps)?;
        thresholds.end()
    }
}

impl Serialize for Color {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        match self {
            Self::Fixed(color) => {
                map.serialize_entry("mode", "fixed")?;
                map.serialize_entry("fixedColor", color)?;
            }
            Self::Thresholds => map.serialize_entry("mode", "thresholds")?,
        }
        map.end()
    }
}
