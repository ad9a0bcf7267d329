//! A simulated fleet of Flink applications whose values are computed, never stored.
//!
//! Each job reads events that arrive at a known rate; where it stands at a time follows from that time alone. A
//! counter, a rate, a lag and a watermark are all read from the same position, so that they agree with each other
//! and with the truth that tests ask for. The same question always has the same answer.

mod catalog;
mod checkpoints;
mod clock;
mod describe;
mod incidents;
mod job;
mod job_gauges;
mod load;
mod logs;
mod noise;
mod sample;
mod spec;
mod stories;
mod story;
mod task_gauges;
mod task_manager_gauges;
#[cfg(test)]
mod tests;
mod timeline;
mod truth;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use crate::world::{Application, LogEvent, LogGroup, LogStream, Minute, Series, SeriesEntry, World};
use clock::Window;
use job::Job;
use load::Week;
use spec::{Gauge, Spec};
use story::Story;

pub use checkpoints::{Attempt, Counts, Outcome};
pub use job::clean;
pub use stories::{HOME_ACCOUNT, HOME_REGION, LINKED_ACCOUNT, OTHER_LINKED_ACCOUNT, SECOND_REGION};
pub use truth::Direction;

/// How far back the newest minute of a series is looked for: the horizon of ListMetrics.
const HORIZON_MINUTES: i64 = 14 * 24 * 60;

/// The simulated account.
#[derive(Debug)]
pub struct Fleet {
    jobs: Vec<Job>,
    regions: HashMap<&'static str, Region>,
    /// The last answer of [`World::series`] per region. It only saves time: it is a function of region and time.
    listed: Mutex<HashMap<&'static str, Listed>>,
}

/// The series of a region as of a time.
type Listed = (i64, Arc<Vec<SeriesEntry>>);

#[derive(Debug, Default)]
struct Region {
    series: Vec<(Series, Spec)>,
    /// Several places where several accounts have the same series; the home account's first.
    index: HashMap<Series, Vec<usize>>,
}

impl Default for Fleet {
    fn default() -> Self {
        Self::new()
    }
}

impl Fleet {
    /// The shop: an application per story in `eu-west-1`, two in `us-east-1`, and one in a linked account whose metrics
    /// are shared and whose application is not.
    #[must_use]
    pub fn new() -> Self {
        Self::of_stories(stories::shop(), |story| Arc::new(Week::new(story.shape, noise::seed(&story.name))), |_| true)
    }

    /// Healthy applications `bench-000`, `bench-001`, … with the given number of tasks, in `eu-west-1`.
    #[must_use]
    pub fn bench(applications: usize, tasks_per_application: usize) -> Self {
        Self::uniform(applications, tasks_per_application, |_| true)
    }

    /// Applications that each suffer from one thing all the time, and healthy ones beside them, in `eu-west-1`: what
    /// alert rules are tried on.
    #[must_use]
    pub fn incidents() -> Self {
        Self::of_stories(
            incidents::incidents(),
            |story| Arc::new(Week::new(story.shape, noise::seed(&story.name))),
            |_| true,
        )
    }

    /// The same fleet, where each job writes so many lines a second to its log.
    #[must_use]
    pub fn with_log_lines(mut self, per_second: u32) -> Self {
        self.jobs.iter_mut().for_each(|job| job.story.chatter = per_second);
        self
    }

    /// Applications of one name in three accounts, two of which are linked to the first; tags that differ; an old
    /// Flink; a log with lines that are no records.
    #[must_use]
    pub fn edge_cases() -> Self {
        let week = |story: &Story| Arc::new(Week::new(story.shape, noise::seed(&story.name)));
        Self::of_stories(stories::edge_cases(), week, |_| true)
    }

    /// The same applications with the series of one metric alone: many series of one name in little memory.
    #[must_use]
    pub fn bench_metric(applications: usize, tasks_per_application: usize, metric: &str) -> Self {
        Self::uniform(applications, tasks_per_application, |series| &*series.metric == metric)
    }

    fn uniform(applications: usize, tasks_per_application: usize, publishes: impl Fn(&Series) -> bool) -> Self {
        let stories = stories::uniform(applications, tasks_per_application);
        let week = stories.first().map(|story| Arc::new(Week::new(story.shape, 1)));
        let week = |story: &Story| week.clone().unwrap_or_else(|| Arc::new(Week::new(story.shape, 1)));
        Self::of_stories(stories, week, publishes)
    }

    fn of_stories(
        stories: Vec<Story>,
        week: impl Fn(&Story) -> Arc<Week>,
        publishes: impl Fn(&Series) -> bool,
    ) -> Self {
        let mut jobs = Vec::new();
        let mut regions: HashMap<&'static str, Region> = HashMap::new();
        for story in stories {
            let week = week(&story);
            let job = Job::new(story, week);
            let region = regions.entry(job.story.region).or_default();
            for (series, spec) in
                catalog::series_of(jobs.len(), &job).into_iter().filter(|(series, _)| publishes(series))
            {
                region.index.entry(series.clone()).or_default().push(region.series.len());
                region.series.push((series, spec));
            }
            jobs.push(job);
        }
        Self { jobs, regions, listed: Mutex::default() }
    }

