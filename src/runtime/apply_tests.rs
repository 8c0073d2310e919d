//! What is said of an isolation that stopped between its two steps.

use super::*;
use crate::action::Ec2Call;
use crate::action::{ActionName, Draft, Facts, PlannedCall, Ref, Request, Undo};
use crate::domain::{Resource, ResourceKind, Time};

const INTERFACE: &str = "eni-0aa1b2c3d4e5f6a7b";

/// A run of a plan that gives the interface one group and then another, and ended with these outcomes.
fn run(outcomes: Vec<Outcome>) -> Run {
    let give = |group: &str| PlannedCall {
        mutation: Mutation::Ec2(Ec2Call::SetInterfaceGroups {
            interface: INTERFACE.parse().unwrap(),
            groups: vec![Ref::Id(group.to_owned())],
        }),
        undo: Undo::Reversible,
        was: None,
    };
    let request = Request {
        action: ActionName::IsolateInstance,
        account: "111122223333".parse().unwrap(),
        region: "us-east-1".parse().unwrap(),
        target: Resource::new(ResourceKind::Instance, "i-0ab12cd34ef567890"),
        incident: "q-1a2b3c4d".to_owned(),
        by: "arn:aws:iam::111122223333:user/oncall-1".to_owned(),
        at: Time::UNIX_EPOCH,
        undoes: None,
        notice: None,
        others: Vec::new(),
        choices: crate::action::Choices::new(),
    };
    let draft = Draft {
        calls: vec![give("sg-0aaaaaaaa"), give("sg-0bbbbbbbb")],
        ..Draft::default()
    };
    Run {
        seq: 2,
        plan: Plan::new(request, draft, Facts::default()),
        outcomes,
        made: Made::new(),
        trouble: None,
    }
}

#[test]
fn an_interface_between_its_two_steps_is_named() {
    let applied = || Outcome::Applied {
        request_id: None,
        made: BTreeMap::new(),
    };
    let failed = || Outcome::Failed {
        request_id: None,
        code: Some("RequestLimitExceeded".to_owned()),
        message: Untrusted::new("slow down"),
    };
    let unknown = || Outcome::Unknown {
        why: Untrusted::new("no answer"),
    };
    for (outcomes, open) in [
        (vec![], false),
        (vec![failed()], false),
        (vec![unknown()], true),
        (vec![applied()], true),
        (vec![applied(), failed()], true),
        (vec![applied(), unknown()], true),
        (vec![applied(), applied()], false),
    ] {
        let run = run(outcomes);
        let expected: &[&str] = if open { &[INTERFACE] } else { &[] };
        assert_eq!(half_way(&run), expected, "{:?}", run.outcomes);
    }
}
