//! Credentials of an identity: its source first, then the role that is assumed with them.

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::{ConfigLoader, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::region::Region;

use crate::settings::{AssumedRole, CredentialSource, Endpoint, Identity};

/// What CloudTrail shows as the session of an assumed role.
const SESSION_NAME: &str = "grafana-flinkwatch";

/// Finishes `loader` with the credentials of `identity`. Nothing is called yet: each call asks the provider when it needs it.
pub(super) async fn load(
    loader: ConfigLoader,
    identity: &Identity,
    sts: Option<&Endpoint>,
    network: &SharedHttpClient,
) -> SdkConfig {
    let loader = match &identity.credentials {
        CredentialSource::DefaultChain => loader,
        CredentialSource::Keys { access_key, secret_key, session_token } => {
            let token = session_token.as_ref().map(|token| token.expose().to_owned());
            let keys = Credentials::new(access_key.expose(), secret_key.expose(), token, None, "data source settings");
            loader.credentials_provider(keys)
        }
        CredentialSource::Profile(name) => loader.credentials_provider(profile(name.as_deref(), identity, network)),
    };
    let config = loader.load().await;
    match &identity.role {
        Some(role) => with_role(config, role, (identity, sts)).await,
        None => config,
    }
}

/// The profile alone: the default chain would let variables of the environment go first.
fn profile(name: Option<&str>, identity: &Identity, network: &SharedHttpClient) -> ProfileFileCredentialsProvider {
    let region = Region::new(identity.region.to_string());
    let config = ProviderConfig::default().with_region(Some(region)).with_http_client(network.clone());
    let mut builder = ProfileFileCredentialsProvider::builder().configure(&config);
    if let Some(name) = name {
        builder = builder.profile_name(name);
    }
    builder.build()
}

/// STS is called in the data source's default region, at its own endpoint, at `AWS_ENDPOINT_URL_STS`, or at AWS's.
async fn with_role(
    config: SdkConfig,
    role: &AssumedRole,
    (identity, sts): (&Identity, Option<&Endpoint>),
) -> SdkConfig {
    let for_sts = match sts {
        Some(endpoint) => config.to_builder().endpoint_url(endpoint.as_str()).build(),
        None => config.clone(),
    };
    let mut builder = AssumeRoleProvider::builder(&role.arn)
        .configure(&for_sts)
        .region(Region::new(identity.region.to_string()))
        .session_name(SESSION_NAME)
        .session_length(role.session);
    if let Some(external_id) = &role.external_id {
        builder = builder.external_id(external_id);
    }
    let provider = SharedCredentialsProvider::new(builder.build().await);
    config.into_builder().credentials_provider(provider).build()
}
