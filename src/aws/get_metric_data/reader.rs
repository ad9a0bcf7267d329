//! Reads answers in the place of the SDK's own deserializer, which would make an object of every point.
//!
//! Everything else stays the SDK's: what it sends, when it tries again, how long it waits, and how it reads refusals.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_cloudwatch::operation::get_metric_data::{GetMetricData, GetMetricDataOutput};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, Output, OutputOrError,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::ser_de::{DeserializeResponse, SharedResponseDeserializer};
use aws_smithy_types::config_bag::ConfigBag;

use super::columns::Columns;
use super::page::Page;
use crate::aws::promised::by_sdk;

/// Puts the points of each answer into the columns of its call. The SDK's output then holds the token alone.
#[derive(Debug, Clone, Default)]
pub(super) struct Reader(Arc<Mutex<Columns>>);

impl Reader {
    pub(super) fn new(columns: Columns) -> Self {
        Self(Arc::new(Mutex::new(columns)))
    }

    /// The columns with all that was read; afterwards there are none.
    pub(super) fn take(&self) -> Columns {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn read(&self, body: &[u8]) -> Result<GetMetricDataOutput, minicbor::decode::Error> {
        let page = Page::parse(body)?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).add(&page)?;
        Ok(GetMetricDataOutput::builder().set_next_token(page.next_token).build())
    }
}

impl Intercept for Reader {
    fn name(&self) -> &'static str {
        "Reader"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        config.interceptor_state().store_put(SharedResponseDeserializer::new(self.clone()));
        Ok(())
    }
}

impl DeserializeResponse for Reader {
    fn deserialize_nonstreaming_with_config(&self, response: &HttpResponse, config: &ConfigBag) -> OutputOrError {
        if !response.status().is_success() {
            // For refusals, the SDK's own reading.
            return by_sdk::<GetMetricData>(response, config);
        }
        // The SDK has read the whole body by now. What cannot be read is tried again, as a connection that broke is.
        let body = response.body().bytes().unwrap_or_default();
        self.read(body).map(Output::erase).map_err(|error| OrchestratorError::response(unreadable(response, error)))
    }
}

/// An answer that says it is something else is better named by that than by the byte at which it stops being CBOR.
fn unreadable(response: &HttpResponse, error: minicbor::decode::Error) -> BoxError {
    const CBOR: &str = "application/cbor";
    match response.headers().get("content-type") {
        Some(other) if !other.starts_with(CBOR) => format!("it is {other}, not {CBOR}").into(),
        _ => error.into(),
    }
}

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;
