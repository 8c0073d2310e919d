//! Snapshots of every screen at both sizes.

mod apply;
mod incident;
mod list;
mod pages;
mod plan;
mod ways;

use std::fmt::Write;

use super::fixture::{self, INSTANCE, answer, blank, coverage, full, press, record, send, signed_in};
use super::{SIZES, drawn, shown};
use crate::action::{Outcome, Verdict};
use crate::app::incident::{incident_id, summary};
use crate::app::plan::Stage;
use crate::app::{Event, Mode, Screen, State};
use crate::domain::{SeverityLabel, Untrusted};
use crate::findings::{CoverageState, Source};
use crate::journal::{self, What};

/// Compares with a committed screen; all of them are in one folder.
fn assert_screen(name: &str, screen: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, screen));
}

/// Draws at both sizes and compares with the committed screens. The cursor's place is part of the screen.
fn look(name: &str, mut state: State) {
    for size in SIZES {
        let (buffer, cursor) = drawn(&mut state, size);
        let mut screen = shown(&buffer);
        if let Some((x, y)) = cursor {
            let _ = writeln!(screen, "cursor at column {x}, row {y}");
        }
        assert_screen(&format!("{name}-{}x{}", size.0, size.1), &screen);
    }
}

fn opened(mode: Mode) -> State {
    let mut state = full(mode);
    press(&mut state, &["Enter"]);
    state
}

fn planned() -> State {
    let mut state = opened(Mode::Respond);
    press(&mut state, &["i", "Enter"]);
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
            found: None,
        })
        .collect();
    send(state, Event::Checked { seq: 4, checks, last });
}

/// A journal of an incident that was classified, and isolated half way.
fn journaled(mode: Mode) -> State {
    let state = confirmed();
    let Screen::Plan(screen) = state.screen() else {
        panic!("no plan")
    };
    let Stage::Applying(run) = &screen.stage else {
        panic!("not applying")
    };
    let (plan, digest) = (run.plan.clone(), run.digest);
    let mutation = plan.draft.calls[0].mutation.clone();
    let target_arn = mutation.target_arn(&plan.request);
    let finding = state.current().unwrap().lead().clone();
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
            incident_type: None,
            subtype: None,
            systems: None,
        },
    );
    record(
        &mut state,
        4,
        incident,
        What::Confirmed {
            plan,
            digest,
            rule: None,
        },
    );
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
