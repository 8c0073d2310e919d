//! What a capture of memory is held against.

use super::*;
use crate::action::answer::{Answer, StoredObject};
use crate::action::facts::{ReadFailure, ReadFailureKind, Reading};

const PLANNED: &str = "2026-03-01T12:00:00.5Z";

fn state() -> SsmState {
    SsmState::MemoryCaptured {
        instance: "i-0ab12cd34ef567890".parse().unwrap(),
        call: 0,
        image: "s3://acme-evidence/quell/INC-7/memory.lime".parse().unwrap(),
        owner: None,
        comment: "quell memory 20260301T120000Z INC-7".to_owned(),
        since: Time::UNIX_EPOCH,
        planned: PLANNED.parse().unwrap(),
    }
}

fn object(size: u64, modified: &str) -> Answer {
    let modified = modified.parse().unwrap();
    Answer::StoredObject(Some(StoredObject { size, modified }))
}

/// With this in the bucket.
fn check_with(made: &Made, found: Vec<Invocation>, stored: Result<Answer, ReadFailure>) -> (Verdict, Option<String>) {
    check_at("2026-03-01T12:30:00Z", made, found, stored)
}

/// With what was read at this time.
fn check_at(
    at: &str,
    made: &Made,
    found: Vec<Invocation>,
    stored: Result<Answer, ReadFailure>,
) -> (Verdict, Option<String>) {
    let reading = |query, result| Reading {
        query,
        at: at.parse().unwrap(),
        request_id: None,
        result,
    };
    let facts = Facts::from(vec![
        reading(state().query(made), Ok(Answer::Invocations(found))),
        reading(state().object(), stored),
    ]);
    (state().holds(&facts, made).unwrap(), state().found(&facts, made))
}

fn check(made: &Made, found: Vec<Invocation>) -> (Verdict, Option<String>) {
    check_with(made, found, Ok(object(4096, "2026-03-01T12:10:00Z")))
}

fn invocation(status: &str, output: &str, errors: &str) -> Invocation {
    Invocation {
        command: "11111111-2222-4333-8444-555555555555".to_owned(),
        comment: Untrusted::new("quell memory 20260301T120000Z INC-7"),
        status: status.to_owned(),
        details: Untrusted::new(status),
        output: Untrusted::new(output),
        errors: Untrusted::new(errors),
    }
}

#[test]
fn only_a_hash_of_its_shape_is_an_image() {
    let made: Made = [(0, [("command".to_owned(), "11111111".to_owned())].into())].into();
    let hash = "a".repeat(64);
    let good = format!("tool-sha256 {hash}\nimage-size 4096\nimage-sha256 {hash}\n");
    let short = format!("tool-sha256 {hash}\nimage-size 4096\nimage-sha256 {}\n", &hash[1..]);
    let loud = format!("tool-sha256 {hash}\nimage-size -1\nimage-sha256 {hash}\n");
    for (status, output, word) in [
        ("Success", good.as_str(), "verified"),
        ("Success", short.as_str(), "failed"),
        ("Success", loud.as_str(), "failed"),
        ("Success", "", "failed"),
        ("Failed", good.as_str(), "failed"),
        ("TimedOut", "", "failed"),
        ("Cancelled", "", "failed"),
        ("Pending", "", "pending"),
        ("InProgress", good.as_str(), "pending"),
        ("Delayed", "", "pending"),
    ] {
        let (verdict, found) = check(&made, vec![invocation(status, output, "")]);
        assert_eq!(verdict.word(), word, "{status} {output}");
        assert_eq!(found.is_some(), word == "verified", "{status} {output}");
    }
    let (_, found) = check(&made, vec![invocation("Success", &good, "")]);
    let found = found.unwrap();
    assert!(found.contains("4096 bytes") && found.contains(&hash), "{found}");
    assert_eq!(check(&made, Vec::new()).0.word(), "pending");
}

#[test]
fn a_command_that_may_have_been_sent_is_waited_for() {
    let look = |at: &str, found| check_at(at, &Made::new(), found, Ok(Answer::StoredObject(None))).0;
    for (at, word) in [
        ("2026-03-01T12:00:01Z", "pending"),
        // It could be applied for fifteen minutes, and may take some more to be listed.
        ("2026-03-01T12:19:59Z", "pending"),
        ("2026-03-01T12:20:01Z", "failed"),
    ] {
        assert_eq!(look(at, Vec::new()).word(), word, "{at}");
        let ours = invocation("InProgress", "", "");
        assert_eq!(look(at, vec![ours]).word(), "pending");
    }
    // A record from before the time of the plan was kept is old.
    let SsmState::MemoryCaptured {
        instance,
        call,
        image,
        owner,
        comment,
        since,
        ..
    } = state();
    let old = SsmState::MemoryCaptured {
        instance,
        call,
        image,
        owner,
        comment,
        since,
        planned: Time::default(),
    };
    let facts = Facts::from(vec![Reading {
        query: old.query(&Made::new()),
        at: PLANNED.parse().unwrap(),
        request_id: None,
        result: Ok(Answer::Invocations(Vec::new())),
    }]);
    assert_eq!(old.holds(&facts, &Made::new()).unwrap().word(), "failed");
}

