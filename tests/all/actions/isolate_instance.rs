//! `isolate-instance`: two interfaces in a dual-stack VPC, one interface in an IPv4-only one, and a Spot instance.

use quell::action::Ec2Call;
use quell::action::{ActionName, Mutation, RefusalKind, Request};
use quell::domain::{Resource, ResourceKind};
use quell::range::services::ec2::model::{Peer, State};
use quell::runtime::Run;

use super::checker::{self, Case, Refused, Stale, Undo, five_cases};
use crate::support::ground::{Ground, SEOUL, VIRGINIA};

five_cases! {
    dual_stack: DUAL;
    ipv4_only: FOUR;
    spot: Case { request: |ground| request(ground, VIRGINIA, "spot"), calls: SPOT_CALLS, ..FOUR };
}

const DUAL: Case = Case {
    request: |ground| request(ground, SEOUL, "two"),
    calls: &[
        "ec2:CreateTags",
        "ec2:ModifyInstanceAttribute",
        "ec2:ModifyInstanceAttribute",
        "ec2:CreateSecurityGroup",
        "ec2:AuthorizeSecurityGroupIngress",
        "ec2:CreateSecurityGroup",
        "ec2:RevokeSecurityGroupEgress",
        "ec2:RevokeSecurityGroupEgress",
        "ec2:ModifyNetworkInterfaceAttribute",
        "ec2:ModifyNetworkInterfaceAttribute",
        "ec2:ModifyNetworkInterfaceAttribute",
        "ec2:ModifyNetworkInterfaceAttribute",
    ],
    applied: sealed,
    refusals: REFUSALS,
    stale: STALE,
    undo: Undo::Restores,
};

const FOUR: Case = Case {
    request: |ground| request(ground, VIRGINIA, "four"),
    calls: FOUR_CALLS,
    refusals: &[Refused {
        name: "terminated",
        spoil: |ground, request| {
            ground.meddle(VIRGINIA, |ec2| {
                ec2.instances.get_mut(request.target.id.raw()).unwrap().state = State::Terminated;
            });
        },
        kind: RefusalKind::Gone,
        says: "terminated",
    }],
    stale: &[Stale {
        name: "the network got an IPv6 block",
        change: |ground, _| {
            ground.meddle(VIRGINIA, |ec2| {
                for vpc in ec2.vpcs.values_mut() {
                    vpc.ipv6_cidr = Some("2600:1f00::/56".to_owned());
                }
            });
        },
        says: "ec2:DescribeVpcs: it was",
    }],
    ..DUAL
};

/// Without an IPv6 block AWS gives a new group no egress to `::/0`: the conversion group needs it, the sealed one has less to lose.
const FOUR_CALLS: &[&str] = &[
    "ec2:CreateTags",
    "ec2:ModifyInstanceAttribute",
    "ec2:ModifyInstanceAttribute",
    "ec2:CreateSecurityGroup",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:AuthorizeSecurityGroupEgress",
    "ec2:CreateSecurityGroup",
    "ec2:RevokeSecurityGroupEgress",
    "ec2:ModifyNetworkInterfaceAttribute",
    "ec2:ModifyNetworkInterfaceAttribute",
];

/// AWS does not protect Spot instances.
const SPOT_CALLS: &[&str] = &[
    "ec2:CreateTags",
    "ec2:ModifyInstanceAttribute",
    "ec2:CreateSecurityGroup",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:AuthorizeSecurityGroupEgress",
    "ec2:CreateSecurityGroup",
    "ec2:RevokeSecurityGroupEgress",
    "ec2:ModifyNetworkInterfaceAttribute",
    "ec2:ModifyNetworkInterfaceAttribute",
];

const REFUSALS: &[Refused] = &[
    Refused {
        name: "another kind of target",
        spoil: |ground, request| request.target = Resource::new(ResourceKind::AccessKey, ground.key("deploy-bot", 0)),
        kind: RefusalKind::WrongTarget,
        says: "not an instance",
    },
    Refused {
        name: "not an id",
        spoil: |_, request| request.target = Resource::new(ResourceKind::Instance, "i-0\u{202e}abc"),
        kind: RefusalKind::WrongTarget,
        says: "instance id",
    },
    Refused {
        name: "unknown",
        spoil: |_, request| request.target = Resource::new(ResourceKind::Instance, "i-0123456789abcdef0"),
        kind: RefusalKind::Gone,
        says: "does not exist",
    },
    Refused {
        name: "in another region",
        spoil: |_, request| request.region = VIRGINIA.parse().unwrap(),
        kind: RefusalKind::Gone,
        says: "does not exist",
    },
    Refused {
        name: "terminated",
        spoil: |ground, request| {
            ground.meddle(SEOUL, |ec2| {
                ec2.instances.get_mut(request.target.id.raw()).unwrap().state = State::Terminated;
                ec2.interfaces.retain(|_, eni| {
                    eni.attachment
                        .as_ref()
                        .is_none_or(|a| a.instance != request.target.id.raw())
                });
            });
        },
        kind: RefusalKind::Gone,
        says: "terminated and has 0 network interfaces",
    },
    Refused {
        name: "isolated already",
        spoil: |ground, request| isolate_by_hand(ground, request.target.id.raw()),
        kind: RefusalKind::AlreadyDone,
        says: "already has the sealed group alone",
    },
];

