//! A failed call in words: why it failed, and what to do. The same wherever it is told.

use super::{CallError, CallErrorKind, Cause};
use crate::notice::capital;

/// What an error of time says that knows nothing else.
pub const NO_ANSWER: &str = "no answer in time";

impl CallError {
    /// Why the call failed, and what to do, to be put into sentences: "CloudWatch denied ListMetrics" and "Add
    /// cloudwatch:ListMetrics to the policy of this data source".
    pub fn explain(&self) -> (String, String) {
        let (operation, message) = (self.operation, self.words());
        let (service, call) = (self.service(), self.call());
        let (why, advice) = match self.kind {
            CallErrorKind::AccessDenied => {
                let advice = format!("Add {operation} to the policy of this data source");
                return (format!("{service} denied {call}"), advice);
            }
            CallErrorKind::NoCredentials => (
                format!("this data source has no AWS credentials ({message})"),
                "Check its authentication; \"Save & test\" says where it looks for them",
            ),
            CallErrorKind::Credentials if self.context.cause == Cause::RefusedRole => (
                format!("AWS does not let this data source assume its role ({message})"),
                "Check assumeRoleArn and externalId of this data source, and the role's trust policy",
            ),
            CallErrorKind::Credentials => (
                format!("AWS does not accept the credentials ({message})"),
                "Check the authentication of this data source",
            ),
            CallErrorKind::Throttled if self.context.cause == Cause::OwnLimits => (
                format!("the rate limits of this data source left no room for {call} in time"),
                "Refresh less often, ask for less, or raise these limits in its settings",
            ),
            CallErrorKind::Throttled if self.context.cause == Cause::SpendLimit => {
                (message, "Refresh less often, ask for less, or raise this limit in its settings")
            }
            CallErrorKind::Throttled => (
                format!("{service} throttled {call}"),
                "Too many requests reach this account's quota; refresh less often or ask for less",
            ),
            CallErrorKind::NotFound => {
                (format!("{service} did not find it ({message})"), "Check the name and the region")
            }
            CallErrorKind::Rejected if self.context.cause == Cause::RefusedRegion => (message, "Choose another region"),
            CallErrorKind::Rejected if self.context.cause == Cause::OtherAccount => (
                format!("{call} answers for the data source's own account only"),
                "Use a data source of the other account",
            ),
            CallErrorKind::Rejected => (format!("{service} rejected {call} ({message})"), "Change the query"),
            CallErrorKind::Timeout
            | CallErrorKind::Unreachable
            | CallErrorKind::Untrusted
            | CallErrorKind::CaBundle
            | CallErrorKind::WrongServer => self.explain_network(),
            CallErrorKind::ServiceFailure => (format!("{service} failed on {call} ({message})"), "Try again"),
        };
        (why, advice.to_owned())
    }

    /// The same for what stands between the Grafana server and AWS.
    fn explain_network(&self) -> (String, &'static str) {
        let (service, message) = (self.service(), self.words());
        match self.kind {
            CallErrorKind::Timeout if self.context.cause == Cause::InBackground => match &self.context.server.host {
                None => (
                    format!("AWS limits how many calls of {} it takes in a second", self.call()),
                    "A later refresh knows more",
                ),
                Some(host) => (
                    format!("{} at {host} has not answered yet", self.call()),
                    "A later refresh knows more; if it never answers, check the network of the Grafana server",
                ),
            },
            CallErrorKind::Timeout => (
                self.describe_silence(),
                "Try again, or raise the request timeout of this data source; if it never answers, check the network of the Grafana server",
            ),
            CallErrorKind::Untrusted => (
                format!("the Grafana server does not trust the certificate of {service} ({message})"),
                "Set AWS_CA_BUNDLE of the Grafana server to a PEM file with your CA's certificate, or add the certificate to those of the machine",
            ),
            CallErrorKind::CaBundle => (
                format!("no certificate can be checked ({message})"),
                "Correct or remove AWS_CA_BUNDLE in the environment of the Grafana server",
            ),
            CallErrorKind::WrongServer => (
                format!("the server that answered {} is not {service} ({message})", self.call()),
                "Check the endpoint of this data source, and the proxies between Grafana and AWS",
            ),
            CallErrorKind::Unreachable
            | CallErrorKind::AccessDenied
            | CallErrorKind::NoCredentials
            | CallErrorKind::Credentials
            | CallErrorKind::Throttled
            | CallErrorKind::NotFound
            | CallErrorKind::Rejected
            | CallErrorKind::ServiceFailure => (
                format!("{service} cannot be reached ({message})"),
                "Check the region, the endpoint and the network of the Grafana server",
            ),
        }
    }

    /// "DescribeApplication at kinesisanalytics.eu-west-1.amazonaws.com did not answer in time".
    fn describe_silence(&self) -> String {
        let (call, server) = (self.call(), &self.context.server);
        if server.for_credentials {
            return format!("{call} did not answer in time ({})", self.words());
        }
        let mut who = server.host.as_ref().map_or_else(|| call.to_owned(), |host| format!("{call} at {host}"));
        if let Some(proxy) = &server.proxy {
            who = format!("{who}, through the proxy {proxy},");
        }
        let reason = Some(self.message.clone()).filter(|message| message != NO_ANSWER);
        let setting = server.setting.map(|setting| format!("this address is set in {setting}"));
        let more = reason.into_iter().chain(setting).collect::<Vec<_>>().join("; ");
        let more = if more.is_empty() { more } else { format!(" ({more})") };
        format!("{who} did not answer in time{more}")
    }

    /// Both as sentences.
    pub fn sentences(&self) -> String {
        let (why, advice) = self.explain();
        format!("{}. {advice}.", capital(&why))
    }
}
