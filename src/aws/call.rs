//! One HTTP call and one walk over pages: what all operations share.

use std::future::Future;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::time::Instant;

use super::error::call_error;
use crate::failure::{CallError, CallErrorKind};
use crate::place::Region;

/// Makes one call, with the SDK's retries, and records it as one event.
pub(super) async fn send<O, E>(
    operation: &'static str,
    region: &Region,
    call: impl Future<Output = Result<O, SdkError<E, HttpResponse>>>,
) -> Result<O, CallError>
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    let started = Instant::now();
    let outcome = call.await.map_err(|error| call_error(operation, region, &error));
    let duration_ms = started.elapsed().as_millis();
    match &outcome {
        Ok(_) => tracing::debug!(operation, %region, duration_ms, outcome = "ok", "AWS call"),
        Err(error) => tracing::debug!(operation, %region, duration_ms, outcome = ?error.kind, "AWS call"),
    }
    outcome
}

/// The way through the pages of one answer.
pub(super) struct Pages<'a> {
    operation: &'static str,
    region: &'a Region,
    count: u32,
    next: Next,
}

enum Next {
    First,
    Token(String),
    Done,
}

impl<'a> Pages<'a> {
    pub(super) fn new(operation: &'static str, region: &'a Region) -> Self {
        Self { operation, region, count: 0, next: Next::First }
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
            return Err(CallError {
                kind: CallErrorKind::ServiceFailure,
                operation: self.operation,
                region: self.region.clone(),
                message: "the same page token came twice".to_owned(),
            });
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

    #[test]
    fn pages_end_without_a_token_and_refuse_a_repeated_one() {
        let region = Region::from("eu-west-1");
        let mut pages = Pages::new("cloudwatch:ListMetrics", &region);
        assert_eq!(pages.next_token(), Some(None));
        pages.read(Some("a")).unwrap();
        assert_eq!(pages.next_token(), Some(Some("a".to_owned())));
        assert_eq!(pages.read(Some("a")).unwrap_err().kind, CallErrorKind::ServiceFailure);
        pages.read(Some("b")).unwrap();
        pages.read(Some("")).unwrap();
        assert_eq!((pages.next_token(), pages.count()), (None, 4));
    }
}
