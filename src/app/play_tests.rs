//! A playbook with branches and boxes, worked by two people; and what is decided about the incident.

use super::super::Mode;
use super::super::incident::Pane;
use super::super::testing::{ME, OTHER, after, apart, found, journaled, press, recorded, said, state as console};
use super::*;
use crate::action::{Draft, Ec2Call, Facts, Mutation, Plan, PlannedCall, Request, Undo};
use crate::domain::SeverityLabel;
use crate::findings::Finding;

const FORKED: &str = r#"
name = "forked"
title = "Two branches and a join"
description = "For tests."
[[step]]
id = "classify"
phase = "classify"
title = "Decide"
guidance = "G"
[[step]]
id = "cut"
phase = "isolate"
title = "Cut it off"
guidance = "G"
after = ["classify"]
actions = ["isolate-instance"]
manual = ["Ask the owner"]
[[step]]
id = "tell"
phase = "notify"
title = "Tell leadership"
guidance = "G"
after = ["classify"]
when = "severity == critical"
manual = ["Call the CISO", "Call legal"]
[[step]]
id = "close"
phase = "document"
title = "Review"
guidance = "G"
after = ["cut", "tell"]
"#;

/// The incident of one instance, opened at its playbook, which has been chosen by hand.
fn opened() -> (State, Finding) {
    let mut state = console(Mode::Respond, Vec::new());
    state.playbooks.add(Playbook::parse("forked.toml", FORKED).unwrap());
    let finding = apart(1, 8.0);
    found(&mut state, [finding.clone()]);
    after(&mut state, 1);
    press(&mut state, "enter");
    press(&mut state, "P");
    let Some(super::super::state::Prompt::Playbook(prompt)) = &state.prompt else {
        panic!("no prompt")
    };
    let to = prompt.all.iter().position(|(name, _)| name == "forked").unwrap();
    press(&mut state, "g");
    for _ in 0..to {
        press(&mut state, "j");
    }
    let effects = press(&mut state, "enter");
    journaled(&mut state, effects);
    if let Some(Screen::Incident(open)) = state.screens.last_mut() {
        open.pane = Pane::Playbook;
    }
    (state, finding)
}

fn shown(state: &State) -> Vec<String> {
    let Screen::Incident(open) = state.screen() else {
        panic!("no incident")
    };
    let play = play(state, &open.incident);
    let line = |line: &Line| {
        let step = &play.playbook.steps()[line.step];
        match line.item {
            Some(item) => format!("[{}] {}", if line.is_ticked() { "x" } else { " " }, step.manual[item]),
            None => format!("{} {:?}", step.id, line.standing),
        }
    };
    play.lines.iter().map(line).collect()
}

fn decide(state: &mut State, key: &str) {
    press(state, "v");
    let effects = press(state, key);
    journaled(state, effects);
}

/// The line of this text under the cursor, ticked by me.
fn tick(state: &mut State, text: &str) {
    press(state, "g");
    let at = shown(state).iter().position(|line| line.contains(text)).unwrap();
    for _ in 0..at {
        press(state, "j");
    }
    let effects = press(state, "space");
    assert!(matches!(effects[..], [Effect::Note { .. }]), "{effects:?}");
    journaled(state, effects);
}

#[test]
fn the_branch_of_the_severity_is_followed_and_a_join_waits_for_both() {
    let (mut state, _) = opened();
    assert_eq!(shown(&state)[0], "classify Ready");
    decide(&mut state, "m");
    let medium = [
        "classify Done",
        "cut Ready",
        "[ ] Ask the owner",
        "tell NotApplicable",
        "[ ] Call the CISO",
        "[ ] Call legal",
        "close Waiting",
    ];
    assert_eq!(shown(&state), medium);
    decide(&mut state, "c");
    assert_eq!(shown(&state)[3], "tell Ready");
    tick(&mut state, "Call the CISO");
    assert_eq!(shown(&state)[3..5], ["tell Ready", "[x] Call the CISO"]);
    tick(&mut state, "Call legal");
    assert_eq!(shown(&state)[3], "tell Done");
    tick(&mut state, "Call legal");
    assert_eq!(shown(&state)[3], "tell Ready", "a tick is taken back");
    tick(&mut state, "Call legal");
    tick(&mut state, "cut ");
    assert_eq!(
        shown(&state)[1..3],
        ["cut Done", "[ ] Ask the owner"],
        "by a person's word"
    );
    assert_eq!(shown(&state)[6], "close Ready");
}

