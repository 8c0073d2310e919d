//! What steps of playbooks offer and count: their own actions, each of them, whatever phase that is of by itself.

use super::super::incident::Pane;
use super::super::play;
use super::super::playbook::{self, StepState, StepView};
use super::super::state::{Prompt, Screen};
use super::super::testing::{self, ME, after, apart, found, press, recorded, said};
use super::super::{Mode, steps};
use super::*;
use crate::action::{Draft, Facts, Plan};
use crate::domain::{Principal, SeverityLabel, Untrusted};
use crate::journal::What;
use crate::playbook::Playbook;

/// A finding that names a thing of every kind.
fn of_all_kinds() -> Finding {
    let kinds = [
        (ResourceKind::AccessKey, "AKIAIOSFODNN7EXAMPLE"),
        (ResourceKind::User, "deploy-bot"),
        (ResourceKind::Role, "web"),
        (ResourceKind::Bucket, "acme-exports"),
        (ResourceKind::Function, "thumbnails"),
        (ResourceKind::Database, "payments-db"),
        (ResourceKind::Cluster, "payments"),
        (ResourceKind::Secret, "db-password"),
        (ResourceKind::Key, "1234abcd-12ab-34cd-56ef-1234567890ab"),
        (ResourceKind::IdentityUser, "ann@example.com"),
    ];
    Finding {
        others: kinds.map(|(kind, id)| Resource::new(kind, id)).to_vec(),
        principal: Principal {
            remote_ip: Some(Untrusted::new("203.0.113.7")),
            ..Principal::default()
        },
        ..apart(1, 8.0)
    }
}

#[test]
fn every_action_of_every_shipped_step_is_offered() {
    let state = testing::state(Mode::Respond, Vec::new());
    let incident = Incident::alone(Arc::new(of_all_kinds()));
    let mut offered = 0;
    for playbook in state.playbooks.iter() {
        for step in playbook.steps() {
            if !matches!(step.phase, Step::Isolate | Step::Snapshot | Step::Revoke) {
                continue;
            }
            let all = of_step(&state, step, &incident, usize::MAX).targets;
            for action in &step.actions {
                let place = format!("{} {}: {action}", playbook.name, step.id);
                assert!(all.iter().any(|t| t.action == *action), "{place} is not offered");
                assert!(
                    step.any || all.iter().any(|t| t.action == *action && t.counts),
                    "{place} does not count"
                );
                offered += 1;
            }
            assert!(
                step.actions.is_empty() || all.iter().any(|t| t.counts),
                "{} {}",
                playbook.name,
                step.id
            );
        }
    }
    assert!(offered > 60, "{offered}");
}

/// An incident opened at this playbook, as high.
fn opened(finding: &Finding, playbook: &str) -> State {
    let mut state = testing::state(Mode::Respond, Vec::new());
    found(&mut state, [finding.clone()]);
    after(&mut state, 1);
    press(&mut state, "enter");
    let Some(Screen::Incident(open)) = state.screens.last_mut() else {
        panic!("no incident")
    };
    open.pane = Pane::Playbook;
    let id = open.id.clone();
    let chosen = What::PlaybookChosen {
        playbook: playbook.to_owned(),
    };
    recorded(&mut state, 1, ME, &id, chosen);
    state
}

fn incident(state: &State) -> Arc<Incident> {
    let open = state.screens.iter().rev().find_map(|screen| match screen {
        Screen::Incident(open) => Some(Arc::clone(&open.incident)),
        _ => None,
    });
    open.unwrap()
}

/// How far the step of this name is.
fn step(state: &State, name: &str) -> StepView {
    let incident = incident(state);
    let play = play::play(state, &incident);
    let (place, _) = play.playbook.step(name).unwrap();
    let line = play.lines.iter().find(|l| l.step == place && l.item.is_none());
    line.unwrap().went.clone().unwrap()
}

/// How far a phase is.
fn phase(state: &State, step: Step) -> StepView {
    let mut steps = playbook::steps(state, &incident(state)).into_iter();
    steps.find(|s| s.step == step).unwrap()
}

/// Enter on the step of this name.
fn enter(state: &mut State, name: &str) {
    let at = {
        let incident = incident(state);
        let play = play::play(state, &incident);
        let (place, _) = play.playbook.step(name).unwrap();
        play.lines.iter().position(|l| l.step == place).unwrap()
    };
    press(state, "g");
    for _ in 0..at {
        press(state, "j");
    }
    press(state, "enter");
}

