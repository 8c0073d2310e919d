//! `block-ip`: in a network ACL on IPv4 and IPv6, and in an IP set of AWS WAF.

use quell::action::{ActionName, RefusalKind, Request};
use quell::domain::{Resource, ResourceKind};
use quell::range::services::ec2::Store;
use quell::range::services::ec2::model::{AclEntry, NetworkAcl};
use quell::runtime::{NoPlan, Run};

use super::checker::{self, Case, Refused, Stale, Undo, five_cases};
use crate::support::ground::{Ground, MANAGEMENT, PROD, SEOUL, VIRGINIA};
use crate::support::room::with_room;

five_cases! {
    in_an_acl: ACL;
    of_ipv6: Case { request: |ground| in_acl(ground, "2001:db8:dead::/48", &[]), applied: denied, ..ACL };
    in_an_ip_set: WAF;
    in_an_ip_set_of_ipv6: Case { request: in_set_of_v6, applied: in_every_digit, refusals: HAS_IT, stale: &[], ..WAF };
}

const ACL: Case = Case {
    request: |ground| in_acl(ground, "203.0.113.7", &[("hours", "24")]),
    calls: &[
        "ec2:CreateNetworkAclEntry",
        "ec2:CreateNetworkAclEntry",
        "ec2:CreateTags",
    ],
    applied: denied,
    refusals: &[
        Refused {
            name: "another kind of target",
            spoil: |ground, request| request.target = Resource::new(ResourceKind::Instance, ground.instance("two")),
            kind: RefusalKind::WrongTarget,
            says: "not an address",
        },
        Refused {
            name: "no address",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Address, "evil.example\u{202e}"),
            kind: RefusalKind::WrongTarget,
            says: "neither an address nor a range",
        },
        Refused {
            name: "everybody",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Address, "0.0.0.0/0"),
            kind: RefusalKind::Unsafe,
            says: "large part of the internet",
        },
        Refused {
            name: "link-local",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Address, "169.254.169.254"),
            kind: RefusalKind::Unsafe,
            says: "instance metadata",
        },
        Refused {
            name: "the account's own",
            spoil: |ground, request| {
                let own = ground.meddle(SEOUL, |ec2| {
                    ec2.addresses
                        .values()
                        .find_map(|a| a.association.is_some().then(|| a.public_ip.clone()))
                });
                request.target = Resource::new(ResourceKind::Address, own.unwrap());
            },
            kind: RefusalKind::Unsafe,
            says: "is this account's own: the public address of eni-",
        },
        Refused {
            name: "one's own in another account",
            spoil: |ground, request| {
                let address = "198.51.100.77";
                let mut eni = ground.meddle(SEOUL, |ec2| ec2.interfaces.values().next().unwrap().clone());
                eni.public_ip = Some(address.to_owned());
                ground.range.with_world(|world| {
                    let place = world.regional(&MANAGEMENT.parse().unwrap(), &VIRGINIA.parse().unwrap());
                    place.unwrap().ec2.interfaces.insert(eni.id.clone(), eni);
                });
                request.target = Resource::new(ResourceKind::Address, address);
            },
            kind: RefusalKind::Unsafe,
            says: "is your own, in account 111111111111 us-east-1: the public address of eni-",
        },
        Refused {
            name: "nowhere",
            spoil: |_, request| drop(request.choices.remove("acl")),
            kind: RefusalKind::BadChoice,
            says: "Where to block it is not said",
        },
        Refused {
            name: "no number of hours",
            spoil: |_, request| drop(request.choices.insert("hours".to_owned(), "soon".to_owned())),
            kind: RefusalKind::BadChoice,
            says: "hours takes a whole number",
        },
        Refused {
            name: "blocked already",
            spoil: |ground, request| {
                let mut cidr = request.target.id.raw().to_owned();
                if !cidr.contains('/') {
                    cidr.push_str("/32");
                }
                with_acl(ground, |acl| {
                    for egress in [false, true] {
                        acl.entries.insert((egress, 5), entry(false, &cidr));
                    }
                });
            },
            kind: RefusalKind::AlreadyDone,
            says: "already, both ways",
        },
        Refused {
            name: "no room before what allows it",
            spoil: |ground, _| {
                with_acl(ground, |acl| {
                    for cidr in ["0.0.0.0/0", "::/0"] {
                        acl.entries
                            .insert((true, if cidr.contains(':') { 2 } else { 1 }), entry(true, cidr));
                    }
                });
            },
            kind: RefusalKind::WrongTarget,
            says: "no free number before its entry",
        },
    ],
    stale: &[Stale {
        name: "somebody took the number",
        change: |ground, _| {
            with_acl(ground, |acl| {
                drop(acl.entries.insert((false, 1), entry(false, "192.0.2.0/24")));
            });
        },
        says: "ec2:DescribeNetworkAcls: it was",
    }],
    undo: Undo::Restores,
};

