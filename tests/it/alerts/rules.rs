//! The table of alert rules: which conditions of the catalogue are watched, why, and what to do then.

use flinkwatch::catalog::condition::{Condition, Spoken};
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
        let asked = self.rules.iter().filter(|rule| !rule.is_paused);
        Ask { signals: asked.map(|rule| rule.condition.signal).collect(), from: 600, period: 60 }
    }
}

pub struct Rule {
    /// What is watched: signal, range, lines and words.
    pub condition: &'static Condition,
    pub title: &'static str,
    /// Minutes for which it still fires when the condition is over, so that a value near its line does not flap.
    pub keeps_firing: i64,
    /// It has to be adapted first, or is covered by another one.
    pub is_paused: bool,
    /// Why the rule watches this, in this way.
    pub why: &'static str,
    /// When to change what.
    pub tune: &'static str,
    /// The dashboard, and the signal whose panel on it shows the cause.
    pub panel: (&'static str, &'static str),
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
        self.condition.evaluator(self.condition.severity()).unwrap()
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
        name: "restarts",
        interval: "4m",
        pace: "Somebody should know of a restart loop within minutes.",
        rules: RESTARTS,
        unreadable: State::Critical,
    },
    Group {
        name: "reliability",
        interval: "5m",
        pace: "An outage of any other kind is known within ten to twenty minutes.",
        rules: RELIABILITY,
        unreadable: State::Critical,
    },
    Group {
        name: "lag",
        interval: "5m",
        pace: "Lag is what users see, and what is not read in time is lost.",
        rules: LAG,
        unreadable: State::Warning,
    },
    Group {
        name: "progress",
        interval: "15m",
        pace: "Nothing here is worth a call before it has lasted, and each evaluation is billed.",
        rules: PROGRESS,
        unreadable: State::Warning,
    },
    Group {
        name: "checkpoints",
        interval: "15m",
        pace: "Checkpoints come once a minute or less often.",
        rules: CHECKPOINTS,
        unreadable: State::Warning,
    },
    Group {
        name: "resources",
        interval: "30m",
        pace: "A short peak is normal; what lasts is not.",
        rules: RESOURCES,
        unreadable: State::Warning,
    },
];

const RESTARTS: &[Rule] = &[Rule {
    condition: &conditions::RESTART_LOOP,
    title: "Flink application restarts again and again",
    keeps_firing: 0,
    is_paused: false,
    why: "An application in a restart loop keeps the status RUNNING, and downtime can stay 0 all the while; the count of restarts moves. One restart is normal, and a deployment starts a new count.",
    tune: "Raise the threshold for jobs that restart by design; shorten the range to hear of it earlier.",
    panel: ("application", "restarts"),
}];

const RELIABILITY: &[Rule] = &[
    Rule {
        condition: &conditions::NOT_RUNNING,
        title: "Flink application is down most of the time",
        keeps_firing: 0,
        is_paused: false,
        why: "AWS recommends an alarm on downtime above 0, but downtime can stay 0 through a whole restart; availability follows uptime. A deployment or scaling takes a minute or two of ten and does not make it fire.",
        tune: "Raise the threshold towards 0.9 to hear of shorter outages, and of slow deployments.",
        panel: ("application", "availability"),
    },
    Rule {
        condition: &conditions::SILENT,
        title: "Flink application runs and publishes nothing",
        keeps_firing: 0,
        is_paused: false,
        why: "Metrics of an application that is gone are absent, not 0, so other rules keep their state. Only applications that the service does not call stopped are asked for. CloudWatch publishes up to three minutes late and a start takes minutes too, hence the long range.",
        tune: "Needs kinesisanalytics:ListApplications: without it the rule fires for a stopped application until CloudWatch forgets it.",
        panel: ("application", "uptime"),
    },
];

