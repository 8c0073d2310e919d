//! Evidence: what is asked for, what is said while it comes, and when the step is done.

use super::super::incident::Pane;
use super::super::playbook::{self, StepState};
use super::super::state::Prompt;
use super::super::testing::{ME, after, apart, found, journaled, press, recorded, said, send, state as console};
use super::super::{Event, Mode, play, progress, targets};
use super::*;
use crate::action::{Draft, Facts, Plan, Step};
use crate::domain::{Principal, ResourceKind, Untrusted};
use crate::findings::Finding;
use crate::journal::What;
use crate::playbook::{Playbook, Standing};

const KEPT: &str = r#"
name = "kept"
title = "Volumes and what AWS says"
description = "For tests."
[[step]]
id = "keep"
phase = "snapshot"
title = "Keep"
guidance = "G"
actions = ["snapshot-instance", "collect-evidence"]
"#;

/// An instance with the role that it acts by, opened at its playbook.
fn opened(mode: Mode) -> State {
    let mut state = console(mode, Vec::new());
    state.playbooks.add(Playbook::parse("kept.toml", KEPT).unwrap());
    let finding = Finding {
        principal: Principal {
            kind: Some(Untrusted::new("AssumedRole")),
            name: Some(Untrusted::new("web")),
            remote_ip: Some(Untrusted::new("203.0.113.7")),
            ..Principal::default()
        },
        ..apart(1, 8.0)
    };
    found(&mut state, [finding]);
    after(&mut state, 1);
    press(&mut state, "enter");
    let Some(Screen::Incident(open)) = state.screens.last_mut() else {
        panic!("no incident")
    };
    open.pane = Pane::Playbook;
    let id = open.id.clone();
    let what = What::PlaybookChosen {
        playbook: "kept".to_owned(),
    };
    recorded(&mut state, 1, ME, &id, what);
    state
}

fn incident(state: &State) -> std::sync::Arc<Incident> {
    match state.screens.iter().rev().find_map(|screen| match screen {
        Screen::Incident(open) => Some(open.incident.clone()),
        _ => None,
    }) {
        Some(incident) => incident,
        None => panic!("no incident"),
    }
}

/// Enter on the step, then on the choice of the evidence.
fn begin(state: &mut State) -> Vec<Effect> {
    assert!(press(state, "enter").is_empty());
    let Some(Prompt::Target(choice)) = &state.prompt else {
        panic!("{:?}", state.prompt)
    };
    let all: Vec<ActionName> = choice.all.iter().filter(|t| t.counts).map(|t| t.action).collect();
    assert_eq!(all, [ActionName::SnapshotInstance, ActionName::CollectEvidence]);
    press(state, "j");
    press(state, "enter")
}

fn kept() -> EvidenceKept {
    EvidenceKept {
        directory: "/tmp/evidence/q-1/20261121".to_owned(),
        manifest_sha256: "ab".repeat(32),
        files: 12,
        gaps: 1,
        findings: Some(1),
        subjects: Some(2),
    }
}

fn step(state: &State) -> (Standing, playbook::StepView) {
    let incident = incident(state);
    let play = play::play(state, &incident);
    (play.lines[0].standing, play.lines[0].went.clone().unwrap())
}

fn phase(state: &State) -> StepState {
    let steps = playbook::steps(state, &incident(state));
    steps.into_iter().find(|s| s.step == Step::Snapshot).unwrap().state
}

#[test]
fn all_that_the_findings_are_about_is_read_without_a_confirmation() {
    let mut state = opened(Mode::Respond);
    let effects = begin(&mut state);
    let [
        Effect::Note {
            what: What::Incident { .. },
            ..
        },
        Effect::Collect {
            incident: id,
            subjects,
            findings,
        },
    ] = effects.as_slice()
    else {
        panic!("{effects:?}")
    };
    let named: Vec<_> = subjects.iter().map(|s| (s.resource.kind, s.account)).collect();
    let account = apart(1, 8.0).account;
    assert_eq!(
        named,
        [(ResourceKind::Instance, account), (ResourceKind::Role, account)]
    );
    assert_eq!(findings, &[apart(1, 8.0).key()]);
    let said_so = format!("Collecting: 1 finding and 2 resources, read only, into evidence/{id} beside the journal.");
    assert_eq!(said(&state), said_so);
    // One at a time; and it is seen that it goes on.
    journaled(&mut state, effects);
    assert!(begin(&mut state).is_empty());
    assert!(said(&state).contains("still being collected"), "{}", said(&state));
    after(&mut state, 7);
    assert!(
        step(&state).1.note.contains("collect-evidence under way"),
        "{}",
        step(&state).1.note
    );
}

