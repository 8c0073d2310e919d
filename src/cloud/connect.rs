//! The way in: the SDK's usual configuration, one HTTP client for all, and who the caller is.
//!
//! Owns: `Cloud`. Must never: change anything, or keep a secret in an error.

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_types::service_config::ServiceConfigKey;
use tokio::sync::{OnceCell, Semaphore};

use super::caller;
use super::chain;
use super::clock::Clock;
use super::config::ConnectOptions;
use super::discover::{is_always, well_known};
use super::errors::{CallError, ErrorKind, causes};
use super::limits::Limits;
use super::session::Session;
use super::transport::{self, BadBundle, https, timeouts};
use crate::domain::{AccountId, Arn, Region, Time, Untrusted};

/// At most this long is waited for credentials: an SSO token refresh or a `credential_process` may take seconds.
const CREDENTIALS_WAIT: Duration = Duration::from_secs(20);

/// So many roles are assumed at once.
const OPENING: usize = 64;

/// Who a set of credentials belongs to, as `GetCallerIdentity` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub account: AccountId,
    pub arn: Arn,
    /// `AIDA…` for a user, `AROA…:session` for a role's session.
    pub user_id: Untrusted,
}

/// A way into AWS: credentials, and whose they are.
#[derive(Clone, Debug)]
pub(super) struct Door {
    pub base: SdkConfig,
    pub identity: Identity,
}

/// AWS as the caller sees it. Shared as `Arc<Cloud>`; sessions and clients are made when they are first needed.
#[derive(Debug)]
pub struct Cloud {
    pub(super) options: ConnectOptions,
    /// The caller's own credentials, in the first region.
    pub(super) base: SdkConfig,
    pub(super) identity: Identity,
    endpoint: Option<String>,
    regions: Vec<Region>,
    /// Where a profile of its own leads to an account: its configuration and who it is there.
    profiles: Mutex<HashMap<AccountId, Door>>,
    pub(super) sessions: Mutex<HashMap<AccountId, Arc<OnceCell<Arc<Session>>>>>,
    /// How many roles may be assumed at once.
    pub(super) opening: Semaphore,
    /// How often what may be asked, shared by all who ask.
    pub(super) limits: Limits,
    /// Set when a trust policy refused `sts:SetSourceIdentity`, so that readers are first opened without.
    pub(super) no_source_identity: AtomicBool,
}

/// Why there is no way in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// Nothing that could be a credential was found.
    #[error(
        "No AWS credentials were found. Looked for {looked_for}. \
         Try `quell drill`, which needs none, or `quell doctor`, which says what is missing."
    )]
    NoCredentials { looked_for: String },
    /// There is something, but it gives no credentials.
    #[error("The AWS credentials could not be loaded: {why}. `quell doctor` says more.")]
    Credentials { why: Untrusted },
    /// The certificates that are to be trusted cannot be used.
    #[error("{0}. `quell doctor` says more.")]
    Bundle(BadBundle),
    /// No region anywhere.
    #[error("No AWS region is set. Give --region, or set AWS_REGION or a region in the profile.")]
    NoRegion,
    /// AWS did not say who the caller is.
    #[error("AWS did not say who the caller is: {0}. `quell doctor` says more.")]
    Identity(CallError),
}

impl ConnectError {
    /// What is so, in one sentence without advice: for places that give their own.
    pub(super) fn plain(&self) -> String {
        let text = match self {
            Self::NoCredentials { looked_for } => {
                format!("No AWS credentials were found. Looked for {looked_for}.")
            }
            Self::Credentials { why } => format!("The AWS credentials could not be loaded: {why}."),
            Self::Bundle(bad) => format!("{bad}."),
            Self::NoRegion => "No AWS region is set.".to_owned(),
            Self::Identity(error) => format!("AWS did not say who the caller is: {error}."),
        };
        Untrusted::new(text).shown()
    }
}

impl Cloud {
    /// Loads the configuration and asks AWS who the caller is.
    pub async fn connect(options: ConnectOptions) -> Result<Arc<Self>, ConnectError> {
        let base = load(&options).await?;
        let configured = base.region().and_then(|r| r.as_ref().parse().ok());
        let regions = if options.regions.is_empty() {
            configured.into_iter().collect()
        } else {
            options.regions.clone()
        };
        if regions.is_empty() {
            return Err(ConnectError::NoRegion);
        }
        let expected = caller::remembered(&options).map(|last| last.identity);
        let cloud = Self::of(options, base, regions, expected).await?;
        cloud.remember();
        Ok(Arc::new(cloud))
    }

