//! The session that changes things: assumed for one plan, able to do just that plan, gone after 15 minutes.
//!
//! Owns: `ResponderSession`, which can be made only here. Must never: renew it, or fall back to other credentials.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use jiff::SignedDuration;

use super::assume::{self, Role};
use super::plan_policy::{self, POLICY_LIMIT};
use super::{SESSION_PREFIX, SessionError, at, check, global_region, source_identity};
use crate::action::{Digest, Plan};
use crate::cloud::clock::behind;
use crate::cloud::connect::{Cloud, Identity};
use crate::cloud::write::{OnlyDryRuns, Whole};
use crate::domain::{AccountId, Region, Time};

/// A plan is good for 15 minutes, and so is its session.
const SECONDS: i32 = 900;

/// A session for one plan. A reader's session cannot become one, and nothing is sent with it:
///
/// ```compile_fail,E0308
/// # use quell::{action::Made, cloud::{Session, send}, journal::Permit};
/// async fn sneak(reader: &Session, permit: Permit, made: &Made) {
///     let _ = send(reader, permit, made).await;
/// }
/// ```
///
/// The same code with the right session compiles, so that the test fails for the reason it names:
///
/// ```
/// # use quell::{action::Made, cloud::{ResponderSession, send}, journal::Permit};
/// async fn apply(responder: &ResponderSession, permit: Permit, made: &Made) {
///     let _ = send(responder, permit, made).await;
/// }
/// ```
#[derive(Debug)]
pub struct ResponderSession {
    identity: Identity,
    region: Region,
    digest: Digest,
    names_person: bool,
    /// How far our clock was behind STS's when the session was issued; never less than nothing.
    behind: SignedDuration,
    rehearses: bool,
    ec2: aws_sdk_ec2::Client,
    iam: aws_sdk_iam::Client,
    once: SdkConfig,
    pauses: Vec<Duration>,
}

impl ResponderSession {
    /// Who acts, as CloudTrail will name it.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The account that it is for.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.identity.account
    }

    /// The region that it is for.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// The plan that it is for.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Whether CloudTrail will name the person as the session's source identity. False where the role's trust policy does not
    /// allow `sts:SetSourceIdentity`.
    #[must_use]
    pub fn names_person(&self) -> bool {
        self.names_person
    }

    /// The time at AWS, as far as it was heard when the session was issued, where our clock says `now`; never before `now`. AWS dates the
    /// sessions that it issues by its own clock: what shall reach all of them must not go by one that is behind.
    #[must_use]
    pub fn time_at_aws(&self, now: Time) -> Time {
        now.checked_add(self.behind).unwrap_or(now)
    }

    /// How long to wait before each further try of a call that AWS throttled.
    pub(in crate::cloud) fn pauses(&self) -> &[Duration] {
        &self.pauses
    }

    /// The configuration for a service that has no client here, in the plan's region. Nothing made from it sends a call twice.
    pub(in crate::cloud) fn here(&self) -> SdkConfig {
        self.at(&self.region)
    }

    /// The same, for another region.
    pub(in crate::cloud) fn at(&self, region: &Region) -> SdkConfig {
        at(&self.once, region)
    }

    /// What each call that EC2 can rehearse is told: to do it, or only to say whether it would be allowed.
    pub(in crate::cloud) fn dry_run(&self) -> Option<bool> {
        self.rehearses.then_some(true)
    }

    pub(in crate::cloud) fn ec2(&self) -> &aws_sdk_ec2::Client {
        &self.ec2
    }

    pub(in crate::cloud) fn iam(&self) -> &aws_sdk_iam::Client {
        &self.iam
    }

    /// A topic's client: its region may be another than the plan's.
    pub(in crate::cloud) fn sns(&self, region: &Region) -> aws_sdk_sns::Client {
        let config = aws_sdk_sns::config::Builder::from(&self.at(region)).interceptor(Whole);
        aws_sdk_sns::Client::from_conf(config.build())
    }
}

impl Cloud {
    /// The session for a plan's dry runs. EC2 is sent nothing with it that is not marked as one, so it cannot change anything there;
    /// that it can change nothing anywhere else is for `write::rehearse`, which alone gets it.
    pub(in crate::cloud) async fn rehearsal(&self, plan: &Plan) -> Result<ResponderSession, SessionError> {
        let session = self.responder(plan).await?;
        let config = aws_sdk_ec2::config::Builder::from(&session.here()).interceptor(OnlyDryRuns);
        Ok(ResponderSession {
            ec2: aws_sdk_ec2::Client::from_conf(config.build()),
            rehearses: true,
            ..session
        })
    }

    /// The ARNs by which AWS knows whoever works in an account: the caller's, and that of the account's own profile, where there is one.
    #[must_use]
    pub fn callers(&self, account: &AccountId) -> Vec<String> {
        let mut arns = vec![
            self.identity.arn.to_string(),
            self.door(account).identity.arn.to_string(),
        ];
        arns.dedup();
        arns
    }

    /// Assumes the responder role for this plan alone.
    pub async fn responder(&self, plan: &Plan) -> Result<ResponderSession, SessionError> {
        let request = &plan.request;
        let policy = plan_policy::of(plan, self.identity.arn.partition());
        if policy.len() > POLICY_LIMIT {
            return Err(SessionError::PlanTooLarge {
                size: policy.len(),
                limit: POLICY_LIMIT,
            });
        }
        let door = self.door(&request.account);
        let mut role = Role {
            arn: self.responder_role(&request.account),
            session_name: assume::word(&format!("{SESSION_PREFIX}{}", request.incident)),
            policy,
            source_identity: Some(source_identity(&door)),
            external_id: self.options.external_id.clone(),
            seconds: SECONDS,
        };
        let asked = self.now();
        let assumed = assume::assume(&door.base, &mut role, false)
            .await
            .map_err(|error| SessionError::NotAssumed {
                role: role.arn.clone(),
                error,
            })?;
        let behind = behind(asked, assumed.dated);
        let reading = assume::fixed(&door.base, assumed.credentials);
        let identity = check(&reading, &role.arn, &request.account).await?;
        // A change whose reply was lost may have happened. Sending it again could do it twice, so the SDK must not.
        let once = reading.to_builder().retry_config(RetryConfig::disabled()).build();
        Ok(ResponderSession {
            ec2: ec2(&at(&once, &request.region)),
            iam: iam(&at(&once, &global_region(&identity))),
            once,
            pauses: self.options.pauses.clone(),
            region: request.region.clone(),
            digest: plan.digest(),
            names_person: role.source_identity.is_some(),
            behind,
            rehearses: false,
            identity,
        })
    }
}

fn ec2(config: &SdkConfig) -> aws_sdk_ec2::Client {
    let config = aws_sdk_ec2::config::Builder::from(config).interceptor(Whole);
    aws_sdk_ec2::Client::from_conf(config.build())
}

fn iam(config: &SdkConfig) -> aws_sdk_iam::Client {
    let config = aws_sdk_iam::config::Builder::from(config).interceptor(Whole);
    aws_sdk_iam::Client::from_conf(config.build())
}
