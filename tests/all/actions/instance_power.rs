//! `stop-instance` and `replace-instance-profile`.

use quell::action::{ActionName, Choices, RefusalKind, Request};
use quell::domain::{Resource, ResourceKind};
use quell::range::services::ec2::model::State;
use quell::runtime::Run;

use super::checker::{self, Case, Refused, Stale, Undo, five_cases};
use crate::support::ground::{Ground, SEOUL, VIRGINIA};

five_cases! {
    stop: STOP;
    profile_away: AWAY;
    profile_replaced: Case { request: replaced, calls: &["ec2:ReplaceIamInstanceProfileAssociation"], applied: quarantined, ..AWAY };
    profile_given: Case { request: given, calls: &["ec2:AssociateIamInstanceProfile"], applied: quarantined, refusals: UNKNOWN, stale: GIVEN, ..AWAY };
}

fn on(ground: &Ground, action: ActionName, region: &str, name: &str) -> Request {
    ground.request(action, ResourceKind::Instance, region, &ground.instance(name))
}

const STOP: Case = Case {
    request: |ground| on(ground, ActionName::StopInstance, SEOUL, "two"),
    calls: &["ec2:StopInstances"],
    applied: |ground, run| {
        let id = run.plan.request.target.id.raw();
        ground.meddle(SEOUL, |ec2| assert_eq!(ec2.instances[id].state, State::Stopped));
        assert!(run.plan.draft.lost[0].contains("memory"), "{:?}", run.plan.draft.lost);
    },
    refusals: &[
        Refused {
            name: "another kind of target",
            spoil: |ground, request| {
                request.target = Resource::new(ResourceKind::AccessKey, ground.key("deploy-bot", 0));
            },
            kind: RefusalKind::WrongTarget,
            says: "not an instance",
        },
        Refused {
            name: "stopped already",
            spoil: |ground, request| in_state(ground, request, State::Stopped),
            kind: RefusalKind::AlreadyDone,
            says: "is stopped already",
        },
        Refused {
            name: "terminated",
            spoil: |ground, request| in_state(ground, request, State::Terminated),
            kind: RefusalKind::Gone,
            says: "terminated",
        },
        Refused {
            name: "protected from being stopped",
            spoil: |ground, request| {
                let id = request.target.id.raw().to_owned();
                ground.meddle(SEOUL, |ec2| ec2.instances.get_mut(&id).unwrap().stop_protected = true);
            },
            kind: RefusalKind::Unsafe,
            says: "has stop protection",
        },
        Refused {
            name: "its Auto Scaling group would end it",
            spoil: |ground, request| *request = on(ground, ActionName::StopInstance, VIRGINIA, "scaled"),
            kind: RefusalKind::Unsafe,
            says: "The Auto Scaling group fleet has",
        },
    ],
    stale: &[Stale {
        name: "somebody stopped it",
        change: |ground, plan| in_state(ground, &plan.request, State::Stopped),
        says: "is stopped already",
    }],
    undo: Undo::Restores,
};

fn in_state(ground: &Ground, request: &Request, state: State) {
    ground.meddle(SEOUL, |ec2| {
        ec2.instances.get_mut(request.target.id.raw()).unwrap().state = state;
    });
}

const AWAY: Case = Case {
    request: |ground| on(ground, ActionName::ReplaceInstanceProfile, VIRGINIA, "scaled"),
    calls: &["ec2:DisassociateIamInstanceProfile"],
    applied: |ground, run| {
        assert_eq!(profile(ground, &run.plan.request), None);
        let said = run.plan.draft.warnings.join("\n");
        assert!(said.contains("revoke the sessions of the role web-role"), "{said}");
    },
    refusals: &[
        Refused {
            name: "no profile",
            spoil: |ground, request| {
                *request = on(ground, ActionName::ReplaceInstanceProfile, SEOUL, "neighbour");
            },
            kind: RefusalKind::AlreadyDone,
            says: "has no instance profile already",
        },
        Refused {
            name: "no name of a profile",
            spoil: |_, request| request.choices = with("arn:aws:iam::333333333333:instance-profile/quarantine"),
            kind: RefusalKind::BadChoice,
            says: "instance profile name",
        },
        Refused {
            name: "terminated",
            spoil: |ground, request| {
                ground.meddle(VIRGINIA, |ec2| {
                    ec2.instances.get_mut(request.target.id.raw()).unwrap().state = State::Terminated;
                });
            },
            kind: RefusalKind::Gone,
            says: "terminated",
        },
    ],
    stale: &[Stale {
        name: "it has another association",
        change: |ground, plan| {
            ground.meddle(VIRGINIA, |ec2| {
                let instance = ec2.instances.get_mut(plan.request.target.id.raw()).unwrap();
                instance.profile_association = Some("iip-assoc-0123456789abcdef0".to_owned());
            });
        },
        says: "DescribeIamInstanceProfileAssociations: it was",
    }],
    undo: Undo::Restores,
};

const UNKNOWN: &[Refused] = &[Refused {
    name: "a profile that is not there",
    spoil: |_, request| request.choices = with("forensics"),
    kind: RefusalKind::Gone,
    says: "forensics",
}];

const GIVEN: &[Stale] = &[Stale {
    name: "somebody gave it one",
    change: |ground, plan| {
        let scaled = ground.instance("scaled");
        let profile = ground.meddle(VIRGINIA, |ec2| ec2.instances[&scaled].profile.clone());
        ground.meddle(SEOUL, |ec2| {
            let instance = ec2.instances.get_mut(plan.request.target.id.raw()).unwrap();
            instance.profile = profile;
            instance.profile_association = Some("iip-assoc-0123456789abcdef0".to_owned());
        });
    },
    says: "DescribeIamInstanceProfileAssociations: it was",
}];

fn with(name: &str) -> Choices {
    [("with".to_owned(), name.to_owned())].into()
}

fn replaced(ground: &Ground) -> Request {
    Request {
        choices: with("quarantine"),
        ..on(ground, ActionName::ReplaceInstanceProfile, VIRGINIA, "scaled")
    }
}

fn given(ground: &Ground) -> Request {
    Request {
        choices: with("quarantine"),
        ..on(ground, ActionName::ReplaceInstanceProfile, SEOUL, "neighbour")
    }
}

fn quarantined(ground: &Ground, run: &Run) {
    let arn = profile(ground, &run.plan.request).unwrap();
    assert!(arn.ends_with(":instance-profile/quarantine"), "{arn}");
}

fn profile(ground: &Ground, request: &Request) -> Option<String> {
    ground.meddle(request.region.as_str(), |ec2| {
        let instance = &ec2.instances[request.target.id.raw()];
        instance.profile.as_ref().map(|(arn, _)| arn.clone())
    })
}
