//! `contain-role`: a role with a path that a user and Lambda may assume, and that instances have by a profile.

use quell::action::{ActionName, Choices, RefusalKind, Request};
use quell::domain::{Resource, ResourceKind};
use quell::range::policy::Policy;
use quell::range::services::iam::Role;
use quell::runtime::{NoPlan, Run};

use super::checker::{self, Case, Refused, Stale, Undo, five_cases};
use crate::support::ground::{Ground, VIRGINIA};
use crate::support::people::{self, TRUST};
use crate::support::room::with_room;

five_cases! {
    deny: DENY;
    trust: CLOSED;
    both: BOTH;
}

const POLICY: &str = "quell-contain-INC-7";

fn request(ground: &Ground) -> Request {
    ground.request(ActionName::ContainRole, ResourceKind::Role, VIRGINIA, "pay")
}

fn how(ground: &Ground, how: &str) -> Request {
    Request {
        choices: Choices::from([("how".to_owned(), how.to_owned())]),
        ..request(ground)
    }
}

const DENY: Case = Case {
    request,
    calls: &["iam:PutRolePolicy"],
    applied: denied,
    refusals: &[
        Refused {
            name: "another kind of target",
            spoil: |_, request| request.target = Resource::new(ResourceKind::User, "deploy-bot"),
            kind: RefusalKind::WrongTarget,
            says: "a user, not a role",
        },
        Refused {
            name: "unknown",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Role, "nobody"),
            kind: RefusalKind::Gone,
            says: "nobody",
        },
        Refused {
            name: "service-linked",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Role, "AWSServiceRoleForSupport"),
            kind: RefusalKind::WrongTarget,
            says: "service-linked role",
        },
        Refused {
            name: "of Identity Center",
            spoil: |_, request| {
                request.target = Resource::new(ResourceKind::Role, "AWSReservedSSO_Admin_0123456789abcdef");
            },
            kind: RefusalKind::WrongTarget,
            says: "IAM Identity Center",
        },
        Refused {
            name: "the responder's own",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Role, "quell-responder"),
            kind: RefusalKind::Unsafe,
            says: "lock you out",
        },
        Refused {
            name: "the reader's own",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Role, "quell-reader"),
            kind: RefusalKind::Unsafe,
            says: "lock you out",
        },
        Refused {
            name: "somebody else's policy of that name",
            spoil: |ground, _| meddle(ground, |role| put(role, POLICY, "Allow")),
            kind: RefusalKind::Drifted,
            says: "does not say what quell wrote",
        },
        Refused {
            name: "contained already",
            spoil: |ground, _| meddle(ground, |role| put(role, POLICY, "Deny")),
            kind: RefusalKind::AlreadyDone,
            says: "contained in this way",
        },
        Refused {
            name: "in no way that there is",
            spoil: |ground, request| *request = how(ground, "softly"),
            kind: RefusalKind::BadChoice,
            says: "takes one of deny, trust, both",
        },
    ],
    stale: &[
        Stale {
            name: "the trust was changed",
            change: |ground, _| {
                meddle(ground, |role| {
                    role.trust = Policy::trust(&TRUST.replace("lambda", "ec2")).unwrap();
                });
            },
            says: "iam:GetRole: it was",
        },
        Stale {
            name: "somebody contained it",
            change: |ground, _| meddle(ground, |role| put(role, POLICY, "Deny")),
            says: "contained in this way",
        },
    ],
    undo: Undo::Restores,
};

const CLOSED: Case = Case {
    request: |ground| how(ground, "trust"),
    calls: &["iam:UpdateAssumeRolePolicy"],
    applied: |ground, run| {
        closed(ground, run);
        let warned = run
            .plan
            .draft
            .warnings
            .iter()
            .any(|w| w.contains("revoke-role-sessions"));
        assert!(warned, "{:?}", run.plan.draft.warnings);
    },
    ..CHANGED_TRUST
};

