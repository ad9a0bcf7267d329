//! Facts of the simulated fleet as of one moment, without a server between: what planning sees of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use flinkwatch::catalog::level::MetricsLevel;
use flinkwatch::catalog::runtime::Runtime;
use flinkwatch::model::application::{
    Accounts, ApplicationList, ApplicationStatus, ApplicationSummary, Checkpointing, Description, ListSource,
    Parallelism,
};
use flinkwatch::model::series::{Dimensions, Freshness, MetricSeries, Recency};
use flinkwatch::place::{Account, AccountId, ApplicationArn, ApplicationName, Place};
use flinkwatch::plan::facts::{Facts, Needs};
use flinkwatch::plan::needs;
use flinkwatch::query::Query;
use flinkwatch::topology::inventory::Inventory;
use local_aws::fleet::{Fleet, HOME_ACCOUNT};
use local_aws::world::{Application, SeriesEntry, World};
use serde_json::Value;

use super::scripted::failure;

/// Wednesday, 2025-11-19 10:07:30 UTC, in epoch seconds.
pub const NOW: i64 = 1_763_546_850;

/// The metric by which applications of linked accounts are found.
const METRIC_OF_ALL: &str = "cpuUtilization";

const THREE_HOURS: i64 = 3 * 3600;
const TWO_WEEKS: i64 = 14 * 86_400;

/// All facts that the queries need, and in how many rounds they were asked for.
pub fn facts_of(world: &Fleet, queries: &[Query]) -> (Facts, Vec<Needs>) {
    let mut facts = Facts::default();
    let mut rounds = Vec::new();
    loop {
        let needed = needs(queries, &facts, NOW * 1000);
        if needed.is_empty() {
            return (facts, rounds);
        }
        facts.extend(answer(world, &needed));
        rounds.push(needed);
    }
}

fn answer(world: &Fleet, needs: &Needs) -> Facts {
    let mut facts = Facts::default();
    for place in &needs.lists {
        facts.lists.insert(place.clone(), Ok(Arc::new(list(world, place))));
    }
    for place in &needs.accounts {
        let entries = world.series(place.region.as_str(), NOW);
        let mut accounts = Accounts::new();
        for entry in entries.iter().filter(|entry| entry.last_minute >= NOW - TWO_WEEKS) {
            let names = accounts.entry(AccountId::new(Arc::clone(&entry.account))).or_default();
            names.extend(application_of(entry).map(ApplicationName::new));
        }
        facts.accounts.insert(place.clone(), Ok(Arc::new(accounts)));
    }
    for (place, recency) in &needs.published {
        facts.published.insert((place.clone(), *recency), Ok(Arc::new(published(world, place, *recency))));
    }
    for (place, name) in &needs.inventories {
        facts.inventories.insert((place.clone(), name.clone()), Ok(Arc::new(inventory(world, place, name))));
    }
    for (place, name) in &needs.descriptions {
        let applications = applications(world, place);
        let found = applications.iter().find(|application| application.name == name.as_str());
        let described = found.map(|application| Arc::new(description(application)));
        let not_found = failure(flinkwatch::failure::CallErrorKind::NotFound);
        facts.descriptions.insert((place.clone(), name.clone()), described.ok_or(not_found));
    }
    facts
}

/// Kinesis Analytics answers for the own account only.
fn applications(world: &Fleet, place: &Place) -> Vec<Application> {
    match place.account {
        Account::Own | Account::All => world.applications(place.region.as_str(), NOW),
        Account::Linked(_) => Vec::new(),
    }
}

fn list(world: &Fleet, place: &Place) -> ApplicationList {
    if place.account == Account::Own {
        return ApplicationList::new(applications(world, place).iter().map(summary), ListSource::ListApplications);
    }
    let row = |name| ApplicationSummary { name, arn: None, status: None, runtime: None, version: None };
    let why = failure(flinkwatch::failure::CallErrorKind::Rejected);
    let names = published(world, place, Recency::ThreeHours);
    ApplicationList::new(names.into_iter().map(row), ListSource::Metrics { why })
}

fn published(world: &Fleet, place: &Place, recency: Recency) -> BTreeSet<ApplicationName> {
    let since = match recency {
        Recency::ThreeHours => NOW - THREE_HOURS,
        Recency::TwoWeeks => NOW - TWO_WEEKS,
    };
    let entries = world.series(place.region.as_str(), NOW);
    let is_listed = |entry: &&SeriesEntry| {
        &*entry.series.metric == METRIC_OF_ALL && entry.last_minute >= since && is_visible(entry, place)
    };
    entries.iter().filter(is_listed).filter_map(application_of).map(ApplicationName::new).collect()
}

