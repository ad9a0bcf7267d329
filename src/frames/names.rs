//! Labels and legends of lines.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::names::display;
use crate::plan::line::{Line, Target};

/// The labels of a line: only those that apply, so that alert rules and transformations can use them.
pub fn labels(line: &Line) -> BTreeMap<String, String> {
    let mut labels = target_labels(&line.target);
    labels.insert("signal".to_owned(), line.measure.signal.to_string());
    if let Some(statistic) = &line.measure.statistic {
        labels.insert("statistic".to_owned(), statistic.to_string());
    }
    labels
}

fn target_labels(target: &Target) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            labels.insert(name.to_owned(), value);
        }
    };
    put("application", Some(target.application.to_string()));
    put("region", Some(target.region.to_string()));
    put("account", target.account.as_ref().map(ToString::to_string));
    put("task", target.task.as_deref().map(str::to_owned));
    put("operator", target.operator.as_deref().map(str::to_owned));
    put("subtask", target.subtask.as_deref().map(str::to_owned));
    for (name, value) in &target.dimensions {
        put(name, Some(value.to_string()));
    }
    labels
}

/// What the lines of one answer differ in: only that needs to stand in a legend.
#[derive(Debug)]
pub struct Differences {
    applications: bool,
    accounts: bool,
    signals: bool,
    tasks: bool,
}

impl Differences {
    pub fn of(lines: &[&Line]) -> Self {
        let differ =
            |key: &dyn Fn(&Line) -> String| lines.iter().map(|line| key(line)).collect::<BTreeSet<_>>().len() > 1;
        Self {
            applications: differ(&|line| line.target.application.to_string()),
            accounts: differ(&|line| format!("{:?}", line.target.account)),
            signals: differ(&|line| line.measure.signal.to_string()),
            tasks: differ(&|line| format!("{:?}", line.target.task)),
        }
    }
}

/// The legend of a line: the author's own, or what tells it from its neighbours.
pub fn legend(line: &Line, author: Option<&str>, differences: &Differences) -> String {
    if let Some(template) = author {
        return fill(template, &labels(line));
    }
    let target = &line.target;
    let mut parts: Vec<String> = Vec::new();
    if differences.accounts {
        parts.extend(target.account.as_ref().map(ToString::to_string));
    }
    if differences.applications {
        parts.push(target.application.to_string());
    }
    let is_named_by_operator = target.operator.is_some() && !differences.tasks;
    if !is_named_by_operator {
        parts.extend(target.task.as_deref().map(display));
    }
    parts.extend(target.operator.as_deref().map(display));
    parts.extend(target.dimensions.iter().map(|(_, value)| value.to_string()));
    parts.extend(target.subtask.as_ref().map(|subtask| format!("subtask {subtask}")));
    if differences.signals || parts.is_empty() {
        parts.push(line.measure.title.to_string());
    }
    parts.join(" · ")
}

/// Fills `{{label}}`; a label that the line does not have becomes nothing.
fn fill(template: &str, labels: &BTreeMap<String, String>) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(start) = rest.find("{{") {
        let Some(length) = rest[start..].find("}}") else { break };
        filled.push_str(&rest[..start]);
        let name = rest[start + 2..start + length].trim();
        filled.push_str(labels.get(name).map_or("", String::as_str));
        rest = &rest[start + length + 2..];
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::sync::Arc;

    use crate::catalog::metric::{Good, Unit};
    use crate::catalog::signal::Reduce;
    use crate::period::Period;
    use crate::place::{AccountId, ApplicationName, Region};
    use crate::plan::expr::{Expr, Grid};
    use crate::plan::line::Measure;

    /// A line named by `application/task/operator/subtask/signal`; empty parts are absent.
    fn line(path: &str) -> Line {
        let parts: Vec<&str> = path.split('/').collect();
        let part = |index: usize| parts.get(index).filter(|part| !part.is_empty()).map(|part| Arc::<str>::from(*part));
        let signal = part(4).unwrap_or_else(|| Arc::from("busy"));
        let target = Target {
            application: ApplicationName::from(parts[0]),
            account: None,
            region: Region::from("eu-west-1"),
            task: part(1),
            operator: part(2),
            subtask: part(3),
            dimensions: Vec::new(),
        };
        let measure = Measure {
            title: signal.to_uppercase().into(),
            signal: signal.to_string().into(),
            description: "".into(),
            statistic: None,
            unit: Unit::None,
            thresholds: &[],
            good: Good::Neutral,
            reduce: Reduce::Last,
        };
        let grid = Grid { start: 0, end: 60, period: Period::MINUTE, lookback: 0, open: None };
        Line { target, measure: Arc::new(measure), grid, expr: Expr::Constant(1.0) }
    }

    fn check(paths: &[&str], expected: &[&str]) {
        let lines: Vec<Line> = paths.iter().map(|path| line(path)).collect();
        let differences = Differences::of(&lines.iter().collect::<Vec<_>>());
        let legends: Vec<String> = lines.iter().map(|line| legend(line, None, &differences)).collect();
        assert_eq!(legends, expected);
    }

    #[test]
    fn a_legend_says_what_tells_a_line_from_its_neighbours() {
        check(&["orders////busy"], &["BUSY"]);
        check(&["orders////busy", "orders////idle"], &["BUSY", "IDLE"]);
        check(&["orders////busy", "payments////busy"], &["orders", "payments"]);
        check(&["orders////busy", "payments////idle"], &["orders · BUSY", "payments · IDLE"]);
        check(&["orders/map", "orders/sink"], &["map", "sink"]);
        check(&["orders/map/a", "orders/map/b"], &["a", "b"]);
        check(&["orders/map/a", "orders/sink/a"], &["map · a", "sink · a"]);
        check(&["orders/map//0", "orders/map//1"], &["map · subtask 0", "map · subtask 1"]);
    }

    #[test]
    fn accounts_stand_in_a_legend_only_where_they_differ() {
        let of = |account: &str| {
            let mut line = line("orders");
            line.target.account = Some(AccountId::from(account));
            line
        };
        let (one, two) = (of("111111111111"), of("222222222222"));
        assert_eq!(legend(&one, None, &Differences::of(&[&one, &two])), "111111111111");
        assert_eq!(legend(&one, None, &Differences::of(&[&one])), "BUSY");
    }

    #[test]
    fn labels_are_those_that_apply() {
        let mut line = line("orders/map///busy");
        line.target.dimensions = vec![("DeviceType".into(), "meter".into())];
        let labels = labels(&line);
        let pairs: Vec<String> = labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(pairs, ["DeviceType=meter", "application=orders", "region=eu-west-1", "signal=busy", "task=map"]);
        let own = legend(&line, Some("{{application}} {{DeviceType}} {{operator}}"), &Differences::of(&[&line]));
        assert_eq!(own, "orders meter ");
    }

    #[test]
    fn a_legend_is_filled_with_labels_and_keeps_the_rest() {
        let labels = BTreeMap::from([("application".to_owned(), "orders".to_owned())]);
        assert_eq!(fill("{{application}} / {{ application }}: {{task}}!", &labels), "orders / orders: !");
        assert_eq!(fill("{{open", &labels), "{{open");
        assert_eq!(fill("", &labels), "");
    }
}
