//! The list, full, empty and in trouble; the lines at the bottom.

use super::*;

#[test]
fn list() {
    look("list", full(Mode::Respond));
}

#[test]
fn list_scrolled_to_korean() {
    let mut state = full(Mode::Watch);
    press(&mut state, &["j", "j", "j"]);
    look("list-korean", state);
}

#[test]
fn list_in_a_drill_at_another_endpoint() {
    let mut state = full(Mode::Drill);
    signed_in(&mut state, Some("http://127.0.0.1:5000"));
    look("list-drill", state);
}

#[test]
fn list_reading() {
    let mut state = blank(Mode::Watch);
    look("list-signing-in", blank(Mode::Watch));
    signed_in(&mut state, None);
    coverage(
        &mut state,
        fixture::PROD,
        "us-east-1",
        Source::GuardDuty,
        CoverageState::Reading,
        None,
    );
    coverage(
        &mut state,
        fixture::PROD,
        "us-east-1",
        Source::SecurityHub,
        CoverageState::Complete,
        None,
    );
    look("list-reading", state);
}

#[test]
fn list_without_findings() {
    let mut state = blank(Mode::Watch);
    signed_in(&mut state, None);
    coverage(
        &mut state,
        fixture::PROD,
        "us-east-1",
        Source::GuardDuty,
        CoverageState::Complete,
        None,
    );
    look("list-none", state);
}

#[test]
fn list_without_findings_but_with_gaps() {
    let mut state = blank(Mode::Watch);
    signed_in(&mut state, None);
    let why = Some("AccessDeniedException");
    coverage(
        &mut state,
        fixture::PROD,
        "us-east-1",
        Source::GuardDuty,
        CoverageState::Refused,
        why,
    );
    look("list-none-gaps", state);
}

#[test]
fn list_where_nothing_can_be_read() {
    let mut state = blank(Mode::Watch);
    let why = "No AWS credentials were found.\nLooked for: AWS_ACCESS_KEY_ID in the environment, the profile \"default\" in ~/.aws/config and ~/.aws/credentials, SSO, credential_process, and the instance's metadata service.\nquell drill needs none; quell doctor says more.";
    send(&mut state, Event::Fatal(why.to_owned()));
    look("fatal", state);
}

#[test]
fn list_of_the_cache_where_nothing_new_can_be_read() {
    let mut state = full(Mode::Watch);
    state.identity = None;
    let why = "AWS did not say who the caller is: sts:GetCallerIdentity got no answer: nothing listens at the endpoint; look at its address and port (tcp connect error: Connection refused (os error 111)). `quell doctor` says more.";
    send(&mut state, Event::Fatal(why.to_owned()));
    look("fatal-cached", state);
}

#[test]
fn list_with_a_filter_that_hides_everything() {
    let mut state = full(Mode::Watch);
    press(&mut state, &["/"]);
    send(&mut state, Event::Paste("account:nowhere".to_owned()));
    press(&mut state, &["Enter"]);
    look("list-filtered-out", state);
}

#[test]
fn filter_being_typed() {
    let mut state = full(Mode::Watch);
    press(&mut state, &["/", "Ctrl-u", "s", "e", "v", ">", "=", "x", "x"]);
    look("filter-typed", state);
}

#[test]
fn list_with_an_announcement() {
    let mut state = full(Mode::Watch);
    send(&mut state, Event::Round);
    let now = state.now;
    send(&mut state, Event::Tick(now));
    look("alert", state);
}

#[test]
fn list_from_the_cache_before_the_caller_is_named() {
    let mut state = blank(Mode::Respond);
    let last = crate::app::state::Identity {
        arn: "arn:aws:sts::111111111111:assumed-role/Responder/oncall-1".to_owned(),
        account: "111111111111".parse().unwrap(),
        endpoint: None,
        how: String::new(),
    };
    send(&mut state, Event::Presumed(last));
    let why = Some("From the cache: complete, read 12 minutes ago.");
    coverage(
        &mut state,
        fixture::PROD,
        "us-east-1",
        Source::GuardDuty,
        CoverageState::Stale,
        why,
    );
    fixture::found(&mut state);
    look("list-ahead", state);
}

#[test]
fn message_that_is_long() {
    let mut state = full(Mode::Respond);
    send(
        &mut state,
        Event::Failed("The report could not be written: ".to_owned() + &"the disk is full, ".repeat(12)),
    );
    look("message", state);
}

#[test]
fn too_small_says_so_and_recovers() {
    let mut state = full(Mode::Watch);
    let (small, _) = drawn(&mut state, (60, 10));
    assert_screen("too-small", &shown(&small));
    for size in [(1, 1), (5, 3), (79, 24), (80, 23)] {
        let (buffer, _) = drawn(&mut state, size);
        assert!(!shown(&buffer).contains("RESOURCE"), "{size:?}");
    }
    let (large, _) = drawn(&mut state, (80, 24));
    assert!(shown(&large).contains("RESOURCE"));
}