fn summary(application: &Application) -> ApplicationSummary {
    ApplicationSummary {
        name: ApplicationName::from(application.name.as_str()),
        arn: application.detail["ApplicationARN"].as_str().map(ApplicationArn::from),
        status: Some(ApplicationStatus::parse(&application.status)),
        runtime: Some(Runtime::parse(&application.runtime)),
        version: Some(application.version),
    }
}

fn is_visible(entry: &SeriesEntry, place: &Place) -> bool {
    match &place.account {
        Account::Own => &*entry.account == HOME_ACCOUNT,
        Account::Linked(id) => &*entry.account == id.as_str(),
        Account::All => true,
    }
}

fn application_of(entry: &SeriesEntry) -> Option<Arc<str>> {
    let dimensions = &entry.series.dimensions;
    dimensions.iter().find(|(name, _)| &**name == "Application").map(|(_, value)| Arc::clone(value))
}

fn inventory(world: &Fleet, place: &Place, name: &ApplicationName) -> Inventory {
    let entries = world.series(place.region.as_str(), NOW);
    let own: Vec<&SeriesEntry> = entries
        .iter()
        .filter(|entry| is_visible(entry, place) && application_of(entry).as_deref() == Some(name.as_str()))
        .collect();
    let recent: Vec<&SeriesEntry> = own.iter().copied().filter(|e| e.last_minute >= NOW - THREE_HOURS).collect();
    let (shown, freshness) =
        if recent.is_empty() { (own, Freshness::Stale) } else { (recent, Freshness::RecentlyActive) };
    let series = shown.into_iter().map(|entry| series(entry, place)).collect();
    Inventory::new(series, freshness)
}

fn series(entry: &SeriesEntry, place: &Place) -> MetricSeries {
    let account = (place.account != Account::Own).then(|| AccountId::new(Arc::clone(&entry.account)));
    MetricSeries {
        metric: Arc::clone(&entry.series.metric),
        dimensions: Dimensions::new(entry.series.dimensions.clone()),
        account,
    }
}

fn description(application: &Application) -> Description {
    let detail = &application.detail;
    let flink = &detail["ApplicationConfigurationDescription"]["FlinkApplicationConfigurationDescription"];
    let number = |value: &Value| i32::try_from(value.as_i64().unwrap()).unwrap();
    let parallelism = flink["ParallelismConfigurationDescription"].as_object().map(|parallelism| Parallelism {
        configured: number(&parallelism["Parallelism"]),
        current: number(&parallelism["CurrentParallelism"]),
        per_kpu: number(&parallelism["ParallelismPerKPU"]),
        autoscaling: parallelism["AutoScalingEnabled"].as_bool().unwrap(),
    });
    let checkpointing = flink["CheckpointConfigurationDescription"].as_object().map(|checkpointing| Checkpointing {
        enabled: checkpointing["CheckpointingEnabled"].as_bool().unwrap(),
        interval_ms: checkpointing["CheckpointInterval"].as_i64().unwrap(),
        min_pause_ms: checkpointing["MinPauseBetweenCheckpoints"].as_i64().unwrap(),
    });
    let milliseconds = |field: &str| detail[field].as_i64().map(|seconds| seconds * 1000);
    let logs = detail["CloudWatchLoggingOptionDescriptions"].as_array().into_iter().flatten();
    Description {
        name: ApplicationName::from(application.name.as_str()),
        arn: detail["ApplicationARN"].as_str().unwrap().to_owned(),
        status: ApplicationStatus::parse(&application.status),
        runtime: Runtime::parse(&application.runtime),
        version: application.version,
        created_ms: milliseconds("CreateTimestamp"),
        updated_ms: milliseconds("LastUpdateTimestamp"),
        parallelism,
        checkpointing,
        metrics_level: flink["MonitoringConfigurationDescription"]["MetricsLevel"]
            .as_str()
            .and_then(MetricsLevel::parse),
        log_streams: logs.map(|option| option["LogStreamARN"].as_str().unwrap().to_owned()).collect(),
        log_level: flink["MonitoringConfigurationDescription"]["LogLevel"].as_str().map(str::to_owned),
        job_plan: application.job_plan.clone(),
    }
}