const BOTH: Case = Case {
    request: |ground| how(ground, "both"),
    calls: &["iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"],
    applied: |ground, run| {
        denied(ground, run);
        closed(ground, run);
    },
    ..CHANGED_TRUST
};

const CHANGED_TRUST: Case = Case {
    refusals: &[Refused {
        name: "service-linked",
        spoil: |_, request| request.target = Resource::new(ResourceKind::Role, "AWSServiceRoleForSupport"),
        kind: RefusalKind::WrongTarget,
        says: "service-linked role",
    }],
    stale: &[Stale {
        name: "the trust was changed",
        change: |ground, _| {
            meddle(ground, |role| {
                role.trust = Policy::trust(&TRUST.replace("lambda", "ec2")).unwrap();
            });
        },
        says: "iam:GetRole: it was",
    }],
    ..DENY
};

fn put(role: &mut Role, name: &str, effect: &str) {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"QuellContainment","Effect":"{effect}","Action":"*","Resource":"*"}}]}}"#
    );
    role.grants
        .inline
        .insert(name.to_owned(), Policy::identity(&text).unwrap());
}

fn meddle<T>(ground: &Ground, change: impl FnOnce(&mut Role) -> T) -> T {
    ground.range.with_world(|world| people::role(world, "pay", change))
}

fn denied(ground: &Ground, run: &Run) {
    meddle(ground, |role| assert!(role.grants.inline[POLICY].text.contains("Deny")));
    let draft = &run.plan.draft;
    assert!(
        draft.warnings.iter().any(|w| w.contains("lambda.amazonaws.com")),
        "{:?}",
        draft.warnings
    );
    assert!(
        draft.neighbours.iter().any(|n| n.contains("pay-hosts")),
        "{:?}",
        draft.neighbours
    );
}

fn closed(ground: &Ground, run: &Run) {
    meddle(ground, |role| assert!(!role.trust.text.contains("Allow")));
    let call = run.plan.draft.calls.last().unwrap();
    assert!(call.phrase().contains("open to"), "{}", call.phrase());
}

/// What somebody wrote since is not overwritten by what stood there before.
#[test]
fn a_trust_that_somebody_changed_is_left_as_it_is() {
    with_room(async || {
        let ground = Ground::new().await;
        let run = ground
            .apply(ground.plan(&how(&ground, "trust")).await.unwrap())
            .await
            .unwrap();
        let other = TRUST.replace("lambda", "ec2");
        meddle(&ground, |role| role.trust = Policy::trust(&other).unwrap());
        let refused = ground.undo(run.seq).await.unwrap_err();
        assert!(
            matches!(&refused, NoPlan::Refused(r) if r.kind == RefusalKind::Drifted),
            "{refused}"
        );
        meddle(&ground, |role| assert_eq!(role.trust.text, other));
    });
}

/// Where the role's policies leave no room for a deny its trust can be closed all the same.
#[test]
fn a_full_role_is_refused_with_the_numbers_and_its_trust_is_closed() {
    with_room(async || {
        let ground = Ground::new().await;
        let padding = "x".repeat(10_100);
        let text = format!(r#"{{"Statement":{{"Sid":"{padding}","Effect":"Allow","Action":"a:b","Resource":"*"}}}}"#);
        meddle(&ground, |role| {
            let policy = Policy::identity(&text).unwrap();
            role.grants.inline.insert("full".to_owned(), policy);
        });
        for how_typed in ["deny", "both"] {
            let refusal = ground.plan(&how(&ground, how_typed)).await.unwrap_err().to_string();
            assert!(refusal.contains("of the 10240 characters"), "{refusal}");
            assert!(refusal.contains("--with how=trust"), "{refusal}");
        }
        let plan = ground.plan(&how(&ground, "trust")).await.unwrap();
        assert_eq!(ground.apply(plan).await.unwrap().trouble, None);
    });
}