const STALE: &[Stale] = &[
    Stale {
        name: "the groups of one interface changed",
        change: |ground, plan| {
            ground.meddle(SEOUL, |ec2| {
                let second = ec2.interfaces_of(plan.request.target.id.raw())[1].id.clone();
                let web = ec2.groups.values().find(|g| g.name == "web").unwrap().id.clone();
                ec2.interfaces.get_mut(&second).unwrap().groups.push(web);
            });
        },
        says: "ec2:DescribeNetworkInterfaces: it was",
    },
    Stale {
        name: "a third interface was attached",
        change: |ground, plan| {
            ground.meddle(SEOUL, |ec2| {
                let mut third = ec2.interfaces_of(plan.request.target.id.raw())[1].clone();
                "eni-0123456789abcdef0".clone_into(&mut third.id);
                ec2.interfaces.insert(third.id.clone(), third);
            });
        },
        says: "would now plan 14 calls; the confirmed plan has 12",
    },
    Stale {
        name: "somebody tagged it",
        change: |ground, plan| {
            ground.meddle(SEOUL, |ec2| {
                let tags = ec2.tags_mut(plan.request.target.id.raw()).unwrap();
                tags.insert("quell:incident".to_owned(), "INC-6".to_owned());
            });
        },
        says: "INC-6",
    },
    Stale {
        name: "it was stopped",
        change: |ground, plan| {
            ground.meddle(SEOUL, |ec2| {
                ec2.instances.get_mut(plan.request.target.id.raw()).unwrap().state = State::Stopped;
            });
        },
        says: "stopped",
    },
    Stale {
        name: "it was protected",
        change: |ground, plan| {
            ground.meddle(SEOUL, |ec2| {
                ec2.instances
                    .get_mut(plan.request.target.id.raw())
                    .unwrap()
                    .termination_protected = true;
            });
        },
        says: "would now plan 11 calls",
    },
    Stale {
        name: "it is gone",
        change: |ground, plan| ground.meddle(SEOUL, |ec2| drop(ec2.instances.remove(plan.request.target.id.raw()))),
        says: "does not exist",
    },
    Stale {
        name: "somebody isolated it meanwhile",
        change: |ground, plan| isolate_by_hand(ground, plan.request.target.id.raw()),
        says: "already has the sealed group alone",
    },
];

pub fn request(ground: &Ground, region: &str, name: &str) -> Request {
    let id = ground.instance(name);
    ground.request(ActionName::IsolateInstance, ResourceKind::Instance, region, &id)
}

/// Every interface has one group, which has no rule; each had the group that lets everything through on the way there.
fn sealed(ground: &Ground, run: &Run) {
    let id = run.plan.request.target.id.raw();
    let interfaces = ground.interfaces(id);
    let set =
        |call: &&quell::action::PlannedCall| matches!(call.mutation, Mutation::Ec2(Ec2Call::SetInterfaceGroups { .. }));
    assert_eq!(
        run.plan.draft.calls.iter().filter(set).count(),
        interfaces.len() * 2,
        "two steps an interface"
    );
    ground.meddle(run.plan.request.region.as_str(), |ec2| {
        for (interface, groups) in &interfaces {
            let [only] = groups.as_slice() else {
                panic!("{interface} has {groups:?}");
            };
            assert!(ec2.groups[only].rules.is_empty(), "{:?}", ec2.groups[only]);
        }
        let conversion = ec2
            .groups
            .values()
            .find(|g| g.name.starts_with("quell-conversion"))
            .unwrap();
        let mut open: Vec<(bool, &str, &Peer)> = conversion
            .rules
            .iter()
            .map(|r| (r.egress, r.protocol.as_str(), &r.peer))
            .collect();
        open.sort();
        let (four, six) = (Peer::V4("0.0.0.0/0".to_owned()), Peer::V6("::/0".to_owned()));
        assert_eq!(
            open,
            [
                (false, "-1", &four),
                (false, "-1", &six),
                (true, "-1", &four),
                (true, "-1", &six)
            ]
        );
        let instance = &ec2.instances[id];
        assert_eq!(instance.tags["quell:incident"], "INC-7");
        assert_eq!(instance.tags["quell:state"], "isolated");
        assert_eq!(instance.termination_protected, instance.spot.is_none());
    });
}

/// What another responder's isolation leaves behind.
fn isolate_by_hand(ground: &Ground, id: &str) {
    ground.meddle(SEOUL, |ec2| {
        let mut sealed = ec2.groups.values().find(|g| g.name == "web").unwrap().clone();
        "sg-0123456789abcdef0".clone_into(&mut sealed.id);
        sealed.rules.clear();
        sealed.tags.insert("quell:containment".to_owned(), "sealed".to_owned());
        let enis: Vec<String> = ec2.interfaces_of(id).into_iter().map(|eni| eni.id.clone()).collect();
        for eni in enis {
            ec2.interfaces.get_mut(&eni).unwrap().groups = vec![sealed.id.clone()];
        }
        ec2.groups.insert(sealed.id.clone(), sealed);
    });
}
