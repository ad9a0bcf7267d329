//! The data source instance that a request is for: its settings as Grafana stored them.
//!
//! Nothing is interpreted here; `settings` parses the JSON. `Debug` prints what identifies
//! the instance and leaves out everything that can hold a secret: a secret pasted into the
//! wrong field of the config editor lands in the JSON or the URL.

use std::collections::BTreeMap;
use std::fmt;

use tonic::Status;

use super::proto::pluginv2;
use crate::settings::Secret;

/// Settings of one data source instance, and who asks.
#[derive(Clone, PartialEq, Eq)]
pub struct Instance {
    pub uid: String,
    pub name: String,
    /// When the settings were last saved, in milliseconds since 1970.
    pub updated_ms: i64,
    /// JSON as the config editor saved it, of whatever shape.
    pub json_data: Vec<u8>,
    /// Decrypted secrets by their name in the config editor.
    pub secure: BTreeMap<String, Secret>,
    /// Old AWS data sources keep the profile's name here.
    pub database: String,
    pub url: String,
    pub org_id: i64,
    /// Grafana's own settings that it forwards to plugins.
    pub grafana_config: BTreeMap<String, String>,
    /// Admin, Editor, Viewer, None, or empty when Grafana itself asks.
    pub role: String,
}

impl Instance {
    pub(super) fn parse(context: Option<pluginv2::PluginContext>) -> Result<Self, Status> {
        let Some(context) = context else {
            return Err(Status::invalid_argument("The request has no plugin context."));
        };
        let Some(settings) = context.data_source_instance_settings else {
            return Err(Status::invalid_argument("The request names no data source: this plugin has no app part."));
        };
        let secrets = settings.decrypted_secure_json_data.into_iter();
        Ok(Self {
            uid: settings.uid,
            name: settings.name,
            updated_ms: settings.last_updated_ms,
            json_data: settings.json_data,
            secure: secrets.map(|(name, value)| (name, Secret::new(value))).collect(),
            database: settings.database,
            url: settings.url,
            org_id: context.org_id,
            grafana_config: context.grafana_config.into_iter().collect(),
            role: context.user.map(|user| user.role).unwrap_or_default(),
        })
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Instance")
            .field("uid", &self.uid)
            .field("updated_ms", &self.updated_ms)
            .field("org_id", &self.org_id)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}
