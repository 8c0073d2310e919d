//! The checker: a table of what is true of an action, and the five cases that hold it to that.

use std::collections::BTreeSet;

use quell::action::{Confirmed, NotConfirmed, Outcome, PLAN_LIFETIME, Plan, RefusalKind, Request, Verdict};
use quell::journal::{self, CallState};
use quell::range::call::ApiError;
use quell::range::fault::{Fault, Kind};
use quell::runtime::{NoPlan, NotApplied, Run};

use crate::support::ground::Ground;
use crate::support::room::with_room;

/// What is true of one action on one target.
#[derive(Clone, Copy)]
pub struct Case {
    pub request: fn(&Ground) -> Request,
    /// The IAM permissions that the calls need, in the order of the calls.
    pub calls: &'static [&'static str],
    /// Looks at the world after the plan was applied.
    pub applied: fn(&Ground, &Run),
    pub refusals: &'static [Refused],
    pub stale: &'static [Stale],
    pub undo: Undo,
}

/// A request that gets no plan.
pub struct Refused {
    pub name: &'static str,
    /// Spoils the world or the request.
    pub spoil: fn(&Ground, &mut Request),
    pub kind: RefusalKind,
    /// Words of the reason.
    pub says: &'static str,
}

/// A change between plan and apply.
pub struct Stale {
    pub name: &'static str,
    pub change: fn(&Ground, &Plan),
    /// Words of the difference, or of the refusal where there is no plan to make any more.
    pub says: &'static str,
}

