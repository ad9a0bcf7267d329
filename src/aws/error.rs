//! The SDK's errors as [`CallError`]s: a kind to branch on, and AWS's own words without secrets.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_sdk_sts::operation::assume_role_with_web_identity::AssumeRoleWithWebIdentityError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::credentials::UnknownProfile;
use super::network_error::{self, Found};
use crate::failure::{CallError, CallErrorKind, Cause, Context, NO_ANSWER};
use crate::place::Region;

/// Longer messages are cut: a notice has room for a sentence or two.
const MESSAGE_CHARS: usize = 300;

/// What went wrong with one call of `operation`.
pub(super) fn call_error<E>(operation: &'static str, region: &Region, error: &SdkError<E, HttpResponse>) -> CallError
where
    E: Error + ProvideErrorMetadata + 'static,
{
    let found = match error {
        SdkError::ServiceError(refusal) => {
            let code = refusal.err().code().unwrap_or_default();
            let status = refusal.raw().status().as_u16();
            let words = refusal.err().message().unwrap_or_default();
            match network_error::foreign_answer(refusal.raw()).filter(|_| code.is_empty()) {
                Some(words) => Found::of(CallErrorKind::WrongServer, words),
                // No refusal: the SDK could not read it.
                None if code.is_empty() && (200..300).contains(&status) => unreadable(status, error),
                None => Found {
                    cause: Cause::Code(code.to_owned()),
                    ..Found::of(kind_of(code, status), answer_text(code, status, words))
                },
            }
        }
        SdkError::ResponseError(refused) => {
            let status = refused.raw().status().as_u16();
            if let Some(words) = network_error::too_long(chain(error)) {
                Found::of(CallErrorKind::ServiceFailure, words)
            } else if let Some(words) = network_error::foreign_answer(refused.raw()) {
                Found::of(CallErrorKind::WrongServer, words)
            } else {
                unreadable(status, error)
            }
        }
        SdkError::TimeoutError(_) => Found::of(CallErrorKind::Timeout, NO_ANSWER.to_owned()),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => unsent(error, CallErrorKind::Timeout),
        SdkError::DispatchFailure(_) => unsent(error, CallErrorKind::Unreachable),
        SdkError::ConstructionFailure(_) => unsent(error, CallErrorKind::Rejected),
        _ => unsent(error, CallErrorKind::ServiceFailure),
    };
    let Found { kind, cause, server, words } = found;
    let context = Box::new(Context { cause, server, ..Context::default() });
    CallError { context, ..CallError::new(kind, operation, region, presentable(&words)) }
}

fn unreadable<E>(status: u16, error: &SdkError<E, HttpResponse>) -> Found
where
    E: Error + 'static,
{
    let words = format!("unreadable answer with status {status}: {}", chain_text(inner(error)));
    Found::of(kind_of("", status), words)
}

/// The request never left. Missing credentials may look like any failure; else it is of the given kind.
fn unsent<E>(error: &SdkError<E, HttpResponse>, kind: CallErrorKind) -> Found
where
    E: Error + 'static,
{
    let credentials = chain(error).find(|cause| cause.downcast_ref::<CredentialsError>().is_some());
    // An answer that breaks off is dispatched, too.
    if let Some(words) = network_error::too_long(chain(error)) {
        return Found::of(CallErrorKind::ServiceFailure, words);
    }
    let on_the_way = |from| network_error::describe(chain(from), chain_text, kind);
    let Some(credentials) = credentials else {
        return on_the_way(error).unwrap_or_else(|| Found::of(kind, chain_text(inner(error))));
    };
    let Some(mut found) = on_the_way(credentials) else { return credentials_failure(credentials) };
    found.server.for_credentials = true;
    found
}

/// What is inside the SDK's wrapping, which says no more than the kind of the error does.
fn inner<E>(error: &SdkError<E, HttpResponse>) -> &(dyn Error + 'static)
where
    E: Error + 'static,
{
    let connector = if let SdkError::DispatchFailure(failure) = error { failure.as_connector_error() } else { None };
    let inside = match connector {
        Some(connector) => connector.source(),
        None => error.source(),
    };
    inside.unwrap_or(error)
}

/// Why there are no credentials. A refused AssumeRole speaks for itself; its wrapping would only hide it.
fn credentials_failure(error: &(dyn Error + 'static)) -> Found {
    let said = |operation: &str, refused: &dyn ProvideErrorMetadata| {
        let code = refused.code().unwrap_or("refused");
        let words = format!("{operation}: {code}: {}", refused.message().unwrap_or_default());
        Found::of(CallErrorKind::Credentials, words)
    };
    if let Some(refused) = chain(error).find_map(|cause| cause.downcast_ref::<AssumeRoleError>()) {
        return Found { cause: Cause::RefusedRole, ..said("sts:AssumeRole", refused) };
    }
    if let Some(refused) = chain(error).find_map(|cause| cause.downcast_ref::<AssumeRoleWithWebIdentityError>()) {
        return said("sts:AssumeRoleWithWebIdentity", refused);
    }
    let is_unknown = chain(error).any(|cause| cause.downcast_ref::<UnknownProfile>().is_some());
    let cause = if is_unknown { Cause::UnknownProfile } else { Cause::Other };
    Found { cause, ..Found::of(CallErrorKind::NoCredentials, chain_text(error.source().unwrap_or(error))) }
}

/// The kind of a refusal, by its code, else by the HTTP status. The codes are those of "Common error types" in the
/// reference of each service, in the spelling of the query protocol and of the JSON and CBOR ones.
pub(super) fn kind_of(code: &str, status: u16) -> CallErrorKind {
    match code {
        "AccessDenied"
        | "AccessDeniedException"
        | "UnauthorizedOperation"
        | "NotAuthorized"
        | "AuthorizationError"
        | "OptInRequired"
        | "SubscriptionRequiredException" => CallErrorKind::AccessDenied,
        "ExpiredToken"
        | "ExpiredTokenException"
        | "RequestExpired"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "InvalidAccessKeyId"
        | "InvalidToken"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "IncompleteSignature"
        | "IncompleteSignatureException"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "AuthFailure" => CallErrorKind::Credentials,
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "ProvisionedThroughputExceededException"
        | "BandwidthLimitExceeded"
        | "SlowDown" => CallErrorKind::Throttled,
        "ResourceNotFound" | "ResourceNotFoundException" => CallErrorKind::NotFound,
        "UnknownOperation" | "UnknownOperationException" | "InvalidAction" => CallErrorKind::WrongServer,
        "InternalFailure"
        | "InternalFailureException"
        | "InternalServiceError"
        | "InternalServiceFault"
        | "InternalServerError"
        | "InternalError"
        | "ServiceUnavailable"
        | "ServiceUnavailableException" => CallErrorKind::ServiceFailure,
        _ => kind_of_status(status),
    }
}

fn kind_of_status(status: u16) -> CallErrorKind {
    match status {
        401 | 403 => CallErrorKind::AccessDenied,
        // What AWS does not find has a code of its own.
        404 => CallErrorKind::WrongServer,
        408 => CallErrorKind::Timeout,
        429 => CallErrorKind::Throttled,
        400..=499 => CallErrorKind::Rejected,
        _ => CallErrorKind::ServiceFailure,
    }
}

fn answer_text(code: &str, status: u16, words: &str) -> String {
    match (code, words) {
        ("", "") => format!("HTTP status {status}"),
        ("", words) => words.to_owned(),
        (code, "") => code.to_owned(),
        (code, words) => format!("{code}: {words}"),
    }
}

/// An error and its causes, outermost first.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> + Clone {
    std::iter::successors(Some(error), |cause: &&'a (dyn Error + 'static)| (*cause).source())
}

/// The words of an error and its causes. A cause whose words the one before already has is left out.
fn chain_text(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    for cause in chain(error) {
        let words = cause.to_string();
        if text.contains(&words) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&words);
    }
    text
}

