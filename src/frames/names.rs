//! Labels and legends of lines.

mod template;

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::names::display;
use crate::limits;
use crate::notice::Notice;
use crate::plan::line::{Line, MeasureLabels, Target};

/// Names and values of one line's labels.
pub type Labels = BTreeMap<String, String>;

/// The labels of a line: only those that apply, so that alert rules and transformations can use them.
pub fn labels(line: &Line, of_measure: MeasureLabels) -> Labels {
    let mut labels = target_labels(&line.target);
    if of_measure.signal {
        labels.insert("signal".to_owned(), line.measure.signal.to_string());
    }
    if let Some(statistic) = line.measure.statistic.as_ref().filter(|_| of_measure.statistic) {
        labels.insert("statistic".to_owned(), statistic.to_string());
    }
    labels
}

fn target_labels(target: &Target) -> Labels {
    let own = [
        ("application", Some(target.application.to_string())),
        ("region", Some(target.region.to_string())),
        ("account", target.account.as_ref().map(ToString::to_string)),
        ("task", target.task.as_deref().map(str::to_owned)),
        ("operator", target.operator.as_deref().map(str::to_owned)),
        ("subtask", target.subtask.as_deref().map(str::to_owned)),
    ];
    let own = own.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    own.chain(target.dimensions.iter().map(|(name, value)| (label_of(name), value.to_string()))).collect()
}

/// Names that an application's own dimension must not have as a label: our labels, the columns of a series, and labels
/// that Grafana gives to alerts.
const RESERVED: &[&str] = &[
    "application",
    "region",
    "account",
    "task",
    "operator",
    "subtask",
    "signal",
    "statistic",
    "time",
    "value",
    "alertname",
    "grafana_folder",
    "ref_id",
];

/// What stands before the name of a dimension where the bare name is reserved.
const PREFIX: &str = "dimension_";

/// The label of a dimension. Two dimensions never have one label: a name that looks as if it had the prefix gets it
/// too.
fn label_of(dimension: &str) -> String {
    let is_taken = RESERVED.contains(&dimension) || dimension.starts_with(PREFIX) || dimension.starts_with("__");
    if is_taken { format!("{PREFIX}{dimension}") } else { dimension.to_owned() }
}

/// The legends of the lines of one answer, by the author's template or by what tells each from its neighbours. No two
/// are equal.
pub fn legends(lines: &[&Line], author: Option<&str>) -> Vec<String> {
    let differences = Differences::of(lines);
    let plain = |line: &Line| plain_legend(line, &differences);
    let mut legends: Vec<String> = match author {
        None => lines.iter().map(|line| plain(line)).collect(),
        Some(template) => lines.iter().map(|line| cut(&template::fill(template, line, &plain(line)))).collect(),
    };
    if author.is_some() {
        tell_apart(&mut legends, |index| plain(lines[index]));
    }
    let all: Vec<Labels> =
        lines.iter().map(|line| labels(line, MeasureLabels { signal: true, statistic: true })).collect();
    tell_apart(&mut legends, |index| all[index].values().map(String::as_str).collect::<Vec<_>>().join(" · "));
    legends
}

/// A legend is sent with its line twice, and an author can repeat a label.
fn cut(legend: &str) -> String {
    limits::cut(legend, limits::LEGEND_SHOWN_BYTES).into_owned()
}

/// Adds to the legends that are equal, or blank, what tells them apart.
fn tell_apart(legends: &mut [String], more: impl Fn(usize) -> String) {
    let mut by_text: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, legend) in legends.iter().enumerate() {
        by_text.entry(legend.trim().to_owned()).or_default().push(index);
    }
    for (text, indexes) in by_text {
        for index in indexes.iter().filter(|_| indexes.len() > 1 || text.is_empty()) {
            let more = more(*index);
            legends[*index] = if text.is_empty() { more } else { format!("{text} · {more}") };
        }
    }
}

/// Says which labels of the author's legend no line has, and which there are.
pub fn unknown_labels(lines: &[&Line], author: Option<&str>) -> Option<Notice> {
    let unknown = template::unknown(author?, lines);
    if unknown.is_empty() || lines.is_empty() {
        return None;
    }
    let known: BTreeSet<String> = lines.iter().flat_map(|line| template::known(line)).collect();
    let quoted = unknown.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let known = known.into_iter().collect::<Vec<_>>().join(", ");
    Some(Notice::info(format!("No line of this query has what the legend calls {quoted}. It has {known}.")))
}

/// What the lines of one answer differ in: only that needs to stand in a legend.
#[derive(Debug)]
struct Differences {
    applications: bool,
    accounts: bool,
    signals: bool,
    tasks: bool,
}

