//! One HTTP call and one walk over pages: what all operations share.

use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::time::Instant;

use super::attempts::CountAttempts;
use super::budget::{Budget, Permit};
use super::error::call_error;
use super::fair_queue::RequestId;
use super::in_flight::{Call, InFlight};
use crate::catalog::operations::Quota;
use crate::failure::{CallError, CallErrorKind, Cause};
use crate::place::Region;
use crate::settings::{Endpoint, Endpoints};
use crate::telemetry::{CallOutcome, Telemetry};

/// What every call of one operation passes: the budget of its region lets it through, and the telemetry counts it.
pub(super) struct Gate<'a> {
    pub(super) operation: &'static str,
    pub(super) region: &'a Region,
    pub(super) quota: Quota,
    /// Whose call it is.
    pub(super) request: RequestId,
    pub(super) budget: Arc<Budget>,
    pub(super) telemetry: &'a Telemetry,
    pub(super) in_flight: &'a InFlight,
    /// The host that was asked, once one was.
    pub(super) server: Arc<OnceLock<String>>,
    pub(super) endpoints: &'a Endpoints,
}

impl Gate<'_> {
    /// To be given to each call; `E` is the operation's error in the SDK.
    pub(super) fn attempts<E>(&self) -> CountAttempts<E> {
        CountAttempts::new(self.operation, self.telemetry.clone(), Arc::clone(&self.server))
    }

    /// Silence, what only pretends to be AWS, and what cannot be read is told with the host's name. Before a host is
    /// known, the credentials are waited for. Where the host comes from the settings, the setting is named as well.
    fn named(&self, mut error: CallError) -> CallError {
        let is_unreadable = error.kind == CallErrorKind::ServiceFailure && error.context.cause == Cause::Other;
        if !error.kind.is_of_the_network() && !is_unreadable {
            return error;
        }
        let server = &mut error.context.server;
        match (error.kind, self.server.get()) {
            (CallErrorKind::Timeout | CallErrorKind::WrongServer | CallErrorKind::ServiceFailure, Some(asked))
                if server.host.is_none() =>
            {
                server.host = Some(asked.clone());
            }
            (CallErrorKind::Timeout, None) => server.for_credentials = true,
            _ => {}
        }
        server.setting = setting_of(server.host.as_deref(), self.operation, self.endpoints);
        error
    }

    async fn enter(&self) -> Permit<'_> {
        let started = Instant::now();
        let permit = self.budget.enter(self.quota, self.request).await;
        self.telemetry.waited(self.operation, started.elapsed());
        permit
    }

    pub(super) fn error(&self, kind: CallErrorKind, message: &str) -> CallError {
        self.named(CallError::new(kind, self.operation, self.region, message))
    }
}

/// The setting in which the host of an operation stands.
pub(super) fn setting_of(host: Option<&str>, operation: &str, endpoints: &Endpoints) -> Option<&'static str> {
    let asked = [endpoints.of(operation), endpoints.sts.as_ref()];
    let is_asked = |endpoint: &&Endpoint| host == Some(endpoint.authority());
    asked.into_iter().flatten().find(is_asked).map(Endpoint::field)
}

/// Makes one call, with the SDK's retries, as soon as the budget allows, and records it as one event.
pub(super) async fn send<O, E>(
    gate: &Gate<'_>,
    call: impl Future<Output = Result<O, SdkError<E, HttpResponse>>>,
) -> Result<O, CallError>
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    let permit = gate.enter().await;
    let mut running = Running::start(gate);
    let answer = call.await.map_err(|error| gate.named(call_error(gate.operation, gate.region, &error)));
    running.outcome = match &answer {
        Ok(_) => CallOutcome::Answered,
        Err(error) => CallOutcome::Failed(error.kind),
    };
    drop(running);
    drop(permit);
    answer
}

/// A call on its way; recorded when it is over, also when it is dropped half way.
struct Running<'a> {
    gate: &'a Gate<'a>,
    call: Arc<Call>,
    outcome: CallOutcome,
}

impl<'a> Running<'a> {
    fn start(gate: &'a Gate<'a>) -> Self {
        let (operation, region, server) = (gate.operation, gate.region.clone(), Arc::clone(&gate.server));
        let call = gate.in_flight.add(Call { operation, region, started: Instant::now(), server });
        Self { gate, call, outcome: CallOutcome::Cancelled }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let Gate { operation, region, telemetry, .. } = self.gate;
        self.gate.in_flight.remove(&self.call, self.outcome);
        let duration: Duration = self.call.started.elapsed();
        telemetry.count_call(operation, self.outcome, duration);
        let (duration_ms, outcome) = (duration.as_millis(), self.outcome);
        tracing::debug!(operation, %region, duration_ms, ?outcome, "AWS call");
    }
}

/// The way through the pages of one answer.
pub(super) struct Pages<'a> {
    gate: &'a Gate<'a>,
    count: u32,
    next: Next,
}

enum Next {
    First,
    Token(String),
    Done,
}

impl<'a> Pages<'a> {
    pub(super) fn new(gate: &'a Gate<'a>) -> Self {
        Self { gate, count: 0, next: Next::First }
    }

    /// The token to ask the next page with: `Some(None)` for the first, `None` when all pages are read.
    pub(super) fn next_token(&self) -> Option<Option<String>> {
        match &self.next {
            Next::First => Some(None),
            Next::Token(token) => Some(Some(token.clone())),
            Next::Done => None,
        }
    }

    /// Notes that a page was read. A token that repeats would never end, so it is an error.
    pub(super) fn read(&mut self, token: Option<&str>) -> Result<(), CallError> {
        self.count += 1;
        let next = match token {
            Some(token) if !token.is_empty() => Next::Token(token.to_owned()),
            _ => Next::Done,
        };
        if let (Next::Token(before), Next::Token(now)) = (&self.next, &next)
            && before == now
        {
            return Err(self.gate.error(CallErrorKind::ServiceFailure, "the same page token came twice"));
        }
        self.next = next;
        Ok(())
    }

    /// Pages read so far.
    pub(super) fn count(&self) -> u32 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::CallLimits;

    #[tokio::test]
    async fn pages_end_without_a_token_and_refuse_a_repeated_one() {
        let region = Region::from("eu-west-1");
        let gate = Gate {
            operation: "cloudwatch:ListMetrics",
            region: &region,
            quota: Quota::ListMetrics,
            request: RequestId::next(),
            budget: Arc::new(Budget::new(CallLimits::default())),
            telemetry: &Telemetry::new(),
            in_flight: &InFlight::default(),
            server: Arc::default(),
            endpoints: &Endpoints::default(),
        };
        let mut pages = Pages::new(&gate);
        assert_eq!(pages.next_token(), Some(None));
        pages.read(Some("a")).unwrap();
        assert_eq!(pages.next_token(), Some(Some("a".to_owned())));
        assert_eq!(pages.read(Some("a")).unwrap_err().kind, CallErrorKind::ServiceFailure);
        pages.read(Some("b")).unwrap();
        pages.read(Some("")).unwrap();
        assert_eq!((pages.next_token(), pages.count()), (None, 4));
    }
}
