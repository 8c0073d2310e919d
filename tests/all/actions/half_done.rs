//! Isolations that stopped half way: what an undo may put back afterwards, and whose record knows it.

use quell::action::{Plan, RefusalKind, Verdict};
use quell::range::call::ApiError;
use quell::range::fault::{Fault, Kind};
use quell::runtime::NoPlan;

use super::isolate_instance::request;
use crate::support::ground::{Ground, SEOUL};
use crate::support::room::with_room;

/// Refuses the next call of this operation, after `skip` that go well.
fn refuse(ground: &Ground, operation: &str, skip: u32) {
    ground.range.fail(Fault {
        operation: Some(operation.to_owned()),
        skip,
        times: 1,
        kind: Kind::Error(ApiError::new(403, "UnauthorizedOperation", "Not today.")),
        ..Fault::default()
    });
}

async fn undone(ground: &Ground, undo: Plan) {
    let run = ground.apply(undo).await.unwrap();
    assert_eq!(run.trouble, None);
    for check in ground.verify(&run).await {
        assert_eq!(check.verdict, Verdict::Verified, "{}", check.expectation);
    }
}

#[test]
fn undo_never_puts_back_the_group_that_lets_everything_through() {
    with_room(async || {
        let ground = Ground::new().await;
        let id = ground.instance("two");
        let (interfaces, state) = (ground.interfaces(&id), ground.state());

        // The first interface gets its conversion group and stays there.
        refuse(&ground, "ModifyNetworkInterfaceAttribute", 1);
        let first = ground.plan(&request(&ground, SEOUL, "two")).await.unwrap();
        assert_eq!(first.draft.lost, [""; 0], "nothing was left open yet");
        let first = ground.apply(first).await.unwrap();
        assert!(first.trouble.is_some());
        ground.range.heal();

        // The second plan ends what the first began, and says what it does not know.
        let second = ground.plan(&request(&ground, SEOUL, "two")).await.unwrap();
        let said = [&second.draft.warnings[..], &second.draft.lost[..]].concat().join("\n");
        assert!(said.contains("stopped half way"), "{said}");
        assert!(said.contains("undo its record too, after this one"), "{said}");
        assert!(!second.draft.lost.join("").contains(&interfaces[1].0), "{said}");
        let second = ground.apply(second).await.unwrap();
        assert_eq!(second.trouble, None);
        let sealed = ground.interfaces(&id);

        // The first interface stays sealed: what it had before is the open group.
        let undo = ground.undo(second.seq).await.unwrap();
        let lost = undo.draft.lost.join("\n");
        for words in [
            interfaces[0].0.as_str(),
            "open the interface to everyone",
            "earlier isolation",
        ] {
            assert!(lost.contains(words), "{words}: {lost}");
        }
        assert!(!lost.contains(&interfaces[1].0), "{lost}");
        undone(&ground, undo).await;
        assert_eq!(ground.interfaces(&id), [sealed[0].clone(), interfaces[1].clone()]);

        // What that says to do works.
        let undo = ground.undo(first.seq).await.unwrap();
        undone(&ground, undo).await;
        assert_eq!(ground.interfaces(&id), interfaces);
        assert_eq!(ground.state(), state);
    });
}

#[test]
fn undo_leaves_alone_what_the_plan_never_came_to() {
    with_room(async || {
        let ground = Ground::new().await;
        let id = ground.instance("two");
        refuse(&ground, "CreateTags", 0);
        let plan = ground.plan(&request(&ground, SEOUL, "two")).await.unwrap();
        let run = ground.apply(plan).await.unwrap();
        assert_eq!(run.outcomes.len(), 1, "{:?}", run.outcomes);
        // Both are somebody else's decisions: the plan was stopped before either.
        ground.meddle(SEOUL, |ec2| {
            ec2.instances.get_mut(&id).unwrap().termination_protected = true;
            ec2.tags_mut(&id).unwrap().remove("quell:incident");
        });
        let NoPlan::Refused(refusal) = ground.undo(run.seq).await.unwrap_err() else {
            panic!("a refusal");
        };
        assert_eq!(refusal.kind, RefusalKind::NothingToUndo, "{refusal}");
    });
}

#[test]
fn undo_never_opens_an_interface_that_another_plan_sealed() {
    with_room(async || {
        let ground = Ground::new().await;
        let id = ground.instance("two");
        // It tags and protects the instance and makes the groups; no interface gets one.
        refuse(&ground, "ModifyNetworkInterfaceAttribute", 0);
        let first = ground.plan(&request(&ground, SEOUL, "two")).await.unwrap();
        let first = ground.apply(first).await.unwrap();
        assert!(first.outcomes.len() > 1 && first.trouble.is_some());
        ground.range.heal();
        let second = ground.plan(&request(&ground, SEOUL, "two")).await.unwrap();
        assert_eq!(ground.apply(second).await.unwrap().trouble, None);
        let sealed = ground.interfaces(&id);

        let undo = ground.undo(first.seq).await.unwrap();
        let said = undo.draft.warnings.join("\n");
        for (interface, _) in &sealed {
            assert!(
                said.contains(&format!("{interface} has other groups than before")),
                "{said}"
            );
        }
        assert!(!said.contains("can be reached"), "{said}");
        let undone = ground.apply(undo).await.unwrap();
        assert_eq!(undone.trouble, None);
        assert_eq!(ground.interfaces(&id), sealed);
    });
}
