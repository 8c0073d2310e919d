//! `rotate-secret`: a secret, or every secret that a principal read, gets a new version.
//!
//! What a principal read is known from CloudTrail. A secret that no call can rotate is named as a step by hand, never skipped in
//! silence. Never reads a secret's value.

mod namesakes;
mod reads;

use super::answer::Secret;
use super::expectation::Expectation;
use super::facts::{Facts, ReadFailureKind};
use super::mutation::Mutation;
use super::plan::{Draft, PlannedCall, Request, Undo};
use super::query::{LookupKey, Query};
use super::refusal::{Refusal, RefusalKind, Stop};
use super::{Action, ActionName, Done, Step, radius, target};
use crate::action::{Failing, SecretsCall, SecretsQuery, SecretsState};
use crate::domain::{Arn, ResourceKind, SecretName, Untrusted};
use namesakes::Namesakes;

#[derive(Debug)]
pub struct RotateSecret;

impl Action for RotateSecret {
    fn name(&self) -> ActionName {
        ActionName::RotateSecret
    }

    fn step(&self) -> Step {
        Step::Revoke
    }

    fn targets(&self) -> &'static [ResourceKind] {
        &[
            ResourceKind::Secret,
            ResourceKind::AccessKey,
            ResourceKind::User,
            ResourceKind::Role,
        ]
    }

    fn summary(&self) -> &'static str {
        "Rotate a secret, or every secret that a user, role or key read. What cannot be rotated by a call is named."
    }

    fn draft(&self, request: &Request, facts: &Facts) -> Result<Draft, Stop> {
        let mut draft = Draft::default();
        if request.target.kind == ResourceKind::Secret {
            let name: SecretName = target::of_kind(request, ResourceKind::Secret)?;
            here(request)?;
            one(&name, request, facts, &mut draft)?;
        } else {
            reads::all(request, facts, &mut draft)?;
        }
        draft.warnings.push(
            "Contain whoever read it first: with access that still works the new value is read like the old one."
                .to_owned(),
        );
        draft.warnings.push(
            "Whatever keeps a secret's old value must fetch it anew. The old value may go on working until its service forgets it: the previous version stays as AWSPREVIOUS."
                .to_owned(),
        );
        draft
            .lost
            .push("A rotation cannot be taken back: the old value stays readable as AWSPREVIOUS, and is no longer the one in use.".to_owned());
        Ok(draft)
    }

    fn undo(&self, _request: &Request, done: &Done, _facts: &Facts) -> Result<Draft, Stop> {
        Err(Refusal::new(
            RefusalKind::NothingToUndo,
            format!("Record {} rotated secrets, which cannot be taken back.", done.seq),
            "The version from before stays as AWSPREVIOUS until the next rotation.",
        )
        .into())
    }
}

/// Refuses a secret whose ARN is another account's or region's: what is planned, told and confirmed for this one would hit that one.
fn here(request: &Request) -> Result<(), Stop> {
    if elsewhere(request.target.id.raw(), request).is_none() {
        return Ok(());
    }
    let why = format!(
        "{} is not a secret of {} in {}.",
        request.target, request.account, request.region
    );
    let instead = "Plan it for the account and region that its ARN names.";
    Err(Refusal::new(RefusalKind::WrongTarget, why, instead).into())
}

/// Whose a secret is, where its ARN says that it is another account's or region's. Its own policy may let the responder rotate it
/// from here all the same.
fn elsewhere(secret: &str, request: &Request) -> Option<String> {
    let arn: Arn = secret.parse().ok()?;
    let here = arn.account() == request.account.as_str() && arn.region() == request.region.as_str();
    (!here).then(|| {
        let (account, region) = (Untrusted::new(arn.account()), Untrusted::new(arn.region()));
        format!("it is a secret of {account} in {region}: rotate it by a plan for there")
    })
}

fn question(name: &SecretName) -> Query {
    Query::Secrets(SecretsQuery::Secret { name: name.clone() })
}

/// Whether AWS said that there is no such thing.
fn is_gone(facts: &Facts, query: &Query) -> bool {
    let failure = facts.get(query).and_then(|reading| reading.result.as_ref().err());
    failure.is_some_and(|failure| failure.kind == ReadFailureKind::NotFound)
}

/// Why a secret is not rotated by a call.
fn by_hand(secret: &Secret) -> Option<String> {
    if secret.deleted {
        Some("it is marked for deletion".to_owned())
    } else if !secret.rotates {
        Some("it has no rotation configured".to_owned())
    } else {
        let pending = secret.pending.as_ref()?;
        let pending = Untrusted::new(pending);
        Some(format!("a rotation is under way already (version {pending})"))
    }
}

fn one(name: &SecretName, request: &Request, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    let trail = radius::question(LookupKey::ResourceName, name.as_str());
    let namesakes = Namesakes::of(name);
    facts.want([question(name), trail].into_iter().chain(namesakes.all()))?;
    namesakes.refuse(name, request, facts, draft)?;
    let secret = facts.secret(&question(name))?;
    if let Some(why) = by_hand(secret) {
        let under_way = secret.rotates && !secret.deleted;
        let (kind, instead) = if under_way {
            (
                RefusalKind::AlreadyDone,
                "Verify it from the journal; where it does not end, look at the log of the rotation function.",
            )
        } else {
            (
                RefusalKind::WrongTarget,
                "Change the password or key where it is used, by hand, and put the new one into the secret.",
            )
        };
        return Err(Refusal::new(
            kind,
            format!("{} cannot be rotated by a call: {why}.", secret.name),
            instead,
        )
        .into());
    }
    plan_one(secret, request, draft);
    let who = format!("Secret {}", secret.name);
    radius::lately(LookupKey::ResourceName, name.as_str(), &who, facts, draft)
}

fn plan_one(secret: &Secret, request: &Request, draft: &mut Draft) {
    let call = draft.calls.len();
    draft.calls.push(PlannedCall {
        mutation: Mutation::Secrets(SecretsCall::RotateSecret {
            secret: secret.arn.clone(),
            function: secret.function.clone(),
        }),
        undo: Undo::Irreversible,
        was: None,
    });
    draft
        .expectations
        .push(Expectation::Secrets(SecretsState::SecretRotated {
            secret: secret.name.clone(),
            call,
            before: secret.current.clone(),
            since: Some(Failing {
                arn: secret.arn.clone(),
                since: request.at,
            }),
        }));
}
