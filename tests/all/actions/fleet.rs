//! `isolate-instance` of an instance that serves: in an Auto Scaling group, in two target groups, with an Elastic IP; and its choices.

use quell::action::{RefusalKind, Request};
use quell::range::services::ec2::model::Peer;
use quell::runtime::Run;

use super::checker::{self, Case, Refused, Stale, Undo, five_cases};
use super::isolate_instance::request;
use crate::support::ground::{Ground, PROD, VIRGINIA};
use crate::support::room::with_room;

// The one with every choice has the other's calls, too; so it is the one that fails at each of them.
five_cases! {
    cut_off_at_once: Case { request: everything, calls: EVERYTHING, applied: cut_off, refusals: NO_BOTH, stale: &[], ..SERVING };
}

mod in_service {
    use super::*;

    #[test]
    fn applies() {
        checker::applies(SERVING);
    }

    #[test]
    fn refuses() {
        checker::refuses(SERVING);
    }

    #[test]
    fn refuses_stale_facts() {
        checker::refuses_stale_facts(SERVING);
    }

    #[test]
    fn undo_restores() {
        checker::undo_restores(SERVING);
    }
}

mod while_memory_is_captured {
    use super::*;

    const NARROW: Case = Case {
        request: keep_ssm,
        calls: KEEP_SSM,
        applied: narrow,
        refusals: NO_ENDPOINT,
        ..SERVING
    };

    #[test]
    fn applies() {
        checker::applies(NARROW);
    }

    #[test]
    fn refuses() {
        checker::refuses(NARROW);
    }

    #[test]
    fn undo_restores() {
        checker::undo_restores(NARROW);
    }
}

const SERVING: Case = Case {
    request: |ground| request(ground, VIRGINIA, "scaled"),
    calls: &[
        "ec2:CreateTags",
        "ec2:ModifyInstanceAttribute",
        "ec2:ModifyInstanceAttribute",
        "ec2:ModifyInstanceAttribute",
        "autoscaling:UpdateAutoScalingGroup",
        "autoscaling:EnterStandby",
        "elasticloadbalancing:DeregisterTargets",
        "elasticloadbalancing:DeregisterTargets",
        "ec2:CreateSecurityGroup",
        "ec2:AuthorizeSecurityGroupIngress",
        "ec2:AuthorizeSecurityGroupEgress",
        "ec2:CreateSecurityGroup",
        "ec2:RevokeSecurityGroupEgress",
        "ec2:ModifyNetworkInterfaceAttribute",
        "ec2:ModifyNetworkInterfaceAttribute",
    ],
    applied: out_of_service,
    refusals: NO_BOTH,
    stale: &[
        Stale {
            name: "it was registered elsewhere",
            change: |ground, plan| {
                let id = plan.request.target.id.raw().to_owned();
                at_home(ground, |place| {
                    let web = place.elb.groups.values_mut().find(|g| g.name == "web").unwrap();
                    web.targets
                        .insert((id, 8080), quell::range::services::elb::Target::default());
                });
            },
            says: "DescribeTargetHealth: it was",
        },
        Stale {
            name: "the group wants more now",
            change: |ground, _| {
                at_home(ground, |place| {
                    place.autoscaling.groups.get_mut("fleet").unwrap().desired = 4;
                });
            },
            says: "would now plan 14 calls; the confirmed plan has 15",
        },
        Stale {
            name: "it left the group",
            change: |ground, plan| {
                let id = plan.request.target.id.raw().to_owned();
                at_home(ground, |place| {
                    place.autoscaling.groups.get_mut("fleet").unwrap().members.remove(&id);
                });
            },
            says: "DescribeAutoScalingInstances: it was",
        },
    ],
    undo: Undo::Restores,
};

fn everything(ground: &Ground) -> Request {
    chosen(
        ground,
        &[("asg", "detach"), ("release-eip", "yes"), ("subnet-acl", "yes")],
    )
}

const EVERYTHING: &[&str] = &[
    "ec2:CreateTags",
    "ec2:ModifyInstanceAttribute",
    "ec2:ModifyInstanceAttribute",
    "ec2:ModifyInstanceAttribute",
    "autoscaling:UpdateAutoScalingGroup",
    "autoscaling:DetachInstances",
    "elasticloadbalancing:DeregisterTargets",
    "elasticloadbalancing:DeregisterTargets",
    "ec2:CreateSecurityGroup",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:AuthorizeSecurityGroupEgress",
    "ec2:CreateSecurityGroup",
    "ec2:RevokeSecurityGroupEgress",
    "ec2:ModifyNetworkInterfaceAttribute",
    "ec2:ModifyNetworkInterfaceAttribute",
    "ec2:DisassociateAddress",
    "ec2:CreateNetworkAcl",
    "ec2:ReplaceNetworkAclAssociation",
];

fn keep_ssm(ground: &Ground) -> Request {
    chosen(ground, &[("keep-ssm", "yes")])
}

