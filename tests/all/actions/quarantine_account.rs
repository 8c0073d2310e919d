//! `quarantine-account`: a member account is shut by a service control policy from the management account.

use quell::action::{ActionName, RefusalKind, Request};
use quell::domain::{Resource, ResourceKind};
use quell::runtime::Run;

use super::checker::{self, Case, Refused, Stale, Undo, five_cases};
use crate::support::ground::{Ground, PROD, VIRGINIA};
use crate::support::room::with_room;

use crate::support::ground::MANAGEMENT;

five_cases! {
    member: MEMBER;
}

const MEMBER: Case = Case {
    request,
    calls: &["organizations:CreatePolicy", "organizations:AttachPolicy"],
    applied,
    refusals: &[
        Refused {
            name: "another kind of target",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Role, "web"),
            kind: RefusalKind::WrongTarget,
            says: "a role, not an account",
        },
        Refused {
            name: "not of this organisation",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Account, "999999999999"),
            kind: RefusalKind::Gone,
            says: "",
        },
        Refused {
            name: "the management account",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Account, MANAGEMENT),
            kind: RefusalKind::Unsafe,
            says: "do not bind it",
        },
        Refused {
            name: "the account of the one who asks",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Account, "222222222222"),
            kind: RefusalKind::Unsafe,
            says: "You work from account",
        },
        Refused {
            name: "closed",
            spoil: |ground, _| {
                ground.range.with_world(|world| {
                    world.organization.closed.insert(PROD.parse().unwrap());
                });
            },
            kind: RefusalKind::WrongTarget,
            says: "is SUSPENDED",
        },
        Refused {
            name: "policies are not enabled",
            spoil: |ground, _| ground.range.with_world(|world| world.organization.scps.enabled = false),
            kind: RefusalKind::Unsafe,
            says: "not enabled",
        },
        Refused {
            name: "everybody is let through",
            spoil: |_, request| {
                request.choices.insert("allow".to_owned(), "*".to_owned());
            },
            kind: RefusalKind::BadChoice,
            says: "lets nearly everybody through",
        },
        Refused {
            name: "sent from the account itself",
            spoil: |_, request| request.account = "333333333333".parse().unwrap(),
            kind: RefusalKind::Unsafe,
            says: "You work from account",
        },
    ],
    stale: &[
        Stale {
            name: "another policy was attached",
            change: |ground, _| other(ground, "p-00000001"),
            says: "organizations:ListPoliciesForTarget: it was",
        },
        Stale {
            name: "it was closed",
            change: |ground, _| {
                ground.range.with_world(|world| {
                    world.organization.closed.insert(PROD.parse().unwrap());
                });
            },
            says: "is SUSPENDED",
        },
    ],
    undo: Undo::Restores,
};

fn request(ground: &Ground) -> Request {
    Request {
        account: MANAGEMENT.parse().unwrap(),
        ..ground.request(ActionName::QuarantineAccount, ResourceKind::Account, VIRGINIA, PROD)
    }
}

/// Somebody's own policy on the production account.
fn other(ground: &Ground, id: &str) {
    ground.range.with_world(|world| {
        let scps = &mut world.organization.scps;
        let mut scp = scps.all["p-FullAWSAccess"].clone();
        scp.name = format!("other-{id}");
        scps.all.insert(id.to_owned(), scp);
        scps.attach(id, PROD);
    });
}

fn applied(ground: &Ground, run: &Run) {
    ground.range.with_world(|world| {
        let scps = &world.organization.scps;
        let on = scps.on(PROD);
        assert_eq!(on.len(), 2, "{on:?}");
        let made = on.iter().find(|id| *id != "p-FullAWSAccess").unwrap();
        let text = &scps.all[made].policy.text;
        assert!(text.contains("arn:*:iam::*:role/quell-responder"), "{text}");
    });
    let said = |part: &str| run.plan.draft.warnings.iter().any(|w| w.contains(part));
    assert!(said("service-linked roles"), "{:?}", run.plan.draft.warnings);
    assert!(said("goes on running"), "{:?}", run.plan.draft.warnings);
}

/// The quarantine shuts the attacker out and lets quell go on: another action in the same account still works.
#[test]
fn who_holds_a_key_of_the_account_is_shut_out_and_quell_is_not() {
    with_room(async || {
        let ground = Ground::new().await;
        let run = ground
            .apply(ground.plan(&request(&ground)).await.unwrap())
            .await
            .unwrap();
        assert_eq!(run.trouble, None);
        let key = ground.key("deploy-bot", 0);
        let disable = ground.request(ActionName::DisableAccessKey, ResourceKind::AccessKey, VIRGINIA, &key);
        let disabled = ground.apply(ground.plan(&disable).await.unwrap()).await.unwrap();
        assert_eq!(disabled.trouble, None);
    });
}

