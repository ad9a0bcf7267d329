//! A data source of a test, and facts to script.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use flinkwatch::catalog::level::MetricsLevel;
use flinkwatch::catalog::runtime::Runtime;
use flinkwatch::fetch::{Coalescer, FactCache, Owner, Payer, Source};
use flinkwatch::model::application::{ApplicationStatus, ApplicationSummary, Description};
use flinkwatch::place::{ApplicationArn, ApplicationName};
use flinkwatch::settings::{AdminSettings, Settings, SettingsSource};
use serde_json::Value;
use tokio::time::Instant;

use super::scripted::Scripted;

/// Settings out of JSON, in eu-west-1, with an access key where that is the authentication.
pub fn settings(json: Value) -> Settings {
    settings_under(json, &[])
}

/// The same in a process with these variables of the environment.
pub fn settings_under(mut json: Value, variables: &[(&str, &str)]) -> Settings {
    json["defaultRegion"] = Value::from("eu-west-1");
    let has_keys = json["authType"] == "keys";
    let keys = [("accessKey", "AKIDEXAMPLE"), ("secretKey", "secret")].into_iter().filter(|_| has_keys);
    let secure: HashMap<String, String> = keys.map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    let json = json.to_string();
    let source = SettingsSource { json_data: json.as_bytes(), secure: &secure, database: "" };
    let variable = |name: &str| {
        let mut set = variables.iter().filter(|(of, _)| *of == name);
        set.next().map(|(_, text)| (*text).to_owned())
    };
    Settings::parse(&source, &AdminSettings::from(&HashMap::new(), &variable)).unwrap()
}

/// One request's access to `aws`, with 30 s to go and an empty cache.
pub fn source(aws: &Arc<Scripted>, settings: &Settings) -> Source {
    Source {
        aws: Arc::<Scripted>::clone(aws),
        cache: Arc::new(FactCache::new()),
        coalescer: Arc::new(Coalescer::new()),
        owner: Arc::new(Owner::of(settings)),
        payer: Payer::default(),
        deadline: Instant::now() + Duration::from_secs(30),
    }
}

/// A row of ListApplications.
pub fn summary(name: &str, status: ApplicationStatus, runtime: &str) -> ApplicationSummary {
    ApplicationSummary {
        name: ApplicationName::from(name),
        arn: Some(ApplicationArn::new(format!("arn:aws:kinesisanalytics:eu-west-1:123456789012:application/{name}"))),
        status: Some(status),
        runtime: Some(Runtime::parse(runtime)),
        version: Some(1),
    }
}

/// A running application that publishes at operator level and writes one log.
pub fn description(name: &str) -> Description {
    let log = format!("arn:aws:logs:eu-west-1:123456789012:log-group:/flink/{name}:log-stream:main");
    Description {
        name: ApplicationName::from(name),
        arn: format!("arn:aws:kinesisanalytics:eu-west-1:123456789012:application/{name}"),
        status: ApplicationStatus::Running,
        runtime: Runtime::Flink(1, 20),
        version: 1,
        created_ms: None,
        updated_ms: None,
        parallelism: None,
        checkpointing: None,
        metrics_level: Some(MetricsLevel::Operator),
        log_streams: vec![log],
        log_level: None,
        job_plan: None,
    }
}