const KEEP_SSM: &[&str] = &[
    "ec2:CreateTags",
    "ec2:ModifyInstanceAttribute",
    "ec2:ModifyInstanceAttribute",
    "ec2:ModifyInstanceAttribute",
    "autoscaling:UpdateAutoScalingGroup",
    "autoscaling:EnterStandby",
    "elasticloadbalancing:DeregisterTargets",
    "elasticloadbalancing:DeregisterTargets",
    "ec2:CreateSecurityGroup",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:AuthorizeSecurityGroupEgress",
    "ec2:CreateSecurityGroup",
    "ec2:RevokeSecurityGroupEgress",
    "ec2:AuthorizeSecurityGroupEgress",
    "ec2:ModifyNetworkInterfaceAttribute",
    "ec2:ModifyNetworkInterfaceAttribute",
];

const NO_BOTH: &[Refused] = &[
    Refused {
        name: "a way out and none",
        spoil: |_, request| {
            request.choices = choices(&[("keep-ssm", "yes"), ("subnet-acl", "yes")]);
        },
        kind: RefusalKind::BadChoice,
        says: "subnet-acl closes",
    },
    Refused {
        name: "no such word",
        spoil: |_, request| request.choices = choices(&[("asg", "terminate")]),
        kind: RefusalKind::BadChoice,
        says: "standby, detach",
    },
];

const NO_ENDPOINT: &[Refused] = &[Refused {
    name: "an endpoint is missing",
    spoil: |ground, _| {
        ground.meddle(VIRGINIA, |ec2| {
            ec2.endpoints.retain(|_, e| !e.service.ends_with(".ssmmessages"));
        });
    },
    kind: RefusalKind::Unsafe,
    says: "no interface endpoint for ssmmessages",
}];

