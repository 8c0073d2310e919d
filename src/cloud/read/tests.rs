//! The queries against the range, through the real SDK clients.

use crate::action::{Answer, KeyStatus, Query, ReadFailureKind};
use crate::action::{Ec2Query, IamQuery};
use crate::cloud::testing::{PROD, SEOUL, account, connected, region};
use crate::domain::InstanceId;
use crate::range::Range;
use crate::range::fault::{Fault, Kind};

use super::{answer, answers};

/// The drill's instance with two interfaces.
fn two_interfaces(range: &Range) -> InstanceId {
    range.with_world(|world| {
        let ec2 = &world.accounts[&account(PROD)].regions[&region(SEOUL)].ec2;
        let count = |id: &String| {
            let attached = ec2.interfaces.values().filter_map(|i| i.attachment.as_ref());
            attached.filter(|a| a.instance == *id).count()
        };
        let id = ec2.instances.keys().find(|id| count(id) == 2).unwrap();
        id.parse().unwrap()
    })
}

#[tokio::test]
async fn an_instance_with_two_interfaces_is_read_with_all_that_belongs_to_it() {
    let (range, cloud) = connected().await;
    let (prod, seoul) = (account(PROD), region(SEOUL));
    let id = two_interfaces(&range);
    let queries = [
        Query::Ec2(Ec2Query::Instance { id: id.clone() }),
        Query::Ec2(Ec2Query::TerminationProtection { id: id.clone() }),
        Query::Ec2(Ec2Query::Interfaces { of: id.clone() }),
        Query::Ec2(Ec2Query::Volumes { of: id.clone() }),
    ];
    let readings = answers(&cloud, &prod, &seoul, &queries).await;
    let asked: Vec<Query> = readings.iter().map(|r| r.query.clone()).collect();
    assert_eq!(asked, queries);
    assert!(readings.iter().all(|r| r.request_id.is_some()), "{readings:?}");
    let [
        Ok(Answer::Instance(instance)),
        Ok(Answer::TerminationProtection(_)),
        Ok(Answer::Interfaces(interfaces)),
        Ok(Answer::Volumes(volumes)),
    ] = [0, 1, 2, 3].map(|n| readings[n].result.clone())
    else {
        panic!("{readings:?}");
    };
    assert_eq!((instance.state.as_str(), &instance.id), ("running", &id));
    assert_eq!(instance.tags["Name"].raw(), "결제-웹-01");
    assert!(instance.profile.is_some() && instance.launched_at.is_some());
    let indexes: Vec<Option<i32>> = interfaces.iter().map(|i| i.device_index).collect();
    assert_eq!(indexes, [Some(0), Some(1)]);
    assert_eq!(interfaces[0].groups.len(), 2);
    assert!(!interfaces[0].ipv6.is_empty() && interfaces[0].public_ip.is_some());
    assert_eq!(volumes.len(), 2);

    let (first, second) = (&interfaces[0], &interfaces[1]);
    let queries = [
        Query::Ec2(Ec2Query::Vpc { id: first.vpc.clone() }),
        Query::Ec2(Ec2Query::Groups {
            ids: first.groups.clone(),
        }),
        Query::Ec2(Ec2Query::ContainmentGroups { vpc: first.vpc.clone() }),
        Query::Ec2(Ec2Query::InterfacesUsing {
            group: first.groups[0].clone(),
        }),
        Query::Ec2(Ec2Query::Routes {
            subnet: second.subnet.clone().unwrap(),
            vpc: second.vpc.clone(),
        }),
        Query::Ec2(Ec2Query::Routes {
            subnet: first.subnet.clone().unwrap(),
            vpc: first.vpc.clone(),
        }),
        Query::Iam(IamQuery::InstanceProfile {
            name: instance.profile.clone().unwrap(),
        }),
    ];
    let readings = answers(&cloud, &prod, &seoul, &queries).await;
    let results: Vec<Answer> = readings.into_iter().map(|r| r.result.unwrap()).collect();
    assert!(matches!(&results[0], Answer::Vpc(vpc) if vpc.has_ipv6));
    assert!(matches!(&results[1], Answer::Groups(g) if g.len() == 2 && g.iter().any(|g| !g.ingress.is_empty())));
    assert_eq!(results[2], Answer::Groups(Vec::new()));
    assert!(matches!(&results[3], Answer::Interfaces(i) if i.iter().any(|i| i.id == first.id)));
    assert!(
        matches!(&results[4], Answer::Routes(r) if r.nat_gateway.is_some()),
        "{:?}",
        results[4]
    );
    assert!(
        matches!(&results[5], Answer::Routes(r) if r.nat_gateway.is_none()),
        "{:?}",
        results[5]
    );
    let Answer::ProfileRoles(roles) = &results[6] else {
        panic!("{:?}", results[6]);
    };
    let role = Query::Iam(IamQuery::RolePolicies {
        role: roles[0].parse().unwrap(),
    });
    let policies = answer(&cloud, &prod, &seoul, &role).await.result;
    assert!(matches!(policies, Ok(Answer::Policies(p)) if !p.managed.is_empty() || !p.inline.is_empty()));
}