#[test]
fn a_script_that_was_killed_may_have_left_memory_on_the_disk() {
    let made: Made = [(0, [("command".to_owned(), "11111111".to_owned())].into())].into();
    for (status, details, left) in [
        ("TimedOut", "ExecutionTimedOut", true),
        ("Cancelled", "Cancelled", true),
        ("TimedOut", "DeliveryTimedOut", false),
        ("Failed", "Failed", false),
    ] {
        let mut ended = invocation(status, "", "");
        ended.details = Untrusted::new(details);
        let Verdict::Failed(why) = check(&made, vec![ended]).0 else {
            panic!("{details}")
        };
        assert_eq!(why.contains("/var/tmp/quell.* may still hold memory"), left, "{why}");
    }
}

#[test]
fn the_machines_word_is_held_against_what_the_bucket_has() {
    let made: Made = [(0, [("command".to_owned(), "11111111".to_owned())].into())].into();
    let hash = "a".repeat(64);
    let output = format!("tool-sha256 {hash}\nimage-size 4096\nimage-sha256 {hash}\n");
    let failure = |kind| {
        Err(ReadFailure {
            kind,
            code: None,
            message: Untrusted::new("s3:ListObjectsV2: no"),
        })
    };
    for (stored, word, says) in [
        (Ok(object(4096, "2026-03-01T12:00:00Z")), "verified", ""),
        // A clock that is ahead of AWS's by some minutes.
        (Ok(object(4096, "2026-03-01T11:57:00Z")), "verified", ""),
        (
            Ok(object(4096, "2026-03-01T11:54:00Z")),
            "failed",
            "from before this was planned",
        ),
        (
            Ok(object(4095, "2026-03-01T12:10:00Z")),
            "failed",
            "4095 bytes in S3, and the machine says 4096",
        ),
        (Ok(Answer::StoredObject(None)), "failed", "S3 has no such object"),
        (failure(ReadFailureKind::NotFound), "failed", "S3 has no such object"),
        (
            failure(ReadFailureKind::Denied),
            "unreadable",
            "the machine says so (4096 bytes, SHA-256 aaaa",
        ),
        (
            failure(ReadFailureKind::Unreachable),
            "unreadable",
            "the object could not be read: No answer",
        ),
    ] {
        let (verdict, found) = check_with(&made, vec![invocation("Success", &output, "")], stored);
        assert_eq!(verdict.word(), word, "{verdict:?}");
        let (Verdict::Verified | Verdict::Pending(_)) = &verdict else {
            let (Verdict::Failed(why) | Verdict::Unreadable(why)) = &verdict else {
                unreachable!()
            };
            assert!(why.contains(says), "{why}");
            assert_eq!(found, None);
            continue;
        };
        assert!(found.unwrap().contains("the machine says that it has 4096 bytes"));
    }
}

#[test]
fn a_command_whose_id_was_lost_is_known_by_its_comment() {
    let nothing = Made::new();
    assert_eq!(check(&nothing, Vec::new()).0.word(), "failed");
    let mut other = invocation("InProgress", "", "");
    other.comment = Untrusted::new("quell memory 20260301T110000Z INC-7");
    assert_eq!(check(&nothing, vec![other.clone()]).0.word(), "failed");
    let ours = invocation("InProgress", "", "");
    assert_eq!(check(&nothing, vec![other, ours]).0.word(), "pending");
}

#[test]
fn what_the_machine_says_is_shortened_and_shown_and_never_obeyed() {
    let made: Made = [(0, [("command".to_owned(), "11111111".to_owned())].into())].into();
    let errors = format!("{}\u{1b}[2Jquell: aws is not on this machine", "x".repeat(9000));
    let (verdict, _) = check(&made, vec![invocation("Failed", "", &errors)]);
    let Verdict::Failed(why) = verdict else {
        panic!("{verdict:?}")
    };
    assert!(why.ends_with("quell: aws is not on this machine"), "{why}");
    assert!(!why.contains('\u{1b}') && why.chars().count() < 600, "{why}");
}
