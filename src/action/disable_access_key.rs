//! `disable-access-key`: switches a user's long-term key off.
//!
//! A key and the sessions it issued are two things: those live on until they expire (IAM guide, "Disabling permissions for
//! temporary security credentials"). The plan says so.

use super::answer::{KeyStatus, Trail};
use super::expectation::Expectation;
use super::facts::Facts;
use super::iam_policy::root;
use super::mutation::Mutation;
use super::oneself::{Oneself, is_user};
use super::plan::{Draft, PlannedCall, Request, Undo};
use super::query::{LookupKey, Query};
use super::refusal::{Refusal, RefusalKind, Stop};
use super::{Action, ActionName, Done, Scope, Step, radius, target};
use crate::action::{IamCall, IamQuery, IamState};
use crate::domain::{AccessKeyId, Arn, ResourceKind, Untrusted, UserName};

#[derive(Debug)]
pub struct DisableAccessKey;

impl Action for DisableAccessKey {
    fn name(&self) -> ActionName {
        ActionName::DisableAccessKey
    }

    fn step(&self) -> Step {
        Step::Revoke
    }

    fn targets(&self) -> &'static [ResourceKind] {
        &[ResourceKind::AccessKey]
    }

    fn scope(&self) -> Scope {
        Scope::Global
    }

    fn summary(&self) -> &'static str {
        "Switch an IAM user's long-term access key to Inactive. Sessions that it issued live on."
    }

    fn draft(&self, request: &Request, facts: &Facts) -> Result<Draft, Stop> {
        let key: AccessKeyId = target::of_kind(request, ResourceKind::AccessKey)?;
        if key.is_session() {
            return Err(whose_session(request, &key, facts)?);
        }
        let use_query = Query::Iam(IamQuery::AccessKeyUse { key: key.clone() });
        let lately = radius::question(LookupKey::AccessKeyId, key.as_str());
        facts.want([use_query.clone(), lately.clone()])?;
        let used = facts.access_key_use(&use_query)?;
        let Some(user) = used.user.clone() else {
            return Err(root(
                RefusalKind::Gone,
                &format!(
                    "AWS names no IAM user for {key}: it is unknown in {}, or it is the root user's.",
                    request.account
                ),
            ));
        };
        let (keys, policies) = (
            Query::Iam(IamQuery::AccessKeys { user: user.clone() }),
            Query::Iam(IamQuery::UserPolicies { user: user.clone() }),
        );
        facts.want([keys.clone(), policies.clone()])?;
        let keys = facts.access_keys(&keys)?;
        let Some(found) = keys.iter().find(|k| k.id == key) else {
            return Err(gone(&key, &user));
        };
        if found.status == KeyStatus::Inactive {
            return Err(Refusal::new(
                RefusalKind::AlreadyDone,
                format!("{key} of user {user} is already Inactive."),
                "Verify it from the journal; look for sessions that it issued, and for other keys of the user.",
            )
            .into());
        }

        let mut draft = switch(&key, &user, KeyStatus::Inactive);
        draft.warnings.push(
            "Sessions that this key issued (GetSessionToken, GetFederationToken, assumed roles) live on until they expire: up to 36 hours."
                .to_owned(),
        );
        if let Oneself::Yes(why) | Oneself::Perhaps(why) = is_user(request, &user, facts.trail(&lately).ok()) {
            draft.warnings.push(format!(
                "User {user} is or may be you ({why}): if quell runs with this key, nothing can be done with it afterwards, undo neither."
            ));
        }
        let others: Vec<&str> = keys
            .iter()
            .filter(|k| k.id != key && k.status == KeyStatus::Active)
            .map(|k| k.id.as_str())
            .collect();
        if !others.is_empty() {
            draft
                .warnings
                .push(format!("User {user} has another active key: {}.", others.join(", ")));
        }
        if let Some(policies) = facts.advisory(facts.policies(&policies), &mut draft.warnings)? {
            draft.neighbours.push(format!(
                "User {user} has {} managed and {} inline policies of its own; they stay.",
                policies.managed.len(),
                policies.inline.len()
            ));
        }
        draft.neighbours.push(match used.last_used {
            Some(at) => format!(
                "Whatever runs with this key stops. Last used {at} for {} in {}.",
                used.service, used.region
            ),
            None => "AWS has no record that this key was ever used.".to_owned(),
        });
        radius::lately(LookupKey::AccessKeyId, key.as_str(), key.as_str(), facts, &mut draft)?;
        // What could not be read was said by the line above.
        if let Ok(trail) = facts.trail(&lately) {
            issued(trail, &key, &user, &mut draft);
        }
        Ok(draft)
    }

    fn undo(&self, request: &Request, done: &Done, facts: &Facts) -> Result<Draft, Stop> {
        let key: AccessKeyId = target::of_kind(request, ResourceKind::AccessKey)?;
        let user = done.changes().find_map(|change| {
            if let Mutation::Iam(IamCall::UpdateAccessKey { user, .. }) = change {
                Some(user.clone())
            } else {
                None
            }
        });
        let Some(user) = user else {
            return Err(Refusal::new(
                RefusalKind::NothingToUndo,
                format!("Record {} did not switch a key.", done.seq),
                "Give the sequence number of the plan that did.",
            )
            .into());
        };
        let keys = facts.access_keys(&Query::Iam(IamQuery::AccessKeys { user: user.clone() }))?;
        match keys.iter().find(|k| k.id == key) {
            None => Err(gone(&key, &user)),
            Some(found) if found.status == KeyStatus::Active => Err(Refusal::new(
                RefusalKind::NothingToUndo,
                format!("{key} of user {user} is already Active."),
                "Somebody switched it on since; ask who and why.",
            )
            .into()),
            Some(_) => {
                let mut draft = switch(&key, &user, KeyStatus::Active);
                draft
                    .warnings
                    .push("Whoever holds the secret of this key can use it again.".to_owned());
                Ok(draft)
            }
        }
    }
}

