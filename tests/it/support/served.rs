//! The simulated AWS on loopback at a fixed time, and a data source that asks it through the real client.

use std::sync::Arc;
use std::time::Duration;

use flinkwatch::aws::clients::Clients;
use flinkwatch::engine::{self, EngineSettings, QueryOutcome};
use flinkwatch::fetch::{Coalescer, FactCache, Owner, Payer, Source};
use flinkwatch::place::Region;
use flinkwatch::plan::PlanSettings;
use flinkwatch::query::{AskedQuery, QueryDefaults};
use local_aws::fleet::Fleet;
use local_aws::server::{Clock, LocalAws, Options};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::facts::settings;
use super::fleet::NOW;

pub struct Served {
    pub server: LocalAws,
    pub source: Source,
}

impl Served {
    pub async fn start(fleet: Fleet) -> Self {
        Self::start_with(fleet, Options::default()).await
    }

    /// The clock of `options` is replaced.
    pub async fn start_with(fleet: Fleet, options: Options) -> Self {
        Self::start_limited(fleet, options, json!({})).await
    }

    /// With limits of calls in the settings.
    pub async fn start_limited(fleet: Fleet, options: Options, mut limits: Value) -> Self {
        let options = Options { clock: Clock::Fixed(NOW), ..options };
        let server = LocalAws::start(Arc::new(fleet), options).await.unwrap();
        limits["authType"] = Value::from("keys");
        limits["endpoint"] = Value::from(server.endpoint());
        let settings = settings(limits);
        let source = Source {
            aws: Clients::new().client(&settings),
            cache: Arc::new(FactCache::new()),
            coalescer: Arc::new(Coalescer::new()),
            owner: Arc::new(Owner::of(&settings)),
            payer: Payer::default(),
            deadline: Instant::now() + Duration::from_secs(60),
        };
        Self { server, source }
    }

    /// What Grafana would get, one outcome per query.
    pub async fn answer(&self, asked: &[AskedQuery]) -> Vec<QueryOutcome> {
        let settings = EngineSettings {
            defaults: QueryDefaults { region: Region::from("eu-west-1"), application: None },
            plan: PlanSettings { kpu_price: 0.11 },
        };
        engine::answer(&self.source, &settings, asked, NOW * 1000).await
    }
}
