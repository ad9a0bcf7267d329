//! Why a call to AWS gave no answer, as facts, and what they mean in words ([`CallError::explain`]).

mod explain;

pub use explain::NO_ANSWER;

use crate::place::{Account, Place, Region};

/// A failed call. `Clone`, because one failed call can fail several queries.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation} in {}: {kind:?}: {}", self.place().describe(), self.words())]
pub struct CallError {
    pub kind: CallErrorKind,
    /// `service:Operation` as IAM policies name it, e.g. `cloudwatch:GetMetricData`.
    pub operation: &'static str,
    pub region: Region,
    /// In a box, since errors are returned everywhere.
    pub context: Box<Context>,
    /// The reason: AWS's own words, shortened, or those of the network; never a secret.
    pub message: String,
}

/// What else is known of a failed call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Context {
    /// Whose data was asked for.
    pub account: Account,
    pub cause: Cause,
    pub server: Server,
}

/// What is known of the reason beyond the kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Cause {
    #[default]
    Other,
    /// The code of AWS's answer.
    Code(String),
    /// The data source's own limits had no room for the call before the request's deadline; it was not made.
    OwnLimits,
    /// It would cost more than the data source may spend in an hour; it was not made.
    SpendLimit,
    /// The region may not, or cannot, be asked; the call was not made.
    RefusedRegion,
    /// STS refuses the role of the settings, and not the credentials that ask for it.
    RefusedRole,
    /// The profile of the settings is in none of the files.
    UnknownProfile,
    /// The service answers for the data source's own account only, and another one is asked about; the call was not
    /// made.
    OtherAccount,
    /// Too much is asked for to wait for all: it is asked in the background.
    InBackground,
}

/// The server that a call failed at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Server {
    /// Host, and port where one is written; None where none was reached for.
    pub host: Option<String>,
    /// The proxy on the way to it.
    pub proxy: Option<String>,
    /// The setting in which its address stands.
    pub setting: Option<&'static str>,
    /// Whether credentials were asked for there, before the call itself.
    pub for_credentials: bool,
}

impl CallError {
    pub fn new(kind: CallErrorKind, operation: &'static str, region: &Region, message: impl Into<String>) -> Self {
        Self { kind, operation, region: region.clone(), context: Box::default(), message: message.into() }
    }

    /// The same about the data of an account.
    pub fn of(self, account: &Account) -> Self {
        Self { context: Box::new(Context { account: account.clone(), ..*self.context }), ..self }
    }

    /// The same with what is known of its cause.
    pub fn because(mut self, cause: Cause) -> Self {
        self.context.cause = cause;
        self
    }

    /// A call that was not made: the data source's own limits had no room for it before the request's deadline.
    pub fn over_own_limits(operation: &'static str, region: &Region) -> Self {
        let message = "the rate limits of this data source left no room before the request's deadline";
        Self::new(CallErrorKind::Throttled, operation, region, message).because(Cause::OwnLimits)
    }

    /// A call that was not made: it would cost more than may be spent in an hour. `why` says who has spent how much.
    pub fn over_spend_limit(operation: &'static str, region: &Region, why: &str) -> Self {
        Self::new(CallErrorKind::Throttled, operation, region, why).because(Cause::SpendLimit)
    }

    /// A call that ran, or waited for another one, when the time of who asked for it was over.
    pub fn late(operation: &'static str, region: &Region) -> Self {
        Self::new(CallErrorKind::Timeout, operation, region, "no answer before the request's deadline")
    }

    /// An answer that is still to come: one call after the other is made in the background, and who asked has not
    /// waited for all.
    pub fn in_background(operation: &'static str, region: &Region) -> Self {
        let message = "many are asked for, one after the other in the background";
        Self::new(CallErrorKind::Timeout, operation, region, message).because(Cause::InBackground)
    }

    pub fn is_in_background(&self) -> bool {
        self.context.cause == Cause::InBackground
    }

    /// A call that was not made: the region may not, or cannot, be asked. `why` is a sentence about it.
    pub fn refused_region(operation: &'static str, region: &Region, why: &str) -> Self {
        let message = format!("the region {region} {why}");
        Self::new(CallErrorKind::Rejected, operation, region, message).because(Cause::RefusedRegion)
    }

    /// A call that was not made: Kinesis Analytics knows nothing of linked accounts; only CloudWatch does.
    pub fn own_account_only(operation: &'static str, region: &Region) -> Self {
        let message = "it answers for the data source's own account only";
        Self::new(CallErrorKind::Rejected, operation, region, message).because(Cause::OtherAccount)
    }

    /// A call that was not made: nothing needs it, and its server is not the one that this data source is set up for.
    pub fn not_asked(operation: &'static str, region: &Region) -> Self {
        let message = "not asked: this data source has an endpoint and no stsEndpoint";
        Self::new(CallErrorKind::Rejected, operation, region, message)
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

    /// Where it failed: the region, and the account where it is another one.
    pub fn place(&self) -> Place {
        Place { region: self.region.clone(), account: self.context.account.clone() }
    }

    /// The reason with the server, and the setting that named it.
    pub fn words(&self) -> String {
        let Server { host, proxy, setting, for_credentials } = &self.context.server;
        let mut before = Vec::new();
        before.extend(for_credentials.then(|| "while getting its credentials".to_owned()));
        before.extend(host.as_ref().map(|host| if *for_credentials { format!("from {host}") } else { host.clone() }));
        let mut text = before.join(" ");
        if let Some(proxy) = proxy {
            text.push_str(", through the proxy ");
            text.push_str(proxy);
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&self.message);
        if let Some(setting) = setting {
            text.push_str("; this address is set in ");
            text.push_str(setting);
        }
        text
    }
}

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