/// The sessions that CloudTrail's history shows the key to have issued, and what ends them.
fn issued(trail: &Trail, key: &AccessKeyId, user: &UserName, draft: &mut Draft) {
    let roles = radius::assumed(trail);
    if !roles.is_empty() {
        draft.warnings.push(format!(
            "Lately {key} assumed {}: their sessions live on. Use revoke-role-sessions on them.",
            roles.into_iter().collect::<Vec<_>>().join(", ")
        ));
    }
    for call in ["GetSessionToken", "GetFederationToken"] {
        let times = trail
            .events
            .iter()
            .filter(|e| e.name.raw() == call && e.error_code.is_none())
            .count();
        if times > 0 {
            draft.warnings.push(format!(
                "Lately {key} issued sessions by {call} ({times}), which live on with what user {user} may do. Use contain-user on {user}."
            ));
        }
    }
}

/// Whose session a key belongs to, as far as CloudTrail's history says, and what to do about that.
fn whose_session(request: &Request, key: &AccessKeyId, facts: &Facts) -> Result<Stop, Stop> {
    let query = radius::question(LookupKey::AccessKeyId, key.as_str());
    let mut doubts = Vec::new();
    let trail = facts.advisory(facts.trail(&query), &mut doubts)?;
    let mut callers = trail
        .iter()
        .flat_map(|t| &t.events)
        .filter_map(|e| e.principal.as_deref());
    let caller: Option<Arn> = callers.find_map(|who| who.parse().ok());
    let why = format!("{key} belongs to a session (ASIA…); there is no user's key to switch off.");
    let shown = |text: &str| Untrusted::new(text).shown();
    let parts: Vec<String> = caller
        .iter()
        .flat_map(|arn| arn.resource().split('/'))
        .map(shown)
        .collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let elsewhere = match &caller {
        Some(arn) if arn.account() != request.account.as_str() => format!(" in account {}", shown(arn.account())),
        _ => String::new(),
    };
    let (why, instead) = match parts.as_slice() {
        ["assumed-role", role, session] => (
            format!("{why} CloudTrail says that it is the session {session} of role {role}{elsewhere}."),
            format!("Use revoke-role-sessions on role {role}{elsewhere}, with session={session} for this one alone."),
        ),
        ["user", .., user] => (
            format!("{why} CloudTrail says that user {user}{elsewhere} got it from STS."),
            format!("Use contain-user on {user}{elsewhere}: its deny binds such sessions, switching off a key does not."),
        ),
        ["federated-user", name] => (
            format!("{why} CloudTrail says that it is the federated user {name}{elsewhere}."),
            format!("Find the IAM user who federated {name} (GetFederationToken in CloudTrail) and use contain-user on it."),
        ),
        ["root"] => return Ok(root(RefusalKind::WrongTarget, &format!("{why} CloudTrail says that it is the root user's."))),
        _ => (
            match doubts.first() {
                Some(doubt) => format!("{why} Whose it is could not be read: {doubt}"),
                None => format!("{why} CloudTrail's history in {} does not show it.", request.region),
            },
            "Find the role or user behind it in the finding or in another region's history; then use revoke-role-sessions on that \
             role, or contain-user on that user."
                .to_owned(),
        ),
    };
    Ok(Refusal::new(RefusalKind::WrongTarget, why, instead).into())
}

fn switch(key: &AccessKeyId, user: &UserName, status: KeyStatus) -> Draft {
    Draft {
        calls: vec![PlannedCall {
            mutation: Mutation::Iam(IamCall::UpdateAccessKey {
                user: user.clone(),
                key: key.clone(),
                status,
            }),
            undo: Undo::Reversible,
            was: None,
        }],
        expectations: vec![Expectation::Iam(IamState::KeyStatus {
            user: user.clone(),
            key: key.clone(),
            status,
        })],
        ..Draft::default()
    }
}

fn gone(key: &AccessKeyId, user: &UserName) -> Stop {
    Refusal::new(
        RefusalKind::Gone,
        format!("User {user} no longer has the key {key}."),
        "It was deleted; look in CloudTrail for who did it.",
    )
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::TrailEvent;

    #[test]
    fn sessions_that_the_key_issued_are_named_and_refused_calls_are_not() {
        let event = |name: &str, role: &str, error: Option<&str>| TrailEvent {
            name: Untrusted::new(name),
            source: Untrusted::new("sts.amazonaws.com"),
            user: Untrusted::new("deploy-bot"),
            error_code: error.map(str::to_owned),
            resources: vec![Untrusted::new(format!("arn:aws:iam::111122223333:role/{role}"))],
            ..TrailEvent::default()
        };
        let trail = Trail {
            events: vec![
                event("AssumeRole", "pay\u{202e}", None),
                event("AssumeRole", "admin", Some("AccessDenied")),
                event("GetSessionToken", "", None),
            ],
            ..Trail::default()
        };
        let (key, user) = ("AKIAIOSFODNN7EXAMPLE".parse().unwrap(), "deploy-bot".parse().unwrap());
        let mut draft = Draft::default();
        issued(&trail, &key, &user, &mut draft);
        let said = draft.warnings.join("\n");
        assert!(
            said.contains(":role/pay") && said.contains("GetSessionToken (1)"),
            "{said}"
        );
        assert!(
            !said.contains("admin") && !said.contains('\u{202e}') && !said.contains("Federation"),
            "{said}"
        );
    }
}