const LAG: &[Rule] = &[
    Rule {
        condition: &conditions::LAG_NEAR_RETENTION,
        title: "Flink application is about to lose records of its stream",
        keeps_firing: 15,
        is_paused: false,
        why: "A Kinesis stream keeps records for 24 hours unless it is set otherwise; what is older is gone before it is read. No metric tells the retention, so the line is five sixths of the default.",
        tune: "Set the threshold to five sixths of the retention of your streams.",
        panel: ("application", "consumerLagTime"),
    },
    Rule {
        condition: &conditions::CONSUMER_LAG_TIME,
        title: "Flink application is far behind its stream",
        keeps_firing: 15,
        is_paused: false,
        why: "The lowest lag of ten minutes is above the line, so a short burst does not make it fire. From a minute on, the line of AWS's sample dashboards, the fleet table calls it degraded.",
        tune: "Set it to the delay that your users accept.",
        panel: ("application", "consumerLagTime"),
    },
    Rule {
        condition: &conditions::LAG_GROWING,
        title: "Flink application falls further behind its stream",
        keeps_firing: 15,
        is_paused: false,
        why: "AWS's guidance takes a lag that grows for half an hour as the sign of too little capacity, whatever its height.",
        tune: "Raise the threshold for jobs that fall behind for a while each day and catch up.",
        panel: ("application", "consumerLagTime"),
    },
    Rule {
        condition: &conditions::LAG_RECORDS_GROWING,
        title: "Flink application falls further behind its topic",
        keeps_firing: 15,
        is_paused: false,
        why: "As for a stream: it needs no threshold of the topic's own.",
        tune: "Raise the threshold for topics of which a few records a second are nothing.",
        panel: ("application", "consumerLagRecords"),
    },
    Rule {
        condition: &conditions::CONSUMER_LAG_RECORDS,
        title: "Flink application is far behind its topic",
        keeps_firing: 15,
        is_paused: true,
        why: "How long a million records take depends on the topic: for some it would fire on the first day.",
        tune: "Set the threshold to a quarter of an hour of the topic's records per partition, then isPaused to false.",
        panel: ("application", "consumerLagRecords"),
    },
];

const PROGRESS: &[Rule] = &[
    Rule {
        condition: &conditions::NO_OUTPUT,
        title: "Flink application writes nothing",
        keeps_firing: 0,
        is_paused: false,
        why: "AWS recommends an alarm on the output below its normal minimum. What is normal is the application's own; nothing at all is suspicious everywhere. The maximum of half an hour lets windows of minutes pass.",
        tune: "Make the range longer than the longest window. Raise the threshold to the normal minimum, or exclude applications that idle at night.",
        panel: ("application", "sinkRate"),
    },
    Rule {
        condition: &conditions::WATERMARK_LAG,
        title: "Flink application's event time is behind",
        keeps_firing: 30,
        is_paused: false,
        why: "Windows close by the watermark: what is behind it is not in the results yet. The lowest lag of ten minutes, so that a restart does not make it fire.",
        tune: "Set the threshold above the out-of-orderness that the job allows and below the delay that your users accept.",
        panel: ("application", "watermarkLag"),
    },
    Rule {
        condition: &conditions::WATERMARK_SKEW,
        title: "Flink application's subtasks drift apart in event time",
        keeps_firing: 30,
        is_paused: true,
        why: "AWS recommends an alarm on the distance between output and input watermark: a growing one is a stalled subtask, or old events on one side of a join. A stalled subtask shows in the lag of event time as well, and this costs one more metric for each task.",
        tune: "Set the threshold to a few times the usual distance, then isPaused to false.",
        panel: ("application", "watermarkSkew"),
    },
    Rule {
        condition: &conditions::BACK_PRESSURE,
        title: "Flink application is back pressured",
        keeps_firing: 30,
        is_paused: false,
        why: "Flink itself calls half of the time HIGH. The most blocked subtask counts, because it holds up all behind it.",
        tune: "Lengthen the range for jobs that catch up in bursts.",
        panel: ("application", "backPressure"),
    },
];