const WAF: Case = Case {
    request: in_set,
    calls: &["wafv2:UpdateIPSet", "wafv2:TagResource"],
    applied: |ground, run| {
        let set = set(ground, |set| set.clone());
        assert_eq!(set.addresses, ["198.51.100.0/24", "203.0.113.7/32"]);
        assert_eq!(set.description, "Blocked by hand", "what else the set has stays");
        assert_eq!(set.tags["quell:blocked:203.0.113.7/32"], "INC-7");
        assert!(run.plan.draft.warnings.iter().any(|w| w.contains("No end is set")));
    },
    refusals: &[
        Refused {
            name: "no such set",
            spoil: |_, request| drop(request.choices.insert("ip-set".to_owned(), "allowed".to_owned())),
            kind: RefusalKind::BadChoice,
            says: "is called allowed",
        },
        Refused {
            name: "another family",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Address, "2001:db8::1"),
            kind: RefusalKind::WrongTarget,
            says: "takes no IPv6 addresses",
        },
        Refused {
            name: "it has it already",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Address, "198.51.100.7/24"),
            kind: RefusalKind::AlreadyDone,
            says: "has 198.51.100.0/24 already",
        },
    ],
    stale: &[Stale {
        name: "the set was changed",
        change: |ground, _| {
            set(ground, |set| {
                set.addresses.push("192.0.2.1/32".to_owned());
                "another".clone_into(&mut set.lock_token);
            });
        },
        says: "wafv2:GetIPSet: it was",
    }],
    undo: Undo::Restores,
};

/// The network ACL before the dual-stack VPC.
fn with_acl<T>(ground: &Ground, look: impl FnOnce(&mut NetworkAcl) -> T) -> T {
    let two = ground.instance("two");
    ground.meddle(SEOUL, |ec2: &mut Store| {
        let vpc = ec2.instances[&two].vpc.clone();
        look(ec2.acls.values_mut().find(|acl| acl.vpc == vpc).unwrap())
    })
}

fn set<T>(ground: &Ground, look: impl FnOnce(&mut quell::range::services::waf::IpSet) -> T) -> T {
    ground.range.with_world(|world| {
        let place = world
            .regional(&PROD.parse().unwrap(), &VIRGINIA.parse().unwrap())
            .unwrap();
        look(place.waf.ip_sets.values_mut().next().unwrap())
    })
}

fn entry(allow: bool, cidr: &str) -> AclEntry {
    AclEntry {
        allow,
        protocol: "-1".to_owned(),
        cidr: cidr.to_owned(),
        ports: None,
    }
}

