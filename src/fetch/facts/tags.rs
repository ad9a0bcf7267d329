//! The tags of an application: asked only where they are shown or choose applications, because each costs a call.

use std::sync::Arc;

use super::share::{Shared, share};
use super::silence::unless_silent;
use crate::aws::LIST_TAGS_FOR_RESOURCE;
use crate::fetch::Source;
use crate::model::application::Tags;
use crate::place::{ApplicationArn, Place};

pub(super) async fn fetch(source: &Source, key: (Place, ApplicationArn)) -> Shared<Arc<Tags>> {
    let (upstream, (place, arn)) = (source.upstream(), key.clone());
    let fetch = async move {
        let call = upstream.aws.list_tags_for_resource(&place.region, &arn);
        unless_silent(&upstream, LIST_TAGS_FOR_RESOURCE, &place.region, call).await.map(Arc::new)
    };
    let tags = source.cache.facts.tags.of(&source.owner);
    share(source, tags, &key, LIST_TAGS_FOR_RESOURCE, &key.0.region, fetch).await
}