#[test]
fn the_step_is_done_when_each_of_its_actions_is() {
    let mut state = opened(Mode::Respond);
    let effects = begin(&mut state);
    journaled(&mut state, effects);
    let id = incident(&state).id.clone();
    let seq = state.journal.last().unwrap().seq;
    recorded(&mut state, seq + 1, ME, &id, What::Evidence(kept()));
    let gathered = Gathered {
        kept: kept(),
        gaps: vec!["iam:GetRole of web: AccessDenied".to_owned()],
    };
    send(
        &mut state,
        Event::Collected {
            incident: id.clone(),
            result: Ok(gathered),
        },
    );
    assert_eq!(
        said(&state),
        format!("Evidence of {id}: 12 files; 1 gap, named in the Playbook pane.")
    );
    assert_eq!(gaps(&state, &incident(&state)), ["iam:GetRole of web: AccessDenied"]);
    assert!(state.collections.under_way.is_none());
    let (standing, view) = step(&state);
    let instance = apart(1, 8.0).resource;
    assert_eq!(
        (standing, view.state, phase(&state)),
        (Standing::Ready, StepState::Todo, StepState::Todo)
    );
    assert!(view.note.starts_with("1 of 2 done: "), "{}", view.note);
    assert!(
        view.note.contains(&format!("snapshot-instance {instance} to do")),
        "{}",
        view.note
    );
    assert!(
        view.note.contains("12 files in /tmp/evidence/q-1/20261121"),
        "{}",
        view.note
    );
    assert!(
        view.note.contains("collect-evidence with 1 gap, record "),
        "{}",
        view.note
    );
    assert_eq!(view.seq, None, "there is nothing to undo");
    // The other half.
    let finding = incident(&state).lead.clone();
    let request = steps::request(
        &state,
        ActionName::SnapshotInstance,
        instance,
        &id,
        &finding,
        finding.region.clone(),
        None,
    );
    let plan = Plan::new(request, Draft::default(), Facts::default());
    let what = What::Confirmed {
        digest: plan.digest(),
        plan: Box::new(plan),
        rule: None,
    };
    recorded(&mut state, seq + 2, ME, &id, what);
    let (standing, view) = step(&state);
    assert_eq!(
        (standing, view.state, phase(&state)),
        (Standing::Done, StepState::Done, StepState::Done)
    );
    assert_eq!(view.seq, Some(seq + 2));
}

#[test]
fn what_could_not_be_kept_is_said_and_can_be_tried_again() {
    let mut state = opened(Mode::Respond);
    let effects = begin(&mut state);
    journaled(&mut state, effects);
    let id = incident(&state).id.clone();
    let result = Err("the disk is full".to_owned());
    send(
        &mut state,
        Event::Collected {
            incident: id.clone(),
            result,
        },
    );
    assert_eq!(
        said(&state),
        format!("Evidence of {id} is not complete: the disk is full")
    );
    assert_eq!(phase(&state), StepState::Todo);
    assert!(matches!(begin(&mut state).as_slice(), [Effect::Collect { .. }]));
}

#[test]
fn who_only_watches_is_told_where_it_can_be_done() {
    let mut state = opened(Mode::Watch);
    assert!(press(&mut state, "enter").is_empty() && state.prompt.is_none());
    assert!(said(&state).contains("quell evidence INCIDENT"), "{}", said(&state));
}

/// How far collecting is by this record alone, and what is said of it.
fn went(state: &State, seq: u64) -> (StepState, String) {
    let incident = incident(state);
    let own: Vec<_> = state.journal.iter().filter(|r| r.seq >= seq).collect();
    let all = targets::targets(state, Step::Snapshot, &incident);
    let at = all
        .iter()
        .position(|t| t.action == ActionName::CollectEvidence)
        .unwrap();
    let went = progress::progress(&incident, &all, &own, &state.journal)
        .swap_remove(at)
        .unwrap();
    (went.state, went.note())
}

#[test]
fn evidence_without_a_file_failed_and_what_came_since_is_not_in_it() {
    let mut state = opened(Mode::Respond);
    let id = incident(&state).id.clone();
    let nothing = EvidenceKept {
        files: 0,
        gaps: 9,
        ..kept()
    };
    recorded(&mut state, 2, ME, &id, What::Evidence(nothing));
    let (how, said) = went(&state, 2);
    assert_eq!(how, StepState::Failed);
    assert!(said.contains("with 9 gaps, record 2; nothing came"), "{said}");
    let before = EvidenceKept {
        findings: Some(0),
        ..kept()
    };
    recorded(&mut state, 3, ME, &id, What::Evidence(before));
    let (how, said) = went(&state, 2);
    assert_eq!(how, StepState::Applied);
    assert!(
        said.contains("findings came since, it has 0 of 1; collect again"),
        "{said}"
    );
    // What is not known to lack any counts, as it did; and a later one of less takes nothing away.
    let old = EvidenceKept {
        findings: None,
        subjects: None,
        gaps: 0,
        ..kept()
    };
    recorded(&mut state, 4, ME, &id, What::Evidence(old));
    assert_eq!(went(&state, 2).0, StepState::Done);
    let less = EvidenceKept {
        findings: Some(0),
        ..kept()
    };
    recorded(&mut state, 5, ME, &id, What::Evidence(less));
    let (how, said) = went(&state, 2);
    assert!(
        how == StepState::Done && said.starts_with("collect-evidence, record 4: "),
        "{said}"
    );
}

/// The worst finding happened in the account; the other one is about it, for its root user acted.
#[test]
fn what_one_finding_names_in_passing_and_another_is_about_is_collected() {
    let worst = apart(1, 8.0);
    let root = Finding {
        account: worst.account,
        region: worst.region.clone(),
        principal: Principal {
            kind: Some(Untrusted::new("Root")),
            ..Principal::default()
        },
        ..apart(2, 5.0)
    };
    let incident = Incident {
        members: vec![worst.clone().into(), root.into()],
        ..Incident::alone(worst.clone().into())
    };
    let account = Subject {
        account: worst.account,
        region: worst.region.clone(),
        resource: Resource::new(ResourceKind::Account, worst.account.as_str()),
    };
    let (subjects, _) = brief(&incident);
    let times = subjects.iter().filter(|subject| **subject == account).count();
    assert_eq!(times, 1, "{subjects:?}");
    assert_eq!(subjects.len(), incident.about().count());
    // A finding that merely happened there is not about it.
    assert!(!brief(&Incident::alone(worst.into())).0.contains(&account));
}
