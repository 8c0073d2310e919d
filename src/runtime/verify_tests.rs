//! How long it is gone on where no answer comes.

use super::*;
use crate::action::{EbsState, SsmState};
use crate::domain::Time;

fn check(expectation: Expectation, verdict: Verdict) -> Check {
    Check {
        expectation,
        verdict,
        found: None,
    }
}

fn capture() -> Expectation {
    Expectation::Ssm(SsmState::MemoryCaptured {
        instance: "i-0ab12cd34ef567890".parse().unwrap(),
        call: 0,
        image: "s3://acme-evidence/quell/INC-7/memory.lime".parse().unwrap(),
        owner: None,
        comment: "quell memory 20260301T120000Z INC-7".to_owned(),
        since: Time::UNIX_EPOCH,
        planned: Time::UNIX_EPOCH,
    })
}

fn share() -> Expectation {
    Expectation::Ebs(EbsState::SharedWith {
        snapshot: "snap-0ab12cd34ef567890".parse().unwrap(),
        account: "222222222222".parse().unwrap(),
        shared: true,
    })
}

fn unreadable() -> Verdict {
    Verdict::Unreadable("No answer: dispatch failure.".to_owned())
}

/// What becomes of one check that could not be read.
fn after(unanswered: &mut Unanswered, before: &[Check], expectation: Expectation, silent: bool) -> Verdict {
    let mut checks = vec![check(expectation, unreadable())];
    unanswered.read_again(before, &mut checks, &[silent]);
    checks.remove(0).verdict
}

#[test]
fn a_capture_is_gone_on_with_within_bounds_and_it_is_said() {
    let mut unanswered = Unanswered::default();
    for _ in 0..UNANSWERED {
        let Verdict::Pending(said) = after(&mut unanswered, &[], capture(), true) else {
            panic!("it ended early");
        };
        assert!(said.contains("is read again: No answer: dispatch failure."), "{said}");
    }
    let Verdict::Unreadable(said) = after(&mut unanswered, &[], capture(), true) else {
        panic!("it has no end");
    };
    assert!(said.ends_with("It was asked 21 times in a row."), "{said}");

    // An answer between them, whatever it says, begins the count anew.
    let mut unanswered = Unanswered(UNANSWERED);
    let mut checks = vec![check(capture(), Verdict::Pending("InProgress".to_owned()))];
    unanswered.read_again(&[], &mut checks, &[false]);
    assert_eq!(after(&mut unanswered, &[], capture(), true).word(), "pending");
}

#[test]
fn only_what_takes_long_and_got_no_answer_is_read_again() {
    let mut unanswered = Unanswered::default();
    let refused = after(&mut unanswered, &[], capture(), false);
    assert_eq!(refused, unreadable(), "AWS said no, and will say so again");
    assert_eq!(after(&mut unanswered, &[], share(), true), unreadable());
    let before = [check(share(), Verdict::Pending("it is at 40 %".to_owned()))];
    assert_eq!(after(&mut unanswered, &before, share(), true).word(), "pending");
    let before = [check(share(), Verdict::Verified)];
    assert_eq!(after(&mut unanswered, &before, share(), true), unreadable());
}
