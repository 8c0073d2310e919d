//! A confirmed plan on its way, to every end that it can come to.

use super::*;

#[test]
fn apply_under_way() {
    let mut state = confirmed();
    for call in 0..3 {
        send(&mut state, Event::CallSent { call });
        send(
            &mut state,
            Event::CallAnswered {
                call,
                outcome: applied(call),
            },
        );
    }
    send(&mut state, Event::CallSent { call: 3 });
    look("apply-under-way", state);
}

#[test]
fn apply_stopped_half_way() {
    let mut state = confirmed();
    for call in 0..3 {
        send(&mut state, Event::CallSent { call });
        send(
            &mut state,
            Event::CallAnswered {
                call,
                outcome: applied(call),
            },
        );
    }
    send(&mut state, Event::CallSent { call: 3 });
    let outcome = Outcome::Failed {
        request_id: Some("7f3b2a10-0000-4000-8000-000000000003".to_owned()),
        code: Some("UnauthorizedOperation".to_owned()),
        message: Untrusted::new("You are not authorized to perform this operation."),
    };
    send(&mut state, Event::CallAnswered { call: 3, outcome });
    let trouble = Some("Call 4 failed: UnauthorizedOperation. The calls after it were not sent.".to_owned());
    send(&mut state, Event::CallsEnded { trouble });
    press(&mut state, &["k"]);
    look("apply-stopped", state);
}

#[test]
fn apply_refused_because_the_world_changed() {
    let mut state = typed();
    let why = vec![
        "ec2:DescribeNetworkInterfaces: eni-0aa11111111111111 has other groups than when the plan was made.".to_owned(),
    ];
    send(&mut state, Event::ApplyRefused { why });
    look("apply-drifted", state);
}

#[test]
fn apply_with_an_unknown_outcome() {
    let mut state = confirmed();
    send(&mut state, Event::CallSent { call: 0 });
    let outcome = Outcome::Unknown {
        why: Untrusted::new("the connection was closed before an answer came"),
    };
    send(&mut state, Event::CallAnswered { call: 0, outcome });
    let trouble = Some("The outcome of call 1 is unknown.".to_owned());
    send(&mut state, Event::CallsEnded { trouble });
    look("apply-unknown", state);
}

#[test]
fn apply_reading_back() {
    let mut state = confirmed();
    apply_all(&mut state);
    check(
        &mut state,
        |n| {
            if n < 3 {
                Verdict::Verified
            } else {
                Verdict::Pending("0 of 1 complete: snap-0123 45%".to_owned())
            }
        },
        false,
    );
    look("apply-reading-back", state);
}

#[test]
fn apply_verified() {
    let mut state = confirmed();
    apply_all(&mut state);
    check(&mut state, |_| Verdict::Verified, true);
    look("apply-verified", state);
}

/// The first of two plans is all done, and the action is not.
#[test]
fn apply_verified_and_not_done_yet() {
    let mut state = confirmed();
    let Some(Screen::Plan(plan)) = state.screens.last_mut() else {
        panic!("no plan is open");
    };
    let Stage::Applying(run) = &mut plan.stage else {
        panic!("it is not applied");
    };
    run.plan.draft.then = Some("when the copies are complete, plan it again with the same choices".to_owned());
    apply_all(&mut state);
    check(&mut state, |_| Verdict::Verified, true);
    look("apply-not-done-yet", state);
}

#[test]
fn apply_not_verified() {
    let mut state = confirmed();
    apply_all(&mut state);
    let failed = |n| match n {
        2 => Verdict::Failed("groups are sg-0aaa1111, expected sg-0c0ffee0000000005.".to_owned()),
        3 => Verdict::Unreadable("The session may not read it.".to_owned()),
        _ => Verdict::Verified,
    };
    check(&mut state, failed, true);
    look("apply-not-verified", state);
}