#[test]
fn a_step_with_an_action_is_done_when_that_is_and_its_boxes_are_ticked() {
    let (mut state, finding) = opened();
    decide(&mut state, "m");
    tick(&mut state, "Ask the owner");
    assert_eq!(shown(&state)[1], "cut Ready");
    let Screen::Incident(open) = state.screen() else {
        panic!("no incident")
    };
    let id = open.id.clone();
    let (target, region) = (finding.resource.clone(), finding.region.clone());
    let request = steps::request(&state, ActionName::IsolateInstance, target, &id, &finding, region, None);
    let plan = Plan::new(request, Draft::default(), Facts::default());
    let what = What::Confirmed {
        digest: plan.digest(),
        plan: Box::new(plan),
        rule: None,
    };
    let seq = state.journal.last().unwrap().seq + 1;
    recorded(&mut state, seq, ME, &id, what);
    assert_eq!(shown(&state)[1..3], ["cut Done", "[x] Ask the owner"]);
    press(&mut state, "g");
    press(&mut state, "j");
    assert_eq!(selected_record(&state), Some(seq));
}

/// A confirmed plan of one call about the incident's machine, as the journal has it.
fn confirmed(state: &mut State, finding: &Finding, action: ActionName, undo: Undo, undoes: Option<u64>) -> u64 {
    let Screen::Incident(open) = state.screen() else {
        panic!("no incident")
    };
    let id = open.id.clone();
    let (target, region) = (finding.resource.clone(), finding.region.clone());
    let request = steps::request(state, action, target, &id, finding, region, None);
    let mutation = Mutation::Ec2(Ec2Call::StopInstances {
        instance: finding.resource.id.raw().parse().unwrap(),
    });
    let call = PlannedCall {
        mutation: mutation.clone(),
        undo,
        was: None,
    };
    let draft = Draft {
        calls: vec![call],
        ..Draft::default()
    };
    let plan = Plan::new(Request { undoes, ..request }, draft, Facts::default());
    let what = What::Confirmed {
        digest: plan.digest(),
        plan: Box::new(plan),
        rule: None,
    };
    let seq = state.journal.last().unwrap().seq + 1;
    recorded(state, seq, ME, &id, what);
    // Sent, which may have taken effect: a plan of which nothing was sent changed nothing that could be undone.
    let sent = What::Intent {
        plan: seq,
        call: 0,
        mutation,
        target_arn: String::new(),
    };
    recorded(state, seq + 1, ME, &id, sent);
    seq
}

/// The record that `u` makes an undo of, or what is said instead.
fn undone(state: &mut State) -> Result<u64, String> {
    press(state, "u");
    let said = said(state).to_owned();
    let record = match state.screen() {
        Screen::Plan(plan) => Ok(plan.request.undoes.unwrap()),
        _ => Err(said),
    };
    if record.is_ok() {
        press(state, "esc");
    }
    record
}

#[test]
fn undo_finds_what_the_incident_changed_wherever_the_cursor_stands() {
    let (mut state, finding) = opened();
    press(&mut state, "g");
    assert!(undone(&mut state).unwrap_err().starts_with("There is nothing here"));
    let cut = confirmed(
        &mut state,
        &finding,
        ActionName::IsolateInstance,
        Undo::Reversible,
        None,
    );
    let kept = confirmed(&mut state, &finding, ActionName::SnapshotInstance, Undo::Kept, None);
    press(&mut state, "g");
    assert_eq!(
        selected_record(&state),
        None,
        "the step under the cursor changed nothing"
    );
    assert_eq!(undone(&mut state), Ok(cut), "a snapshot after it cannot be undone");
    confirmed(&mut state, &finding, ActionName::IsolateInstance, Undo::Kept, Some(cut));
    assert_eq!(
        undone(&mut state),
        Ok(kept),
        "nothing is left that could be undone; its undo says why"
    );
}

#[test]
fn what_another_person_ticks_is_seen_with_their_name() {
    let (mut state, _) = opened();
    let Screen::Incident(open) = state.screen() else {
        panic!("no incident")
    };
    let id = open.id.clone();
    let ticked = |playbook: &str| What::Ticked {
        playbook: playbook.to_owned(),
        step: "tell".to_owned(),
        item: Some("Call legal".to_owned()),
        done: true,
    };
    let seq = state.journal.last().unwrap().seq;
    recorded(&mut state, seq + 1, OTHER, &id, ticked("another"));
    assert!(
        shown(&state).contains(&"[ ] Call legal".to_owned()),
        "of another playbook"
    );
    recorded(&mut state, seq + 2, OTHER, &id, ticked("forked"));
    assert!(shown(&state).contains(&"[x] Call legal".to_owned()));
    let Screen::Incident(open) = state.screen() else {
        panic!("no incident")
    };
    let play = play(&state, &open.incident);
    let ticks: Vec<&Tick> = play.lines.iter().filter_map(|line| line.tick.as_ref()).collect();
    assert_eq!((ticks.len(), ticks[0].who.as_str()), (1, OTHER));
}