/// A second account is shut by the same policy, which stays until the last has let go of it.
#[test]
fn a_policy_that_another_account_has_is_used_again_and_kept() {
    with_room(async || {
        let ground = Ground::new().await;
        let first = ground
            .apply(ground.plan(&request(&ground)).await.unwrap())
            .await
            .unwrap();
        let made = first.made[&0]["policy"].clone();
        ground.range.with_world(|world| {
            let id = "444444444444".parse().unwrap();
            world.add_account(id, "stage", "stage@acme.example", "");
        });
        let second = Request {
            target: Resource::new(ResourceKind::Account, "444444444444"),
            ..request(&ground)
        };
        let plan = ground.plan(&second).await.unwrap();
        assert_eq!(plan.permissions(), ["organizations:AttachPolicy"]);
        ground.apply(plan).await.unwrap();
        let undo = ground.undo(first.seq).await.unwrap();
        assert_eq!(undo.permissions(), ["organizations:DetachPolicy"]);
        assert!(
            undo.draft
                .neighbours
                .iter()
                .any(|n| n.contains("444444444444 has it too"))
        );
        ground.apply(undo).await.unwrap();
        ground.range.with_world(|world| {
            assert!(world.organization.scps.all.contains_key(&made));
            assert!(!world.organization.scps.on(PROD).contains(&made));
        });
    });
}

/// The default quota may have been raised, so it is no reason to leave an account open.
#[test]
fn a_full_account_is_warned_of_and_not_left_open() {
    with_room(async || {
        let ground = Ground::new().await;
        (0..4).for_each(|number| other(&ground, &format!("p-0000000{number}")));
        let plan = ground.plan(&request(&ground)).await.unwrap();
        assert_eq!(plan.draft.calls.len(), 2);
        let warnings = &plan.draft.warnings;
        assert!(
            warnings.iter().any(|w| w.contains("has 5 service control policies")),
            "{warnings:?}"
        );
    });
}

/// A policy that only has the quarantine's name holds nobody, and nobody is told that it does.
#[test]
fn a_quarantine_that_was_emptied_is_not_called_one() {
    with_room(async || {
        let ground = Ground::new().await;
        let run = ground
            .apply(ground.plan(&request(&ground)).await.unwrap())
            .await
            .unwrap();
        let again = ground.plan(&request(&ground)).await.unwrap_err();
        assert!(again.to_string().contains("has this quarantine already"), "{again}");
        let made = run.made[&0]["policy"].clone();
        ground.range.with_world(|world| {
            let scps = &mut world.organization.scps;
            let open = scps.all["p-FullAWSAccess"].policy.clone();
            scps.all.get_mut(&made).unwrap().policy = open;
        });
        let emptied = ground.plan(&request(&ground)).await.unwrap_err();
        assert!(emptied.to_string().contains("has another text"), "{emptied}");
    });
}

/// One denial is enough: with the old one attached, nobody would be let in whom only the new one lets in.
#[test]
fn another_allow_list_is_not_put_beside_the_one_that_stands() {
    with_room(async || {
        let ground = Ground::new().await;
        let run = ground
            .apply(ground.plan(&request(&ground)).await.unwrap())
            .await
            .unwrap();
        let wider = Request {
            choices: [("allow".to_owned(), "break-glass".to_owned())].into(),
            ..request(&ground)
        };
        let Err(quell::runtime::NoPlan::Refused(refusal)) = ground.plan(&wider).await else {
            panic!("the first goes on denying break-glass");
        };
        assert_eq!(refusal.kind, RefusalKind::Unsafe);
        assert!(refusal.to_string().contains("quell-quarantine-"), "{refusal}");
        let undo = ground.undo(run.seq).await.unwrap();
        let warnings = undo.draft.warnings.clone();
        assert!(
            warnings.iter().any(|w| w.contains("can use them again")),
            "{warnings:?}"
        );
        ground.apply(undo).await.unwrap();
        let wide = ground.apply(ground.plan(&wider).await.unwrap()).await.unwrap();
        assert_eq!(wide.trouble, None);

        // Somebody attached another all the same: who lifts this one is told that the account stays closed.
        ground.range.with_world(|world| {
            let scps = &mut world.organization.scps;
            let mut scp = scps.all["p-FullAWSAccess"].clone();
            scp.name = "quell-quarantine-0123abcd".to_owned();
            scps.all.insert("p-00000001".to_owned(), scp);
            scps.attach("p-00000001", PROD);
        });
        let warnings = ground.undo(wide.seq).await.unwrap().draft.warnings;
        assert!(
            warnings.iter().any(|w| w.contains("The account stays closed")),
            "{warnings:?}"
        );
        assert!(
            !warnings.iter().any(|w| w.contains("can use them again")),
            "{warnings:?}"
        );
    });
}
