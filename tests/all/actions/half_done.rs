//! Isolations that stopped half way: what an undo may put back afterwards, and whose record knows it.

use quell::action::RefusalKind;
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
