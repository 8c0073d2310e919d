//! `contain-user`: denies an IAM user everything and switches its keys off.
//!
//! The deny has no condition: a long-term key's requests carry no `aws:TokenIssueTime`. It binds the user's own requests and its
//! `GetSessionToken` sessions. Roles that the user assumed are not bound by it; the plan names those that CloudTrail knows.

use super::answer::KeyStatus;
use super::expectation::Expectation;
use super::facts::Facts;
use super::iam_policy::{MAX_USER_INLINE, contain_name, deny_all, fits, root, same_policy};
use super::mutation::Mutation;
use super::oneself::refuse_user;
use super::plan::{Draft, PlannedCall, Request, Undo};
use super::query::{LookupKey, Query};
use super::refusal::{Refusal, RefusalKind, Stop};
use super::same_one::same_user;
use super::{Action, ActionName, Done, Scope, Step, radius, target};
use crate::action::{Choice, IamCall, IamQuery, IamState, Takes};
use crate::domain::{AccessKeyId, PolicyName, ResourceKind, Untrusted, UserName};

/// Deletes the console password.
const DELETE_LOGIN: &str = "delete-login";

#[derive(Debug)]
pub struct ContainUser;

/// What is asked about a user.
struct Questions {
    user: Query,
    keys: Query,
    policy: Query,
    login: Query,
    size: Query,
    groups: Query,
}

impl Questions {
    fn about(user: &UserName, policy: &PolicyName) -> Self {
        let of = |make: fn(UserName) -> IamQuery| Query::Iam(make(user.clone()));
        Self {
            user: of(|user| IamQuery::IamUser { user }),
            keys: of(|user| IamQuery::AccessKeys { user }),
            policy: Query::Iam(IamQuery::UserInlinePolicy {
                user: user.clone(),
                policy: policy.clone(),
            }),
            login: of(|user| IamQuery::LoginProfile { user }),
            size: of(|user| IamQuery::UserInlineSize { user }),
            groups: of(|user| IamQuery::UserGroups { user }),
        }
    }
}

impl Action for ContainUser {
    fn name(&self) -> ActionName {
        ActionName::ContainUser
    }

    fn step(&self) -> Step {
        Step::Isolate
    }

