//! The shape of a row in the table of conditions: when a signal is a reason for trouble, and how a person says it.
//!
//! A line of a total is reached by so many; any other line is crossed by more (or less) than it.

use super::signal::{Reduce, State, Threshold};

/// One condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Of the condition, its alert rule and its runbook (`docs/runbooks/<id>.md`).
    pub id: &'static str,
    pub signal: &'static str,
    /// How the values of the last `minutes` become the number that is held against the lines.
    pub summary: Summary,
    pub minutes: i64,
    /// Seconds of the buckets that the verdict asks for, where the signal has shorter ones: long ones are asked for
    /// more rarely.
    pub period: i64,
    /// For so many minutes more it has to hold before an alert fires.
    pub lasting: i64,
    pub side: Side,
    /// From the good side to the bad one. The alert rule fires at the last one, with its severity; the verdict says
    /// that and the softer ones.
    pub lines: &'static [Threshold],
    /// Another number that has to be on its side as well.
    pub also: Option<Also>,
    pub value: Spoken,
    /// What is wrong, after the application's name and a colon. `{value}` is the number as a person says it.
    pub words: &'static str,
    pub verdict: Verdict,
    /// What an application needs to have this number, for people.
    pub needs: &'static str,
}

/// How values over time become one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Summary {
    Last,
    Lowest,
    Highest,
    Mean,
    Total,
    /// How many values there are.
    Count,
}

/// The side of a line on which trouble lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Above,
    Below,
}

/// A second number of a condition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Also {
    pub signal: &'static str,
    pub summary: Summary,
    pub side: Side,
    pub line: f64,
}

/// Whether a condition is part of an application's verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Its signal is asked for in every fleet table.
    Asked,
    /// The description has its number.
    Described,
    /// It only draws lines, or the verdict knows it in another way.
    Never,
}

/// How a person says a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoken {
    /// Not at all.
    Nothing,
    /// A share as percent.
    Percent,
    /// Milliseconds as seconds to days.
    Time,
    /// "1 restart", "90 restarts".
    Counted { one: &'static str, many: &'static str },
    /// "12 thousand", "4.4 billion".
    Many,
    /// "2.4".
    Decimal,
}

impl Condition {
    /// The worst line that a number has crossed; None of NaN.
    pub fn state_of(&self, value: f64) -> Option<State> {
        self.lines.iter().rev().find(|line| self.is_crossed(line.value, value)).map(|line| line.state)
    }

    fn is_crossed(&self, line: f64, value: f64) -> bool {
        match (self.side, self.summary) {
            (Side::Above, Summary::Total) => value >= line,
            (Side::Above, _) => value > line,
            (Side::Below, _) => value < line,
        }
    }

    /// Of its alert rule, and the worst that a verdict makes of it.
    pub fn severity(&self) -> State {
        self.lines.last().map_or(State::Ok, |line| line.state)
    }

    pub fn line(&self, state: State) -> Option<f64> {
        self.lines.iter().find(|line| line.state == state).map(|line| line.value)
    }

    /// Grafana's evaluator and its number.
    pub fn evaluator(&self, state: State) -> Option<(&'static str, f64)> {
        let line = self.line(state)?;
        Some(match (self.side, self.summary) {
            // Counts are whole: at least 3 is more than 2, and all versions of Grafana know "more than".
            (Side::Above, Summary::Total) => ("gt", line - 1.0),
            (Side::Above, _) => ("gt", line),
            (Side::Below, _) => ("lt", line),
        })
    }

    /// What is wrong at this number.
    pub fn describe(&self, value: f64) -> String {
        self.words.replace("{value}", &self.value.say(value))
    }
}

impl Also {
    pub fn holds(&self, value: f64) -> bool {
        match self.side {
            Side::Above => value > self.line,
            Side::Below => value < self.line,
        }
    }
}

impl Summary {
    /// None of a count, which is no number of the values themselves.
    pub fn reduce(self) -> Option<Reduce> {
        match self {
            Self::Last => Some(Reduce::Last),
            Self::Lowest => Some(Reduce::Minimum),
            Self::Highest => Some(Reduce::Maximum),
            Self::Mean => Some(Reduce::Mean),
            Self::Total => Some(Reduce::Total),
            Self::Count => None,
        }
    }

    /// As Grafana's expressions call it.
    pub fn grafana(self) -> &'static str {
        match self {
            Self::Last => "last",
            Self::Lowest => "min",
            Self::Highest => "max",
            Self::Mean => "mean",
            Self::Total => "sum",
            Self::Count => "count",
        }
    }
}

impl Spoken {
    /// As the texts of the alert rules say it, too.
    pub fn say(self, value: f64) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Percent => format!("{:.0} %", value * 100.0),
            Self::Time => say_time(value / 1000.0),
            Self::Counted { one, .. } if value.round() == 1.0 => format!("1 {one}"),
            Self::Counted { many, .. } => format!("{value:.0} {many}"),
            Self::Many if value >= 1e9 => format!("{:.1} billion", value / 1e9),
            Self::Many if value >= 1e6 => format!("{:.1} million", value / 1e6),
            Self::Many if value >= 1e4 => format!("{:.0} thousand", value / 1e3),
            Self::Many => format!("{value:.0}"),
            Self::Decimal => format!("{value:.1}"),
        }
    }
}

/// "90 seconds", "25 minutes", "4.2 hours", "3.1 days".
pub fn say_time(seconds: f64) -> String {
    match seconds {
        _ if seconds < 120.0 => format!("{seconds:.0} seconds"),
        _ if seconds < 7200.0 => format!("{:.0} minutes", seconds / 60.0),
        _ if seconds < 172_800.0 => format!("{:.1} hours", seconds / 3600.0),
        _ => format!("{:.1} days", seconds / 86_400.0),
    }
}