impl Differences {
    fn of(lines: &[&Line]) -> Self {
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

/// What tells a line from its neighbours, in a readable form.
fn plain_legend(line: &Line, differences: &Differences) -> String {
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
    let is_told = |value: &str| Some(value) == target.operator.as_deref() || Some(value) == target.subtask.as_deref();
    parts.extend(target.dimensions.iter().map(|(_, value)| value.to_string()).filter(|value| !is_told(value)));
    parts.extend(target.subtask.as_ref().map(|subtask| format!("subtask {subtask}")));
    if differences.signals || parts.is_empty() {
        parts.push(line.measure.title.to_string());
    }
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::sync::Arc;

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
        let measure = Measure::named(&signal);
        let grid = Grid { start: 0, end: 60, period: Period::MINUTE, lookback: 0, open: None, arriving: None };
        Line { target, measure: Arc::new(measure), grid, expr: Expr::Constant(1.0) }
    }

    fn check(paths: &[&str], expected: &[&str]) {
        let lines: Vec<Line> = paths.iter().map(|path| line(path)).collect();
        assert_eq!(legends(&lines.iter().collect::<Vec<_>>(), None), expected);
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
        assert_eq!(legends(&[&one, &two], None), ["111111111111", "222222222222"]);
        assert_eq!(legends(&[&one], None), ["BUSY"]);
    }

    /// Labels as `name=value`.
    fn pairs(line: &Line, of_measure: MeasureLabels) -> Vec<String> {
        labels(line, of_measure).iter().map(|(name, value)| format!("{name}={value}")).collect()
    }

    #[test]
    fn labels_are_those_that_apply() {
        let mut line = line("orders/map///busy");
        line.target.dimensions = vec![("DeviceType".into(), "meter".into())];
        let ours = ["DeviceType=meter", "application=orders", "region=eu-west-1"];
        assert_eq!(pairs(&line, MeasureLabels::default()), [&ours[..], &["task=map"]].concat());
        let several = MeasureLabels { signal: true, statistic: true };
        assert_eq!(pairs(&line, several), [&ours[..], &["signal=busy", "task=map"]].concat());
    }

    #[test]
    fn dimensions_never_take_the_place_of_our_labels() {
        let mut line = line("orders/map///busy");
        let own = ["region", "task", "time", "Region", "dimension_task", "alertname", "__name__"];
        line.target.dimensions = own.map(|name| (name.into(), "x".into())).to_vec();
        let renamed = ["dimension___name__", "dimension_alertname", "dimension_dimension_task", "dimension_region"];
        let names: Vec<String> = labels(&line, MeasureLabels::default()).into_keys().collect();
        let expected =
            [&["Region", "application"], &renamed[..], &["dimension_task", "dimension_time", "region", "task"]];
        assert_eq!(names, expected.concat());
    }

    fn filled(template: &str, paths: &[&str]) -> Vec<String> {
        let lines: Vec<Line> = paths.iter().map(|path| line(path)).collect();
        legends(&lines.iter().collect::<Vec<_>>(), Some(template))
    }

    #[test]
    fn a_legend_of_the_author_is_filled_with_labels_and_keeps_the_rest() {
        let one = &["orders/Source:_a____Map/Map/3/busy"];
        assert_eq!(
            filled("{{application}} / {{ application }}: {{task}}!", one),
            ["orders / orders: Source: a -> Map!"]
        );
        assert_eq!(filled("{{signal}} of {{operator}} {{subtask}}", one), ["busy of Map 3"]);
        assert_eq!(filled("{{open", one), ["{{open"]);
        assert_eq!(filled("plain", one), ["plain"]);
    }

    #[test]
    fn the_words_of_cloudwatch_are_understood() {
        let lines = &["orders/Map/Map/3/busy", "payments/Map/Map/3/busy"];
        assert_eq!(filled("{{Application}}", lines), ["orders", "payments"]);
        assert_eq!(filled("{{metric}} {{ApplicationName}}", lines), ["busy orders", "busy payments"]);
        assert_eq!(filled("{{label}}", lines), ["orders · Map · subtask 3", "payments · Map · subtask 3"]);
        let words = "{{MetricName}} {{namespace}} {{Task}} {{TaskOperator}} {{Parallelism}} {{period}} {{Region}}";
        assert_eq!(filled(words, &["orders/m/o/3/busy"]), ["busy AWS/KinesisAnalytics m o 3 60 eu-west-1"]);
    }

    #[test]
    fn no_legend_is_blank_and_no_two_are_equal() {
        let lines = &["orders", "payments"];
        assert_eq!(filled("{{topic}} {{foo}}", lines), ["orders", "payments"]);
        assert_eq!(filled("rate {{foo}}", lines), ["rate · orders", "rate · payments"]);
        assert_eq!(filled("rate", &["orders"]), ["rate"]);
        // Both read alike: only the raw names differ.
        let twins = legends(&[&line("orders/a-b"), &line("orders/a_b")], None);
        assert_ne!(twins[0], twins[1]);
    }

    #[test]
    fn what_no_line_has_is_said_with_what_there_is() {
        let notice = |template: &str| unknown_labels(&[&line("orders/map")], Some(template)).map(|notice| notice.text);
        assert_eq!(notice("{{application}} {{Task}} {{metric}} {{label}}"), None);
        assert_eq!(
            notice("{{applicaton}} {{topic}} {{stat}}").as_deref(),
            Some(
                "No line of this query has what the legend calls \"applicaton\", \"topic\". It has application, label, namespace, period, region, signal, statistic, task."
            )
        );
    }
}
