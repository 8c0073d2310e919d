//! What an open incident shows of a finding that changes.

use super::super::testing::{after, finding, found, on_instance, press, send, state};
use super::super::{Event, Mode};
use super::*;
use crate::findings::samples;

fn open(state: &State) -> &IncidentScreen {
    match state.screen() {
        Screen::Incident(open) => open,
        other => panic!("{other:?}"),
    }
}

fn version(score: f64, minutes_ago: i64) -> Finding {
    on_instance(finding("f-1", score, minutes_ago), "i-0123456789abcdef0")
}

fn asked(effects: &[Effect]) -> usize {
    effects.iter().filter(|e| matches!(e, Effect::Evidence { .. })).count()
}

#[test]
fn the_open_finding_follows_its_updates() {
    let mut state = state(Mode::Watch, Vec::new());
    found(&mut state, [version(8.0, 9)]);
    after(&mut state, 1);
    assert_eq!(asked(&press(&mut state, "enter")), 1);
    let key = version(8.0, 9).key();
    let raw = Ok(bytes::Bytes::from_static(samples::GUARDDUTY[0].1));
    send(
        &mut state,
        Event::Evidence {
            key: key.clone(),
            raw,
            earlier: 0,
        },
    );
    assert!(!open(&state).raw_lines.is_empty() && !open(&state).finding.description.is_empty());

    // Another finding of the same incident changes nothing of this one.
    found(&mut state, [on_instance(finding("f-2", 5.0, 3), "i-0123456789abcdef0")]);
    assert_eq!(asked(&after(&mut state, 1)), 0);
    assert!(!open(&state).raw_lines.is_empty());

    found(&mut state, [version(9.5, 2)]);
    assert_eq!(asked(&after(&mut state, 1)), 1, "the evidence of the new version");
    let now = open(&state);
    assert_eq!(
        (now.finding.severity, now.finding.digest),
        (version(9.5, 2).severity, version(9.5, 2).digest)
    );
    assert!(
        now.raw_lines.is_empty() && now.finding.description.is_empty(),
        "nothing of the old one stays"
    );
    assert_eq!(asked(&after(&mut state, 1)), 0, "once");
    let over = Finding {
        archived: true,
        ..version(9.5, 1)
    };
    found(&mut state, [over]);
    after(&mut state, 1);
    assert!(open(&state).finding.archived);
}

/// What people do with the copy in Security Hub is no other version of the finding: what was read of it stays.
#[test]
fn what_its_copy_says_is_shown_beside_what_was_read() {
    let mut state = state(Mode::Watch, Vec::new());
    let lead = version(8.0, 9);
    found(&mut state, [lead.clone()]);
    after(&mut state, 1);
    press(&mut state, "enter");
    let raw = Ok(bytes::Bytes::from_static(samples::GUARDDUTY[0].1));
    send(
        &mut state,
        Event::Evidence {
            key: lead.key(),
            raw,
            earlier: 0,
        },
    );
    let description = open(&state).finding.description.clone();
    let copy = Finding {
        id: Untrusted::new(format!(
            "arn:aws:guardduty:us-east-1:222222222222:detector/d/finding/{}",
            lead.id.raw()
        )),
        twin_of: Some(lead.id.clone()),
        source: Source::SecurityHub,
        workflow: Some(Untrusted::new("SUPPRESSED")),
        archived: true,
        digest: 7,
        ..version(8.0, 1)
    };
    found(&mut state, [copy]);
    assert_eq!(asked(&after(&mut state, 1)), 0);
    let shown = &open(&state).finding;
    assert!(shown.archived && shown.workflow.is_some());
    assert_eq!(shown.description, description);
    assert!(!open(&state).raw_lines.is_empty());
}
