//! Counts the HTTP requests below a call: the SDK retries on its own, and what a retry mended is seen nowhere else.

use std::error::Error;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::error::kind_of;
use super::http::host_of;
use crate::failure::CallErrorKind;
use crate::telemetry::Telemetry;

/// Goes with one call of an operation whose refusals are `E`.
pub(super) struct CountAttempts<E> {
    operation: &'static str,
    telemetry: Telemetry,
    server: Arc<OnceLock<String>>,
    refusal: PhantomData<fn() -> E>,
}

impl<E> CountAttempts<E> {
    pub(super) fn new(operation: &'static str, telemetry: Telemetry, server: Arc<OnceLock<String>>) -> Self {
        Self { operation, telemetry, server, refusal: PhantomData }
    }
}

impl<E> fmt::Debug for CountAttempts<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CountAttempts").field("operation", &self.operation).finish_non_exhaustive()
    }
}

impl<E: Error + ProvideErrorMetadata + Send + Sync + 'static> Intercept for CountAttempts<E> {
    fn name(&self) -> &'static str {
        "CountAttempts"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.server.get_or_init(|| host_of(context.request().uri()).to_owned());
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.telemetry.count_attempt(self.operation);
        let Some(Err(failure)) = context.output_or_error() else { return Ok(()) };
        let refusal = failure.as_operation_error().and_then(|error| error.downcast_ref::<E>());
        let code = refusal.and_then(ProvideErrorMetadata::code).unwrap_or_default();
        let status = context.response().map_or(0, |response| response.status().as_u16());
        if kind_of(code, status) == CallErrorKind::Throttled {
            self.telemetry.count_throttled(self.operation);
        }
        Ok(())
    }
}
