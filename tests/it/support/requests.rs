//! Requests as Grafana sends them.

use flinkwatch::plugin::proto::pluginv2::{
    CallResourceRequest, DataQuery, DataSourceInstanceSettings, PluginContext, QueryDataRequest, TimeRange, User,
};

pub fn context() -> PluginContext {
    PluginContext {
        org_id: 1,
        plugin_id: "flinkwatch-msf-datasource".to_owned(),
        user: Some(User { login: "jo".to_owned(), role: "Viewer".to_owned(), ..User::default() }),
        data_source_instance_settings: Some(DataSourceInstanceSettings {
            id: 7,
            name: "Flink".to_owned(),
            uid: "flink-1".to_owned(),
            json_data: br#"{"defaultRegion":"eu-west-1"}"#.to_vec(),
            last_updated_ms: 1_700_000_000_000,
            ..DataSourceInstanceSettings::default()
        }),
        ..PluginContext::default()
    }
}

pub fn query(ref_id: &str) -> DataQuery {
    DataQuery {
        ref_id: ref_id.to_owned(),
        max_data_points: 1000,
        interval_ms: 60_000,
        time_range: Some(TimeRange { from_epoch_ms: 1_700_000_000_000, to_epoch_ms: 1_700_003_600_000 }),
        json: br#"{"queryType":"application","applications":["orders"]}"#.to_vec(),
        query_type: "application".to_owned(),
    }
}

pub fn queries(ref_ids: &[&str]) -> QueryDataRequest {
    QueryDataRequest {
        plugin_context: Some(context()),
        queries: ref_ids.iter().map(|ref_id| query(ref_id)).collect(),
        ..QueryDataRequest::default()
    }
}

pub fn resource(url: &str) -> CallResourceRequest {
    let path = url.split('?').next().unwrap_or_default();
    CallResourceRequest {
        plugin_context: Some(context()),
        path: path.to_owned(),
        method: "GET".to_owned(),
        url: url.to_owned(),
        ..CallResourceRequest::default()
    }
}

/// The same over the last hour by the real clock: a process of its own asks nothing about a range that CloudWatch has
/// forgotten.
#[expect(clippy::disallowed_methods, reason = "the process that is asked reads the real clock")]
pub fn recent(mut request: QueryDataRequest) -> QueryDataRequest {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let to = i64::try_from(now.as_millis()).unwrap();
    for query in &mut request.queries {
        query.time_range = Some(TimeRange { from_epoch_ms: to - 3_600_000, to_epoch_ms: to });
    }
    request
}
