use super::*;
use crate::action::{ActionName, Direction, Draft, Facts, Mutation, PlannedCall, Request, Undo};
use crate::action::{Ec2Call, IamCall, Ref};
use crate::domain::{Resource, ResourceKind};

fn plan(mutations: Vec<Mutation>) -> Plan {
    let calls = mutations
        .into_iter()
        .map(|mutation| PlannedCall {
            mutation,
            undo: Undo::Kept,
            was: None,
        })
        .collect();
    let request = Request {
        action: ActionName::IsolateInstance,
        account: "333333333333".parse().unwrap(),
        region: "us-east-1".parse().unwrap(),
        target: Resource::new(ResourceKind::Instance, "i-0ab12cd34ef567890"),
        incident: "q-0123abcd".to_owned(),
        by: "arn:aws:iam::222222222222:user/oncall-1".to_owned(),
        at: "2026-03-01T00:00:00Z".parse().unwrap(),
        undoes: None,
        notice: None,
        others: Vec::new(),
        choices: crate::action::Choices::new(),
    };
    let draft = Draft {
        calls,
        ..Draft::default()
    };
    Plan::new(request, draft, Facts::default())
}

fn swap(interface: &str) -> Mutation {
    Mutation::Ec2(Ec2Call::SetInterfaceGroups {
        interface: interface.parse().unwrap(),
        groups: vec![Ref::Made {
            call: 0,
            result: "group".to_owned(),
            name: "sealed group".to_owned(),
        }],
    })
}

#[test]
fn a_plan_allows_its_calls_on_its_targets_and_nothing_else() {
    let policy = of(
        &plan(vec![
            Mutation::Ec2(Ec2Call::AuthorizeSecurityGroup {
                group: Ref::Id("sg-0aaaaaaaaaaaaaaaa".to_owned()),
                direction: Direction::Ingress,
                cidrs: vec!["::/0".to_owned()],
            }),
            swap("eni-0bbbbbbbbbbbbbbbb"),
        ]),
        "aws",
    );
    let policy: Value = serde_json::from_str(&policy).unwrap();
    let expected = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["ec2:ModifyNetworkInterfaceAttribute"], "Resource": [
            "arn:aws:ec2:us-east-1:333333333333:network-interface/eni-0bbbbbbbbbbbbbbbb",
            "arn:aws:ec2:us-east-1:333333333333:security-group/*",
        ]},
        {"Effect": "Allow", "Action": ["ec2:AuthorizeSecurityGroupIngress"], "Resource": [
            "arn:aws:ec2:us-east-1:333333333333:security-group-rule/*",
            "arn:aws:ec2:us-east-1:333333333333:security-group/sg-0aaaaaaaaaaaaaaaa",
        ]},
    ]});
    assert_eq!(policy, expected);
}

#[test]
fn a_plan_with_many_targets_still_fits() {
    let many = (0..60).map(|n| swap(&format!("eni-0{n:016x}"))).collect();
    let policy = of(&plan(many), "aws");
    assert!(policy.len() <= POLICY_LIMIT, "{}", policy.len());
    assert!(policy.contains("network-interface/*"), "{policy}");
}

#[test]
fn one_users_key_is_not_anothers() {
    let policy = of(
        &plan(vec![Mutation::Iam(IamCall::UpdateAccessKey {
            user: "deploy-bot".parse().unwrap(),
            key: "AKIAIOSFODNN7EXAMPLE".parse().unwrap(),
            status: crate::action::KeyStatus::Inactive,
        })]),
        "aws-cn",
    );
    assert!(
        policy.contains("arn:aws-cn:iam::333333333333:user/deploy-bot\""),
        "{policy}"
    );
    assert!(!policy.contains("user/*\""), "{policy}");
}

#[test]
fn a_name_is_no_pattern() {
    let standby = |group: &str| {
        let call = crate::action::AutoScalingCall::EnterStandby {
            group: group.to_owned(),
            instance: "i-0ab12cd34ef567890".parse().unwrap(),
        };
        let policy = of(&plan(vec![Mutation::AutoScaling(call)]), "aws");
        let policy: Value = serde_json::from_str(&policy).unwrap();
        let resource = policy["Statement"][0]["Resource"][0].as_str().unwrap().to_owned();
        resource.rsplit_once("autoScalingGroupName/").unwrap().1.to_owned()
    };
    assert_eq!(standby("web"), "web");
    assert_eq!(standby("*"), "${*}");
    assert_eq!(standby("web${x}?"), "web${$}{x}${?}");
    // Written in four, this name alone would fill half of the policy several times over.
    let long = "$".repeat(1500);
    assert_eq!(standby(&long), "?".repeat(1500));
}

#[test]
fn the_journal_has_the_name_as_it_is() {
    let name = "web${*}?$";
    let call = Mutation::AutoScaling(crate::action::AutoScalingCall::EnterStandby {
        group: name.to_owned(),
        instance: "i-0ab12cd34ef567890".parse().unwrap(),
    });
    let arn = call.target_arn(&plan(Vec::new()).request);
    assert!(arn.ends_with(&format!("autoScalingGroupName/{name}")), "{arn}");
}