/// One line without secrets, cut to a length that people read. A failed signature is explained by AWS with the
/// canonical request, which holds the session token: everything from there on is dropped.
pub(super) fn presentable(message: &str) -> String {
    let before_request = message.split("The Canonical String").next().unwrap_or_default();
    let line = before_request.lines().next().unwrap_or_default().trim();
    // What it announces stands in lines that are not shown.
    let line = match line.strip_suffix(':') {
        Some(opening) => opening.rsplit_once(". ").map_or(opening, |(said, _)| said),
        None => line,
    };
    let mut text = String::new();
    for word in split_keeping_ends(line) {
        text.push_str(if is_access_key_id(word) { "[access key id]" } else { word });
    }
    match text.char_indices().nth(MESSAGE_CHARS) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text,
    }
}

/// Runs of letters and digits, and what stands between them.
fn split_keeping_ends(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let is_word = first.is_ascii_alphanumeric();
        let end = rest.find(|c: char| c.is_ascii_alphanumeric() != is_word).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        rest = after;
        Some(run)
    })
}

/// Ids of long-lived (AKIA) and temporary (ASIA) access keys: 16 to 128 characters, by the IAM reference.
fn is_access_key_id(word: &str) -> bool {
    word.len() >= 12 && (word.starts_with("AKIA") || word.starts_with("ASIA"))
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;

    #[derive(Debug)]
    struct Refusal(ErrorMetadata);

    impl std::fmt::Display for Refusal {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("refusal")
        }
    }

    impl Error for Refusal {}

    impl ProvideErrorMetadata for Refusal {
        fn meta(&self) -> &ErrorMetadata {
            &self.0
        }
    }

    fn response(status: u16) -> HttpResponse {
        HttpResponse::new(status.try_into().unwrap(), SdkBody::empty())
    }

    fn read(error: &SdkError<Refusal, HttpResponse>) -> CallError {
        call_error("cloudwatch:ListMetrics", &Region::from("eu-west-1"), error)
    }

    fn refused(code: &str, status: u16, message: &str) -> CallError {
        let meta = ErrorMetadata::builder().code(code).message(message).build();
        read(&SdkError::service_error(Refusal(meta), response(status)))
    }

    #[test]
    fn codes_decide_before_statuses() {
        use CallErrorKind as Kind;
        let table = [
            ("AccessDenied", 403, Kind::AccessDenied),
            ("AccessDeniedException", 400, Kind::AccessDenied),
            ("ExpiredTokenException", 403, Kind::Credentials),
            ("InvalidClientTokenId", 403, Kind::Credentials),
            ("UnrecognizedClientException", 400, Kind::Credentials),
            ("SignatureDoesNotMatch", 403, Kind::Credentials),
            ("ThrottlingException", 400, Kind::Throttled),
            ("Throttling", 400, Kind::Throttled),
            ("ResourceNotFoundException", 400, Kind::NotFound),
            ("InvalidParameterValue", 400, Kind::Rejected),
            ("ValidationError", 400, Kind::Rejected),
            ("InternalServiceFault", 500, Kind::ServiceFailure),
            ("NeverSeenBefore", 503, Kind::ServiceFailure),
            ("NeverSeenBefore", 429, Kind::Throttled),
            ("NeverSeenBefore", 403, Kind::AccessDenied),
            ("UnknownOperationException", 404, Kind::WrongServer),
            ("NeverSeenBefore", 404, Kind::WrongServer),
        ];
        for (code, status, kind) in table {
            assert_eq!(refused(code, status, "words").kind, kind, "{code} {status}");
        }
    }

    #[test]
    fn a_message_is_one_short_line_without_key_ids() {
        let long = format!("key AKIAIOSFODNN7EXAMPLE, token ASIAIOSFODNN7EXAMPLE: {}\nsecond line", "é".repeat(400));
        let error = refused("InvalidClientTokenId", 403, &long);
        assert!(error.message.starts_with("InvalidClientTokenId: key [access key id], token [access key id]: éé"));
        assert!(error.message.ends_with('…') && error.message.chars().count() == MESSAGE_CHARS + 1);
        assert!(!error.message.contains("EXAMPLE") && !error.message.contains("second"));
    }

    #[test]
    fn the_canonical_request_of_a_wrong_signature_is_dropped() {
        let words = "The signature does not match. The Canonical String for this request should have been 'token'";
        let error = refused("SignatureDoesNotMatch", 403, words);
        assert_eq!(error.message, "SignatureDoesNotMatch: The signature does not match.");
    }

    #[test]
    fn failures_without_an_answer_have_their_own_kinds() {
        let refused = SdkError::dispatch_failure(ConnectorError::io("connection refused".into()));
        assert_eq!(read(&refused).kind, CallErrorKind::Unreachable);
        assert_eq!(read(&refused).message, "connection refused");

        let slow = SdkError::dispatch_failure(ConnectorError::timeout("connect took too long".into()));
        assert_eq!(read(&slow).kind, CallErrorKind::Timeout);

        let late = SdkError::timeout_error("operation timeout");
        assert_eq!(read(&late).kind, CallErrorKind::Timeout);

        let missing = CredentialsError::not_loaded("no providers in chain provided credentials");
        let missing = SdkError::dispatch_failure(ConnectorError::other(missing.into(), None));
        assert_eq!(read(&missing).kind, CallErrorKind::NoCredentials);
        assert_eq!(read(&missing).message, "no providers in chain provided credentials");

        let garbled = SdkError::response_error("not CBOR", response(200));
        assert_eq!(read(&garbled).kind, CallErrorKind::ServiceFailure);
        assert_eq!(read(&garbled).message, "unreadable answer with status 200: not CBOR");
    }

    #[test]
    fn a_refused_role_says_so_in_the_words_of_sts() {
        let meta = ErrorMetadata::builder().code("AccessDenied").message("not authorized to assume").build();
        let refused = CredentialsError::provider_error(AssumeRoleError::generic(meta));
        let error = SdkError::dispatch_failure(ConnectorError::other(refused.into(), None));
        assert_eq!(read(&error).kind, CallErrorKind::Credentials);
        assert_eq!(read(&error).message, "sts:AssumeRole: AccessDenied: not authorized to assume");
    }

    #[test]
    fn a_line_does_not_announce_what_is_not_shown() {
        let lines = "no credentials found in chain. Attempted:\n* profile: no";
        assert_eq!(presentable(lines), "no credentials found in chain");
        assert_eq!(presentable("it said: no"), "it said: no");
        assert_eq!(presentable("refused:"), "refused");
    }
}
