//! `contain-user`: a user with two keys, one of them inactive, a group, a console password and an odd inline policy.

use quell::action::{ActionName, Choices, RefusalKind, Request};
use quell::domain::{Resource, ResourceKind};
use quell::range::policy::Policy;
use quell::range::services::iam::User;
use quell::runtime::{NoPlan, Run};

use super::checker::{self, Case, Refused, Stale, Undo, five_cases};
use crate::support::ground::{Ground, PROD, VIRGINIA};
use crate::support::room::with_room;

five_cases! {
    active: ACTIVE;
}

const POLICY: &str = "quell-contain-INC-7";

fn request(ground: &Ground) -> Request {
    ground.request(ActionName::ContainUser, ResourceKind::User, VIRGINIA, "deploy-bot")
}

const ACTIVE: Case = Case {
    request,
    calls: &["iam:PutUserPolicy", "iam:UpdateAccessKey"],
    applied,
    refusals: &[
        Refused {
            name: "another kind of target",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Role, "pay"),
            kind: RefusalKind::WrongTarget,
            says: "a role, not a user",
        },
        Refused {
            name: "unknown",
            spoil: |_, request| request.target = Resource::new(ResourceKind::User, "nobody"),
            kind: RefusalKind::Gone,
            says: "nobody",
        },
        Refused {
            name: "root by its name",
            spoil: |_, request| request.target = Resource::new(ResourceKind::User, "Root"),
            kind: RefusalKind::WrongTarget,
            says: "root user",
        },
        Refused {
            name: "root by its ARN",
            spoil: |_, request| request.target = Resource::new(ResourceKind::User, "arn:aws:iam::333333333333:root"),
            kind: RefusalKind::WrongTarget,
            says: "root user",
        },
        Refused {
            name: "the one who asks",
            spoil: |_, request| "arn:aws:iam::333333333333:user/deploy-bot".clone_into(&mut request.by),
            kind: RefusalKind::Unsafe,
            says: "is you",
        },
        Refused {
            name: "whose name the caller's session has",
            spoil: |_, request| {
                "arn:aws:sts::333333333333:assumed-role/admin/deploy-bot".clone_into(&mut request.by);
            },
            kind: RefusalKind::Unsafe,
            says: "your session of role admin has its name",
        },
        Refused {
            name: "no room for the deny",
            spoil: |ground, _| {
                let padding = "x".repeat(1900);
                let text =
                    format!(r#"{{"Statement":{{"Sid":"{padding}","Effect":"Allow","Action":"a:b","Resource":"*"}}}}"#);
                meddle(ground, |user| {
                    let policy = Policy::identity(&text).unwrap();
                    user.grants.inline.insert("full".to_owned(), policy);
                });
            },
            kind: RefusalKind::Unsafe,
            says: "of the 2048 characters",
        },
        Refused {
            name: "somebody else's policy of that name",
            spoil: |ground, _| {
                let policy = Policy::identity(r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#);
                meddle(ground, |user| {
                    user.grants.inline.insert(POLICY.to_owned(), policy.unwrap());
                });
            },
            kind: RefusalKind::Drifted,
            says: "does not say what quell wrote",
        },
        Refused {
            name: "contained already",
            spoil: |ground, _| meddle(ground, contain),
            kind: RefusalKind::AlreadyDone,
            says: "contained already",
        },
        Refused {
            name: "a choice that nobody knows",
            spoil: |_, request| request.choices = Choices::from([("hard".to_owned(), "yes".to_owned())]),
            kind: RefusalKind::BadChoice,
            says: "knows no choice",
        },
    ],
    stale: &[
        Stale {
            name: "the other key was switched on",
            change: |ground, _| meddle(ground, |user| user.keys[1].active = true),
            says: "iam:ListAccessKeys: it was",
        },
        Stale {
            name: "another user has the name",
            change: |ground, _| meddle(ground, |user| "AIDAANOTHER000000000".clone_into(&mut user.id)),
            says: "iam:GetUser: it was",
        },
        Stale {
            name: "somebody contained it",
            change: |ground, _| meddle(ground, contain),
            says: "contained already",
        },
    ],
    undo: Undo::Restores,
};

fn contain(user: &mut User) {
    let deny = r#"{"Version":"2012-10-17","Statement":[{"Sid":"QuellContainment","Effect":"Deny","Action":"*","Resource":"*"}]}"#;
    user.keys.iter_mut().for_each(|key| key.active = false);
    user.grants
        .inline
        .insert(POLICY.to_owned(), Policy::identity(deny).unwrap());
}

fn meddle(ground: &Ground, change: impl FnOnce(&mut User)) {
    ground.range.with_world(|world| {
        let account = world.accounts.get_mut(&PROD.parse().unwrap()).unwrap();
        change(account.iam.users.get_mut("deploy-bot").unwrap());
    });
}

fn applied(ground: &Ground, run: &Run) {
    meddle(ground, |user| {
        assert!(user.keys.iter().all(|k| !k.active));
        let deny: serde_json::Value = serde_json::from_str(&user.grants.inline[POLICY].text).unwrap();
        assert_eq!(deny["Statement"][0]["Effect"], "Deny");
        assert!(
            deny["Statement"][0].get("Condition").is_none(),
            "a key's requests have no issue time"
        );
        assert!(user.login.is_some(), "the password is its own choice");
        assert_eq!(user.grants.inline.len(), 2, "the others stay");
    });
    let draft = &run.plan.draft;
    let warned = |part: &str| draft.warnings.iter().any(|w| w.contains(part));
    for part in [
        "after a delay",
        "GetFederationToken",
        "Not seen from here",
        "delete-login",
    ] {
        assert!(warned(part), "{part}: {:?}", draft.warnings);
    }
    assert!(
        draft.neighbours.iter().any(|n| n.contains("developers")),
        "{:?}",
        draft.neighbours
    );
    assert!(draft.lost.is_empty());
}

/// The password goes for good: the plan says so, and undo puts back the rest.
#[test]
fn a_password_is_deleted_only_where_that_was_chosen() {
    with_room(async || {
        let ground = Ground::new().await;
        let request = Request {
            choices: Choices::from([("delete-login".to_owned(), "yes".to_owned())]),
            ..request(&ground)
        };
        let plan = ground.plan(&request).await.unwrap();
        assert!(plan.draft.lost[0].contains("console password"), "{:?}", plan.draft.lost);
        let run = ground.apply(plan).await.unwrap();
        assert_eq!((run.trouble.as_deref(), run.outcomes.len()), (None, 3));
        meddle(&ground, |user| assert!(user.login.is_none()));
        let undo = ground.undo(run.seq).await.unwrap();
        assert!(undo.draft.lost[0].contains("is gone"), "{:?}", undo.draft.lost);
        assert_eq!(ground.apply(undo).await.unwrap().trouble, None);
        meddle(&ground, |user| {
            assert!(user.keys[0].active && !user.keys[1].active);
            assert!(!user.grants.inline.contains_key(POLICY));
        });
    });
}

/// Undo takes away the deny that quell wrote, and no other.
#[test]
fn a_deny_that_somebody_rewrote_is_not_deleted() {
    with_room(async || {
        let ground = Ground::new().await;
        let run = ground
            .apply(ground.plan(&request(&ground)).await.unwrap())
            .await
            .unwrap();
        let other = r#"{"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}"#;
        meddle(&ground, |user| {
            let policy = Policy::identity(other).unwrap();
            user.grants.inline.insert(POLICY.to_owned(), policy);
        });
        let sent = ground.writes().len();
        let refused = ground.undo(run.seq).await.unwrap_err();
        assert!(
            matches!(&refused, NoPlan::Refused(r) if r.kind == RefusalKind::Drifted),
            "{refused}"
        );
        assert_eq!(ground.writes().len(), sent);
    });
}
