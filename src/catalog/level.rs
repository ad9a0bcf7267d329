//! Levels of detail and the dimension sets that carry them.
//!
//! Nothing here guesses which sets exist; it only says what a set that ListMetrics returned is about. The one surprise:
//! AWS's documentation speaks of a level "Operator", while the dimension of live applications is `TaskOperator`, and
//! the spelling of some rarer dimensions is documented nowhere. So every likely spelling is read, in any order.

use std::fmt;

/// What a signal is computed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    Application,
    Task,
    Operator,
    Subtask,
}

impl Scope {
    /// As a query spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Task => "task",
            Self::Operator => "operator",
            Self::Subtask => "subtask",
        }
    }
}

/// MSF's MetricsLevel: how much an application publishes. Each level includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MetricsLevel {
    Application,
    Task,
    Operator,
    Parallelism,
}

impl MetricsLevel {
    /// Reads the level as the API spells it, or as people write it.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_ascii_uppercase().as_str() {
            "APPLICATION" => Some(Self::Application),
            "TASK" => Some(Self::Task),
            "OPERATOR" => Some(Self::Operator),
            "PARALLELISM" => Some(Self::Parallelism),
            _ => None,
        }
    }

    /// The least level at which series of a scope are published.
    pub fn of(scope: Scope) -> Self {
        match scope {
            Scope::Application => Self::Application,
            Scope::Task => Self::Task,
            Scope::Operator => Self::Operator,
            Scope::Subtask => Self::Parallelism,
        }
    }
}

impl fmt::Display for MetricsLevel {
    /// As the API spells it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Application => "APPLICATION",
            Self::Task => "TASK",
            Self::Operator => "OPERATOR",
            Self::Parallelism => "PARALLELISM",
        })
    }
}

/// What one dimension tells about a series, whatever its spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Facet {
    Application,
    Task,
    Operator,
    Subtask,
    Flow,
    Stream,
    Shard,
    Topic,
    Partition,
    Host,
    TaskManager,
}

impl Facet {
    /// What a dimension of this name tells; None for the application's own dimensions. Case matters, as it does for
    /// CloudWatch.
    pub fn of(dimension: &str) -> Option<Self> {
        match dimension {
            "Application" => Some(Self::Application),
            "Task" => Some(Self::Task),
            "TaskOperator" | "Operator" => Some(Self::Operator),
            "Parallelism" | "Subtask" | "SubtaskIndex" => Some(Self::Subtask),
            "Flow" => Some(Self::Flow),
            "Id" => Some(Self::Stream),
            "ShardId" | "Shard" => Some(Self::Shard),
            "Topic" => Some(Self::Topic),
            "Partition" | "PartitionId" => Some(Self::Partition),
            "Host" => Some(Self::Host),
            "tm_id" => Some(Self::TaskManager),
            _ => None,
        }
    }
}

/// Whether a dimension is called so, in any of its spellings.
pub fn is_same_dimension(asked: &str, name: &str) -> bool {
    asked == name || Facet::of(name).is_some_and(|facet| Facet::of(asked) == Some(facet))
}

/// The value of the dimension that tells `facet`, out of a series' names and values.
pub fn value_of<'a, V>(dimensions: impl IntoIterator<Item = (&'a str, V)>, facet: Facet) -> Option<V> {
    dimensions.into_iter().find(|(name, _)| Facet::of(name) == Some(facet)).map(|(_, value)| value)
}

/// The dimension names of a series, classified. ListMetrics says which exist; nothing is guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DimensionSet {
    /// `{Application}`
    Application,
    /// `{Application, Task}`
    Task,
    /// `{Application, Task, TaskOperator}` (or `Operator` in place of `TaskOperator`)
    Operator,
    /// `{Application, Task, Parallelism}`
    TaskSubtask,
    /// `{Application, Task, TaskOperator, Parallelism}`
    OperatorSubtask,
    /// `{Application, Flow, Id}`: a Kinesis stream
    Stream,
    /// Stream and shard
    Shard,
    /// A Kafka topic, with or without `Flow`
    Topic,
    /// Topic and partition
    Partition,
    /// `{Application, Flow}`
    Flow,
    /// `{Application, Flow, Host}`: the JobManager
    Host,
    /// `{Application, Flow, Host, tm_id}`: one TaskManager
    TaskManager,
    /// Anything else: the application's own dimensions
    Custom,
}

