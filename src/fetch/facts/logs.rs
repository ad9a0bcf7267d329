//! Searches of logs. Equal ones are made once for all who wait, and hold for some seconds.

use std::sync::Arc;

use super::share::{Shared, share};
use crate::aws::FILTER_LOG_EVENTS;
use crate::fetch::Source;
use crate::model::log::LogLines;
use crate::plan::log_read::LogRead;

pub(super) async fn fetch(source: &Source, read: LogRead) -> Shared<Arc<LogLines>> {
    let (upstream, asked) = (source.upstream(), read.clone());
    let fetch = async move { upstream.aws.filter_log_events(&asked).await.map(Arc::new) };
    let logs = source.cache.facts.logs.of(&source.owner);
    share(source, logs, &read, FILTER_LOG_EVENTS, &read.place.region, fetch).await
}
