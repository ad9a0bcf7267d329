//! Credentials of an identity: its source first, then the role that is assumed with them.

use std::borrow::Cow;

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::{ConfigLoader, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::os_shim_internal::{Env, Fs};
use aws_types::region::Region;

use crate::notice::describe_names;
use crate::settings::{AssumedRole, CredentialSource, Endpoint, HostFiles, Identity};

/// What CloudTrail shows as the session of an assumed role.
const SESSION_NAME: &str = "grafana-flinkwatch";

/// Finishes `loader` with the credentials of `identity`. Nothing is called yet: each call asks the provider when it
/// needs it.
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
        Some(role) => with_role(config, role, identity, sts).await,
        None => config,
    }
}

/// The profile alone: the default chain would let variables of the environment go first.
fn profile(name: Option<&str>, identity: &Identity, network: &SharedHttpClient) -> NamedProfile {
    let region = Region::new(identity.region.to_string());
    let config = ProviderConfig::default().with_region(Some(region)).with_http_client(network.clone());
    let mut builder = ProfileFileCredentialsProvider::builder().configure(&config);
    if let Some(name) = name {
        builder = builder.profile_name(name);
    }
    NamedProfile { name: name.map(str::to_owned), provider: builder.build() }
}

/// That a profile is in none of the files, and which ones are.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct UnknownProfile(String);

/// A profile that tells which ones there are where it is not among them.
#[derive(Debug)]
struct NamedProfile {
    /// None for the one of `AWS_PROFILE`, else "default".
    name: Option<String>,
    provider: ProfileFileCredentialsProvider,
}

impl ProvideCredentials for NamedProfile {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            match self.provider.provide_credentials().await {
                Ok(credentials) => Ok(credentials),
                Err(error) => Err(self.missing().await.map_or(error, CredentialsError::invalid_configuration)),
            }
        })
    }
}

impl NamedProfile {
    /// That the profile does not exist; None where it does, or where no file can be read.
    async fn missing(&self) -> Option<UnknownProfile> {
        let (usual_files, chosen) = (Default::default(), self.name.clone().map(Cow::Owned));
        let profiles = aws_config::profile::load(&Fs::real(), &Env::real(), &usual_files, chosen).await.ok()?;
        let name = self.name.as_deref().unwrap_or(profiles.selected_profile());
        if profiles.get_profile(name).is_some() {
            return None;
        }
        let host = HostFiles::from(&|name| std::env::var(name).ok().filter(|text| !text.trim().is_empty()));
        let mut known: Vec<&str> = profiles.profiles().collect();
        known.sort_unstable();
        let there_are = match known.as_slice() {
            [] => "these files have no profile".to_owned(),
            [one] => format!("there is \"{one}\""),
            known => format!("there are {}", describe_names(known)),
        };
        let words = format!("there is no profile \"{name}\" in {}, {}; {there_are}", host.credentials, host.config);
        Some(UnknownProfile(words))
    }
}

/// STS is called in the data source's default region, at its own endpoint, at `AWS_ENDPOINT_URL_STS`, or at AWS's.
async fn with_role(config: SdkConfig, role: &AssumedRole, identity: &Identity, sts: Option<&Endpoint>) -> SdkConfig {
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
