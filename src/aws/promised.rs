//! Answers that lack what the model of the service promises: a failure of the call, where nothing else tells.
//!
//! The SDK reads what is missing as an empty text, a zero or an empty list. "No application" would then be an answer.

use std::fmt::Debug;
use std::marker::PhantomData;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{BeforeSerializationInterceptorContextRef, OutputOrError};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_plugin::RuntimePlugin;
use aws_smithy_runtime_api::client::ser_de::{DeserializeResponse, SharedResponseDeserializer};
use aws_smithy_types::config_bag::ConfigBag;
use minicbor::decode::{self, Decode, Decoder};
use serde_json::Value;

/// What the service says of an application, in a list and alone.
pub(super) const OF_APPLICATION: &[&str] =
    &["ApplicationARN", "ApplicationName", "ApplicationStatus", "ApplicationVersionId", "RuntimeEnvironment"];

/// What a body lacks, in words.
type Check = fn(&[u8]) -> Option<String>;

/// Goes with a call of the operation `O`, and fails it where the body of its answer lacks something.
#[derive(Debug)]
pub(super) struct Promised<O> {
    missing: Check,
    operation: PhantomData<fn() -> O>,
}

impl<O> Promised<O> {
    pub(super) fn new(missing: Check) -> Self {
        Self { missing, operation: PhantomData }
    }
}

impl<O: RuntimePlugin + Default + Debug + 'static> Intercept for Promised<O> {
    fn name(&self) -> &'static str {
        "Promised"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        config.interceptor_state().store_put(SharedResponseDeserializer::new(Self::new(self.missing)));
        Ok(())
    }
}

impl<O: RuntimePlugin + Default + Debug + 'static> DeserializeResponse for Promised<O> {
    fn deserialize_nonstreaming_with_config(&self, response: &HttpResponse, config: &ConfigBag) -> OutputOrError {
        let body = response.body().bytes().unwrap_or_default();
        if !response.status().is_success() {
            return by_sdk::<O>(response, config);
        }
        let missing = if body.is_empty() { Some("it is empty".to_owned()) } else { (self.missing)(body) };
        match missing {
            Some(words) => Err(OrchestratorError::response(words.into())),
            None => by_sdk::<O>(response, config),
        }
    }
}

/// The SDK's own reading of an operation's answer.
pub(super) fn by_sdk<O: RuntimePlugin + Default>(response: &HttpResponse, config: &ConfigBag) -> OutputOrError {
    let layer = O::default().config();
    match layer.as_ref().and_then(|layer| layer.load::<SharedResponseDeserializer>()) {
        Some(deserializer) => deserializer.deserialize_nonstreaming_with_config(response, config),
        None => Err(OrchestratorError::response("the SDK cannot read this answer".into())),
    }
}

/// Whether JSON has `member`, and what each object there must have. What is no JSON is told by the SDK.
pub(super) fn missing_in_json(body: &[u8], member: &str, of_each: &[&str]) -> Option<String> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let is_missing = |value: Option<&Value>| value.is_none_or(|value| value.is_null() || value.as_str() == Some(""));
    let of_object = |object: &Value| {
        let lacks = |name: &&&str| is_missing(object.get(**name));
        of_each.iter().find(lacks).map(|name| format!("it has {member} without {name}"))
    };
    match answer.get(member) {
        None | Some(Value::Null) => Some(format!("it has no {member}")),
        Some(Value::Array(objects)) => objects.iter().find_map(of_object),
        Some(object) => of_object(object),
    }
}

/// Whether CBOR that says anything has one of these members. What is no CBOR is told by the SDK.
pub(super) fn missing_in_cbor(body: &[u8], members: &[&str]) -> Option<String> {
    let mut decoder = Decoder::new(body);
    let mut is_other = false;
    for entry in decoder.map_iter::<&str, Skipped>().ok()? {
        let (key, _) = entry.ok()?;
        if members.contains(&key) {
            return None;
        }
        is_other = true;
    }
    is_other.then(|| format!("it has no {}", members.first().copied().unwrap_or_default()))
}

/// A value that is of no interest.
struct Skipped;

impl<'b> Decode<'b, ()> for Skipped {
    fn decode(decoder: &mut Decoder<'b>, (): &mut ()) -> Result<Self, decode::Error> {
        decoder.skip().map(|()| Self)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_promised_member_has_to_be_there_and_to_say_something() {
        let said = |answer: Value| {
            missing_in_json(answer.to_string().as_bytes(), "List", &["Name", "Version"]).unwrap_or_default()
        };
        let whole = json!({ "Name": "a", "Version": 0 });
        assert_eq!(said(json!({ "List": [] })), "");
        assert_eq!(said(json!({ "List": [whole, whole] })), "");
        assert_eq!(said(json!({ "List": whole })), "");
        for none in [json!({}), json!({ "List": null }), json!([]), json!("List"), json!(null)] {
            assert_eq!(said(none), "it has no List");
        }
        for lacking in [json!({}), json!({ "Version": 1 }), json!({ "Name": "", "Version": 1 }), json!(1)] {
            assert_eq!(said(json!({ "List": lacking })), "it has List without Name");
            assert_eq!(said(json!({ "List": [whole, lacking] })), "it has List without Name");
        }
    }

    #[test]
    fn an_answer_in_cbor_that_says_something_else_is_none() {
        let said = |body: &[u8]| missing_in_cbor(body, &["List", "Token"]).unwrap_or_default();
        assert_eq!(said(b"\xa0"), "");
        assert_eq!(said(b"\xa1\x64List\x80"), "");
        assert_eq!(said(b"\xa2\x65Other\x01\x65Token\x61x"), "");
        assert_eq!(said(b"\xa1\x66__type\x61x"), "it has no List");
        for unreadable in [b"".as_slice(), b"{", b"\xa1\x64Lis", b"\x80"] {
            assert_eq!(said(unreadable), "");
        }
    }
}