fn applied(state: &mut State, action: ActionName, target: &Resource) {
    let found = Arc::clone(&incident(state).lead);
    let (id, region) = (incident(state).id.clone(), found.region.clone());
    let request = steps::request(state, action, target.clone(), &id, &found, region, None);
    let request = crate::action::Request {
        region: steps::place(action, &found),
        ..request
    };
    let plan = Plan::new(request, Draft::default(), Facts::default());
    let what = What::Confirmed {
        digest: plan.digest(),
        plan: Box::new(plan),
        rule: None,
    };
    let seq = state.journal.last().unwrap().seq + 1;
    recorded(state, seq, ME, &id, what);
}

#[test]
fn a_revoke_step_with_an_action_that_isolates_offers_it_and_is_done_by_it_alone() {
    let user = Resource::new(ResourceKind::User, "deploy-bot");
    let finding = Finding {
        resource: Resource::new(ResourceKind::AccessKey, "AKIAIOSFODNN7EXAMPLE"),
        others: vec![user.clone()],
        ..apart(1, 8.0)
    };
    let mut state = opened(&finding, "leaked-key");
    assert_eq!(step(&state, "contain-user").state, StepState::Todo);
    enter(&mut state, "contain-user");
    let at = match &state.prompt {
        Some(Prompt::Target(choice)) => choice.all[choice.at].clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!((at.action, &at.resource), (ActionName::ContainUser, &user));
    press(&mut state, "esc");
    let before = phase(&state, Step::Revoke);
    applied(&mut state, ActionName::ContainUser, &user);
    assert_eq!(step(&state, "contain-user").state, StepState::Done);
    // In the six phases it counts as what it is, and once.
    assert_eq!(phase(&state, Step::Revoke), before);
    assert!(
        phase(&state, Step::Isolate).note.contains("contain-user"),
        "{}",
        phase(&state, Step::Isolate).note
    );
    // What a step acts on and nothing names opens no choice of what others do.
    enter(&mut state, "isolate");
    assert!(state.prompt.is_none());
    assert!(said(&state).contains("instance, function"), "{}", said(&state));
}

#[test]
fn where_one_is_enough_the_account_does_not_wait_beside_what_is_plainly_named() {
    let mut state = opened(&apart(1, 9.5), "generic");
    let instance = apart(1, 9.5).resource;
    let id = incident(&state).id.clone();
    let classified = What::Classified {
        severity: SeverityLabel::Critical,
        response_minutes: 15,
        incident_type: None,
        subtype: None,
        systems: None,
    };
    recorded(&mut state, 2, ME, &id, classified);
    let view = step(&state, "isolate-now");
    assert!(!view.note.contains("quarantine-account"), "{}", view.note);
    // It is offered all the same.
    enter(&mut state, "isolate-now");
    match &state.prompt {
        Some(Prompt::Target(choice)) => {
            let account = |t: &Target| t.action == ActionName::QuarantineAccount && !t.counts;
            assert!(choice.all.iter().any(account));
            assert_eq!(choice.all[choice.at].action, ActionName::IsolateInstance);
        }
        other => panic!("{other:?}"),
    }
    press(&mut state, "esc");
    applied(&mut state, ActionName::IsolateInstance, &instance);
    assert_eq!(step(&state, "isolate-now").state, StepState::Done);
    // Where nothing else is named, the account is what is left.
    let nothing = Finding {
        resource: Resource::new(ResourceKind::Other, "thing"),
        ..apart(2, 9.5)
    };
    let (_, isolate) = state.playbooks.get("generic").unwrap().step("isolate-now").unwrap();
    let alone = of_step(&state, isolate, &Incident::alone(Arc::new(nothing)), usize::MAX).targets;
    let counting: Vec<ActionName> = alone.iter().filter(|t| t.counts).map(|t| t.action).collect();
    assert_eq!(counting, [ActionName::QuarantineAccount]);
}

#[test]
fn an_action_that_a_step_could_never_offer_is_a_fault_of_the_file() {
    let with = |phase: &str, action: &str| {
        let text = format!(
            "name = \"p\"\ntitle = \"T\"\ndescription = \"D\"\n[[step]]\nid = \"s\"\nphase = \"{phase}\"\ntitle = \"S\"\nguidance = \
             \"G\"\nactions = [\"{action}\"]\n"
        );
        Playbook::parse("p.toml", &text)
    };
    for (phase, action) in [
        ("revoke", "contain-user"),
        ("isolate", "replace-instance-profile"),
        ("notify", "notify-sns"),
        ("document", "note-findings"),
    ] {
        with(phase, action).unwrap();
    }
    for (phase, action) in [
        ("isolate", "notify-sns"),
        ("revoke", "note-findings"),
        ("notify", "contain-user"),
    ] {
        let faults = format!("{:?}", with(phase, action).unwrap_err());
        assert!(faults.contains(action) && faults.contains("phase"), "{faults}");
    }
}
