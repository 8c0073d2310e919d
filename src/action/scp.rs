//! Service control policies that deny: made or found again, attached, and taken away.
//!
//! Owns: the calls for a denial and for its undo. A policy's name carries the hash of its text, so a policy of that name with
//! another text is not ours. Must never: take away a policy that the plan did not make, or that something else has.

use sha2::{Digest as _, Sha256};

use super::answer::{Root, Scp, ScpText};
use super::expectation::Expectation;
use super::facts::Facts;
use super::mutation::{Mutation, Ref};
use super::plan::{Draft, PlannedCall, Request, Undo};
use super::query::{OrganizationsQuery, Query};
use super::refusal::{Refusal, RefusalKind, Stop};
use super::{Done, OrganizationsCall, OrganizationsState};
use crate::domain::{PolicyTargetId, Untrusted};

/// Service control policies on one root, unit or account, by AWS's default quota (Organizations guide, "Quotas"). An organisation may
/// have a higher one, which no call of Organizations tells.
const QUOTA: usize = 5;

/// A policy that denies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    name: String,
    content: String,
}

impl Denial {
    /// A denial with this text. Its name begins with `what` and ends with eight digits of the text's hash.
    pub fn new(what: &str, statement: &serde_json::Value) -> Self {
        let content = serde_json::json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        let hash = Sha256::digest(&content);
        Self {
            name: format!(
                "quell-{what}-{:02x}{:02x}{:02x}{:02x}",
                hash[0], hash[1], hash[2], hash[3]
            ),
            content,
        }
    }

    /// What must be read to know whether it is there.
    pub fn query(&self) -> Query {
        named(&self.name)
    }

    /// Whether one of these is it. One that only has its name denies something else, and is refused: nobody may be told that
    /// a denial stands which was emptied.
    pub fn stands(&self, scps: &[Scp], facts: &Facts) -> Result<bool, Stop> {
        if !scps.iter().any(|scp| scp.name.raw() == self.name) {
            return Ok(false);
        }
        match facts.scp_text(&self.query())? {
            Some(found) => self.ours(found).map(|_| true),
            None => Ok(false),
        }
    }

    /// Adds the calls that make it, unless it is there, and attach it. `beside` are the policies that the target has already.
    pub fn attach(
        &self,
        request: &Request,
        target: &PolicyTargetId,
        beside: &[Scp],
        facts: &Facts,
        draft: &mut Draft,
    ) -> Result<(), Stop> {
        if beside.len() >= QUOTA {
            draft.warnings.push(format!(
                "{target} has {} service control policies ({}), and AWS's default quota is {QUOTA}: unless yours is higher, AWS refuses to \
                 attach another. Then detach one that the denial makes needless, and resume.",
                beside.len(),
                names(beside)
            ));
        }
        let policy = match facts.scp_text(&self.query())? {
            Some(found) => self.ours(found)?,
            None => self.make(request, draft),
        };
        draft
            .expectations
            .push(Expectation::Organizations(OrganizationsState::ScpAttached {
                policy: policy.clone(),
                target: target.clone(),
                attached: true,
            }));
        draft.calls.push(PlannedCall {
            mutation: Mutation::Organizations(OrganizationsCall::AttachPolicy {
                policy,
                target: target.clone(),
            }),
            undo: Undo::Reversible,
            was: Some(names(beside)),
        });
        Ok(())
    }

    /// The policy that is there under the name, if its text is the same.
    fn ours(&self, found: &ScpText) -> Result<Ref, Stop> {
        if self.is_text_of(found) {
            return Ok(Ref::Id(found.id.to_string()));
        }
        Err(Refusal::new(
            RefusalKind::Drifted,
            format!(
                "The service control policy {} ({}) has another text than its name says: {}.",
                self.name, found.id, found.content
            ),
            "Somebody changed it. Rename or delete it, and plan again.",
        )
        .into())
    }

    fn is_text_of(&self, found: &ScpText) -> bool {
        let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
        parse(&self.content).is_some_and(|own| parse(found.content.raw()) == Some(own))
    }

    fn make(&self, request: &Request, draft: &mut Draft) -> Ref {
        let call = draft.calls.len();
        draft.calls.push(PlannedCall {
            mutation: Mutation::Organizations(OrganizationsCall::CreatePolicy {
                name: self.name.clone(),
                description: format!("Made by quell for incident {}", request.incident),
                content: self.content.clone(),
            }),
            undo: Undo::Reversible,
            was: None,
        });
        Ref::Made {
            call,
            result: "policy".to_owned(),
            name: self.name.clone(),
        }
    }
}

/// The question for a policy by its name.
fn named(name: &str) -> Query {
    Query::Organizations(OrganizationsQuery::ScpNamed { name: name.to_owned() })
}

