//! The table of alert rules: which conditions of the catalogue are watched, why, and what to do then.

use flinkwatch::catalog::condition::{Condition, Side, Spoken, Summary};
use flinkwatch::catalog::conditions;
use flinkwatch::catalog::signal::State;
use flinkwatch::catalog::signals;

/// Rules of one subject, evaluated together.
pub struct Group {
    pub name: &'static str,
    pub interval: &'static str,
    /// Why at this interval.
    pub pace: &'static str,
    pub rules: &'static [Rule],
    /// Of the rule that fires where those of the group cannot be evaluated.
    pub unreadable: State,
}

/// What a query of a rule asks for.
pub struct Ask {
    pub signals: Vec<&'static str>,
    /// Seconds before the evaluation at which its range begins.
    pub from: i64,
    pub period: i64,
}

impl Group {
    pub fn minutes(&self) -> i64 {
        self.interval.trim_end_matches('m').parse().unwrap()
    }

    /// What the rule asks for that fires where the others cannot be evaluated: what they ask for, at the same moment.
    pub fn unreadable_ask(&self) -> Ask {
        Ask { signals: self.rules.iter().map(|rule| rule.condition.signal).collect(), from: 600, period: 60 }
    }
}

pub struct Rule {
    /// What is watched: signal, range, lines and words.
    pub condition: &'static Condition,
    pub title: &'static str,
    /// The line at which it fires, which is its severity, too.
    pub state: State,
    /// Why the rule watches this, in this way.
    pub why: &'static str,
    pub runbook: &'static str,
    /// When to change what.
    pub tune: &'static str,
    /// Which dashboard shows the cause.
    pub dashboard: &'static str,
}

pub fn severity(state: State) -> &'static str {
    match state {
        State::Ok => "none",
        State::Warning => "warning",
        State::Critical => "critical",
    }
}

impl Rule {
    pub fn id(&self) -> &'static str {
        self.condition.id
    }

    pub fn uid(&self) -> String {
        format!("flinkwatch-{}", self.id())
    }

    /// Grafana's `for`.
    pub fn lasting(&self) -> String {
        let minutes = self.condition.lasting;
        if minutes == 0 { "0s".to_owned() } else { format!("{minutes}m") }
    }

    /// Grafana's evaluator and its number.
    pub fn evaluator(&self) -> (&'static str, f64) {
        let line = self.condition.line(self.state).unwrap();
        match (self.condition.side, self.condition.summary) {
            // Counts are whole: at least 3 is more than 2, and all versions of Grafana know "more than".
            (Side::Above, Summary::Total) => ("gt", line - 1.0),
            (Side::Above, _) => ("gt", line),
            (Side::Below, _) => ("lt", line),
        }
    }

    pub fn ask(&self) -> Ask {
        let Condition { signal, minutes, .. } = *self.condition;
        Ask { signals: vec![signal], from: minutes * 60, period: signals::signal(signal).unwrap().minimum_period }
    }

    pub fn spoken(&self) -> Spoken {
        self.condition.value
    }
}

pub const GROUPS: &[Group] = &[
    Group {
        name: "reliability",
        interval: "1m",
        pace: "Somebody should know of an outage within minutes.",
        rules: RELIABILITY,
        unreadable: State::Critical,
    },
    Group {
        name: "progress",
        interval: "5m",
        pace: "Nothing here is worth a call before it has lasted for minutes, and each evaluation costs calls.",
        rules: PROGRESS,
        unreadable: State::Warning,
    },
    Group {
        name: "checkpoints",
        interval: "5m",
        pace: "Checkpoints come once a minute or less often.",
        rules: CHECKPOINTS,
        unreadable: State::Warning,
    },
    Group {
        name: "resources",
        interval: "5m",
        pace: "A short peak is normal; what lasts is not.",
        rules: RESOURCES,
        unreadable: State::Warning,
    },
];

