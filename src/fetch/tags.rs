//! The tags of applications: asked only where applications are chosen by them, because each costs a call.

use std::sync::Arc;

use futures::stream::{self, StreamExt};

use super::facts::share;
use super::silence::unless_silent;
use super::{AT_A_TIME, Source};
use crate::aws::LIST_TAGS_FOR_RESOURCE;
use crate::failure::CallError;
use crate::model::application::Tags;
use crate::place::{ApplicationArn, Region};

/// The tags of each application, in their order, from the cache where it has them.
pub async fn tags(
    source: &Source,
    region: &Region,
    applications: Vec<ApplicationArn>,
) -> Vec<Result<Arc<Tags>, CallError>> {
    let fetches = applications.into_iter().map(|arn| fetch_tags(source, region, arn));
    stream::iter(fetches).buffered(AT_A_TIME).collect().await
}

async fn fetch_tags(source: &Source, region: &Region, arn: ApplicationArn) -> Result<Arc<Tags>, CallError> {
    let (upstream, of, key) = (source.upstream(), region.clone(), arn.clone());
    let fetch = async move {
        let call = upstream.aws.list_tags_for_resource(&of, &arn);
        unless_silent(&upstream, LIST_TAGS_FOR_RESOURCE, &of, call).await.map(Arc::new)
    };
    let call = (LIST_TAGS_FOR_RESOURCE, region);
    // Where AWS fails for the moment, what was known before will do: tags hardly ever change.
    let (tags, _stale) = share(source, (source.cache.facts.tags.of(&source.owner), &key), call, fetch).await;
    tags
}
