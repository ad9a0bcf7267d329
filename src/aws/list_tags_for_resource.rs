//! Kinesis Analytics ListTagsForResource: the tags of one application. There are at most 50, in one page.

use aws_sdk_kinesisanalyticsv2::Client;
use aws_sdk_kinesisanalyticsv2::operation::list_tags_for_resource::{ListTagsForResource, ListTagsForResourceError};
use aws_sdk_kinesisanalyticsv2::types::Tag;

use super::call::{Gate, send};
use super::promised::Promised;
use crate::failure::CallError;
use crate::model::application::Tags;
use crate::place::ApplicationArn;

pub const OPERATION: &str = "kinesisanalytics:ListTagsForResource";

/// The tags by key; the value of a tag without one is empty.
pub(super) async fn list_tags_for_resource(
    client: &Client,
    gate: &Gate<'_>,
    arn: &ApplicationArn,
) -> Result<Tags, CallError> {
    let request = client.list_tags_for_resource().resource_arn(arn.as_str());
    let request = request.customize().interceptor(gate.attempts::<ListTagsForResourceError>());
    // The model requires nothing of the answer, so only an empty one is none.
    let request = request.interceptor(Promised::<ListTagsForResource>::new(|_| None));
    let output = send(gate, request.send()).await?;
    Ok(tags(output.tags()))
}

fn tags(rows: &[Tag]) -> Tags {
    rows.iter().map(|tag| (tag.key().to_owned(), tag.value().unwrap_or_default().to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_may_have_no_value() {
        let rows =
            [Tag::builder().key("team").value("search").build().unwrap(), Tag::builder().key("keep").build().unwrap()];
        let read = tags(&rows);
        assert_eq!((read["team"].as_str(), read["keep"].as_str()), ("search", ""));
    }
}