fn choices(chosen: &[(&str, &str)]) -> quell::action::Choices {
    chosen.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

fn chosen(ground: &Ground, with: &[(&str, &str)]) -> Request {
    // A shutdown from inside would end this one: that is changed, too.
    Request {
        choices: choices(with),
        ..request(ground, VIRGINIA, "scaled")
    }
}

fn at_home<T>(ground: &Ground, look: impl FnOnce(&mut quell::range::world::Regional) -> T) -> T {
    ground.range.with_world(|world| {
        look(
            world
                .regional(&PROD.parse().unwrap(), &VIRGINIA.parse().unwrap())
                .unwrap(),
        )
    })
}

/// Nobody sends it requests, the group keeps it but does not count it, and its volumes outlive it.
fn out_of_service(ground: &Ground, run: &Run) {
    let id = run.plan.request.target.id.raw();
    at_home(ground, |place| {
        let group = &place.autoscaling.groups["fleet"];
        assert_eq!(
            (group.min, group.desired, group.members[id].as_str()),
            (1, 1, "Standby")
        );
        kept(place, id);
    });
    let said = run.plan.draft.warnings.join("\n");
    for words in [
        "Network Load Balancer",
        "instance store",
        "(com.amazonaws.us-east-1.ssm)",
        "keeps its public address",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let offered = "and all of them";
    assert!(!said.contains(offered), "{said}");
    assert!(
        said.contains("subnet-acl would cut them at once") && said.contains("1 other interface."),
        "{said}"
    );
}

fn kept(place: &quell::range::world::Regional, id: &str) {
    for group in place.elb.groups.values() {
        let own = |(target, _): &&(String, i64)| target == id || target.starts_with("10.50.0.");
        let left = group
            .targets
            .iter()
            .filter(|(key, t)| own(key) && t.draining.is_none())
            .count();
        assert_eq!(left, 0, "{group:?}");
    }
    assert_eq!(place.ec2.instances[id].shutdown_behavior, "stop");
    let goes = |v: &&&quell::range::services::ec2::model::Volume| v.attachment.as_ref().unwrap().delete_on_termination;
    assert_eq!(place.ec2.volumes_of(id).iter().filter(goes).count(), 0);
}

/// The subnet lets nothing through, the address is off, the group has forgotten it.
fn cut_off(ground: &Ground, run: &Run) {
    let id = run.plan.request.target.id.raw();
    at_home(ground, |place| {
        assert!(!place.autoscaling.groups["fleet"].members.contains_key(id));
        let eni = place.ec2.interfaces_of(id)[0].clone();
        assert!(place.ec2.address_of(&eni.id).is_none());
        let before = |acl: &&quell::range::services::ec2::model::NetworkAcl| {
            acl.associations.values().any(|subnet| *subnet == eni.subnet)
        };
        assert!(place.ec2.acls.values().find(before).unwrap().entries.is_empty());
        kept(place, id);
    });
    let neighbours = run.plan.draft.neighbours.join("\n");
    let peer = ground.instance("peer");
    assert!(neighbours.contains(&format!("of {peer}")), "{neighbours}");
}

/// HTTPS to the endpoints' group is all that is left.
fn narrow(ground: &Ground, run: &Run) {
    let id = run.plan.request.target.id.raw();
    let (_, groups) = &ground.interfaces(id)[0];
    ground.meddle(VIRGINIA, |ec2| {
        let endpoints = ec2.groups.values().find(|g| g.name == "endpoints").unwrap().id.clone();
        let [only] = groups.as_slice() else {
            panic!("{groups:?}")
        };
        let [rule] = ec2.groups[only].rules.as_slice() else {
            panic!("{:?}", ec2.groups[only].rules)
        };
        assert_eq!(
            (rule.egress, rule.protocol.as_str(), rule.ports),
            (true, "tcp", Some((443, 443)))
        );
        assert_eq!(rule.peer, Peer::Group(endpoints));
    });
}

/// Once memory is captured, the way out is closed in one step: what is closed already is never opened to everyone again.
#[test]
fn the_narrow_way_is_closed_without_opening_it_first() {
    with_room(async || {
        let ground = Ground::new().await;
        let before = ground.state();
        let first = ground
            .apply(ground.plan(&keep_ssm(&ground)).await.unwrap())
            .await
            .unwrap();
        let second = ground.plan(&request(&ground, VIRGINIA, "scaled")).await.unwrap();
        let steps = second
            .draft
            .calls
            .iter()
            .filter(|c| c.phrase().starts_with("eni-"))
            .count();
        assert_eq!(steps, 1, "{:?}", second.draft.calls);
        assert!(!second.draft.calls.iter().any(|c| c.phrase().contains("conversion")));
        let second = ground.apply(second).await.unwrap();
        for check in ground.verify(&second).await {
            assert_eq!(check.verdict, quell::action::Verdict::Verified, "{}", check.expectation);
        }
        for run in [second, first] {
            let undo = ground.undo(run.seq).await.unwrap();
            assert_eq!(ground.apply(undo).await.unwrap().trouble, None);
        }
        assert_eq!(ground.state(), before);
    });
}

/// What somebody did with the address, the group and the target groups meanwhile is said, and stays.
#[test]
fn what_was_changed_since_is_not_overwritten() {
    with_room(async || {
        let ground = Ground::new().await;
        let run = ground
            .apply(ground.plan(&everything(&ground)).await.unwrap())
            .await
            .unwrap();
        let peer = ground.instance("peer");
        let eni = ground.interfaces(&peer)[0].0.clone();
        at_home(&ground, |place| {
            let address = place.ec2.addresses.values_mut().next().unwrap();
            address.association = Some(("eipassoc-0123456789abcdef0".to_owned(), eni.clone()));
            let group = place.autoscaling.groups.get_mut("fleet").unwrap();
            (group.min, group.max) = (0, 1);
        });
        let undo = ground.undo(run.seq).await.unwrap();
        let lost = undo.draft.lost.join("\n");
        assert!(lost.contains(&format!("is on {eni} now; it stays there")), "{lost}");
        assert!(lost.contains("was 2 before; it is 0 now"), "{lost}");
        // The maximum leaves no room for it: AWS refuses, and the run says where it stopped.
        let undone = ground.apply(undo).await.unwrap();
        assert!(undone.trouble.unwrap().contains("Nothing after it was sent"));
        let other = at_home(&ground, |place| {
            let mut other = place.ec2.acls.values().find(|a| a.is_default).unwrap().clone();
            "acl-0123456789abcdef0".clone_into(&mut other.id);
            other.associations.clear();
            let vpc = place.ec2.instances[&peer].vpc.clone();
            other.vpc.clone_from(&vpc);
            for acl in place.ec2.acls.values_mut().filter(|a| a.vpc == vpc) {
                other.associations.append(&mut acl.associations);
            }
            place.ec2.acls.insert(other.id.clone(), other.clone());
            other.id
        });
        let refused = ground.undo(run.seq).await.unwrap_err().to_string();
        assert!(refused.contains(&format!("Somebody put {other} before")), "{refused}");
    });
}

/// Whoever may make an Auto Scaling group chooses its name, of nearly any characters. It must neither keep an instance from being
/// isolated nor have the session cover other groups.
#[test]
fn a_group_s_name_is_taken_letter_for_letter() {
    with_room(async || {
        for name in ["web${x}", "${*}", "a?b*$", &"$*".repeat(127)] {
            let ground = Ground::new().await;
            at_home(&ground, |place| {
                let groups = &mut place.autoscaling.groups;
                let mut group = groups.remove("fleet").unwrap();
                name.clone_into(&mut group.name);
                groups.insert(name.to_owned(), group);
            });
            let plan = ground.plan(&request(&ground, VIRGINIA, "scaled")).await.unwrap();
            assert!(plan.permissions().contains(&"autoscaling:EnterStandby"), "{name}");
            let run = ground.apply(plan).await.unwrap();
            assert_eq!(run.trouble, None, "{name}");
        }
    });
}
