//! Calls that AWS carried out and whose answer never came: what became of them is found by reading, as often as AWS needs.

use quell::action::{ActionName, RefusalKind, Request, Verdict};
use quell::domain::ResourceKind;
use quell::range::call::ApiError;
use quell::range::fault::{Fault, Kind};
use quell::runtime::NoPlan;

use crate::support::ground::{Ground, SEOUL};
use crate::support::room::with_room;

/// The next call of this operation is carried out, and its answer is lost.
pub(super) fn lose_the_answer(ground: &Ground, operation: &str) {
    ground.range.fail(Fault {
        operation: Some(operation.to_owned()),
        times: 1,
        kind: Kind::DropReply,
        ..Fault::default()
    });
}

/// AWS shows late what was done: it is looked at again, whether or not it was answered.
#[test]
fn what_is_not_yet_as_expected_after_a_lost_answer_is_looked_at_again() {
    with_room(async || {
        let ground = Ground::new().await;
        let key = ground.key("deploy-bot", 0);
        let request = ground.request(ActionName::DisableAccessKey, ResourceKind::AccessKey, SEOUL, &key);
        let plan = ground.plan(&request).await.unwrap();
        lose_the_answer(&ground, "UpdateAccessKey");
        let run = ground.apply(plan).await.unwrap();
        assert_eq!(run.outcomes[0].word(), "unknown");
        // The first look sees nothing of it.
        ground.range.fail(Fault {
            operation: Some("ListAccessKeys".to_owned()),
            times: 1,
            kind: Kind::Error(ApiError::new(500, "ServiceFailure", "Later.")),
            ..Fault::default()
        });
        let checks = ground.verify(&run).await;
        assert_eq!(checks.len(), 1);
        assert_eq!(checks[0].verdict, Verdict::Verified, "{}", checks[0].expectation);
    });
}

fn snapshot(ground: &Ground) -> Request {
    let id = ground.instance("two");
    ground.request(ActionName::SnapshotInstance, ResourceKind::Instance, SEOUL, &id)
}

/// The set is there: it is found by its tags, named in the record, brought to its end, and not taken a second time.
#[test]
fn a_set_of_snapshots_whose_answer_was_lost_is_found_and_not_taken_twice() {
    with_room(async || {
        let ground = Ground::new().await;
        let plan = ground.plan(&snapshot(&ground)).await.unwrap();
        lose_the_answer(&ground, "CreateSnapshots");
        let run = ground.apply(plan).await.unwrap();
        assert_eq!(run.outcomes.len(), 1);
        assert_eq!(run.outcomes[0].word(), "unknown");
        let taken: Vec<String> = ground.meddle(SEOUL, |ec2| ec2.snapshots.keys().cloned().collect());
        assert_eq!(taken.len(), 2);
        let checks = ground.verify(&run).await;
        assert_eq!(checks[0].verdict, Verdict::Verified, "{}", checks[0].expectation);
        let found = checks[0].found.clone().unwrap();
        for id in &taken {
            assert!(found.contains(id.as_str()), "{id}: {found}");
        }

        let rest = ground.plan(&snapshot(&ground)).await.unwrap();
        let calls: Vec<&str> = rest.draft.calls.iter().map(|c| c.mutation.permission()).collect();
        assert_eq!(calls, ["ec2:CreateTags"; 2]);
        let rest = ground.apply(rest).await.unwrap();
        assert_eq!(rest.trouble, None);
        for check in ground.verify(&rest).await {
            assert_eq!(check.verdict, Verdict::Verified, "{}", check.expectation);
        }
        ground.meddle(SEOUL, |ec2| {
            assert_eq!(ec2.snapshots.len(), 2, "none was taken twice");
            assert!(ec2.snapshots.values().all(|s| s.tags.contains_key("quell:device")));
        });

        let NoPlan::Refused(refusal) = ground.plan(&snapshot(&ground)).await.unwrap_err() else {
            panic!("a refusal");
        };
        assert_eq!(refusal.kind, RefusalKind::AlreadyDone, "{refusal}");
        assert!(
            refusal.why.contains(&taken[0]) && refusal.instead.contains("again=yes"),
            "{refusal}"
        );
        let mut again = snapshot(&ground);
        again.choices.insert("again".to_owned(), "yes".to_owned());
        assert_eq!(ground.plan(&again).await.unwrap().draft.calls.len(), 3);
    });
}

/// What somebody else's tags say is not what quell wrote: the description is fixed when a snapshot is made. Nor does a set count that
/// came to nothing, or that lacks a volume.
#[test]
fn only_a_whole_set_of_quells_own_keeps_a_set_from_being_taken() {
    with_room(async || {
        for spoil in ["description", "error", "volume"] {
            let ground = Ground::new().await;
            let run = ground
                .apply(ground.plan(&snapshot(&ground)).await.unwrap())
                .await
                .unwrap();
            assert_eq!(run.trouble, None);
            ground.meddle(SEOUL, |ec2| {
                let one = ec2.snapshots.values_mut().next().unwrap();
                match spoil {
                    "description" => "nightly".clone_into(&mut one.description),
                    "error" => one.fault = Some("The key is gone.".to_owned()),
                    _ => "vol-0123456789abcdef0".clone_into(&mut one.volume),
                }
            });
            let plan = ground.plan(&snapshot(&ground)).await.unwrap();
            assert_eq!(plan.draft.calls.len(), 3, "{spoil}");
        }
    });
}

#[test]
fn a_set_that_was_never_taken_is_not_found() {
    with_room(async || {
        let ground = Ground::new().await;
        let plan = ground.plan(&snapshot(&ground)).await.unwrap();
        ground.range.fail(Fault {
            operation: Some("CreateSnapshots".to_owned()),
            times: 1,
            kind: Kind::Error(ApiError::new(403, "UnauthorizedOperation", "Not today.")),
            ..Fault::default()
        });
        let run = ground.apply(plan).await.unwrap();
        let checks = ground.verify(&run).await;
        assert!(
            matches!(&checks[0].verdict, Verdict::Failed(why) if why.contains("AWS did not name them")),
            "{:?}",
            checks[0].verdict
        );
        assert_eq!(checks[0].found, None);
    });
}