/// The question which service control policies a target has.
pub fn on(target: &PolicyTargetId) -> Query {
    Query::Organizations(OrganizationsQuery::ScpsOn { target: target.clone() })
}

/// The names of policies, safe to show.
fn names(scps: &[Scp]) -> String {
    let names: Vec<String> = scps.iter().map(|scp| format!("{} {}", scp.id, scp.name)).collect();
    names.join(", ")
}

/// Refuses where no root has service control policies enabled.
pub fn enabled(roots: &[Root]) -> Result<(), Stop> {
    if roots.iter().any(|root| root.scps) {
        return Ok(());
    }
    Err(Refusal::new(
        RefusalKind::Unsafe,
        "Service control policies are not enabled in this organisation.",
        "Enable all features, then the policy type (organizations:EnablePolicyType, in the management account), and plan again. Until \
         then contain each user and role of the account by itself.",
    )
    .into())
}

/// What a plan did with a denial.
#[derive(Default)]
struct Denied<'d> {
    /// Name and text, where the plan made it.
    made: Option<(&'d str, &'d str)>,
    /// What it attached, and where to.
    attached: Option<(&'d Ref, &'d PolicyTargetId)>,
}

impl<'d> Denied<'d> {
    fn of(done: &'d Done) -> Self {
        let mut denied = Self::default();
        for change in done.changes() {
            if let Mutation::Organizations(OrganizationsCall::CreatePolicy { name, content, .. }) = change {
                denied.made = Some((name, content));
            }
            if let Mutation::Organizations(OrganizationsCall::AttachPolicy { policy, target }) = change {
                denied.attached = Some((policy, target));
            }
        }
        denied
    }
}

/// What must be read first to undo a denial.
pub fn undo_queries(done: &Done) -> Vec<Query> {
    let denied = Denied::of(done);
    let attached = denied.attached.map(|(_, target)| on(target));
    attached
        .into_iter()
        .chain(denied.made.map(|(name, _)| named(name)))
        .collect()
}

/// Adds the calls that detach the policy, and delete it where the plan made it and nothing else has it.
pub fn undo(done: &Done, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    let denied = Denied::of(done);
    facts.want(undo_queries(done))?;
    let now = match denied.made {
        Some((name, _)) => facts.scp_text(&named(name))?.as_ref(),
        None => None,
    };
    // Where the answer to its making was lost, or it was not attached, its name tells which it is.
    let known = denied.attached.and_then(|(policy, _)| policy.resolve(&done.made).ok());
    let Some(id) = known.or_else(|| now.map(|scp| scp.id.to_string())) else {
        return Ok(());
    };
    if let Some((_, target)) = denied.attached
        && facts.scps(&on(target))?.iter().any(|scp| scp.id.as_str() == id)
    {
        draft.calls.push(back(OrganizationsCall::DetachPolicy {
            policy: Ref::Id(id.clone()),
            target: target.clone(),
        }));
        draft
            .expectations
            .push(Expectation::Organizations(OrganizationsState::ScpAttached {
                policy: Ref::Id(id.clone()),
                target: target.clone(),
                attached: false,
            }));
    }
    let (Some((name, content)), Some(now)) = (denied.made, now) else {
        return Ok(());
    };
    let ours = Denial {
        name: name.to_owned(),
        content: content.to_owned(),
    };
    if !ours.is_text_of(now) {
        draft.warnings.push(format!(
            "The policy {} was changed since; it is not deleted.",
            Untrusted::new(name)
        ));
        return Ok(());
    }
    let elsewhere = facts.policy_targets(&Query::Organizations(OrganizationsQuery::PolicyTargets {
        policy: now.id.clone(),
    }))?;
    let others: Vec<&str> = elsewhere
        .iter()
        .filter(|t| denied.attached.is_none_or(|(_, target)| *t != target))
        .map(PolicyTargetId::as_str)
        .collect();
    if others.is_empty() {
        draft
            .calls
            .push(back(OrganizationsCall::DeletePolicy { policy: Ref::Id(id) }));
        draft
            .expectations
            .push(Expectation::Organizations(OrganizationsState::NoScpNamed {
                name: name.to_owned(),
            }));
    } else {
        draft.neighbours.push(format!(
            "The policy {} stays: {} has it too.",
            Untrusted::new(name),
            others.join(", ")
        ));
    }
    Ok(())
}

/// The id of the policy that a plan detaches, where it detaches one.
pub fn detached(draft: &Draft) -> Option<&str> {
    draft.calls.iter().find_map(|call| {
        if let Mutation::Organizations(OrganizationsCall::DetachPolicy {
            policy: Ref::Id(id), ..
        }) = &call.mutation
        {
            Some(id.as_str())
        } else {
            None
        }
    })
}

fn back(call: OrganizationsCall) -> PlannedCall {
    PlannedCall {
        mutation: Mutation::Organizations(call),
        undo: Undo::Kept,
        was: None,
    }
}