    fn targets(&self) -> &'static [ResourceKind] {
        &[ResourceKind::User]
    }

    fn scope(&self) -> Scope {
        Scope::Global
    }

    fn choices(&self) -> &'static [Choice] {
        &[Choice {
            name: DELETE_LOGIN,
            takes: Takes::Flag,
            about: "Delete the console password too. It cannot be restored, only set anew.",
        }]
    }

    fn summary(&self) -> &'static str {
        "Deny an IAM user everything by an inline policy and switch all its access keys off."
    }

    fn draft(&self, request: &Request, facts: &Facts) -> Result<Draft, Stop> {
        let user = target(request)?;
        let policy = contain_name(request);
        let ask = Questions::about(&user, &policy);
        facts.want([
            ask.user.clone(),
            ask.keys.clone(),
            ask.policy.clone(),
            ask.login.clone(),
            ask.size.clone(),
            ask.groups.clone(),
            radius::question(LookupKey::Username, user.as_str()),
        ])?;
        let found = facts.iam_user(&ask.user).map_err(|stop| match stop {
            Stop::Refuse(refusal)
                if refusal.kind == RefusalKind::Gone && user.as_str().eq_ignore_ascii_case("root") =>
            {
                root(RefusalKind::WrongTarget, "There is no IAM user of that name.")
            }
            other => other,
        })?;
        let mut draft = Draft::default();
        let history = facts.trail(&radius::question(LookupKey::Username, user.as_str())).ok();
        refuse_user(request, &user, history, &mut draft.warnings)?;
        put_deny(&mut draft, &user, &policy, facts, &ask)?;
        for key in facts.access_keys(&ask.keys)? {
            if key.status == KeyStatus::Active {
                draft.calls.push(switch(&user, &key.id, KeyStatus::Inactive));
            }
        }
        let login = *facts.login_profile(&ask.login)?;
        if login && request.chose(DELETE_LOGIN) {
            draft.calls.push(PlannedCall {
                mutation: Mutation::Iam(IamCall::DeleteLoginProfile { user: user.clone() }),
                undo: Undo::Irreversible,
                was: None,
            });
            draft.lost.push(format!(
                "The console password of user {user}: a new one can be set, the old one is gone."
            ));
        }
        if draft.calls.is_empty() {
            return Err(Refusal::new(
                RefusalKind::AlreadyDone,
                format!("User {user} is contained already: {policy} denies everything and no key is Active."),
                "Verify it from the journal; revoke the sessions of the roles that the user assumed.",
            )
            .into());
        }
        expect(&mut draft, &user, &found.arn, &policy);
        if login && !request.chose(DELETE_LOGIN) {
            draft.warnings.push(format!(
                "The console password of user {user} stays: it can still sign in, and is denied everything there. \
                 Choose {DELETE_LOGIN} to delete it for good."
            ));
        }
        warn(&mut draft, &user, found.arn.as_str());
        neighbours(&mut draft, &user, facts, &ask)?;
        Ok(draft)
    }

    fn undo(&self, request: &Request, done: &Done, facts: &Facts) -> Result<Draft, Stop> {
        let user = target(request)?;
        let policy = contain_name(request);
        let ask = Questions::about(&user, &policy);
        facts.want([ask.user.clone(), ask.keys.clone(), ask.policy.clone()])?;
        same_user(&user, done, facts)?;
        let keys = facts.access_keys(&ask.keys)?;
        let mut draft = Draft::default();
        for change in done.changes() {
            if let Mutation::Iam(IamCall::PutUserPolicy { policy, document, .. }) = change {
                match facts.inline_policy(&ask.policy)? {
                    None => {}
                    Some(now) if !same_policy(now, document) => return Err(changed(&user, policy)),
                    Some(_) => lift(&mut draft, &user, policy),
                }
            } else if let Mutation::Iam(IamCall::UpdateAccessKey { key, .. }) = change {
                match keys.iter().find(|k| k.id == *key) {
                    Some(found) if found.status == KeyStatus::Inactive => {
                        draft.calls.push(switch(&user, key, KeyStatus::Active));
                        draft.expectations.push(key_status(&user, key, KeyStatus::Active));
                        draft
                            .warnings
                            .push(format!("Whoever holds the secret of {key} can use it again."));
                    }
                    Some(_) => {}
                    None => draft
                        .lost
                        .push(format!("{key} no longer exists, so it cannot be switched on.")),
                }
            } else if let Mutation::Iam(IamCall::DeleteLoginProfile { .. }) = change {
                draft.lost.push(format!(
                    "The console password of user {user} is gone; set a new one by hand."
                ));
            }
        }
        if draft.calls.is_empty() {
            return Err(Refusal::new(
                RefusalKind::NothingToUndo,
                format!("Nothing that record {} did to user {user} is there to undo.", done.seq),
                "Give the sequence number of the plan that contained it.",
            )
            .into());
        }
        Ok(draft)
    }
}

/// The user, unless it is root.
fn target(request: &Request) -> Result<UserName, Stop> {
    let raw = request.target.id.raw();
    if raw.ends_with(":root") || raw == "<root_account>" {
        return Err(root(RefusalKind::WrongTarget, "This is the root user."));
    }
    target::iam_name(request, ResourceKind::User)
}

/// The deny, unless it stands already. The user's own policies may leave no room for it, and an attacker may have seen to that.
fn put_deny(
    draft: &mut Draft,
    user: &UserName,
    policy: &PolicyName,
    facts: &Facts,
    ask: &Questions,
) -> Result<(), Stop> {
    let document = deny_all();
    match facts.inline_policy(&ask.policy)? {
        Some(now) if same_policy(now, &document) => return Ok(()),
        Some(_) => return Err(changed(user, policy)),
        None => {}
    }
    if let Some(size) = facts.advisory(facts.inline_size(&ask.size), &mut draft.warnings)? {
        let instead = "Run detach-user-policies first, which records what it deletes, with denials where those take the room; then \
                       contain the user.";
        fits(&format!("user {user}"), *size, &document, MAX_USER_INLINE, instead)?;
    }
    draft.calls.push(reversible(IamCall::PutUserPolicy {
        user: user.clone(),
        policy: policy.clone(),
        document,
    }));
    Ok(())
}

