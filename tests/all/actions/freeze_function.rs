//! `freeze-function`: a function without a limit, and one with a limit of its own.

use quell::action::{ActionName, RefusalKind};
use quell::domain::{Resource, ResourceKind};
use quell::range::services::lambda::Function;
use quell::runtime::Run;

use super::checker::{self, Case, Refused, Stale, Undo, five_cases};
use crate::support::ground::{Ground, PROD, SEOUL};

five_cases! {
    without_a_limit: RESIZE;
    with_a_limit: LIMITED;
}

fn request(ground: &Ground, target: &str) -> quell::action::Request {
    ground.request(ActionName::FreezeFunction, ResourceKind::Function, SEOUL, target)
}

fn function<T>(ground: &Ground, name: &str, change: impl FnOnce(&mut Function) -> T) -> T {
    ground.range.with_world(|world| {
        let place = world.regional(&PROD.parse().unwrap(), &SEOUL.parse().unwrap()).unwrap();
        change(place.lambda.functions.get_mut(name).unwrap())
    })
}

const RESIZE: Case = Case {
    request: |ground| {
        request(
            ground,
            "arn:aws:lambda:ap-northeast-2:333333333333:function:resize:live",
        )
    },
    calls: &["lambda:PutFunctionConcurrency"],
    applied: resize,
    refusals: &[
        Refused {
            name: "another kind of target",
            spoil: |_, request| request.target = Resource::new(ResourceKind::User, "resize"),
            kind: RefusalKind::WrongTarget,
            says: "a user, not a function",
        },
        Refused {
            name: "unknown",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Function, "nothing"),
            kind: RefusalKind::Gone,
            says: "Function not found",
        },
        Refused {
            name: "in another region",
            spoil: |_, request| {
                let arn = "arn:aws:lambda:us-east-1:333333333333:function:resize";
                request.target = Resource::new(ResourceKind::Function, arn);
            },
            kind: RefusalKind::WrongTarget,
            says: "is in region us-east-1, not in ap-northeast-2",
        },
        Refused {
            name: "of another account",
            spoil: |_, request| {
                let arn = "arn:aws:lambda:ap-northeast-2:111111111111:function:resize";
                request.target = Resource::new(ResourceKind::Function, arn);
            },
            kind: RefusalKind::WrongTarget,
            says: "is in account 111111111111, not in 333333333333",
        },
        Refused {
            name: "frozen already",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Function, "frozen"),
            kind: RefusalKind::AlreadyDone,
            says: "frozen is frozen already",
        },
        Refused {
            name: "kept ready",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Function, "ready"),
            kind: RefusalKind::Unsafe,
            says: "function:ready:live (2)",
        },
        Refused {
            name: "a replica at the edge",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Function, "us-east-1.headers"),
            kind: RefusalKind::WrongTarget,
            says: "a replica of arn:aws:lambda:ap-northeast-2:333333333333:function:headers",
        },
    ],
    stale: &[
        Stale {
            name: "a limit was set",
            change: |ground, _| function(ground, "resize", |f| f.reserved = Some(7)),
            says: "lambda:GetFunctionConcurrency: it was",
        },
        Stale {
            name: "it runs as another role",
            change: |ground, _| {
                function(ground, "resize", |f| {
                    "arn:aws:iam::333333333333:role/admin".clone_into(&mut f.role);
                });
            },
            says: "lambda:GetFunctionConfiguration: it was",
        },
        Stale {
            name: "somebody froze it",
            change: |ground, _| function(ground, "resize", |f| f.reserved = Some(0)),
            says: "frozen already",
        },
    ],
    undo: Undo::Restores,
};

const LIMITED: Case = Case {
    request: |ground| request(ground, "limited"),
    applied: |ground, run| {
        assert_eq!(function(ground, "limited", |f| f.reserved), Some(0));
        assert_eq!(run.plan.draft.calls[0].was.as_deref(), Some("5"));
    },
    stale: &[Stale {
        name: "the limit was moved",
        change: |ground, _| function(ground, "limited", |f| f.reserved = Some(6)),
        says: "lambda:GetFunctionConcurrency: it was",
    }],
    ..RESIZE
};

fn resize(ground: &Ground, run: &Run) {
    assert_eq!(function(ground, "resize", |f| f.reserved), Some(0));
    let draft = &run.plan.draft;
    for part in [
        "revoke-role-sessions on resize-role",
        "every version and alias is frozen, not only live",
        "resize has 55 more versions and aliases, whose resource policies were not looked at",
    ] {
        assert!(
            draft.warnings.iter().any(|w| w.contains(part)),
            "{part}: {:?}",
            draft.warnings
        );
    }
    for part in [
        "uploads (Enabled)",
        "Called by anybody at https://",
        "May be invoked by s3.amazonaws.com, by its resource policy.",
        "May be invoked by anybody (*) as resize:live",
        "May be invoked by arn:aws:iam::555555555555:root as resize:103",
    ] {
        assert!(
            draft.neighbours.iter().any(|n| n.contains(part)),
            "{part}: {:?}",
            draft.neighbours
        );
    }
}