#[test]
fn a_watcher_ticks_nothing_and_chooses_no_playbook() {
    let mut state = console(Mode::Watch, Vec::new());
    found(&mut state, [apart(1, 8.0)]);
    after(&mut state, 1);
    press(&mut state, "enter");
    for key in ["space", "P", "V", "v"] {
        assert!(press(&mut state, key).is_empty());
        assert!(
            state.prompt.is_none() && said(&state).contains("only looks"),
            "{key}: {}",
            said(&state)
        );
    }
}

/// What the keys decide: severity, type, subtype, systems.
fn decided(keys: &[&str]) -> (SeverityLabel, String, String, u32) {
    let (mut state, _) = opened();
    press(&mut state, "v");
    let mut effects = Vec::new();
    for key in keys {
        effects = press(&mut state, key);
    }
    let decided = effects.into_iter().find_map(|effect| match effect {
        Effect::Note {
            what:
                What::Classified {
                    severity,
                    incident_type,
                    subtype,
                    systems,
                    ..
                },
            ..
        } => Some((severity, incident_type.unwrap(), subtype.unwrap(), systems.unwrap())),
        _ => None,
    });
    decided.expect("a decision")
}

#[test]
fn an_incident_is_classified_with_few_keys() {
    let (severity, kind, sub, systems) = decided(&["enter"]);
    assert_eq!(
        (severity, kind.as_str(), sub.as_str(), systems),
        (SeverityLabel::High, "unauthorised-access", "production", 1)
    );
    // More than ten systems are one step up, and the first digit begins a new number.
    assert_eq!(decided(&["1", "2", "enter"]).0, SeverityLabel::Critical);
    assert_eq!(decided(&["1", "2", "enter"]).3, 12);
    assert_eq!(decided(&["1", "2", "backspace", "enter"]).0, SeverityLabel::High);
    // The next subtype is development, which the table calls medium; a letter has the last word.
    let next = decided(&["j", "space", "enter"]);
    assert_eq!((next.0, next.2.as_str()), (SeverityLabel::Medium, "development"));
    let own = decided(&["j", "space", "c"]);
    assert_eq!((own.0, own.2.as_str()), (SeverityLabel::Critical, "development"));
    let by_row = decided(&["k", "left", "enter"]);
    assert_eq!(
        (by_row.0, by_row.1.as_str()),
        (SeverityLabel::Critical, "unauthorised-access")
    );
    assert_eq!(decided(&["space", "enter"]).1, "service-disruption");
}

#[test]
fn a_decision_says_whom_to_tell_and_can_be_changed() {
    let (mut state, _) = opened();
    decide(&mut state, "c");
    assert!(
        said(&state).contains("Tell: Security team, CISO, CTO, CEO, Legal."),
        "{}",
        said(&state)
    );
    press(&mut state, "v");
    let Some(super::super::state::Prompt::Classify(prompt)) = &state.prompt else {
        panic!("no prompt")
    };
    assert_eq!(prompt.severity, SeverityLabel::Critical);
    assert!(prompt.why.contains("decided critical before"), "{}", prompt.why);
    let effects = press(&mut state, "l");
    journaled(&mut state, effects);
    let classified = state
        .journal
        .iter()
        .filter(|r| matches!(r.what, What::Classified { .. }));
    assert_eq!(classified.count(), 2, "each decision stays in the journal");
}

#[test]
fn tags_of_the_evidence_are_suggested_by_and_only_a_decision_changes_the_severity() {
    let (mut state, finding) = opened();
    let suggested = |state: &State| {
        let incident = state.incident_of(&finding.key()).unwrap();
        let (severity, found) = (
            chosen::severity(state, &incident),
            chosen::suggested(state, &incident).unwrap(),
        );
        assert_eq!(
            chosen::situation(state, &incident).severity,
            severity,
            "the pane goes by the clock's rule"
        );
        (severity, found.subtype, found.severity)
    };
    let before = suggested(&state);
    assert_eq!(
        before,
        (SeverityLabel::High, "production".to_owned(), SeverityLabel::High)
    );
    if let Some(Screen::Incident(open)) = state.screens.last_mut() {
        open.tags.push(("Env".into(), "Dev-2".into()));
    }
    let after = suggested(&state);
    assert_eq!(
        after,
        (SeverityLabel::High, "development".to_owned(), SeverityLabel::Medium)
    );
    decide(&mut state, "enter");
    assert_eq!(suggested(&state).0, SeverityLabel::Medium);
}
