//! `disable-access-key`: a user's long-term key, which has another, inactive one beside it.

use quell::action::{ActionName, RefusalKind};
use quell::domain::{Resource, ResourceKind};
use quell::runtime::Run;

use super::checker::{self, Case, Refused, Stale, Undo, five_cases};
use crate::support::ground::{Ground, PROD, SEOUL};

five_cases! {
    active: ACTIVE;
}

const ACTIVE: Case = Case {
    request: |ground| {
        let key = ground.key("deploy-bot", 0);
        ground.request(ActionName::DisableAccessKey, ResourceKind::AccessKey, SEOUL, &key)
    },
    calls: &["iam:UpdateAccessKey"],
    applied,
    refusals: &[
        Refused {
            name: "another kind of target",
            spoil: |_, request| request.target = Resource::new(ResourceKind::User, "deploy-bot"),
            kind: RefusalKind::WrongTarget,
            says: "a user, not an access key",
        },
        Refused {
            name: "a session's key",
            spoil: |_, request| request.target = Resource::new(ResourceKind::AccessKey, "ASIAIOSFODNN7EXAMPLE"),
            kind: RefusalKind::WrongTarget,
            says: "belongs to a session",
        },
        Refused {
            name: "unknown",
            spoil: |_, request| request.target = Resource::new(ResourceKind::AccessKey, "AKIAIOSFODNN7EXAMPLE"),
            kind: RefusalKind::Gone,
            says: "",
        },
        Refused {
            name: "off already",
            spoil: |ground, request| {
                request.target = Resource::new(ResourceKind::AccessKey, ground.key("deploy-bot", 1));
            },
            kind: RefusalKind::AlreadyDone,
            says: "already Inactive",
        },
        Refused {
            name: "in another account",
            spoil: |_, request| request.account = "111111111111".parse().unwrap(),
            kind: RefusalKind::Gone,
            says: "",
        },
    ],
    stale: &[
        Stale {
            name: "the other key was switched on",
            change: |ground, _| meddle(ground, |keys| keys[1].active = true),
            says: "iam:ListAccessKeys: it was",
        },
        Stale {
            name: "somebody switched it off",
            change: |ground, _| meddle(ground, |keys| keys[0].active = false),
            says: "already Inactive",
        },
        Stale {
            name: "it was deleted",
            change: |ground, _| meddle(ground, |keys| drop(keys.remove(0))),
            says: "",
        },
    ],
    undo: Undo::Restores,
};

fn meddle(ground: &Ground, change: fn(&mut Vec<quell::range::services::iam::AccessKey>)) {
    ground.range.with_world(|world| {
        let account = world.accounts.get_mut(&PROD.parse().unwrap()).unwrap();
        change(&mut account.iam.users.get_mut("deploy-bot").unwrap().keys);
    });
}

fn applied(ground: &Ground, run: &Run) {
    let key = ground.key("deploy-bot", 0);
    assert_eq!(run.plan.request.target.id.raw(), key);
    ground.range.with_world(|world| {
        let user = &world.accounts[&PROD.parse().unwrap()].iam.users["deploy-bot"];
        assert!(user.keys.iter().all(|k| !k.active));
    });
    let warned = |part: &str| run.plan.draft.warnings.iter().any(|w| w.contains(part));
    assert!(warned("live on until they expire"), "{:?}", run.plan.draft.warnings);
}