    /// Asks who the caller is. Where somebody is expected, their reader role is assumed meanwhile; if it is somebody else, that
    /// session is thrown away unused.
    async fn of(
        options: ConnectOptions,
        base: SdkConfig,
        regions: Vec<Region>,
        expected: Option<Identity>,
    ) -> Result<Self, ConnectError> {
        let Some(expected) = expected else {
            let (base, identity) = known(base).await.map_err(ConnectError::Identity)?;
            return Ok(Self::with(options, base, regions, identity));
        };
        let guess = Self::with(options.clone(), base.clone(), regions.clone(), expected);
        let region = base.region().cloned();
        let (identity, _) = tokio::join!(known(base), Box::pin(guess.session(&guess.identity.account)));
        let (base, identity) = identity.map_err(ConnectError::Identity)?;
        if identity == guess.identity && base.region() == region.as_ref() {
            return Ok(guess);
        }
        Ok(Self::with(options, base, regions, identity))
    }

    fn with(options: ConnectOptions, base: SdkConfig, regions: Vec<Region>, identity: Identity) -> Self {
        Self {
            endpoint: endpoint(&options, &base),
            options,
            base,
            identity,
            regions,
            profiles: Mutex::default(),
            sessions: Mutex::default(),
            opening: Semaphore::new(OPENING),
            limits: Limits::default(),
            no_source_identity: AtomicBool::new(false),
        }
    }

    /// Who the caller is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The credentials that an account's roles are assumed with: those of its own profile, else the caller's.
    pub(super) fn door(&self, account: &AccountId) -> Door {
        let profiles = self.profiles.lock().unwrap_or_else(PoisonError::into_inner);
        profiles.get(account).cloned().unwrap_or_else(|| Door {
            base: self.base.clone(),
            identity: self.identity.clone(),
        })
    }

    /// Loads another profile, for the account that it leads to. Of two profiles for one account the first counts. The error is a
    /// sentence that is safe to show.
    pub(super) async fn adopt(&self, profile: &str) -> Result<AccountId, String> {
        if self.options.credentials.is_some() {
            return Err("with given credentials no profile is read.".to_owned());
        }
        let options = ConnectOptions {
            profile: Some(profile.to_owned()),
            regions: self.regions.clone(),
            ..self.options.clone()
        };
        let say = |error: ConnectError| error.plain();
        let base = load(&options).await.map_err(say)?;
        let found = known(base).await;
        let (base, identity) = found.map_err(|error| say(ConnectError::Identity(error)))?;
        let account = identity.account;
        let mut profiles = self.profiles.lock().unwrap_or_else(PoisonError::into_inner);
        profiles.entry(account).or_insert(Door { base, identity });
        Ok(account)
    }

    /// The regions that the options give, or the configured one. Never empty. What is looked at may be more: see `routes`.
    #[must_use]
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// The endpoint that stands in for AWS's own, if one does; where it stands in for some services alone, which.
    #[must_use]
    pub fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }

    /// The time, by the clock of the options.
    #[must_use]
    pub fn now(&self) -> Time {
        self.clock().now()
    }

    /// The clock of the options.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.options.clock
    }
}

/// The services that quell calls, as the SDK names them when it looks for an endpoint of theirs.
const SERVICES: [&str; 20] = [
    "Auto Scaling",
    "CloudTrail",
    "EC2",
    "Elastic Load Balancing v2",
    "GuardDuty",
    "IAM",
    "identitystore",
    "KMS",
    "Lambda",
    "Organizations",
    "RDS",
    "S3",
    "Secrets Manager",
    "SecurityHub",
    "SNS",
    "SQS",
    "SSM",
    "SSO Admin",
    "STS",
    "WAFV2",
];

/// The endpoint for all services, and those that `AWS_ENDPOINT_URL_EC2` and its like, or a profile's `services`, set for one. An
/// endpoint that is named on the command line wins over all of them (SDK reference guide, "Service-specific endpoints").
fn endpoint(options: &ConnectOptions, base: &SdkConfig) -> Option<String> {
    let for_all = base.endpoint_url();
    let of = |service: &'static str| {
        let key = ServiceConfigKey::builder()
            .service_id(service)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url");
        let url = base.service_config()?.load_config(key.build().ok()?)?;
        (Some(url.as_str()) != for_all).then(|| format!("{service} at {url}"))
    };
    let mut told: Vec<String> = for_all.map(str::to_owned).into_iter().collect();
    if options.endpoint_url.is_none() {
        told.extend(SERVICES.into_iter().filter_map(of));
    }
    (!told.is_empty()).then(|| told.join(", "))
}

