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

impl CallError {
    /// A call that was not made: the data source's own limits had no room for it before the request's deadline.
    pub fn over_own_limits(operation: &'static str, region: &Region) -> Self {
        Self { kind: CallErrorKind::Throttled, operation, region: region.clone(), message: OVER_OWN_LIMITS.to_owned() }
    }

    /// Whether this is the data source's own refusal and not one of AWS.
    pub fn is_over_own_limits(&self) -> bool {
        self.kind == CallErrorKind::Throttled && self.message == OVER_OWN_LIMITS
    }

    /// A call that was not made: the region may not, or cannot, be asked. `why` is a sentence about it.
    pub fn refused_region(operation: &'static str, region: &Region, why: &str) -> Self {
        let message = format!("the region {region} {why}");
        Self { kind: CallErrorKind::Rejected, operation, region: region.clone(), message }
    }

    /// Whether this is the data source's own refusal and not one of AWS.
    pub fn is_refused_region(&self) -> bool {
        self.kind == CallErrorKind::Rejected && self.message.starts_with(REFUSED_REGION)
    }

    /// The operation without its service.
    pub fn call(&self) -> &'static str {
        self.operation.split_once(':').map_or(self.operation, |(_, call)| call)
    }

    /// The service as people call it.
    pub fn service(&self) -> &'static str {
        match self.operation.split(':').next() {
            Some("cloudwatch") => "CloudWatch",
            Some("kinesisanalytics") => "Managed Service for Apache Flink",
            Some("sts") => "AWS STS",
            Some(_) | None => "AWS",
        }
    }

    /// Whether it is the role of the settings that AWS refuses, and not the credentials that ask for it.
    pub fn is_refused_role(&self) -> bool {
        self.kind == CallErrorKind::Credentials
            && self.message.strip_prefix(ASSUME_ROLE).is_some_and(|rest| rest.starts_with(':'))
    }

    /// A call that was not made: nothing needs it, and its server is not the one that this data source is set up for.
    pub fn not_asked(operation: &'static str, region: &Region) -> Self {
        let message = "not asked: this data source has an endpoint and no stsEndpoint".to_owned();
        Self { kind: CallErrorKind::Rejected, operation, region: region.clone(), message }
    }
}

/// How the words above begin.
const REFUSED_REGION: &str = "the region ";

/// How the words about a refused role begin.
pub const ASSUME_ROLE: &str = "sts:AssumeRole";

const OVER_OWN_LIMITS: &str = "the data source's own limits of calls had no room before the request's deadline";

/// What to branch on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallErrorKind {
    /// The identity may not call this operation.
    AccessDenied,
    /// There are no credentials to sign with, so nothing was asked.
    NoCredentials,
    /// AWS refuses the credentials: they are wrong or expired, or may not assume the role.
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
    /// The server's certificate is not trusted here.
    Untrusted,
    /// The file that `AWS_CA_BUNDLE` names cannot be used, so no certificate can be checked.
    CaBundle,
    /// Something answers that is not this service: a proxy's page, another service, another protocol.
    WrongServer,
    /// The service answered with a failure of its own, or with something unreadable.
    ServiceFailure,
}

impl CallErrorKind {
    /// Whether this identity may not ask, or there is none.
    pub fn is_denied(self) -> bool {
        matches!(self, Self::AccessDenied | Self::NoCredentials | Self::Credentials)
    }

    /// Whether the way to the service is what is wrong, or who answers there.
    pub fn is_of_the_network(self) -> bool {
        match self {
            Self::Timeout | Self::Unreachable | Self::Untrusted | Self::CaBundle | Self::WrongServer => true,
            Self::AccessDenied
            | Self::NoCredentials
            | Self::Credentials
            | Self::Throttled
            | Self::NotFound
            | Self::Rejected
            | Self::ServiceFailure => false,
        }
    }

    /// Whether a failure says nothing of what there is and what we may see: then what was known before holds on.
    pub fn is_passing(self) -> bool {
        match self {
            Self::Throttled
            | Self::Timeout
            | Self::Unreachable
            | Self::Untrusted
            | Self::CaBundle
            | Self::WrongServer
            | Self::ServiceFailure => true,
            Self::AccessDenied | Self::NoCredentials | Self::Credentials | Self::NotFound | Self::Rejected => false,
        }
    }
}
