//! What AWS answers when it refuses: one value for all protocols.
//!
//! The query protocol names an error by its *code*, the JSON and CBOR protocols by its *shape*; a few of
//! CloudWatch's errors differ in the two, and clients of both kinds must see the name they know.

use serde_json::{Value, json};

/// A refused call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceError {
    pub status: u16,
    /// As in query/XML, and in the header `x-amzn-query-error`.
    pub code: &'static str,
    /// As in `__type`.
    pub shape: &'static str,
    pub message: String,
    /// A member beside the message, in the JSON protocols.
    pub detail: Option<(&'static str, Value)>,
}

impl ServiceError {
    fn new(status: u16, code: &'static str, shape: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, shape, message: message.into(), detail: None }
    }

    pub fn is_sender_fault(&self) -> bool {
        self.status < 500
    }

    pub fn validation(message: impl Into<String>) -> Self {
        Self::new(400, "ValidationError", "ValidationException", message)
    }

    pub fn invalid_value(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidParameterValue", "InvalidParameterValueException", message)
    }

    pub fn invalid_combination(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidParameterCombination", "InvalidParameterCombinationException", message)
    }

    pub fn missing_parameter(name: &str) -> Self {
        Self::new(
            400,
            "MissingParameter",
            "MissingRequiredParameterException",
            format!("The parameter {name} is required."),
        )
    }

    pub fn invalid_token() -> Self {
        Self::new(400, "InvalidNextToken", "InvalidNextToken", "The next token is not valid for this request.")
    }

    pub fn invalid_argument(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidArgumentException", "InvalidArgumentException", message)
    }

    /// CloudWatch Logs' word for almost every mistake.
    pub fn invalid_parameter(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidParameterException", "InvalidParameterException", message)
    }

    pub fn limit_exceeded(message: impl Into<String>) -> Self {
        Self::new(400, "LimitExceededException", "LimitExceededException", message)
    }

    /// A query of Logs Insights that is none, from some letter on.
    pub fn malformed_query(message: impl Into<String>, position: usize) -> Self {
        let message = message.into();
        let location = json!({"startCharOffset": position, "endCharOffset": position});
        let detail = json!({"location": location, "message": message});
        let error = Self::new(400, "MalformedQueryException", "MalformedQueryException", message);
        Self { detail: Some(("queryCompileError", detail)), ..error }
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(400, "ResourceNotFoundException", "ResourceNotFoundException", message)
    }

    pub fn throttled() -> Self {
        Self::new(400, "Throttling", "ThrottlingException", "Rate exceeded")
    }

    pub fn denied(caller: &str, action: &str) -> Self {
        let message = format!(
            "User: {caller} is not authorized to perform: {action} because no identity-based policy allows the {action} action"
        );
        Self::new(403, "AccessDenied", "AccessDeniedException", message)
    }

    pub fn denied_on(caller: &str, action: &str, resource: &str) -> Self {
        let message = format!(
            "User: {caller} is not authorized to perform: {action} on resource: {resource} because no identity-based policy \
             allows the {action} action"
        );
        Self { message, ..Self::denied(caller, action) }
    }

    pub fn expired_credentials() -> Self {
        Self::new(403, "ExpiredToken", "ExpiredTokenException", "The security token included in the request is expired")
    }

    pub fn unknown_key() -> Self {
        Self::new(
            403,
            "InvalidClientTokenId",
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        )
    }

    pub fn missing_authentication() -> Self {
        Self::new(
            403,
            "MissingAuthenticationToken",
            "MissingAuthenticationTokenException",
            "Request is missing Authentication Token",
        )
    }

    pub fn incomplete_signature(found: &str) -> Self {
        Self::new(
            400,
            "IncompleteSignature",
            "IncompleteSignatureException",
            format!(
                "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature'. Authorization={found}"
            ),
        )
    }

    pub fn unknown_operation(name: &str) -> Self {
        Self::new(400, "InvalidAction", "UnknownOperationException", format!("Could not find operation {name}"))
    }

    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(400, "MalformedInput", "SerializationException", message)
    }

    pub fn internal() -> Self {
        Self::new(500, "InternalServiceError", "InternalServiceFault", "Internal service error")
    }

    pub fn unavailable() -> Self {
        Self::new(503, "ServiceUnavailable", "ServiceUnavailableException", "Service is unable to handle request.")
    }
}
