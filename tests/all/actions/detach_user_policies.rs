//! `detach-user-policies`: a managed policy, an inline one written with odd spaces, and a group.

use quell::action::{ActionName, Choices, RefusalKind, Request};
use quell::domain::{Resource, ResourceKind};
use quell::range::policy::Policy;
use quell::range::services::iam::User;
use quell::runtime::{NoPlan, Run};

use super::checker::{self, Case, Refused, Stale, Undo, five_cases};
use crate::support::ground::{Ground, PROD, VIRGINIA};
use crate::support::people::ODD;
use crate::support::room::with_room;

five_cases! {
    own: OWN;
    with_groups: WITH_GROUPS;
}

fn request(ground: &Ground) -> Request {
    ground.request(
        ActionName::DetachUserPolicies,
        ResourceKind::User,
        VIRGINIA,
        "deploy-bot",
    )
}

const OWN: Case = Case {
    request,
    calls: &["iam:DetachUserPolicy", "iam:DeleteUserPolicy"],
    applied,
    refusals: &[
        Refused {
            name: "unknown",
            spoil: |_, request| request.target = Resource::new(ResourceKind::User, "nobody"),
            kind: RefusalKind::Gone,
            says: "nobody",
        },
        Refused {
            name: "root",
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
            name: "nothing of its own",
            spoil: |ground, _| meddle(ground, strip),
            kind: RefusalKind::AlreadyDone,
            says: "from its groups: developers",
        },
    ],
    stale: &[
        Stale {
            name: "a policy was rewritten",
            change: |ground, _| {
                let other = Policy::identity(&ODD.replace("ec2:*", "s3:*")).unwrap();
                meddle(ground, |user| {
                    user.grants.inline.insert("odd".to_owned(), other);
                });
            },
            says: "iam:ListAttachedUserPolicies, iam:ListUserPolicies",
        },
        Stale {
            name: "all were taken away",
            change: |ground, _| meddle(ground, strip),
            says: "no policy of its own",
        },
    ],
    undo: Undo::Restores,
};

const WITH_GROUPS: Case = Case {
    request: |ground| Request {
        choices: Choices::from([("groups".to_owned(), "yes".to_owned())]),
        ..request(ground)
    },
    calls: &[
        "iam:DetachUserPolicy",
        "iam:DeleteUserPolicy",
        "iam:RemoveUserFromGroup",
    ],
    applied: |ground, _| meddle(ground, |user| assert!(user.groups.is_empty())),
    ..OWN_WITHOUT_ITS_WORDS
};

/// Where groups are chosen, a user without policies still has something to lose.
const OWN_WITHOUT_ITS_WORDS: Case = Case {
    refusals: &[Refused {
        name: "unknown",
        spoil: |_, request| request.target = Resource::new(ResourceKind::User, "nobody"),
        kind: RefusalKind::Gone,
        says: "nobody",
    }],
    stale: &[Stale {
        name: "it left the group",
        change: |ground, _| meddle(ground, |user| user.groups.clear()),
        says: "iam:ListGroupsForUser: it was",
    }],
    ..OWN
};

fn strip(user: &mut User) {
    user.grants.inline.clear();
    user.grants.attached.clear();
}

fn meddle(ground: &Ground, change: impl FnOnce(&mut User)) {
    ground.range.with_world(|world| {
        let account = world.accounts.get_mut(&PROD.parse().unwrap()).unwrap();
        change(account.iam.users.get_mut("deploy-bot").unwrap());
    });
}

fn applied(ground: &Ground, run: &Run) {
    meddle(ground, |user| {
        assert!(user.grants.inline.is_empty() && user.grants.attached.is_empty());
        assert!(user.groups.contains("developers"), "groups are named, not changed");
    });
    let warnings = &run.plan.draft.warnings;
    assert!(warnings.iter().any(|w| w.contains("developers")), "{warnings:?}");
}

