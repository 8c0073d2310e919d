//! `disable-access-key`: switches a user's long-term key off.
//!
//! A key and the sessions it issued are two things: those live on until they expire (IAM guide, "Disabling permissions for
//! temporary security credentials"). The plan says so.

use super::answer::KeyStatus;
use super::expectation::Expectation;
use super::facts::Facts;
use super::mutation::Mutation;
use super::plan::{Draft, PlannedCall, Request, Undo};
use super::query::Query;
use super::refusal::{Refusal, RefusalKind, Stop};
use super::{Action, ActionName, Done, Scope, Step, target};
use crate::action::{IamCall, IamQuery, IamState};
use crate::domain::{AccessKeyId, Arn, ResourceKind, UserName};

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
        let key = long_term_key(request)?;
        let use_query = Query::Iam(IamQuery::AccessKeyUse { key: key.clone() });
        let used = facts.access_key_use(&use_query)?;
        let Some(user) = used.user.clone() else {
            return Err(Refusal::new(
                RefusalKind::Gone,
                format!(
                    "AWS names no IAM user for {key}: it is unknown in {}, or it is the root user's.",
                    request.account
                ),
                "Check the account. A root key must be deleted by the root user.",
            )
            .into());
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
                "Look for sessions that it issued, and for other keys of the user.",
            )
            .into());
        }

        let mut draft = switch(&key, &user, KeyStatus::Inactive);
        draft.warnings.push(
            "Sessions that this key issued (GetSessionToken, GetFederationToken, assumed roles) live on until they expire: up to 36 hours."
                .to_owned(),
        );
        if is_callers(request, &user) {
            draft.warnings.push(format!(
                "User {user} is you: if quell runs with this key, nothing can be done with it afterwards, undo neither."
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
        Ok(draft)
    }

    fn undo(&self, request: &Request, done: &Done, facts: &Facts) -> Result<Draft, Stop> {
        let key = long_term_key(request)?;
        let user = done.plan.draft.calls.iter().find_map(|call| {
            if let Mutation::Iam(IamCall::UpdateAccessKey { user, .. }) = &call.mutation {
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

/// Whether the key is one of the user who asks. A role that the caller assumed with the key is not seen from here.
fn is_callers(request: &Request, user: &UserName) -> bool {
    request.by.parse::<Arn>().is_ok_and(|by| {
        by.resource().starts_with("user/") && by.name() == user.as_str() && by.account() == request.account.as_str()
    })
}

fn long_term_key(request: &Request) -> Result<AccessKeyId, Stop> {
    let key: AccessKeyId = target::of_kind(request, ResourceKind::AccessKey)?;
    if key.is_session() {
        return Err(Refusal::new(
            RefusalKind::WrongTarget,
            format!("{key} belongs to a session (ASIA…); there is no user's key to switch off."),
            "Find the role or user behind it, and revoke that role's sessions.",
        )
        .into());
    }
    Ok(key)
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
    use crate::domain::{Resource, Time};

    #[test]
    fn a_key_of_the_caller_is_known_by_account_and_name() {
        for (by, user, own) in [
            ("arn:aws:iam::111122223333:user/oncall-1", "oncall-1", true),
            ("arn:aws:iam::111122223333:user/team/oncall-1", "oncall-1", true),
            ("arn:aws:iam::111122223333:user/oncall-2", "oncall-1", false),
            ("arn:aws:iam::444455556666:user/oncall-1", "oncall-1", false),
            (
                "arn:aws:sts::111122223333:assumed-role/admin/oncall-1",
                "oncall-1",
                false,
            ),
        ] {
            let request = Request {
                action: ActionName::DisableAccessKey,
                account: "111122223333".parse().unwrap(),
                region: "us-east-1".parse().unwrap(),
                target: Resource::new(ResourceKind::AccessKey, "AKIAIOSFODNN7EXAMPLE"),
                incident: "q-1a2b3c4d".to_owned(),
                by: by.to_owned(),
                at: Time::UNIX_EPOCH,
                undoes: None,
                notice: None,
                others: Vec::new(),
                choices: crate::action::Choices::new(),
            };
            assert_eq!(is_callers(&request, &user.parse().unwrap()), own, "{by} {user}");
        }
    }
}