#[tokio::test]
async fn a_leaked_key_leads_to_its_user() {
    let (range, cloud) = connected().await;
    let key = range.with_world(|world| {
        let users = &world.accounts[&account(PROD)].iam.users;
        users["deploy-bot"].keys[0].id.clone()
    });
    let (prod, seoul) = (account(PROD), region(SEOUL));
    let query = Query::Iam(IamQuery::AccessKeyUse {
        key: key.parse().unwrap(),
    });
    let Ok(Answer::AccessKeyUse(found)) = answer(&cloud, &prod, &seoul, &query).await.result else {
        panic!("no answer");
    };
    let user = found.user.unwrap();
    assert_eq!(user.as_str(), "deploy-bot");
    let queries = [
        Query::Iam(IamQuery::AccessKeys { user: user.clone() }),
        Query::Iam(IamQuery::UserPolicies { user }),
    ];
    let readings = answers(&cloud, &prod, &seoul, &queries).await;
    let Ok(Answer::AccessKeys(keys)) = &readings[0].result else {
        panic!("{readings:?}");
    };
    assert!(
        keys.iter()
            .any(|k| k.id.as_str() == key && k.status == KeyStatus::Active)
    );
    let Ok(Answer::Policies(policies)) = &readings[1].result else {
        panic!("{readings:?}");
    };
    assert!(!policies.managed.is_empty() || !policies.inline.is_empty());
}

#[tokio::test]
async fn what_is_not_there_is_not_found_and_a_cut_answer_is_malformed() {
    let (range, cloud) = connected().await;
    let (prod, seoul) = (account(PROD), region(SEOUL));
    let gone = Query::Ec2(Ec2Query::Instance {
        id: "i-0123456789abcdef0".parse().unwrap(),
    });
    let failure = answer(&cloud, &prod, &seoul, &gone).await.result.unwrap_err();
    assert_eq!(failure.kind, ReadFailureKind::NotFound, "{failure:?}");
    assert_eq!(failure.code.as_deref(), Some("InvalidInstanceID.NotFound"));

    range.fail(Fault {
        operation: Some("DescribeInstances".to_owned()),
        kind: Kind::CutBody(300),
        ..Fault::default()
    });
    let here = Query::Ec2(Ec2Query::Instance {
        id: two_interfaces(&range),
    });
    let failure = answer(&cloud, &prod, &seoul, &here).await.result.unwrap_err();
    assert_eq!(failure.kind, ReadFailureKind::Malformed, "{failure:?}");
}

/// A list that was cut behind one of its items would be a shorter one.
#[tokio::test]
async fn a_list_that_was_cut_is_no_shorter_list() {
    let (range, cloud) = connected().await;
    let (prod, seoul) = (account(PROD), region(SEOUL));
    let id = two_interfaces(&range);
    let user = "deploy-bot".parse().unwrap();
    for (query, operation) in [
        (Query::Ec2(Ec2Query::Interfaces { of: id }), "DescribeNetworkInterfaces"),
        (Query::Iam(IamQuery::AccessKeys { user }), "ListAccessKeys"),
    ] {
        let whole = answer(&cloud, &prod, &seoul, &query).await.result.unwrap();
        let mut length = 0;
        let taken = loop {
            range.heal();
            range.fail(Fault {
                operation: Some(operation.to_owned()),
                kind: Kind::CutBody(length),
                ..Fault::default()
            });
            match answer(&cloud, &prod, &seoul, &query).await.result {
                Ok(taken) => break taken,
                Err(failure) => assert_eq!(failure.kind, ReadFailureKind::Malformed, "{length}: {failure:?}"),
            }
            length += 7;
        };
        assert!(length > 400, "{operation} was cut at {length}");
        assert_eq!(taken, whole);
    }
}