fn in_acl(ground: &Ground, address: &str, more: &[(&str, &str)]) -> Request {
    let acl = with_acl(ground, |acl| acl.id.clone());
    let mut choices: quell::action::Choices = [("acl".to_owned(), acl)].into();
    choices.extend(more.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
    Request {
        choices,
        ..ground.request(ActionName::BlockIp, ResourceKind::Address, SEOUL, address)
    }
}

fn in_set(ground: &Ground) -> Request {
    Request {
        choices: [("ip-set".to_owned(), "blocked".to_owned())].into(),
        ..ground.request(ActionName::BlockIp, ResourceKind::Address, VIRGINIA, "203.0.113.7")
    }
}

/// WAF writes an IPv6 address back with every digit, whatever it was given.
fn in_set_of_v6(ground: &Ground) -> Request {
    set(ground, |set| {
        "IPV6".clone_into(&mut set.version);
        set.addresses = vec!["2001:0db8:0000:0000:0000:0000:0000:0009/128".to_owned()];
    });
    Request {
        target: Resource::new(ResourceKind::Address, "2001:db8::1"),
        ..in_set(ground)
    }
}

fn in_every_digit(ground: &Ground, _run: &Run) {
    let addresses = set(ground, |set| set.addresses.clone());
    assert!(
        addresses.contains(&"2001:0db8:0000:0000:0000:0000:0000:0001/128".to_owned()),
        "{addresses:?}"
    );
}

const HAS_IT: &[Refused] = &[Refused {
    name: "it has it already, in other words",
    spoil: |_, request| request.target = Resource::new(ResourceKind::Address, "2001:db8:0::9"),
    kind: RefusalKind::AlreadyDone,
    says: "has 2001:db8::9/128 already",
}];

/// An entry each way, before the one that allows everything, and a tag that says when it should end.
fn denied(ground: &Ground, run: &Run) {
    let target = run.plan.request.target.id.raw();
    let cidr = if target.contains('/') {
        target.to_owned()
    } else {
        format!("{target}/32")
    };
    with_acl(ground, |acl| {
        for egress in [false, true] {
            assert_eq!(acl.entries[&(egress, 1)], entry(false, &cidr));
        }
        let tag = &acl.tags[&format!("quell:blocked:{cidr}")];
        let ends = run.plan.request.choices.contains_key("hours");
        let expected = if ends {
            "INC-7 until 2026-03-02T00:00:00Z"
        } else {
            "INC-7"
        };
        assert_eq!(tag, expected);
    });
}

#[test]
fn an_entry_that_somebody_put_in_its_place_stays() {
    with_room(async || {
        let ground = Ground::new().await;
        let run = ground
            .apply(ground.plan(&(ACL.request)(&ground)).await.unwrap())
            .await
            .unwrap();
        with_acl(&ground, |acl| {
            drop(acl.entries.insert((false, 1), entry(false, "192.0.2.0/24")));
        });
        let undo = ground.undo(run.seq).await.unwrap();
        assert!(
            undo.draft.lost[0].contains("to another entry since"),
            "{:?}",
            undo.draft.lost
        );
        assert_eq!(ground.apply(undo).await.unwrap().trouble, None);
        with_acl(&ground, |acl| {
            assert_eq!(acl.entries[&(false, 1)].cidr, "192.0.2.0/24");
            assert!(!acl.entries.contains_key(&(true, 1)) && acl.tags.is_empty());
        });
    });
}

/// Nobody knows the id of a network ACL by heart: whoever names no place is told which there are.
#[test]
fn where_it_could_be_blocked_is_named() {
    with_room(async || {
        let ground = Ground::new().await;
        let mut request = (ACL.request)(&ground);
        let acl = request.choices.remove("acl").unwrap();
        let Err(NoPlan::Refused(refusal)) = ground.plan(&request).await else {
            panic!("it is not said where")
        };
        assert!(refusal.instead.contains(&acl), "{refusal}");
        assert!(refusal.instead.contains("the default one of vpc-"), "{refusal}");
        assert!(
            refusal
                .instead
                .contains("There is no IP set in 333333333333 ap-northeast-2."),
            "{refusal}"
        );
        let mut request = in_set(&ground);
        request.choices.clear();
        let Err(NoPlan::Refused(refusal)) = ground.plan(&request).await else {
            panic!("it is not said where")
        };
        assert!(
            refusal
                .instead
                .contains("There is one IP set in 333333333333 us-east-1: blocked."),
            "{refusal}"
        );
        assert!(ground.writes().is_empty());
    });
}

/// An address inside, and a range of which nobody can say whose it is, are blocked with a word about that.
#[test]
fn odd_addresses_are_named() {
    with_room(async || {
        let ground = Ground::new().await;
        for (target, said) in [
            ("10.44.0.9", "isolate-instance cuts off that machine alone"),
            ("100.64.1.0/24", "RFC 6598"),
            ("198.51.99.0/24", "was not asked"),
        ] {
            let plan = ground.plan(&in_acl(&ground, target, &[])).await.unwrap();
            let warnings = &plan.draft.warnings;
            assert!(warnings.iter().any(|w| w.contains(said)), "{target}: {warnings:?}");
        }
    });
}
