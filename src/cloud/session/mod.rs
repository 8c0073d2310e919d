//! Sessions: in each account, first a role that can only read; for one plan, a role that can do just that plan.
//!
//! Owns: the assuming of roles and the check that AWS gave the account that was asked for. Must never: hand out a session for
//! another account, or a responder's session for anything but one plan.

mod assume;
mod own;
mod plan_policy;
mod queue;
mod reader_policy;
mod responder;

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use aws_config::SdkConfig;

use super::connect::{Cloud, Door, Identity, who};
use super::errors::{CallError, ErrorKind};
use super::whole::Whole;
use crate::domain::{AccountId, Arn, Region};

use assume::Role;
pub(super) use own::{OwnRoles, SESSION_PREFIX};
pub use queue::QueueSession;
pub use responder::ResponderSession;

/// Why there is no session.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The role could not be assumed.
    #[error("the role {role} could not be assumed: {error}")]
    NotAssumed { role: String, error: CallError },
    /// The credentials are not good for a call that everybody may make.
    #[error("AWS did not say whose session of {role} it is: {error}")]
    Nameless { role: String, error: CallError },
    /// The session is for another account than was asked for.
    #[error("the session of {role} is in account {got}, not {wanted}; it was thrown away")]
    WrongAccount {
        role: String,
        wanted: AccountId,
        got: AccountId,
    },
    /// The queue cannot be found.
    #[error("the queue {queue} cannot be read: {error}")]
    NoQueue { queue: Arn, error: CallError },
    /// The plan needs more permissions than fit into a session policy.
    #[error("the plan has too many targets for one session: its policy has {size} characters, AWS allows {limit}")]
    PlanTooLarge { size: usize, limit: usize },
}

impl SessionError {
    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NotAssumed { error, .. } | Self::Nameless { error, .. } | Self::NoQueue { error, .. } => error.kind,
            Self::WrongAccount { .. } => ErrorKind::Denied,
            Self::PlanTooLarge { .. } => ErrorKind::NotSent,
        }
    }

    /// AWS's code, where there is one.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::NotAssumed { error, .. } | Self::Nameless { error, .. } | Self::NoQueue { error, .. } => {
                error.code.as_deref()
            }
            Self::WrongAccount { .. } | Self::PlanTooLarge { .. } => None,
        }
    }
}

/// A session that reads one account. Its credentials carry a policy that allows nothing else, unless they are the caller's own.
#[derive(Debug)]
pub struct Session {
    identity: Identity,
    own: bool,
    /// The names of the reader's and the responder's role.
    roles: OwnRoles,
    config: SdkConfig,
    ec2: Mutex<HashMap<Region, aws_sdk_ec2::Client>>,
    iam: OnceLock<aws_sdk_iam::Client>,
    guardduty: OnceLock<aws_sdk_guardduty::Client>,
    securityhub: OnceLock<aws_sdk_securityhub::Client>,
}

impl Session {
    fn new(identity: Identity, own: bool, roles: [String; 2], config: SdkConfig) -> Self {
        Self {
            identity,
            own,
            roles: OwnRoles::new(roles),
            config,
            ec2: Mutex::default(),
            iam: OnceLock::new(),
            guardduty: OnceLock::new(),
            securityhub: OnceLock::new(),
        }
    }

    /// Who reads.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Whether it uses the caller's own credentials, because there is no reader role in the caller's account. Then only the
    /// program keeps it from writing, not the credentials.
    #[must_use]
    pub fn is_own_credentials(&self) -> bool {
        self.own
    }

    /// Whether a role of this account is one that this program works with.
    pub(super) fn works_with(&self, role: &str) -> bool {
        self.roles.has(role)
    }

    /// The roles that this program works with.
    pub(super) fn own_roles(&self) -> OwnRoles {
        self.roles.clone()
    }

    /// The configuration for a region. The credentials are shared, so a client made from it assumes nothing again.
    pub(super) fn at(&self, region: &Region) -> SdkConfig {
        at(&self.config, region)
    }

    /// An error of a call in a region. The credentials are good where the role was assumed, so what says that they are not good
    /// in another region speaks of that region.
    pub(super) fn placed(&self, error: CallError, region: &Region) -> CallError {
        if self
            .config
            .region()
            .is_some_and(|good| good.as_ref() != region.as_str())
        {
            error.good_elsewhere()
        } else {
            error
        }
    }

    /// The EC2 client of a region, kept.
    pub(super) fn ec2(&self, region: &Region) -> aws_sdk_ec2::Client {
        let mut clients = self.ec2.lock().unwrap_or_else(PoisonError::into_inner);
        clients
            .entry(region.clone())
            .or_insert_with(|| {
                let config = aws_sdk_ec2::config::Builder::from(&self.at(region)).interceptor(Whole);
                aws_sdk_ec2::Client::from_conf(config.build())
            })
            .clone()
    }