/// What is read back: that the deny is in force, and each key that was switched.
fn expect(draft: &mut Draft, user: &UserName, arn: &crate::domain::Arn, policy: &PolicyName) {
    draft.expectations.push(Expectation::Iam(IamState::UserDenied {
        user: user.clone(),
        arn: arn.clone(),
        policy: policy.clone(),
        document: deny_all(),
    }));
    for call in &draft.calls {
        if let Mutation::Iam(IamCall::UpdateAccessKey { key, status, .. }) = &call.mutation {
            draft.expectations.push(key_status(user, key, *status));
        } else if let Mutation::Iam(IamCall::DeleteLoginProfile { user }) = &call.mutation {
            let state = IamState::NoPassword { user: user.clone() };
            draft.expectations.push(Expectation::Iam(state));
        }
    }
}

/// Takes the deny away.
fn lift(draft: &mut Draft, user: &UserName, policy: &PolicyName) {
    draft.calls.push(reversible(IamCall::DeleteUserPolicy {
        user: user.clone(),
        policy: policy.clone(),
    }));
    draft.expectations.push(Expectation::Iam(IamState::UserPolicy {
        user: user.clone(),
        policy: policy.clone(),
        document: None,
    }));
}

fn warn(draft: &mut Draft, user: &UserName, arn: &str) {
    let arn = Untrusted::new(arn).shown();
    draft.warnings.push(
        "The deny takes effect after a delay, a few minutes at most: it is pending until IAM's own evaluation denies."
            .to_owned(),
    );
    draft.warnings.push(format!(
        "The deny binds user {user} and its GetSessionToken sessions. Roles that it assumed go on until their sessions are revoked; a \
         federated user's session (GetFederationToken) is let in by any resource policy that names it, and only a deny there on \
         aws:userId ends that."
    ));
    draft.warnings.push(format!(
        "Not seen from here: resource policies and role trusts, in this account and others, that name {arn}. Those that name its \
         sessions or roles need their own deny."
    ));
}

fn neighbours(draft: &mut Draft, user: &UserName, facts: &Facts, ask: &Questions) -> Result<(), Stop> {
    if let Some(groups) = facts.advisory(facts.user_groups(&ask.groups), &mut draft.warnings)?
        && !groups.is_empty()
    {
        let names: Vec<&str> = groups.iter().map(crate::domain::UserGroupName::as_str).collect();
        draft.neighbours.push(format!(
            "User {user} is in the groups {}; it stays there, and the deny outweighs what they allow.",
            names.join(", ")
        ));
    }
    draft
        .neighbours
        .push(format!("Whatever runs as user {user} stops, by any of its keys."));
    radius::lately(
        LookupKey::Username,
        user.as_str(),
        &format!("User {user}"),
        facts,
        draft,
    )?;
    // What could not be read was said by the line above.
    if let Ok(trail) = facts.trail(&radius::question(LookupKey::Username, user.as_str())) {
        let roles = radius::assumed(trail);
        if !roles.is_empty() {
            draft.warnings.push(format!(
                "Lately user {user} assumed {}: their sessions live on. Use revoke-role-sessions on them.",
                roles.into_iter().collect::<Vec<_>>().join(", ")
            ));
        }
    }
    Ok(())
}

fn reversible(call: IamCall) -> PlannedCall {
    PlannedCall {
        mutation: Mutation::Iam(call),
        undo: Undo::Reversible,
        was: None,
    }
}

fn switch(user: &UserName, key: &AccessKeyId, status: KeyStatus) -> PlannedCall {
    reversible(IamCall::UpdateAccessKey {
        user: user.clone(),
        key: key.clone(),
        status,
    })
}

fn key_status(user: &UserName, key: &AccessKeyId, status: KeyStatus) -> Expectation {
    Expectation::Iam(IamState::KeyStatus {
        user: user.clone(),
        key: key.clone(),
        status,
    })
}

fn changed(user: &UserName, policy: &PolicyName) -> Stop {
    Refusal::new(
        RefusalKind::Drifted,
        format!("The inline policy {policy} of user {user} does not say what quell wrote."),
        "Read it in IAM and ask who wrote it; delete it by hand when you know.",
    )
    .into()
}
