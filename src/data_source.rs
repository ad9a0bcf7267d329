//! The data source behind the edge: settings, clients and caches of the process, and the engine over them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::time::Instant;

use crate::aws::clients::Clients;
use crate::engine::{self, EngineSettings};
use crate::fetch::{Desk, FactCache, Owner, Source};
use crate::health;
use crate::meter::Meter;
use crate::plan::PlanSettings;
use crate::plugin::{
    self, DataSource, HealthReply, Instance, QueryReply, QueryRequest, ResourceReply, ResourceRequest, words,
};
use crate::query::{AskedQuery, QueryDefaults, Resolution, TimeRange};
use crate::resources;
use crate::settings::{AdminSettings, Settings, SettingsError, SettingsSource};

/// Everything that lives as long as the process.
#[derive(Debug, Default)]
pub struct Flinkwatch {
    clients: Clients,
    facts: Arc<FactCache>,
    desk: Arc<Desk>,
    meter: Meter,
}

impl DataSource for Flinkwatch {
    fn query_data(&self, instance: Instance, request: QueryRequest) -> BoxFuture<'_, Vec<QueryReply>> {
        async move {
            let settings = match parse_settings(&instance) {
                Ok(settings) => settings,
                Err(error) => return refuse_all(&request, &error),
            };
            let source = self.source(&settings);
            let asked = asked_queries(request);
            let outcomes = engine::answer(&source, &engine_settings(&settings), &asked, now_ms()).await;
            for outcome in &outcomes {
                match outcome.result {
                    Ok(_) => self.meter.count_answered(),
                    Err(_) => self.meter.count_failed(),
                }
            }
            outcomes.into_iter().map(words::query_reply).collect()
        }
        .boxed()
    }

    fn call_resource(&self, instance: Instance, request: ResourceRequest) -> BoxFuture<'_, ResourceReply> {
        async move {
            let settings = match parse_settings(&instance) {
                Ok(settings) => settings,
                Err(error) => return words::settings_resource_reply(&error),
            };
            let source = self.source(&settings);
            let choices =
                resources::fetch_choices(&source, &settings.default_region, &request.path, &request.arguments).await;
            words::resource_reply(choices)
        }
        .boxed()
    }

    fn check_health(&self, instance: Instance) -> BoxFuture<'_, HealthReply> {
        async move {
            match parse_settings(&instance) {
                Ok(settings) => {
                    let report = health::check(&self.source(&settings), &settings, now_ms()).await;
                    words::health_reply(report)
                }
                Err(error) => words::settings_health_reply(&error),
            }
        }
        .boxed()
    }

    fn metrics_text(&self) -> String {
        self.meter.text()
    }
}

impl Flinkwatch {
    fn source(&self, settings: &Settings) -> Source {
        let owner = Arc::new(Owner::of(settings));
        self.desk.set_limit(&owner, settings.cache_bytes, now_ms());
        Source {
            aws: self.clients.client(settings),
            cache: Arc::clone(&self.facts),
            desk: Arc::clone(&self.desk),
            owner,
            deadline: deadline(settings.request_timeout),
        }
    }
}

/// Grafana sends the settings with every request; they are small, so they are read every time.
fn parse_settings(instance: &Instance) -> Result<Settings, SettingsError> {
    let config: HashMap<String, String> = instance.grafana_config.clone().into_iter().collect();
    let admin = AdminSettings::from(&config, &|name| std::env::var(name).ok());
    let secure = instance.secure.iter().map(|(name, secret)| (name.clone(), secret.expose().to_owned())).collect();
    let source = SettingsSource { json_data: &instance.json_data, secure: &secure, database: &instance.database };
    Settings::parse(&source, &admin)
}

fn engine_settings(settings: &Settings) -> EngineSettings {
    EngineSettings {
        defaults: QueryDefaults {
            region: settings.default_region.clone(),
            application: settings.default_application.as_ref().map(ToString::to_string),
        },
        plan: PlanSettings { kpu_price: settings.kpu_price_per_hour },
    }
}

fn asked_queries(request: QueryRequest) -> Vec<AskedQuery> {
    let origin = request.origin;
    let asked = |query: plugin::Query| AskedQuery {
        ref_id: query.ref_id,
        query_type: query.query_type,
        json: query.json,
        range: TimeRange { from_ms: query.from_ms, to_ms: query.to_ms },
        resolution: Resolution { max_data_points: query.max_data_points, interval_ms: query.interval_ms },
        origin,
    };
    request.queries.into_iter().map(asked).collect()
}

fn refuse_all(request: &QueryRequest, error: &SettingsError) -> Vec<QueryReply> {
    request.queries.iter().map(|query| words::settings_reply(&query.ref_id, error)).collect()
}

#[expect(clippy::disallowed_methods, reason = "the edge reads the clock; everything below gets it as a value")]
fn now_ms() -> i64 {
    let elapsed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}

fn deadline(timeout: Duration) -> Instant {
    Instant::now() + timeout
}