const RELIABILITY: &[Rule] = &[
    Rule {
        condition: &conditions::RESTART_LOOP,
        title: "Flink application restarts again and again",
        state: State::Critical,
        why: "An application in a restart loop keeps the status RUNNING, and downtime can stay 0 all the while; the count of restarts moves. One restart is normal, and a deployment starts a new count.",
        runbook: "Read the application's log from the first failure on, not the newest: the cause stands in throwableInformation. A bad record, a missing permission and a lost sink are the usual ones. If a deployment began it, roll back.",
        tune: "Raise the threshold for jobs that restart by design; shorten the range to hear of it earlier.",
        dashboard: "Application, availability",
    },
    Rule {
        condition: &conditions::NOT_RUNNING,
        title: "Flink application is down most of the time",
        state: State::Critical,
        why: "AWS recommends an alarm on downtime above 0, but downtime can stay 0 through a whole restart; availability follows uptime. A deployment or scaling takes a minute or two of ten and does not make it fire.",
        runbook: "The job does not come up again. Look for missing resources (slots, KPUs, subnet addresses), a state that cannot be restored, and the log of the last start.",
        tune: "Raise the threshold towards 0.9 to hear of shorter outages, and of slow deployments.",
        dashboard: "Application, availability",
    },
    Rule {
        condition: &conditions::SILENT,
        title: "Flink application runs and publishes nothing",
        state: State::Critical,
        why: "Metrics of an application that is gone are absent, not 0, so other rules keep their state. Only applications that the service does not call stopped are asked for. CloudWatch publishes up to three minutes late and a start takes minutes too, hence the long range.",
        runbook: "Check the application's status and its last operation in the AWS console. A job that has finished, or one that failed before its first metric, looks like this.",
        tune: "Needs kinesisanalytics:ListApplications: without it the rule fires for a stopped application until CloudWatch forgets it.",
        dashboard: "Fleet",
    },
];

const PROGRESS: &[Rule] = &[
    Rule {
        condition: &conditions::NO_OUTPUT,
        title: "Flink application writes nothing",
        state: State::Warning,
        why: "AWS recommends an alarm on the output below its normal minimum. What is normal is the application's own; nothing at all is suspicious everywhere. The maximum of half an hour lets windows of minutes pass.",
        runbook: "See whether records still come in. If they do, a filter or a window drops them or an event-time clock stands still (watermark lag); if not, look at the source and who feeds it.",
        tune: "Make the range longer than the longest window. Raise the threshold to the normal minimum, or exclude applications that idle at night.",
        dashboard: "Application, throughput",
    },
    Rule {
        condition: &conditions::CONSUMER_LAG_TIME,
        title: "Flink application falls behind its stream",
        state: State::Critical,
        why: "The lowest lag of ten minutes is above the line, so a short burst does not make it fire.",
        runbook: "Look for back pressure and the busiest task. If nothing is busy, the source or its shards are the limit; if all are, scale.",
        tune: "The line is that of AWS's sample dashboards, a minute. Set it to the delay that your users accept.",
        dashboard: "Application, lag",
    },
    Rule {
        condition: &conditions::CONSUMER_LAG_RECORDS,
        title: "Flink application falls behind its topic",
        state: State::Warning,
        why: "The lowest lag of ten minutes is above the line, so a short burst does not make it fire. Nobody draws a general line for records.",
        runbook: "As for the lag in time. If one partition is far behind the others, look for a hot key or a stuck subtask.",
        tune: "Set the threshold to a minute or two of the topic's records per partition.",
        dashboard: "Application, lag",
    },
    Rule {
        condition: &conditions::WATERMARK_LAG,
        title: "Flink application's event time is behind",
        state: State::Warning,
        why: "Windows close by the watermark: what is behind it is not in the results yet. The lowest lag of ten minutes, so that a restart does not make it fire.",
        runbook: "If the consumer lags too, mend that first. Else one partition is idle or old: see the tasks' watermarks, and give the source an idleness.",
        tune: "Set the threshold above the out-of-orderness that the job allows and below the delay that your users accept.",
        dashboard: "Operators, watermarks",
    },
    Rule {
        condition: &conditions::WATERMARK_SKEW,
        title: "Flink application's subtasks drift apart in event time",
        state: State::Warning,
        why: "AWS recommends an alarm on the distance between output and input watermark: a growing one is a stalled subtask, or old events on one side of a join. Its threshold is the application's own.",
        runbook: "Find the task and subtask with the oldest watermark; its partition is idle, hot, or holds old events.",
        tune: "Set the threshold to a few times the usual distance.",
        dashboard: "Operators, watermarks",
    },
    Rule {
        condition: &conditions::BACK_PRESSURE,
        title: "Flink application is back pressured",
        state: State::Warning,
        why: "Flink itself calls half of the time HIGH. The most blocked subtask counts, because it holds up all behind it.",
        runbook: "The cause is the next task downstream that is busy and not back pressured: make it faster, wider or less skewed, or the sink behind it.",
        tune: "Lengthen the range for jobs that catch up in bursts.",
        dashboard: "Operators, back pressure",
    },
];