/// The caller's own configuration. With a drill's credentials nothing outside the options is read.
pub(super) async fn load(options: &ConnectOptions) -> Result<SdkConfig, ConnectError> {
    if let Some(credentials) = &options.credentials {
        let region = options.regions.first().ok_or(ConnectError::NoRegion)?;
        let http = options.http.clone().unwrap_or_else(https);
        let mut builder = SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .region(aws_config::Region::new(region.to_string()))
            .http_client(http)
            .sleep_impl(TokioSleep::new())
            .timeout_config(timeouts())
            .retry_config(RetryConfig::standard().with_max_attempts(options.attempts))
            .identity_cache(aws_config::identity::IdentityCache::lazy().build())
            .credentials_provider(SharedCredentialsProvider::new(credentials.clone()));
        builder.set_endpoint_url(options.endpoint_url.clone());
        return Ok(builder.build());
    }
    let http = if let Some(http) = &options.http {
        http.clone()
    } else {
        let named = transport::named(options.profile.as_deref()).await;
        named
            .map_err(ConnectError::Bundle)?
            .map_or_else(https, transport::trusting)
    };
    let config = chain::load(options, http).await;
    check_credentials(options, &config).await?;
    Ok(config)
}

/// Asks the chain once, so that missing credentials are named here and not by the first call that fails.
async fn check_credentials(options: &ConnectOptions, config: &SdkConfig) -> Result<(), ConnectError> {
    let Some(provider) = config.credentials_provider() else {
        return Err(ConnectError::NoCredentials {
            looked_for: chain::looked_for(options),
        });
    };
    match tokio::time::timeout(CREDENTIALS_WAIT, provider.provide_credentials()).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) if chain::found_nothing(&error) => Err(ConnectError::NoCredentials {
            looked_for: chain::looked_for(options),
        }),
        Ok(Err(error)) => Err(ConnectError::Credentials {
            why: Untrusted::new(causes(&error)),
        }),
        Err(_) => Err(ConnectError::Credentials {
            why: Untrusted::new(format!("nothing came within {} seconds", CREDENTIALS_WAIT.as_secs())),
        }),
    }
}

/// Asks who the caller is, in the configuration's region; where that is none that every account has and gives no answer, or does
/// not know the caller, in one that is. The configuration that is given back is for the region that answered.
async fn known(base: SdkConfig) -> Result<(SdkConfig, Identity), CallError> {
    let error = match who(&base).await {
        Ok(identity) => return Ok((base, identity)),
        Err(error) => error,
    };
    let region = base.region().map(ToString::to_string).unwrap_or_default();
    let may_be_the_region = error.is_unknown_caller() || matches!(error.kind, ErrorKind::NoAnswer | ErrorKind::NotSent);
    if is_always(&region) || !may_be_the_region {
        return Err(error);
    }
    let elsewhere = aws_config::Region::new(well_known(&region));
    let elsewhere = base.to_builder().region(elsewhere).build();
    match who(&elsewhere).await {
        Ok(identity) => Ok((elsewhere, identity)),
        Err(_) => Err(error),
    }
}

/// `GetCallerIdentity`: needs no permission, so it tells whether credentials are good at all.
pub(super) async fn who(config: &SdkConfig) -> Result<Identity, CallError> {
    const CALL: &str = "sts:GetCallerIdentity";
    let answer = aws_sdk_sts::Client::new(config)
        .get_caller_identity()
        .send()
        .await
        .map_err(|e| CallError::from_sdk(CALL, &e))?;
    let bad = |what: &str| CallError::malformed(CALL, format!("the answer has no valid {what}"));
    let account = answer.account().and_then(|a| a.parse().ok());
    let arn = answer.arn().and_then(|a| a.parse().ok());
    Ok(Identity {
        account: account.ok_or_else(|| bad("account"))?,
        arn: arn.ok_or_else(|| bad("ARN"))?,
        user_id: Untrusted::new(answer.user_id().unwrap_or_default()),
    })
}

#[cfg(test)]
mod tests {
    use aws_types::service_config::LoadServiceConfig;

    use super::*;

    /// An environment with an endpoint for EC2 alone.
    #[derive(Debug)]
    struct OnlyEc2;

    impl LoadServiceConfig for OnlyEc2 {
        fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
            (key.service_id() == "EC2" && key.env() == "AWS_ENDPOINT_URL").then(|| "http://10.0.0.1".to_owned())
        }
    }

    #[test]
    fn an_endpoint_for_one_service_is_named_too() {
        let mut options = ConnectOptions::default();
        let plain = SdkConfig::builder().build();
        assert_eq!(endpoint(&options, &plain), None);
        let one = SdkConfig::builder().service_config(OnlyEc2);
        assert_eq!(
            endpoint(&options, &one.build()).as_deref(),
            Some("EC2 at http://10.0.0.1")
        );
        let both = SdkConfig::builder()
            .service_config(OnlyEc2)
            .endpoint_url("http://10.0.0.2")
            .build();
        let told = endpoint(&options, &both);
        assert_eq!(told.as_deref(), Some("http://10.0.0.2, EC2 at http://10.0.0.1"));
        options.endpoint_url = Some("http://10.0.0.2".to_owned());
        assert_eq!(endpoint(&options, &both).as_deref(), Some("http://10.0.0.2"));
    }
}
