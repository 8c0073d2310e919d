//! Snapshots of every screen at both sizes.

use super::fixture::{self, INSTANCE, answer, blank, coverage, full, press, record, send, signed_in};
use super::{SIZES, drawn, shown};
use crate::action::{Outcome, Verdict};
use crate::app::incident::{incident_id, summary};
use crate::app::plan::Stage;
use crate::app::{Event, Mode, Screen, State};
use crate::domain::{SeverityLabel, Untrusted};
use crate::findings::{CoverageState, Source};
use crate::journal::{self, What};

/// Draws at both sizes and compares with the committed screens. The cursor's place is part of the screen.
fn look(name: &str, mut state: State) {
    for size in SIZES {
        let (buffer, cursor) = drawn(&mut state, size);
        let mut screen = shown(&buffer);
        if let Some((x, y)) = cursor {
            screen.push_str(&format!("cursor at column {x}, row {y}\n"));
        }
        insta::assert_snapshot!(format!("{name}-{}x{}", size.0, size.1), screen);
    }
}

fn opened(mode: Mode) -> State {
    let mut state = full(mode);
    press(&mut state, &["Enter"]);
    state
}

fn planned() -> State {
    let mut state = opened(Mode::Respond);
    press(&mut state, &["i"]);
    state
}

/// The plan, confirmed by typing the end of the instance's id.
fn typed() -> State {
    let mut state = planned();
    press(&mut state, &["7", "8", "9", "0", "Enter"]);
    state
}

fn confirmed() -> State {
    let mut state = typed();
    send(&mut state, Event::ApplyBegan { seq: 4 });
    state
}

fn applied(request: usize) -> Outcome {
    let made = if matches!(request, 2 | 5) {
        [("group".to_owned(), format!("sg-0c0ffee0000000{request:03}"))].into()
    } else {
        std::collections::BTreeMap::new()
    };
    Outcome::Applied {
        request_id: Some(format!("7f3b2a10-0000-4000-8000-{request:012}")),
        made,
    }
}