const CHECKPOINTS: &[Rule] = &[
    Rule {
        condition: &conditions::CHECKPOINTS_FAILED,
        title: "Flink application's checkpoints fail",
        state: State::Warning,
        why: "AWS recommends to watch the gradient of numberOfFailedCheckpoints, since the number itself never falls. The increase is what is summed here.",
        runbook: "Read the log for \"checkpoint\" and its reason: expired ones take longer than their timeout (back pressure, large state), declined ones meet a task that is not running.",
        tune: "Raise the threshold for jobs that restart now and then: a checkpoint in progress at a restart counts as failed.",
        dashboard: "Checkpoints",
    },
    Rule {
        condition: &conditions::NO_CHECKPOINT,
        title: "Flink application completes no checkpoint",
        state: State::Critical,
        why: "A restart would repeat ever more work, and the duration of the last one stays flat, so nothing else shows it. The metric is published from Flink 2 on; for older applications there is no such series, and the rule does not fire.",
        runbook: "As for failed checkpoints. Also see whether checkpointing is switched on.",
        tune: "Make the range several times the longest checkpoint interval.",
        dashboard: "Checkpoints",
    },
    Rule {
        condition: &conditions::SLOW_CHECKPOINTS,
        title: "Flink application's checkpoints take too long",
        state: State::Warning,
        why: "AWS recommends an alarm on the duration; a good line is half of the configured interval, which is known from DescribeApplication. So one rule fits all.",
        runbook: "Under back pressure barriers wait: mend that first. Else the state has grown: see the size, and consider a longer interval, a time to live for state, or more KPUs.",
        tune: "Needs kinesisanalytics:DescribeApplication; without it no application has this number. 1 is back to back.",
        dashboard: "Checkpoints",
    },
    Rule {
        condition: &conditions::STATE_GROWTH,
        title: "Flink application's checkpoints have grown",
        state: State::Warning,
        why: "AWS recommends an alarm on the size. What is large is the application's own; twice of yesterday's at the same hour is worth a look everywhere.",
        runbook: "Compare with the load of yesterday. If that is equal, look for state without a time to live, or for keys that never come again.",
        tune: "For a new application, or one that learns its state for days, raise the factor.",
        dashboard: "Checkpoints",
    },
];

const RESOURCES: &[Rule] = &[
    Rule {
        condition: &conditions::CPU,
        title: "Flink application's CPU is almost used up",
        state: State::Warning,
        why: "AWS recommends 80 %, to scale before it is too late. The mean of ten minutes takes the place of three points in a row.",
        runbook: "See whether the load has grown and whether autoscaling acts (it looks at the containers' mean). One hot TaskManager among cool ones is skew.",
        tune: "Switch it off where autoscaling is on and works.",
        dashboard: "Application, resources",
    },
    Rule {
        condition: &conditions::HEAP,
        title: "Flink application's heap is almost full",
        state: State::Warning,
        why: "AWS recommends 90 %. Heap rises and falls with garbage collection; a mean above the line is one that no longer falls.",
        runbook: "Look at GC pressure. State on the heap, large records and user code that keeps objects are the usual causes; more KPUs give more heap.",
        tune: "Raise the range for jobs with long windows on the heap.",
        dashboard: "Application, resources",
    },
    Rule {
        condition: &conditions::CONTAINER_MEMORY,
        title: "Flink application's containers are almost full",
        state: State::Warning,
        why: "RocksDB and native memory are not part of the heap. A container at its limit is killed, which shows as a restart only.",
        runbook: "If the heap is fine, native memory grows: RocksDB, direct buffers, a library. More KPUs, or fewer subtasks per KPU, give more memory to each.",
        tune: "RocksDB fills what it is given; raise the line for jobs that stay calmly above it.",
        dashboard: "Application, resources",
    },
    Rule {
        condition: &conditions::GC_PRESSURE,
        title: "Flink application collects garbage most of the time",
        state: State::Warning,
        why: "AWS recommends the time, and the number, of old-generation collections. The share of time says both in one number that needs no line of the application's own.",
        runbook: "A leak if it climbs for days, too small a heap if it follows the load. Take a heap profile before the restart that mends it for a while.",
        tune: "AWS advises a line at which typical values reach 60 %: lower it for jobs that hardly collect.",
        dashboard: "Application, resources",
    },
    Rule {
        condition: &conditions::THREAD_GROWTH,
        title: "Flink application's threads have grown",
        state: State::Warning,
        why: "AWS recommends an alarm on the number of threads. What is normal is the application's own; half as many more than yesterday is a leak, or another parallelism.",
        runbook: "If the parallelism did not change, user code starts threads and never ends them: clients made for each record or each open() are the usual cause.",
        tune: "Raise the factor where autoscaling more than doubles the parallelism within a day.",
        dashboard: "Application, resources",
    },
];
