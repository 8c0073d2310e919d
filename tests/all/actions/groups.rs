//! Groups and drift around an isolation: what may be reused, what must not, and whose change an undo would lose.

use quell::action::{Plan, Ref, RefusalKind, Verdict};
use quell::range::fault::{Fault, Kind};
use quell::range::services::ec2::model::{Group, Peer, Rule};
use quell::runtime::NoPlan;

use super::isolate_instance::request;
use crate::support::ground::{Ground, SEOUL};
use crate::support::room::with_room;

fn made_groups(plan: &Plan) -> usize {
    let made = |c: &&quell::action::PlannedCall| c.mutation.permission() == "ec2:CreateSecurityGroup";
    plan.draft.calls.iter().filter(made).count()
}

/// Groups like those that an isolation made, named and tagged the same.
fn groups_in_vpc(ground: &Ground, change: fn(&mut Group)) {
    let vpc = ground.instance("two");
    ground.meddle(SEOUL, |ec2| {
        let vpc = ec2.instances[&vpc].vpc.clone();
        for (number, role) in ["conversion", "sealed"].into_iter().enumerate() {
            let mut group = Group {
                id: format!("sg-0123456789abcdef{number}"),
                name: format!("quell-{role}-INC-7"),
                description: format!("quell {role} group, incident INC-7"),
                vpc: vpc.clone(),
                rules: Vec::new(),
                tags: [("quell:containment".to_owned(), role.to_owned())].into(),
            };
            if role == "conversion" {
                for (egress, peer) in [
                    (false, Peer::V4("0.0.0.0/0".to_owned())),
                    (false, Peer::V6("::/0".to_owned())),
                    (true, Peer::V4("0.0.0.0/0".to_owned())),
                    (true, Peer::V6("::/0".to_owned())),
                ] {
                    group.rules.push(rule(group.rules.len(), egress, "-1", None, peer));
                }
            }
            change(&mut group);
            ec2.groups.insert(group.id.clone(), group);
        }
    });
}

fn rule(number: usize, egress: bool, protocol: &str, ports: Option<(i32, i32)>, peer: Peer) -> Rule {
    Rule {
        id: format!("sgr-0123456789abcdef{number}"),
        egress,
        protocol: protocol.to_owned(),
        ports,
        peer,
        description: None,
    }
}

#[test]
fn groups_that_are_what_they_say_are_reused() {
    with_room(async || {
        let ground = Ground::new().await;
        groups_in_vpc(&ground, |_| {});
        let plan = ground.plan(&request(&ground, SEOUL, "two")).await.unwrap();
        assert_eq!(made_groups(&plan), 0);
        let run = ground.apply(plan).await.unwrap();
        assert_eq!(run.trouble, None);
        let sealed = vec!["sg-0123456789abcdef1".to_owned()];
        let interfaces = ground.interfaces(run.plan.request.target.id.raw());
        assert!(interfaces.iter().all(|(_, groups)| *groups == sealed), "{interfaces:?}");
        // A second machine in the same network takes the same groups.
        let neighbour = ground.plan(&request(&ground, SEOUL, "neighbour")).await.unwrap();
        assert_eq!(made_groups(&neighbour), 0);
    });
}

#[test]
fn groups_that_somebody_prepared_are_not_reused() {
    // Name and tag are those of a containment group; one rule or one missing rule says otherwise.
    type Trap = fn(&mut Group);
    let traps: [(&str, Trap); 5] = [
        ("a way in", |group| {
            if group.rules.is_empty() {
                group.rules.push(rule(
                    9,
                    false,
                    "tcp",
                    Some((4444, 4444)),
                    Peer::V4("198.51.100.7/32".to_owned()),
                ));
            } else {
                group.rules.remove(0);
            }
        }),
        ("a way out", |group| {
            if group.rules.is_empty() {
                group.rules.push(rule(
                    9,
                    true,
                    "udp",
                    Some((53, 53)),
                    Peer::V4("198.51.100.7/32".to_owned()),
                ));
            } else {
                group.rules.remove(2);
            }
        }),
        ("a way in by IPv6", |group| {
            if group.rules.is_empty() {
                group
                    .rules
                    .push(rule(9, false, "-1", None, Peer::V6("2001:db8::/32".to_owned())));
            } else {
                group.rules.remove(1);
            }
        }),
        ("a way in from its own group", |group| {
            if group.rules.is_empty() {
                group
                    .rules
                    .push(rule(9, false, "-1", None, Peer::Group(group.id.clone())));
            } else {
                group.rules.remove(3);
            }
        }),
        ("the right rules in another network", |group| {
            "vpc-0123456789abcdef0".clone_into(&mut group.vpc);
        }),
    ];
    for (name, trap) in traps {
        with_room(async move || {
            let ground = Ground::new().await;
            groups_in_vpc(&ground, trap);
            let plan = ground.plan(&request(&ground, SEOUL, "two")).await.unwrap();
            assert_eq!(made_groups(&plan), 2, "{name}");
            let run = ground.apply(plan).await.unwrap();
            assert_eq!(run.trouble, None, "{name}");
            for (interface, groups) in ground.interfaces(run.plan.request.target.id.raw()) {
                assert!(
                    !groups[0].starts_with("sg-0123456789abcdef"),
                    "{name}: {interface} has {groups:?}"
                );
            }
        });
    }
}

#[test]
fn a_reused_group_that_gets_a_rule_meanwhile_is_drift() {
    with_room(async || {
        let ground = Ground::new().await;
        groups_in_vpc(&ground, |_| {});
        let plan = ground.plan(&request(&ground, SEOUL, "two")).await.unwrap();
        ground.meddle(SEOUL, |ec2| {
            let sealed = ec2.groups.get_mut("sg-0123456789abcdef1").unwrap();
            sealed.rules.push(rule(
                9,
                false,
                "tcp",
                Some((22, 22)),
                Peer::V4("198.51.100.7/32".to_owned()),
            ));
        });
        let error = ground.apply(plan).await.unwrap_err().to_string();
        assert!(error.contains("198.51.100.7/32"), "{error}");
        assert!(ground.writes().is_empty());
    });
}