    /// Metrics of a linked account are shared with a monitoring account; its applications are not.
    fn home_jobs(&self, region: &str) -> impl Iterator<Item = &Job> {
        self.jobs.iter().filter(move |job| job.story.region == region && job.story.account == HOME_ACCOUNT)
    }

    /// What is behind a series, of one account or of the first that has it.
    fn spec(&self, region: &str, account: Option<&str>, series: &Series) -> Option<&Spec> {
        let region = self.regions.get(region)?;
        let mut specs = region.index.get(series)?.iter().map(|place| &region.series[*place].1);
        specs.find(|spec| account.is_none_or(|account| *self.jobs[spec.job].account == *account))
    }

    fn samples_of_spec(&self, spec: Option<&Spec>, window: Window) -> Vec<f64> {
        let mut samples = Vec::new();
        if let Some(spec) = spec {
            sample::visit(&self.jobs[spec.job], spec, window, &mut |value| samples.push(value));
        }
        samples
    }

    fn fold(&self, spec: &Spec, window: Window) -> Option<Minute> {
        let mut minute = Minute { sample_count: 0.0, sum: 0.0, minimum: f64::INFINITY, maximum: f64::NEG_INFINITY };
        sample::visit(&self.jobs[spec.job], spec, window, &mut |value| {
            minute.sample_count += 1.0;
            minute.sum += value;
            minute.minimum = minute.minimum.min(value);
            minute.maximum = minute.maximum.max(value);
        });
        (minute.sample_count > 0.0).then_some(minute)
    }

    fn list(&self, region: &Region, now: i64) -> Vec<SeriesEntry> {
        let entries = region.series.iter().filter_map(|(series, spec)| {
            let last_minute = self.last_minute(spec, now)?;
            let account = Arc::clone(&self.jobs[spec.job].account);
            Some(SeriesEntry { series: series.clone(), last_minute, account })
        });
        entries.collect()
    }

    fn last_minute(&self, spec: &Spec, now: i64) -> Option<i64> {
        let job = &self.jobs[spec.job];
        let step = if spec.gauge == Gauge::Kpus { 3600 } else { 60 };
        let newest = now.div_euclid(step) * step;
        // A job that has ended is not searched minute by minute from now on.
        let newest = newest.min(job.timeline.last_possible(now).div_euclid(step) * step);
        (0..HORIZON_MINUTES * 60 / step)
            .map(|back| newest - back * step)
            .find(|minute| self.fold(spec, Window { minute: *minute, now }).is_some())
    }
}

impl World for Fleet {
    fn series(&self, region: &str, now: i64) -> Arc<Vec<SeriesEntry>> {
        let Some((name, content)) = self.regions.get_key_value(region) else {
            return Arc::default();
        };
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, entries)) = listed.get(region).filter(|(time, _)| *time == now) {
            return Arc::clone(entries);
        }
        let entries = Arc::new(self.list(content, now));
        listed.insert(*name, (now, Arc::clone(&entries)));
        entries
    }

    fn minute(&self, region: &str, series: &Series, minute: i64, now: i64) -> Option<Minute> {
        self.fold(self.spec(region, None, series)?, Window { minute, now })
    }

    fn minute_of(&self, region: &str, account: &str, series: &Series, minute: i64, now: i64) -> Option<Minute> {
        self.fold(self.spec(region, Some(account), series)?, Window { minute, now })
    }

    fn samples(&self, region: &str, series: &Series, minute: i64, now: i64) -> Vec<f64> {
        self.samples_of_spec(self.spec(region, None, series), Window { minute, now })
    }

    fn samples_of(&self, region: &str, account: &str, series: &Series, minute: i64, now: i64) -> Vec<f64> {
        self.samples_of_spec(self.spec(region, Some(account), series), Window { minute, now })
    }

    fn applications(&self, region: &str, now: i64) -> Vec<Application> {
        self.home_jobs(region).map(|job| describe::application(job, now)).collect()
    }

    fn application(&self, region: &str, name: &str, now: i64) -> Option<Application> {
        self.home_jobs(region).find(|job| job.story.name == name).map(|job| describe::application(job, now))
    }

    fn log_groups(&self, region: &str, _now: i64) -> Vec<LogGroup> {
        logs::groups(self.jobs.iter().filter(|job| job.story.region == region))
    }

    fn log_events(&self, region: &str, stream: LogStream<'_>, time: Range<i64>, now: i64) -> Vec<LogEvent> {
        let of_account = |job: &&Job| job.story.region == region && job.story.account == stream.account;
        let mut jobs = self.jobs.iter().filter(of_account);
        let job = jobs.find(|job| logs::writes_to(job, stream.group, stream.name));
        job.map(|job| logs::events(job, time, now)).unwrap_or_default()
    }
}