    /// The IAM client of the account, kept.
    pub(super) fn iam(&self) -> aws_sdk_iam::Client {
        let client = || {
            let config = aws_sdk_iam::config::Builder::from(&self.at(&global_region(&self.identity)));
            aws_sdk_iam::Client::from_conf(config.interceptor(Whole).build())
        };
        self.iam.get_or_init(client).clone()
    }

    /// The GuardDuty client of the account, for any region: each call says its own.
    pub(super) fn guardduty(&self) -> &aws_sdk_guardduty::Client {
        self.guardduty
            .get_or_init(|| aws_sdk_guardduty::Client::new(&self.config))
    }

    /// The Security Hub client of the account, for any region: each call says its own.
    pub(super) fn securityhub(&self) -> &aws_sdk_securityhub::Client {
        self.securityhub
            .get_or_init(|| aws_sdk_securityhub::Client::new(&self.config))
    }
}

/// A configuration for another region.
pub(super) fn at(config: &SdkConfig, region: &Region) -> SdkConfig {
    let region = aws_config::Region::new(region.to_string());
    config.to_builder().region(region).build()
}

/// The region that IAM and Organizations are signed for, which depends on the partition
/// (AWS General Reference, "AWS service endpoints").
pub(super) fn global_region(identity: &Identity) -> Region {
    let code = match identity.arn.partition() {
        "aws-cn" => "cn-northwest-1",
        "aws-us-gov" => "us-gov-west-1",
        _ => Region::GLOBAL,
    };
    code.parse().unwrap_or_else(|_| Region::global())
}

impl Cloud {
    /// The reading session of an account. It is assumed once and renewed before it expires; a failure is not kept.
    pub async fn session(&self, account: &AccountId) -> Result<Arc<Session>, SessionError> {
        let cell = {
            let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
            sessions.entry(*account).or_default().clone()
        };
        let open = async || {
            // The semaphore is never closed; STS throttles a caller who assumes too many roles at once.
            let _turn = self.opening.acquire().await;
            Box::pin(self.open(account)).await
        };
        cell.get_or_try_init(open).await.cloned()
    }

    /// The accounts whose sessions were opened already.
    pub(super) fn opened(&self) -> Vec<AccountId> {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let open = sessions.iter().filter(|(_, cell)| cell.initialized());
        let mut accounts: Vec<AccountId> = open.map(|(account, _)| *account).collect();
        accounts.sort();
        accounts
    }

    async fn open(&self, account: &AccountId) -> Result<Arc<Session>, SessionError> {
        let door = self.door(account);
        let roles = [self.options.reader_role.clone(), self.options.responder_role.clone()];
        let mut role = Role {
            arn: self.role_arn(account, &self.options.reader_role),
            session_name: assume::word(&format!("{SESSION_PREFIX}read-{}", door.identity.arn.name())),
            policy: reader_policy::READER_POLICY.to_owned(),
            source_identity: Some(source_identity(&door)),
            external_id: self.options.external_id.clone(),
            seconds: self.options.session_seconds,
        };
        let unnamed = self.no_source_identity.load(Ordering::Relaxed);
        match assume::assume(&door.base, &mut role, unnamed).await {
            Ok(first) => {
                if role.source_identity.is_none() {
                    self.no_source_identity.store(true, Ordering::Relaxed);
                }
                let config = assume::renewed(&door.base, role.clone(), first.credentials);
                // STS names the account in its answer; where it does not, it is asked.
                let identity = match first.identity {
                    Some(identity) => right(identity, &role.arn, account)?,
                    None => check(&config, &role.arn, account).await?,
                };
                Ok(Arc::new(Session::new(identity, false, roles, config)))
            }
            Err(error) if *account == door.identity.account && error.kind == ErrorKind::Denied => {
                Ok(Arc::new(Session::new(door.identity, true, roles, door.base)))
            }
            Err(error) => Err(SessionError::NotAssumed { role: role.arn, error }),
        }
    }

    /// The role that acts in an account.
    pub(super) fn responder_role(&self, account: &AccountId) -> String {
        self.role_arn(account, &self.options.responder_role)
    }

    fn role_arn(&self, account: &AccountId, name: &str) -> String {
        format!("arn:{}:iam::{account}:role/{name}", self.identity.arn.partition())
    }
}

/// The person, as far as AWS knows: the user's name, or the name of the caller's session.
fn source_identity(door: &Door) -> String {
    assume::word(door.identity.arn.name())
}

/// Asks whose session it is, so that a role that leads elsewhere is found out before anything is done with it.
async fn check(config: &SdkConfig, role: &str, wanted: &AccountId) -> Result<Identity, SessionError> {
    let identity = who(config).await.map_err(|error| SessionError::Nameless {
        role: role.to_owned(),
        error,
    })?;
    right(identity, role, wanted)
}

/// The identity, if it is in the account that was asked for.
fn right(identity: Identity, role: &str, wanted: &AccountId) -> Result<Identity, SessionError> {
    if identity.account == *wanted {
        Ok(identity)
    } else {
        Err(SessionError::WrongAccount {
            role: role.to_owned(),
            wanted: *wanted,
            got: identity.account,
        })
    }
}

#[cfg(test)]
mod tests;
