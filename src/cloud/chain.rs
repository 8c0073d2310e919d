//! The SDK's usual configuration: environment, profile, SSO, `credential_process`, container, instance metadata.
//!
//! Owns: how the chain is put together, and the words for what it looked for. Must never: wait long for an instance metadata
//! service that is not there.

use std::error::Error;
use std::time::Duration;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::imds;
use aws_config::imds::client::error::ImdsError;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::config::ConnectOptions;
use super::transport::timeouts;

/// An instance's metadata service answers within milliseconds; on any other machine the address leads nowhere.
const METADATA_WAIT: Duration = Duration::from_millis(700);

/// Loads it.
pub(super) async fn load(options: &ConnectOptions, http: SharedHttpClient) -> SdkConfig {
    let provider = ProviderConfig::without_region().with_http_client(http.clone());
    let metadata = imds::Client::builder()
        .configure(&provider)
        .max_attempts(1)
        .connect_timeout(METADATA_WAIT)
        .read_timeout(METADATA_WAIT)
        .build();
    let region = region(options, &provider, metadata.clone()).await;
    let provider = provider.with_region(region.clone());

    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .timeout_config(timeouts())
        .retry_config(RetryConfig::standard().with_max_attempts(options.attempts))
        .region(region.clone());
    loader = if let Some(name) = &options.profile {
        loader.profile_name(name).credentials_provider(
            ProfileFileCredentialsProvider::builder()
                .configure(&provider)
                .profile_name(name)
                .build(),
        )
    } else {
        let mut chain = DefaultCredentialsChain::builder()
            .configure(provider)
            .imds_client(metadata);
        chain.set_region(region);
        loader.credentials_provider(chain.build().await)
    };
    if let Some(url) = &options.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    loader.load().await
}

/// The first region given, else the one that is configured.
async fn region(options: &ConnectOptions, provider: &ProviderConfig, metadata: imds::Client) -> Option<Region> {
    if let Some(first) = options.regions.first() {
        return Some(Region::new(first.to_string()));
    }
    let mut profile = ProfileFileRegionProvider::builder().configure(provider);
    if let Some(name) = &options.profile {
        profile = profile.profile_name(name);
    }
    let instance = imds::region::Builder::default()
        .configure(provider)
        .imds_client(metadata)
        .build();
    RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
        .or_else(profile.build())
        .or_else(instance)
        .region()
        .await
}

/// Whether the chain came to its end without finding anything. The metadata service is the end of it: where that refuses or
/// answers nonsense, as on a machine behind a proxy, there is no instance role and so nothing was found.
pub(super) fn found_nothing(error: &CredentialsError) -> bool {
    if matches!(error, CredentialsError::CredentialsNotLoaded(_)) {
        return true;
    }
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        if error.is::<ImdsError>() {
            return true;
        }
        next = error.source();
    }
    false
}

/// What was looked for, for the sentence that says that there was nothing.
pub(super) fn looked_for(options: &ConnectOptions) -> String {
    match &options.profile {
        Some(name) => {
            format!("the profile {name} in ~/.aws/config and ~/.aws/credentials (keys, SSO, credential_process)")
        }
        None => "AWS_ACCESS_KEY_ID in the environment, the default profile in ~/.aws (keys, SSO, credential_process), \
                 a web identity token, container credentials and the instance metadata service"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_chain_is_told_from_a_broken_one() {
        assert!(found_nothing(&CredentialsError::not_loaded("no role, no key")));
        assert!(!found_nothing(&CredentialsError::provider_error(
            "the SSO token has expired"
        )));
        let options = ConnectOptions {
            profile: Some("prod".to_owned()),
            ..ConnectOptions::default()
        };
        assert!(looked_for(&options).contains("profile prod"));
        assert!(looked_for(&ConnectOptions::default()).contains("AWS_ACCESS_KEY_ID"));
    }
}