/// What undo does.
#[derive(Clone, Copy)]
pub enum Undo {
    /// The state before, exactly.
    Restores,
    /// It says why not, and changes nothing.
    Refuses(&'static str),
}

/// How a call is made to fail.
#[derive(Clone, Copy, Debug)]
enum Failure {
    /// AWS says no; nothing is done.
    Refusal,
    /// It is done, but the answer is lost.
    LostReply,
    /// It is done, but the answer, which names what was made, is cut off in its middle.
    CutReply,
}

/// The plan is applied: every call in order, each after its intent, and the world is read back as it should be.
pub fn applies(case: Case) {
    with_room(async move || {
        let ground = Ground::new().await;
        let plan = ground.plan(&(case.request)(&ground)).await.unwrap();
        assert_eq!(permissions(&plan), case.calls);
        assert!(ground.writes().is_empty(), "planning changes nothing");
        let run = ground.apply(plan).await.unwrap();
        assert_eq!(run.trouble, None);
        assert!(
            run.outcomes.iter().all(|o| matches!(o, Outcome::Applied { .. })),
            "{:?}",
            run.outcomes
        );
        (case.applied)(&ground, &run);
        for check in ground.verify(&run).await {
            assert_eq!(check.verdict, Verdict::Verified, "{}", check.expectation);
        }
        assert_eq!(ground.writes().len(), case.calls.len(), "reading back changes nothing");
    });
}

/// There is no plan, for a reason that is told, and nothing was changed.
pub fn refuses(case: Case) {
    assert!(
        !case.refusals.is_empty(),
        "an action that refuses nothing is not understood"
    );
    for refused in case.refusals {
        with_room(async move || {
            let ground = Ground::new().await;
            let mut request = (case.request)(&ground);
            (refused.spoil)(&ground, &mut request);
            let NoPlan::Refused(refusal) = ground.plan(&request).await.expect_err(refused.name) else {
                panic!("{}: the action asked without end", refused.name);
            };
            assert_eq!(refusal.kind, refused.kind, "{}: {refusal}", refused.name);
            assert!(refusal.why.contains(refused.says), "{}: {refusal}", refused.name);
            assert!(
                !refusal.instead.is_empty(),
                "{}: a refusal says what to do",
                refused.name
            );
            assert!(ground.writes().is_empty(), "{}", refused.name);
        });
    }
}

/// A plan whose facts no longer hold is not applied, nor is one that is too old.
pub fn refuses_stale_facts(case: Case) {
    for stale in case.stale {
        with_room(async move || {
            let ground = Ground::new().await;
            let plan = ground.plan(&(case.request)(&ground)).await.unwrap();
            (stale.change)(&ground, &plan);
            let (state, records) = (ground.state(), ground.records().len());
            let said = match ground.apply(plan).await.expect_err(stale.name) {
                NotApplied::Drifted(differences) => differences.join("\n"),
                NotApplied::NoPlan(NoPlan::Refused(refusal)) => refusal.why,
                other => panic!("{}: {other}", stale.name),
            };
            assert!(said.contains(stale.says), "{}: {said}", stale.name);
            assert!(ground.writes().is_empty(), "{}: no call was sent", stale.name);
            assert_eq!(ground.records().len(), records, "{}: nothing was confirmed", stale.name);
            assert_eq!(ground.state(), state, "{}", stale.name);
        });
    }
    with_room(async move || {
        let ground = Ground::new().await;
        let plan = ground.plan(&(case.request)(&ground)).await.unwrap();
        let (digest, expires) = (plan.digest().to_string(), plan.expires_at);
        assert_eq!(expires, ground.cloud.now() + PLAN_LIFETIME);
        let late = expires + jiff::SignedDuration::from_secs(1);
        let error = Confirmed::by_digest(plan, &digest, late).unwrap_err();
        assert_eq!(error, NotConfirmed::Expired { at: expires });
    });
}

/// Whichever call fails, nothing after it is sent, the journal says how far it came, and undoing what was done restores the
/// state before.
pub fn fails_half_way(case: Case) {
    let mut tried = 0;
    for (failing, call) in case.calls.iter().enumerate() {
        // Of the other calls nothing is read but that AWS accepted them, which the status says before the body.
        let named = [
            "ec2:CreateSecurityGroup",
            "ec2:CreateSnapshots",
            "ec2:CreateNetworkAcl",
            "ec2:CopySnapshot",
            "kms:CreateGrant",
            "ssm:SendCommand",
        ]
        .contains(call);
        let cut = named.then_some(Failure::CutReply);
        for failure in [Failure::Refusal, Failure::LostReply].into_iter().chain(cut) {
            with_room(async move || Box::pin(fail(case, failing, failure)).await);
            tried += 1;
        }
    }
    println!("{tried} ways to fail half way");
    with_room(async move || Box::pin(somebody_else_does_it(case)).await);
}

/// What another plan brought about after this one was refused at its first call is not this one's to take back.
async fn somebody_else_does_it(case: Case) {
    let ground = Ground::new().await;
    let plan = ground.plan(&(case.request)(&ground)).await.unwrap();
    ground.range.fail(Fault {
        operation: plan.draft.calls[0]
            .mutation
            .permission()
            .split(':')
            .nth(1)
            .map(str::to_owned),
        times: 1,
        kind: Kind::Error(ApiError::new(403, "UnauthorizedOperation", "Not today.")),
        ..Fault::default()
    });
    let refused = ground.apply(plan).await.unwrap();
    assert_eq!(refused.outcomes.len(), 1, "{:?}", refused.outcomes);
    ground.range.heal();
    let another = ground.apply(ground.plan(&(case.request)(&ground)).await.unwrap()).await;
    assert_eq!(another.unwrap().trouble, None);
    let (state, sent) = (ground.state(), ground.writes().len());
    nothing_to_undo("the refused plan", ground.undo(refused.seq).await);
    assert_eq!((ground.state(), ground.writes().len()), (state, sent));
}

fn nothing_to_undo(name: &str, answer: Result<Plan, NoPlan>) {
    let Err(NoPlan::Refused(refusal)) = answer else {
        panic!("{name}: {answer:?}");
    };
    assert_eq!(refusal.kind, RefusalKind::NothingToUndo, "{name}: {refusal}");
    assert!(refusal.why.contains("changed nothing"), "{name}: {refusal}");
}

async fn fail(case: Case, failing: usize, failure: Failure) {
    let ground = Ground::new().await;
    // What the request prepares is part of the state before.
    let request = (case.request)(&ground);
    let before = ground.state();
    let plan = ground.plan(&request).await.unwrap();
    let (service, operation) = plan.draft.calls[failing].mutation.permission().split_once(':').unwrap();
    let earlier = &permissions(&plan)[..failing];
    let same = earlier
        .iter()
        .filter(|p| p.split_once(':') == Some((service, operation)));
    ground.range.fail(Fault {
        service: Some(service.to_owned()),
        operation: Some(operation.to_owned()),
        skip: u32::try_from(same.count()).unwrap(),
        times: 1,
        kind: match failure {
            Failure::Refusal => Kind::Error(ApiError::new(403, "UnauthorizedOperation", "Not today.")),
            Failure::LostReply => Kind::DropReply,
            // Into the first tag: whatever follows, the document does not end.
            Failure::CutReply => Kind::CutBody(60),
        },
        ..Fault::default()
    });
    let run = ground.apply(plan).await.unwrap();
    let name = format!("call {} {operation}, {failure:?}", failing + 1);
    ground.range.heal();

    assert_eq!(run.outcomes.len(), failing + 1, "{name}: nothing after it is sent");
    let word = match failure {
        Failure::Refusal => "failed",
        Failure::LostReply | Failure::CutReply => "unknown",
    };
    assert_eq!(
        run.outcomes[failing].word(),
        word,
        "{name}: {:?}",
        run.outcomes[failing]
    );
    let trouble = run.trouble.as_deref().unwrap_or_default();
    assert!(trouble.contains("Nothing after it was sent"), "{name}: {trouble}");
    assert_eq!(ground.writes().len(), failing + 1, "{name}");

    let records = ground.records();
    let progress = journal::progress(&records, run.seq).unwrap();
    for (call, state) in progress.calls.iter().enumerate() {
        let expected = match call {
            call if call <= failing => CallState::Answered(run.outcomes[call].clone()),
            _ => CallState::NotSent,
        };
        assert_eq!(*state, expected, "{name}: call {}", call + 1);
    }
    assert!(journal::unsettled(&records).is_empty(), "{name}");
    // What a half-done plan brought about is read back all the same, once it is settled.
    let minutes = std::time::Duration::from_mins(5);
    ground.range.with_world(|world| world.clock.advance(minutes));
    let checks = ground.verify(&run).await;
    assert_eq!(checks.len(), run.plan.draft.expectations.len(), "{name}");

    let nothing_done = failing == 0 && matches!(failure, Failure::Refusal);
    match (case.undo, ground.undo(run.seq).await) {
        (_, answer) if nothing_done => nothing_to_undo(&name, answer),
        (Undo::Restores, Ok(undo)) => {
            let undone = ground.apply(undo).await.unwrap();
            assert_eq!(undone.trouble, None, "{name}");
            for check in ground.verify(&undone).await {
                assert_eq!(check.verdict, Verdict::Verified, "{name}: {}", check.expectation);
            }
        }
        (Undo::Refuses(says), Err(NoPlan::Refused(refusal))) => {
            assert!(refusal.why.contains(says), "{name}: {refusal}");
        }
        // Nothing that an undo answers for has happened yet.
        (Undo::Restores, Err(NoPlan::Refused(refusal))) => {
            assert_eq!(refusal.kind, RefusalKind::NothingToUndo, "{name}: {refusal}");
        }
        (_, other) => panic!("{name}: {other:?}"),
    }
    assert_eq!(ground.state(), before, "{name}: the state before is back");
}

/// Undo puts back what was recorded, or says why it cannot; and what was undone cannot be undone again.
pub fn undo_restores(case: Case) {
    with_room(async move || {
        let ground = Ground::new().await;
        let request = (case.request)(&ground);
        let before = ground.state();
        let run = ground.apply(ground.plan(&request).await.unwrap()).await.unwrap();
        let sent = ground.writes().len();
        match case.undo {
            Undo::Restores => {
                assert_ne!(ground.state(), before, "the action changed something");
                let undo = ground.undo(run.seq).await.unwrap();
                assert_eq!(undo.request.undoes, Some(run.seq));
                let undone = ground.apply(undo).await.unwrap();
                assert_eq!(undone.trouble, None);
                let checks = ground.verify(&undone).await;
                assert!(!checks.is_empty(), "what was put back is read back");
                for check in checks {
                    assert_eq!(check.verdict, Verdict::Verified, "{}", check.expectation);
                }
                let again = ground.undo(run.seq).await.unwrap_err();
                assert!(
                    matches!(&again, NoPlan::Refused(r) if r.kind == RefusalKind::NothingToUndo),
                    "{again}"
                );
                let undo_of_undo = ground.undo(undone.seq).await.unwrap_err();
                assert!(undo_of_undo.to_string().contains("is itself an undo"), "{undo_of_undo}");
            }
            Undo::Refuses(says) => {
                let refusal = ground.undo(run.seq).await.unwrap_err().to_string();
                assert!(refusal.contains(says), "{refusal}");
                assert_eq!(ground.writes().len(), sent, "a refusal changes nothing");
            }
        }
        assert_eq!(ground.state(), before);
    });
}

fn permissions(plan: &Plan) -> Vec<&'static str> {
    let calls: Vec<&str> = plan.draft.calls.iter().map(|c| c.mutation.permission()).collect();
    let each: BTreeSet<&str> = calls.iter().copied().collect();
    assert_eq!(plan.permissions(), each.into_iter().collect::<Vec<_>>());
    calls
}

/// The five cases, as tests of their own.
macro_rules! five_cases {
    ($($name:ident: $case:expr;)+) => {$(
        mod $name {
            use super::*;

            #[test]
            fn applies() {
                checker::applies($case);
            }

            #[test]
            fn refuses() {
                checker::refuses($case);
            }

            #[test]
            fn refuses_stale_facts() {
                checker::refuses_stale_facts($case);
            }

            #[test]
            fn fails_half_way() {
                checker::fails_half_way($case);
            }

            #[test]
            fn undo_restores() {
                checker::undo_restores($case);
            }
        }
    )+};
}
pub(super) use five_cases;