fn calls(state: &State) -> usize {
    match state.screen() {
        Screen::Plan(screen) => match &screen.stage {
            Stage::Applying(run) => run.calls.len(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn apply_all(state: &mut State) {
    for call in 0..calls(state) {
        send(state, Event::CallSent { call });
        send(
            state,
            Event::CallAnswered {
                call,
                outcome: applied(call),
            },
        );
    }
    send(state, Event::CallsEnded { trouble: None });
}

fn check(state: &mut State, verdict: impl Fn(usize) -> Verdict, last: bool) {
    let Screen::Plan(screen) = state.screen() else {
        panic!("no plan")
    };
    let Stage::Applying(run) = &screen.stage else {
        panic!("not applying")
    };
    let expectations = run.plan.draft.expectations.iter().cloned().enumerate();
    let checks = expectations
        .map(|(n, expectation)| crate::action::Check {
            expectation,
            verdict: verdict(n),
        })
        .collect();
    send(state, Event::Checked { seq: 4, checks, last });
}

/// A journal of an incident that was classified, and isolated half way.
fn journaled(mode: Mode) -> State {
    let mut state = confirmed();
    let Screen::Plan(screen) = state.screen() else {
        panic!("no plan")
    };
    let Stage::Applying(run) = &screen.stage else {
        panic!("not applying")
    };
    let (plan, digest) = (run.plan.clone(), run.digest);
    let mutation = plan.draft.calls[0].mutation.clone();
    let target_arn = mutation.target_arn(&plan.request.account, &plan.request.region);
    let finding = state.list.visible[0].clone();
    let id = incident_id(&finding);
    let incident = Some(id.as_str());
    let mut state = full(mode);
    let mode = journal::Mode::Live;
    let version = "0.1.0".to_owned();
    record(
        &mut state,
        1,
        None,
        What::Opened {
            mode,
            version,
            endpoint: None,
        },
    );
    let finding = summary(&finding);
    record(&mut state, 2, incident, What::Incident { finding });
    let severity = SeverityLabel::Critical;
    record(
        &mut state,
        3,
        incident,
        What::Classified {
            severity,
            response_minutes: 15,
        },
    );
    record(&mut state, 4, incident, What::Confirmed { plan, digest });
    record(
        &mut state,
        5,
        incident,
        What::Intent {
            plan: 4,
            call: 0,
            mutation,
            target_arn,
        },
    );
    let refused = Outcome::Failed {
        request_id: Some("7f3b2a10-0000-4000-8000-000000000000".to_owned()),
        code: Some("UnauthorizedOperation".to_owned()),
        message: Untrusted::new("You are not authorized to perform this operation."),
    };
    record(
        &mut state,
        6,
        incident,
        What::Outcome {
            intent: 5,
            outcome: refused,
        },
    );
    state
}

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
fn list_with_a_filter_that_hides_everything() {
    let mut state = full(Mode::Watch);
    press(&mut state, &["/"]);
    send(&mut state, Event::Paste(" account:nowhere".to_owned()));
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
fn message_that_is_long() {
    let mut state = full(Mode::Respond);
    send(
        &mut state,
        Event::Failed("The report could not be written: ".to_owned() + &"the disk is full, ".repeat(12)),
    );
    look("message", state);
}

#[test]
fn incident_finding() {
    look("incident-finding", opened(Mode::Respond));
}

#[test]
fn incident_context() {
    let mut state = opened(Mode::Respond);
    press(&mut state, &["Tab"]);
    look("incident-context", state);
}

#[test]
fn incident_playbook() {
    let mut state = opened(Mode::Respond);
    press(&mut state, &["Tab", "Tab", "j"]);
    look("incident-playbook", state);
}

#[test]
fn incident_playbook_in_watch() {
    let mut state = opened(Mode::Watch);
    press(&mut state, &["Tab", "Tab"]);
    look("incident-playbook-watch", state);
}

#[test]
fn incident_playbook_half_way() {
    let mut state = journaled(Mode::Respond);
    press(&mut state, &["Enter", "Tab", "Tab", "j"]);
    look("incident-playbook-half-way", state);
}

#[test]
fn incident_raw_searched() {
    let mut state = opened(Mode::Watch);
    press(&mut state, &["/", "t", "a", "g", "s", "Enter"]);
    look("incident-raw", state);
}

#[test]
fn incident_journal() {
    let mut state = journaled(Mode::Respond);
    press(&mut state, &["Enter", "BackTab", "G"]);
    look("incident-journal", state);
}

#[test]
fn classify_prompt() {
    let mut state = opened(Mode::Respond);
    press(&mut state, &["c"]);
    look("classify", state);
}

#[test]
fn plan_reading() {
    let mut state = opened(Mode::Respond);
    let at = state.now;
    let effects = send(&mut state, Event::Key("i".parse().unwrap(), at));
    drop(effects);
    look("plan-reading", state);
}

#[test]
fn plan_ready() {
    look("plan-ready", planned());
}

#[test]
fn plan_ready_scrolled_and_mistyped() {
    let mut state = planned();
    drawn(&mut state, SIZES[0]);
    press(&mut state, &["End", "1", "2", "Enter", "7", "8"]);
    look("plan-mistyped", state);
}

#[test]
fn plan_expired() {
    let mut state = planned();
    let later = state.now.checked_add(jiff::SignedDuration::from_mins(16)).unwrap();
    send(&mut state, Event::Tick(later));
    look("plan-expired", state);
}

#[test]
fn plan_refused() {
    let mut state = opened(Mode::Respond);
    let at = state.now;
    let effects = send(&mut state, Event::Key("i".parse().unwrap(), at));
    for effect in effects {
        if let crate::app::Effect::Read { number, queries, .. } = effect {
            let failed = crate::action::ReadFailure {
                kind: crate::action::ReadFailureKind::NotFound,
                code: Some("InvalidInstanceID.NotFound".to_owned()),
                message: Untrusted::new(format!(
                    "DescribeInstances: The instance ID '{INSTANCE}' does not exist"
                )),
            };
            let readings = queries
                .into_iter()
                .map(|query| crate::action::Reading {
                    query,
                    at,
                    request_id: None,
                    result: Err(failed.clone()),
                })
                .collect();
            let more = send(&mut state, Event::Read { number, readings });
            answer(&mut state, more);
        }
    }
    look("plan-refused", state);
}

#[test]
fn plan_for_an_access_key() {
    let mut state = opened(Mode::Respond);
    press(&mut state, &["x"]);
    look("plan-key", state);
}

#[test]
fn plan_for_a_notification() {
    let mut state = opened(Mode::Respond);
    press(&mut state, &["m"]);
    look("plan-notify", state);
}

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

#[test]
fn journal_screen() {
    let mut state = journaled(Mode::Respond);
    press(&mut state, &["J", "k", "k"]);
    look("journal", state);
}

#[test]
fn coverage_screen() {
    let mut state = full(Mode::Watch);
    press(&mut state, &["C"]);
    look("coverage", state);
}

#[test]
fn help_screen() {
    let mut state = full(Mode::Respond);
    press(&mut state, &["?"]);
    look("help", state);
}

#[test]
fn help_screen_in_watch() {
    let mut state = full(Mode::Watch);
    press(&mut state, &["?"]);
    drawn(&mut state, SIZES[0]);
    press(&mut state, &["G"]);
    look("help-watch", state);
}

#[test]
fn too_small_says_so_and_recovers() {
    let mut state = full(Mode::Watch);
    let (small, _) = drawn(&mut state, (60, 10));
    insta::assert_snapshot!("too-small", shown(&small));
    for size in [(1, 1), (5, 3), (79, 24), (80, 23)] {
        let (buffer, _) = drawn(&mut state, size);
        assert!(!shown(&buffer).contains("RESOURCE"), "{size:?}");
    }
    let (large, _) = drawn(&mut state, (80, 24));
    assert!(shown(&large).contains("RESOURCE"));
}