const CHECKPOINTS: &[Rule] = &[
    Rule {
        condition: &conditions::CHECKPOINTS_FAILED,
        title: "Flink application's checkpoints fail",
        keeps_firing: 30,
        is_paused: false,
        why: "AWS recommends to watch the gradient of numberOfFailedCheckpoints, since the number itself never falls. The increase is what is summed here.",
        tune: "Raise the threshold for jobs that restart now and then: a checkpoint in progress at a restart counts as failed.",
        panel: ("checkpoints", "checkpointsFailed"),
    },
    Rule {
        condition: &conditions::NO_CHECKPOINT,
        title: "Flink application completes no checkpoint",
        keeps_firing: 0,
        is_paused: false,
        why: "A restart would repeat ever more work, and the duration of the last one stays flat, so nothing else shows it. The metric is published from Flink 2 on; for older applications there is no such series, and the rule does not fire.",
        tune: "Make the range several times the longest checkpoint interval.",
        panel: ("checkpoints", "checkpointsCompleted"),
    },
    Rule {
        condition: &conditions::SLOW_CHECKPOINTS,
        title: "Flink application's checkpoints take too long",
        keeps_firing: 30,
        is_paused: false,
        why: "AWS recommends an alarm on the duration; a good line is half of the configured interval, which is known from DescribeApplication. So one rule fits all.",
        tune: "Needs kinesisanalytics:DescribeApplication; without it no application has this number. 1 is back to back.",
        panel: ("checkpoints", "checkpointPressure"),
    },
    Rule {
        condition: &conditions::STATE_GROWTH,
        title: "Flink application's checkpoints have grown",
        keeps_firing: 0,
        is_paused: false,
        why: "AWS recommends an alarm on the size. What is large is the application's own; twice of yesterday's at the same hour is worth a look everywhere.",
        tune: "For a new application, or one that learns its state for days, raise the factor.",
        panel: ("checkpoints", "checkpointSize"),
    },
];

const RESOURCES: &[Rule] = &[
    Rule {
        condition: &conditions::CPU,
        title: "Flink application's CPU is almost used up",
        keeps_firing: 60,
        is_paused: false,
        why: "AWS recommends 80 %, to scale before it is too late. The mean of ten minutes takes the place of three points in a row.",
        tune: "Switch it off where autoscaling is on and works.",
        panel: ("application", "cpu"),
    },
    Rule {
        condition: &conditions::AUTOSCALING_LIMIT,
        title: "Flink application needs more KPUs and gets none",
        keeps_firing: 60,
        is_paused: false,
        why: "AWS's autoscaling adds KPUs when the hottest container has been at 75 % for fifteen minutes. The mean of all above that for three times as long is taken to mean that it is off or at its maximum: that is an assumption, since no metric tells the maximum.",
        tune: "Lengthen the range for jobs that take long to scale.",
        panel: ("application", "containerCpu"),
    },
    Rule {
        condition: &conditions::KPU_QUOTA,
        title: "Flink application is close to its quota of KPUs",
        keeps_firing: 0,
        is_paused: false,
        why: "An application may have 64 KPUs, and one more for orchestration, unless AWS has raised that, and raising takes days. That yours is this default is an assumption: no metric tells the quota. KPUs are published once an hour, so that this costs next to nothing.",
        tune: "Set the threshold to nine tenths of your own quota.",
        panel: ("application", "kpus"),
    },
    Rule {
        condition: &conditions::HEAP,
        title: "Flink application's heap is almost full",
        keeps_firing: 60,
        is_paused: false,
        why: "AWS recommends 90 %. Heap rises and falls with garbage collection; a mean above the line is one that no longer falls.",
        tune: "Raise the range for jobs with long windows on the heap.",
        panel: ("application", "heap"),
    },
    Rule {
        condition: &conditions::CONTAINER_MEMORY,
        title: "Flink application's containers are almost full",
        keeps_firing: 60,
        is_paused: false,
        why: "RocksDB and native memory are not part of the heap. A container at its limit is killed, which shows as a restart only.",
        tune: "RocksDB fills what it is given; raise the line for jobs that stay calmly above it.",
        panel: ("application", "containerMemory"),
    },
    Rule {
        condition: &conditions::GC_PRESSURE,
        title: "Flink application collects garbage most of the time",
        keeps_firing: 60,
        is_paused: true,
        why: "AWS recommends the time, and the number, of old-generation collections. The share of time says both in one number that needs no line of the application's own. A heap that is the cause of it is almost full as well.",
        tune: "AWS advises a line at which typical values reach 60 %: lower it for jobs that hardly collect, then set isPaused to false.",
        panel: ("application", "gcPressure"),
    },
    Rule {
        condition: &conditions::THREAD_GROWTH,
        title: "Flink application's threads have grown",
        keeps_firing: 0,
        is_paused: false,
        why: "AWS recommends an alarm on the number of threads. What is normal is the application's own; half as many more than yesterday is a leak, or another parallelism.",
        tune: "Raise the factor where autoscaling more than doubles the parallelism within a day.",
        panel: ("application", "threadsCount"),
    },
];
