//! The data source behind the edge: settings, clients and caches of the process, and the engine over them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::time::Instant;

use crate::aws::clients::Clients;
use crate::dashboard_history::{DashboardHistory, DashboardId};
use crate::engine::{self, EngineSettings};
use crate::fetch::{BilledTo, Coalescer, FactCache, Figures, Owner, Payer, Source, Spending};
use crate::place::Region;
use crate::plan::PlanSettings;
use crate::plugin::{
    self, DataSource, HealthReply, Instance, QueryReply, QueryRequest, ResourceReply, ResourceRequest, messages,
};
use crate::query::{AskedQuery, QueryDefaults, Resolution, TimeRange};
use crate::resources::{self, Resource};
use crate::save_and_test;
use crate::settings::{AdminSettings, Settings, SettingsError, SettingsSource};
use crate::telemetry::{Prefetch, Telemetry};

/// Everything that lives as long as the process.
#[derive(Debug)]
pub struct Flinkwatch {
    clients: Clients,
    facts: Arc<FactCache>,
    history: Mutex<DashboardHistory<Arc<Owner>>>,
    coalescer: Arc<Coalescer>,
    /// Of each data source, by organization and uid.
    spending: Mutex<HashMap<(i64, String), Arc<Spending>>>,
    /// What the telemetry knows of the coalescer.
    reported: Mutex<Figures>,
    telemetry: Telemetry,
}

impl Default for Flinkwatch {
    fn default() -> Self {
        let telemetry = Telemetry::new();
        Self {
            clients: Clients::with_telemetry(telemetry.clone()),
            facts: Arc::default(),
            history: Mutex::default(),
            coalescer: Arc::default(),
            spending: Mutex::default(),
            reported: Mutex::default(),
            telemetry,
        }
    }
}

impl DataSource for Flinkwatch {
    fn query_data(&self, instance: Instance, request: QueryRequest) -> BoxFuture<'_, Vec<QueryReply>> {
        async move {
            let settings = match parse_settings(&instance) {
                Ok(settings) => settings,
                Err(error) => return refuse_all(&request, &error),
            };
            let source = self.source(&instance, &settings, request.billed_to);
            let panel = panel_of(&instance, &source, &request);
            let asked = asked_queries(request);
            let now = now_ms();
            let predicted =
                panel.map(|(dashboard, panel)| self.predict(dashboard, &panel, &asked, now)).unwrap_or_default();
            let settings = engine_settings(&settings);
            let outcomes = engine::answer_and_prefetch(&source, &settings, &asked, &predicted, now).await;
            for outcome in &outcomes {
                match outcome.result {
                    Ok(_) => self.telemetry.count_answered(),
                    Err(_) => self.telemetry.count_failed(),
                }
            }
            outcomes.into_iter().map(messages::query_reply).collect()
        }
        .boxed()
    }

    fn call_resource(&self, instance: Instance, request: ResourceRequest) -> BoxFuture<'_, ResourceReply> {
        async move {
            let settings = match parse_settings(&instance) {
                Ok(settings) => settings,
                Err(error) => return messages::settings_resource_reply(&error),
            };
            if let Err(error) = resources::check_method(&request.path, &request.method) {
                return messages::resource_reply(&request.path, Err(error));
            }
            let source = self.source(&instance, &settings, BilledTo::Panels);
            let defaults = query_defaults(&settings);
            if request.path == resources::ESTIMATE {
                let estimate = resources::estimate(&source, &engine_settings(&settings), &request.body, now_ms()).await;
                return messages::estimate_reply(estimate);
            }
            let mut answer = resources::fetch_resource(&source, &defaults, &request.path, &request.arguments).await;
            if let Ok(Resource::Choices(choices)) = &mut answer
                && request.path == "regions"
            {
                choices.retain(|choice| may_be_asked(&settings, &choice.value));
            }
            messages::resource_reply(&request.path, answer)
        }
        .boxed()
    }

    fn check_health(&self, instance: Instance) -> BoxFuture<'_, HealthReply> {
        async move {
            match parse_settings(&instance) {
                Ok(settings) => {
                    let source = self.source(&instance, &settings, BilledTo::Panels);
                    let report = save_and_test::check(&source, &settings, now_ms()).await;
                    messages::health_reply(report)
                }
                Err(error) => messages::settings_health_reply(&error),
            }
        }
        .boxed()
    }

    fn metrics_text(&self) -> String {
        self.report_figures();
        self.telemetry.text()
    }
}