#[test]
fn undo_does_not_overwrite_what_somebody_changed_since() {
    with_room(async || {
        let ground = Ground::new().await;
        let run = ground
            .apply(ground.plan(&request(&ground, SEOUL, "two")).await.unwrap())
            .await
            .unwrap();
        let (second, _) = ground.interfaces(run.plan.request.target.id.raw()).remove(1);
        ground.meddle(SEOUL, |ec2| {
            let admin = ec2.groups.values().find(|g| g.name == "admin").unwrap().id.clone();
            ec2.interfaces.get_mut(&second).unwrap().groups = vec![admin];
        });
        let (state, sent) = (ground.state(), ground.writes().len());
        let NoPlan::Refused(refusal) = ground.undo(run.seq).await.unwrap_err() else {
            panic!("a refusal");
        };
        assert_eq!(refusal.kind, RefusalKind::Drifted);
        assert!(refusal.why.contains(&second), "{refusal}");
        assert_eq!((ground.state(), ground.writes().len()), (state, sent));
    });
}

#[test]
fn undo_says_what_it_cannot_put_back_and_puts_back_the_rest() {
    with_room(async || {
        let ground = Ground::new().await;
        let id = ground.instance("two");
        let before = ground.interfaces(&id);
        let run = ground
            .apply(ground.plan(&request(&ground, SEOUL, "two")).await.unwrap())
            .await
            .unwrap();
        ground.meddle(SEOUL, |ec2| {
            ec2.interfaces.get_mut(&before[1].0).unwrap().attachment = None;
            let tags = ec2.tags_mut(&id).unwrap();
            tags.insert("quell:state".to_owned(), "released by hand".to_owned());
        });
        let undo = ground.undo(run.seq).await.unwrap();
        let lost = undo.draft.lost.join("\n");
        assert!(lost.contains(&before[1].0) && lost.contains("quell:state"), "{lost}");
        let undone = ground.apply(undo).await.unwrap();
        assert_eq!(undone.trouble, None);
        assert_eq!(ground.interfaces(&id), before[..1]);
        ground.meddle(SEOUL, |ec2| {
            let tags = ec2.tags_mut(&id).unwrap();
            assert_eq!(tags["quell:state"], "released by hand");
            // It stood there before the isolation, with this value.
            assert_eq!(tags["quell:incident"], "INC-1");
            assert!(!tags.contains_key("quell:isolated-at"));
        });
    });
}

#[test]
fn undo_is_refused_when_a_recorded_group_is_gone() {
    with_room(async || {
        let ground = Ground::new().await;
        let id = ground.instance("two");
        let group = ground.interfaces(&id)[1].1[0].clone();
        let run = ground
            .apply(ground.plan(&request(&ground, SEOUL, "two")).await.unwrap())
            .await
            .unwrap();
        ground.meddle(SEOUL, |ec2| drop(ec2.groups.remove(&group)));
        let sent = ground.writes().len();
        let refusal = ground.undo(run.seq).await.unwrap_err().to_string();
        assert!(refusal.contains(&group), "{refusal}");
        assert_eq!(ground.writes().len(), sent);
    });
}

#[test]
fn later_calls_name_what_earlier_ones_made() {
    with_room(async || {
        let ground = Ground::new().await;
        let plan = ground.plan(&request(&ground, SEOUL, "two")).await.unwrap();
        let text = serde_json::to_string(&plan).unwrap();
        let again: Plan = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (again.digest(), &again),
            (plan.digest(), &plan),
            "a plan file is the plan"
        );
        let made = Ref::Made {
            call: 3,
            result: "group".to_owned(),
            name: "sealed group".to_owned(),
        };
        assert!(made.resolve(&quell::action::Made::new()).is_err());
        let run = ground.apply(again).await.unwrap();
        assert!(made.resolve(&run.made).unwrap().starts_with("sg-0"));
    });
}

/// On a clock that stands still every plan is of the same second.
#[test]
fn what_was_left_half_made_in_the_same_second_is_in_nobodys_way() {
    with_room(async || {
        let ground = Ground::new().await;
        let request = request(&ground, SEOUL, "two");
        for half in 1..=2 {
            let plan = ground.plan(&request).await.unwrap();
            assert_eq!(made_groups(&plan), 2);
            ground.range.fail(Fault {
                service: Some("ec2".to_owned()),
                operation: Some("AuthorizeSecurityGroupIngress".to_owned()),
                times: 1,
                kind: Kind::Denied,
                ..Fault::default()
            });
            let run = ground.apply(plan).await.unwrap();
            ground.range.heal();
            assert!(run.trouble.is_some(), "{half}");
        }
        let plan = ground.plan(&request).await.unwrap();
        let run = ground.apply(plan).await.unwrap();
        assert_eq!(run.trouble, None);
        for check in ground.verify(&run).await {
            assert_eq!(check.verdict, Verdict::Verified, "{}", check.expectation);
        }
        let mut names = ground.meddle(SEOUL, |ec2| {
            let made = ec2.groups.values().filter(|g| g.name.starts_with("quell-conversion"));
            made.map(|g| g.name.clone()).collect::<Vec<_>>()
        });
        names.sort();
        let base = format!("quell-conversion-INC-7-{}", request.at.as_second());
        assert_eq!(names, [base.clone(), format!("{base}-2"), format!("{base}-3")]);
    });
}