/// Facets that decide on their own, the narrower one before the wider. Series of connectors may carry the task and
/// operator as well.
const FIRST: [(Facet, DimensionSet); 6] = [
    (Facet::Shard, DimensionSet::Shard),
    (Facet::Partition, DimensionSet::Partition),
    (Facet::Stream, DimensionSet::Stream),
    (Facet::Topic, DimensionSet::Topic),
    (Facet::TaskManager, DimensionSet::TaskManager),
    (Facet::Host, DimensionSet::Host),
];

impl DimensionSet {
    /// What series with these dimension names are about.
    pub fn classify<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut facets = Vec::with_capacity(4);
        for name in names {
            match Facet::of(name) {
                Some(facet) => facets.push(facet),
                None => return Self::Custom,
            }
        }
        Self::of_facets(&facets)
    }

    fn of_facets(facets: &[Facet]) -> Self {
        let has = |facet| facets.contains(&facet);
        if !has(Facet::Application) {
            return Self::Custom;
        }
        if let Some((_, set)) = FIRST.iter().find(|(facet, _)| has(*facet)) {
            return *set;
        }
        match (has(Facet::Task), has(Facet::Operator), has(Facet::Subtask)) {
            (_, true, true) => Self::OperatorSubtask,
            (_, true, false) => Self::Operator,
            (true, false, true) => Self::TaskSubtask,
            (true, false, false) => Self::Task,
            (false, false, true) => Self::Custom,
            (false, false, false) if has(Facet::Flow) => Self::Flow,
            (false, false, false) => Self::Application,
        }
    }

    /// The least MetricsLevel at which an application publishes such series; None for its own dimensions, which it adds
    /// at any level.
    pub fn level(self) -> Option<MetricsLevel> {
        match self {
            Self::Application | Self::Stream | Self::Topic | Self::Flow | Self::Host | Self::TaskManager => {
                Some(MetricsLevel::Application)
            }
            Self::Task => Some(MetricsLevel::Task),
            Self::Operator => Some(MetricsLevel::Operator),
            // AWS's table of connector metrics: "Application (for Stream), Parallelism (for ShardId)".
            Self::TaskSubtask | Self::OperatorSubtask | Self::Shard | Self::Partition => {
                Some(MetricsLevel::Parallelism)
            }
            Self::Custom => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_recognised_in_any_order_and_spelling() {
        let cases = [
            ("Application", DimensionSet::Application),
            ("Task Application", DimensionSet::Task),
            ("Application Task TaskOperator", DimensionSet::Operator),
            ("Operator Task Application", DimensionSet::Operator),
            ("Application Parallelism Task", DimensionSet::TaskSubtask),
            ("Application Subtask Task", DimensionSet::TaskSubtask),
            ("SubtaskIndex Application Task TaskOperator", DimensionSet::OperatorSubtask),
            ("Application Flow Id", DimensionSet::Stream),
            ("Id ShardId Flow Application", DimensionSet::Shard),
            ("Id Shard Flow Application", DimensionSet::Shard),
            ("Application Topic", DimensionSet::Topic),
            ("Application Flow Topic", DimensionSet::Topic),
            ("Application Topic PartitionId", DimensionSet::Partition),
            ("Application Partition Task TaskOperator Topic", DimensionSet::Partition),
            ("Application Flow", DimensionSet::Flow),
            ("Application Flow Host", DimensionSet::Host),
            ("Application Flow Host tm_id", DimensionSet::TaskManager),
            ("Application Parallelism", DimensionSet::Custom),
            ("Application Task Tenant", DimensionSet::Custom),
            ("Task", DimensionSet::Custom),
            ("", DimensionSet::Custom),
        ];
        for (names, set) in cases {
            assert_eq!(DimensionSet::classify(names.split_whitespace()), set, "{names}");
        }
    }

    #[test]
    fn values_are_found_under_either_spelling() {
        let dimensions = [("Application", "orders"), ("Operator", "parse"), ("SubtaskIndex", "3")];
        assert_eq!(value_of(dimensions, Facet::Operator), Some("parse"));
        assert_eq!(value_of(dimensions, Facet::Subtask), Some("3"));
        assert_eq!(value_of(dimensions, Facet::Task), None);
    }

    #[test]
    fn levels_are_read_and_shown_as_the_api_spells_them() {
        for level in ["APPLICATION", "TASK", "OPERATOR", "PARALLELISM"] {
            assert_eq!(MetricsLevel::parse(level).map(|l| l.to_string()).as_deref(), Some(level));
        }
        assert_eq!(MetricsLevel::parse("operator"), Some(MetricsLevel::Operator));
        assert_eq!(MetricsLevel::parse("SUBTASK"), None);
        assert!(MetricsLevel::Task < MetricsLevel::Parallelism);
    }
}