impl Flinkwatch {
    /// What the other panels of the dashboard will ask, if this one begins a refresh.
    fn predict(&self, id: DashboardId<Arc<Owner>>, panel: &str, asked: &[AskedQuery], now_ms: i64) -> Vec<AskedQuery> {
        let mut history = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        let prediction = history.panel_asks(id, panel, asked, now_ms);
        drop(history);
        self.telemetry.count_prefetched(Prefetch::Used, prediction.used);
        self.telemetry.count_prefetched(Prefetch::Wasted, prediction.wasted);
        prediction.queries
    }

    /// Brings the telemetry up to date with what the coalescer counts on its own.
    fn report_figures(&self) {
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        let figures = self.coalescer.figures();
        let saved = figures.saved_points - reported.saved_points;
        self.telemetry.cache_points(saved, saved + figures.asked_points - reported.asked_points);
        self.telemetry.cache_bytes(figures.bytes);
        let waited = Duration::from_millis(figures.request_batch_ms - reported.request_batch_ms);
        self.telemetry.count_request_batches(figures.request_batches - reported.request_batches, waited);
        *reported = figures;
    }

    /// What a data source has spent: the same whatever its settings become.
    fn spending(&self, instance: &Instance, now_ms: i64) -> Arc<Spending> {
        let mut all = self.spending.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() > IDLE {
            all.retain(|_, spending| Arc::strong_count(spending) > 1 || !spending.is_idle(now_ms));
        }
        Arc::clone(all.entry((instance.org_id, instance.uid.clone())).or_default())
    }

    fn source(&self, instance: &Instance, settings: &Settings, billed_to: BilledTo) -> Source {
        let now_ms = now_ms();
        self.facts.notice_suspension(now_ms);
        Source {
            aws: self.clients.client(settings),
            cache: Arc::clone(&self.facts),
            coalescer: Arc::clone(&self.coalescer),
            owner: Arc::new(Owner::of(settings)),
            payer: Payer { spending: self.spending(instance, now_ms), billed_to, limits: settings.costs },
            deadline: deadline(settings.request_timeout),
        }
    }
}

/// Data sources whose spending is kept although nothing was spent of late.
const IDLE: usize = 1000;

/// Grafana sends the settings with every request; they are small, so they are read every time.
fn parse_settings(instance: &Instance) -> Result<Settings, SettingsError> {
    let config: HashMap<String, String> = instance.grafana_config.clone().into_iter().collect();
    let admin = AdminSettings::from(&config, &|name| std::env::var(name).ok());
    let secure = instance.secure.iter().map(|(name, secret)| (name.clone(), secret.expose().to_owned())).collect();
    let source = SettingsSource { json_data: &instance.json_data, secure: &secure, database: &instance.database };
    Settings::parse(&source, &admin)
}

fn engine_settings(settings: &Settings) -> EngineSettings {
    EngineSettings { defaults: query_defaults(settings), plan: PlanSettings { kpu_price: settings.kpu_price_per_hour } }
}

/// Whether a drop-down may offer a region.
fn may_be_asked(settings: &Settings, region: &str) -> bool {
    region == "default" || settings.regions.refusal(&Region::from(region)).is_none()
}

fn query_defaults(settings: &Settings) -> QueryDefaults {
    QueryDefaults {
        region: settings.default_region.clone(),
        application: settings.default_application.as_ref().map(ToString::to_string),
    }
}

/// Which panel of which dashboard asks; None in Explore, for alerts and public dashboards, where Grafana names none.
fn panel_of(instance: &Instance, source: &Source, request: &QueryRequest) -> Option<(DashboardId<Arc<Owner>>, String)> {
    let id = DashboardId {
        owner: Arc::clone(&source.owner),
        org_id: instance.org_id,
        data_source: instance.uid.clone(),
        dashboard: request.dashboard_uid.clone()?,
    };
    Some((id, request.panel_id.clone()?))
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
    request.queries.iter().map(|query| messages::settings_reply(&query.ref_id, error)).collect()
}

#[expect(clippy::disallowed_methods, reason = "the edge reads the clock; everything below gets it as a value")]
fn now_ms() -> i64 {
    let elapsed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}

fn deadline(timeout: Duration) -> Instant {
    Instant::now() + timeout
}