/// An attacker may call a policy what quell calls its own: only what it says tells.
#[test]
fn quells_own_deny_stays_and_one_that_only_looks_like_it_does_not() {
    with_room(async || {
        let ground = Ground::new().await;
        let contain = Request {
            action: ActionName::ContainUser,
            ..request(&ground)
        };
        ground.apply(ground.plan(&contain).await.unwrap()).await.unwrap();
        meddle(&ground, |user| {
            let allow = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
            let policy = Policy::identity(allow).unwrap();
            user.grants.inline.insert("quell-contain-INC-8".to_owned(), policy);
        });
        ground
            .apply(ground.plan(&request(&ground)).await.unwrap())
            .await
            .unwrap();
        meddle(&ground, |user| {
            let left: Vec<&String> = user.grants.inline.keys().collect();
            assert_eq!(left, ["quell-contain-INC-7"]);
        });
    });
}

#[test]
fn a_policy_that_was_written_anew_meanwhile_is_not_overwritten() {
    with_room(async || {
        let ground = Ground::new().await;
        let run = ground
            .apply(ground.plan(&request(&ground)).await.unwrap())
            .await
            .unwrap();
        let other = ODD.replace("ec2:*", "s3:*");
        meddle(&ground, |user| {
            let policy = Policy::identity(&other).unwrap();
            user.grants.inline.insert("odd".to_owned(), policy);
        });
        let refused = ground.undo(run.seq).await.unwrap_err();
        assert!(
            matches!(&refused, NoPlan::Refused(r) if r.kind == RefusalKind::Drifted),
            "{refused}"
        );
        meddle(&ground, |user| assert_eq!(user.grants.inline["odd"].text, other));
    });
}

/// Somebody has denied the user already; without that, it could do what its groups allow.
#[test]
fn what_only_denies_stays_unless_it_is_chosen_too() {
    const QUARANTINE: &str = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3";
    with_room(async || {
        let ground = Ground::new().await;
        // The range holds it too, or undo could not attach it again.
        ground.range.with_world(|world| {
            let held = &mut world.accounts.get_mut(&PROD.parse().unwrap()).unwrap().iam.policies;
            let mut quarantine = held.values().next().unwrap().clone();
            QUARANTINE.clone_into(&mut quarantine.arn);
            held.insert(QUARANTINE.to_owned(), quarantine);
        });
        meddle(&ground, |user| {
            user.grants.attached.insert(QUARANTINE.to_owned());
            for (name, text) in [
                (
                    "by-hand",
                    r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#,
                ),
                (
                    "mixed",
                    r#"{"Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"},{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
                ),
            ] {
                user.grants
                    .inline
                    .insert(name.to_owned(), Policy::identity(text).unwrap());
            }
        });
        let plan = ground.plan(&request(&ground)).await.unwrap();
        let said = [&plan.draft.warnings[..], &plan.draft.neighbours[..]]
            .concat()
            .join("\n");
        for part in [
            "mixed denies something",
            "by-hand only denies",
            "QuarantineV3 only denies",
        ] {
            assert!(said.contains(part), "{said}");
        }
        ground.apply(plan).await.unwrap();
        meddle(&ground, |user| {
            assert!(user.grants.inline.keys().eq(["by-hand"]) && user.grants.attached.iter().eq([QUARANTINE]));
        });
        let all = Request {
            choices: Choices::from([("denials".to_owned(), "yes".to_owned())]),
            ..request(&ground)
        };
        let run = ground.apply(ground.plan(&all).await.unwrap()).await.unwrap();
        meddle(&ground, |user| {
            assert!(user.grants.inline.is_empty() && user.grants.attached.is_empty());
        });
        let back = ground.undo(run.seq).await.unwrap();
        ground.apply(back).await.unwrap();
        meddle(&ground, |user| {
            assert!(user.grants.inline.keys().eq(["by-hand"]) && user.grants.attached.iter().eq([QUARANTINE]));
        });
    });
}
