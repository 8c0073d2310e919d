//! `AssumeRole`, and credentials that assume again before they expire.
//!
//! Owns: the call and its second try, without a source identity or with one. Must never: keep a secret where `Debug` shows it, or
//! take a fault that passes for a refusal.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_config::identity::IdentityCache;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider, future};

use super::super::capture::Capture;
use super::super::clock::good_for;
use super::super::connect::Identity;
use super::super::errors::{CallError, ErrorKind};
use crate::domain::{Arn, Untrusted};

const CALL: &str = "sts:AssumeRole";
/// A session that ends sooner than this is renewed before the next call, so that none ends under way.
const RENEW_BEFORE: Duration = Duration::from_mins(2);

/// What to assume, and how it is named in CloudTrail.
#[derive(Clone, Debug)]
pub(super) struct Role {
    pub arn: String,
    pub session_name: String,
    /// The session policy. The session can do what both this and the role allow.
    pub policy: String,
    /// Who it is in the end, where the trust policy allows saying so.
    pub source_identity: Option<String>,
    pub external_id: Option<String>,
    pub seconds: i32,
}

/// A session or user name as STS accepts it: 2 to 64 of its characters (API reference, `AssumeRole`).
pub(super) fn word(text: &str) -> String {
    let mut word: String = text
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "_+=,.@-".contains(c) {
                c
            } else {
                '-'
            }
        })
        .take(64)
        .collect();
    while word.len() < 2 {
        word.push('-');
    }
    word
}

/// What `AssumeRole` gave.
#[derive(Debug)]
pub(super) struct Assumed {
    pub credentials: Credentials,
    /// Whose session it is by STS's own word, where the answer says.
    pub identity: Option<Identity>,
    /// When STS answered by its own clock, where the answer says.
    pub dated: Option<SystemTime>,
}

/// Assumes a role, naming the person in it or not; where the one is refused, the other is tried, and `role` keeps what was taken.
/// `unnamed` says that not to name comes first. Only where both are refused the role is refused: a fault that passes says nothing
/// of the role.
pub(super) async fn assume(base: &SdkConfig, role: &mut Role, unnamed: bool) -> Result<Assumed, CallError> {
    let client = aws_sdk_sts::Client::new(base);
    let without = Role {
        source_identity: None,
        ..role.clone()
    };
    if role.source_identity.is_none() {
        return once(&client, role).await;
    }
    let (first, second) = if unnamed {
        (without, role.clone())
    } else {
        (role.clone(), without)
    };
    // AWS names the action that it refuses, but not in every case; the second try tells.
    let refused = match once(&client, &first).await {
        Err(error) if error.kind == ErrorKind::Denied => error,
        other => {
            *role = first;
            return other;
        }
    };
    match once(&client, &second).await {
        // Of two refusals the one that names the person is told, so that accounts alike are told alike.
        Err(error) if error.kind == ErrorKind::Denied => Err(if unnamed { error } else { refused }),
        other => {
            *role = second;
            other
        }
    }
}

async fn once(client: &aws_sdk_sts::Client, role: &Role) -> Result<Assumed, CallError> {
    let head = Capture::head();
    let answer = client
        .assume_role()
        .role_arn(&role.arn)
        .role_session_name(&role.session_name)
        .policy(&role.policy)
        .duration_seconds(role.seconds)
        .set_external_id(role.external_id.clone())
        .set_source_identity(role.source_identity.clone())
        .customize()
        .interceptor(head.clone())
        .send()
        .await
        .map_err(|e| CallError::from_sdk(CALL, &e))?;
    let given = answer
        .credentials()
        .ok_or_else(|| CallError::malformed(CALL, "the answer has no credentials"))?;
    let user = answer.assumed_role_user();
    Ok(Assumed {
        dated: head.take().date,
        identity: user.and_then(|user| whose(user.arn(), user.assumed_role_id())),
        credentials: Credentials::new(
            given.access_key_id(),
            given.secret_access_key(),
            Some(given.session_token().to_owned()),
            Some(good_for(role.seconds)),
            "quell",
        ),
    })
}

/// Who an assumed role's ARN names: `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
fn whose(arn: &str, id: &str) -> Option<Identity> {
    let arn: Arn = arn.parse().ok()?;
    Some(Identity {
        account: arn.account().parse().ok()?,
        user_id: Untrusted::new(id),
        arn,
    })
}

/// A configuration whose credentials are assumed again before they expire. The first ones are there already.
pub(super) fn renewed(base: &SdkConfig, role: Role, first: Credentials) -> SdkConfig {
    let provider = Renewed {
        base: base.clone(),
        role,
        first: Mutex::new(Some(first)),
    };
    with(base, SharedCredentialsProvider::new(provider))
}

/// A configuration with these credentials alone, which end when they end.
pub(super) fn fixed(base: &SdkConfig, credentials: Credentials) -> SdkConfig {
    with(base, SharedCredentialsProvider::new(credentials))
}

fn with(base: &SdkConfig, credentials: SharedCredentialsProvider) -> SdkConfig {
    base.to_builder()
        .credentials_provider(credentials)
        .identity_cache(IdentityCache::lazy().buffer_time(RENEW_BEFORE).build())
        .build()
}

/// Assumes the role whenever the SDK's identity cache asks.
#[derive(Debug)]
struct Renewed {
    base: SdkConfig,
    role: Role,
    first: Mutex<Option<Credentials>>,
}

impl Renewed {
    async fn load(&self) -> provider::Result {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(first) = first {
            return Ok(first);
        }
        let client = aws_sdk_sts::Client::new(&self.base);
        once(&client, &self.role)
            .await
            .map(|assumed| assumed.credentials)
            .map_err(CredentialsError::provider_error)
    }
}

impl ProvideCredentials for Renewed {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.load())
    }
}

#[cfg(test)]
mod tests {
    use super::{whose, word};

    #[test]
    fn names_are_made_to_fit() {
        assert_eq!(word("oncall-1@acme.example"), "oncall-1@acme.example");
        assert_eq!(word("김 on/call"), "--on-call");
        assert_eq!(word(""), "--");
        assert_eq!(word(&"x".repeat(80)).len(), 64);
    }

    #[test]
    fn a_session_is_whose_its_arn_says() {
        let arn = "arn:aws:sts::333333333333:assumed-role/quell-reader/quell-read-oncall-1";
        let identity = whose(arn, "AROAEXAMPLE:quell-read-oncall-1").unwrap();
        assert_eq!(
            (identity.account.as_str(), identity.arn.as_str()),
            ("333333333333", arn)
        );
        for bad in ["", "arn:aws:sts:::assumed-role/quell-reader/x", "not an ARN"] {
            assert!(whose(bad, "x").is_none(), "{bad}");
        }
    }
}
