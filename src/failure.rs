//! Why a call to AWS gave no answer, as facts: the words are made at the edge.

use crate::place::Region;

/// A failed call. `Clone`, because one failed call can fail several queries.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation} in {region}: {kind:?}: {message}")]
pub struct CallError {
    pub kind: CallErrorKind,
    /// `service:Operation` as IAM policies name it, e.g. `cloudwatch:GetMetricData`.
    pub operation: &'static str,
    pub region: Region,
    /// AWS's own words, shortened; never a secret.
    pub message: String,
}

/// What to branch on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallErrorKind {
    /// The identity may not call this operation.
    AccessDenied,
    /// The credentials are missing, wrong or expired.
    Credentials,
    /// Too many calls; retries inside the deadline did not help.
    Throttled,
    /// The thing asked for does not exist.
    NotFound,
    /// AWS refused the request's content.
    Rejected,
    /// No answer within the deadline.
    Timeout,
    /// The service could not be reached.
    Unreachable,
    /// The service answered with a failure of its own, or with something unreadable.
    ServiceFailure,
}
