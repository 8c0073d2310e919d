//! Steps of incidents that name several things: which one is planned, and when the step is done.

use super::super::playbook::{self, StepView};
use super::super::testing::{ME, apart, merged, press, recorded};
use super::*;
use crate::action::{Draft, Facts, Plan};

/// An incident of three instances in three accounts, opened.
fn three() -> State {
    let mut state = merged([apart(1, 8.0), apart(2, 7.0), apart(3, 6.0)]);
    press(&mut state, "enter");
    state
}

fn choice(state: &State) -> &Choice {
    match &state.prompt {
        Some(Prompt::Target(choice)) => choice,
        other => panic!("{other:?}"),
    }
}

fn planned(state: &State) -> Request {
    match state.screen() {
        Screen::Plan(plan) => plan.request.clone(),
        other => panic!("{other:?}"),
    }
}

/// The journal says that a plan was confirmed, and that nothing was left to do.
fn went_out(state: &mut State, request: Request) {
    let seq = state.journal.last().unwrap().seq + 1;
    let incident = request.incident.clone();
    let plan = Plan::new(request, Draft::default(), Facts::default());
    let what = What::Confirmed {
        digest: plan.digest(),
        plan: Box::new(plan),
        rule: None,
    };
    recorded(state, seq, ME, &incident, what);
}

fn isolate(state: &State) -> StepView {
    let Screen::Incident(open) = state.screen() else {
        panic!("{:?}", state.screen());
    };
    let steps = playbook::steps(state, &open.incident);
    steps.into_iter().find(|s| s.step == Step::Isolate).unwrap()
}

#[test]
fn each_of_several_is_chosen_by_hand_and_the_step_is_done_after_the_last() {
    let mut state = three();
    for (done, finding) in [apart(1, 8.0), apart(2, 7.0), apart(3, 6.0)].iter().enumerate() {
        let view = isolate(&state);
        assert_eq!(view.state, StepState::Todo);
        if done > 0 {
            assert!(view.note.starts_with(&format!("{done} of 3 done: ")), "{}", view.note);
        }
        assert!(press(&mut state, "i").is_empty(), "nothing is taken unasked");
        let all = choice(&state).all.iter().map(|t| t.resource.clone());
        let at = all
            .collect::<Vec<_>>()
            .iter()
            .position(|r| *r == finding.resource)
            .unwrap();
        press(&mut state, "up");
        press(&mut state, "up");
        for _ in 0..at {
            press(&mut state, "j");
        }
        press(&mut state, "enter");
        let request = planned(&state);
        assert_eq!((&request.target, request.account), (&finding.resource, finding.account));
        went_out(&mut state, request);
        press(&mut state, "esc");
    }
    let view = isolate(&state);
    assert_eq!(view.state, StepState::Done);
    assert!(view.note.starts_with("3 of 3 done: "), "{}", view.note);
}

#[test]
fn the_cursor_stands_on_what_the_opened_finding_names() {
    let mut state = three();
    for number in [3, 1, 2] {
        let opened = apart(number, 1.0);
        let Some(Screen::Incident(open)) = state.screens.last_mut() else {
            panic!("no incident");
        };
        let member = open.incident.members.iter().find(|f| f.key() == opened.key());
        open.finding = Arc::clone(member.unwrap());
        press(&mut state, "s");
        let choice = choice(&state);
        assert_eq!(choice.all[choice.at].resource, opened.resource);
        assert!(press(&mut state, "esc").is_empty());
        assert!(state.prompt.is_none());
    }
}

#[test]
fn one_finding_may_name_several_and_a_name_in_another_account_is_another() {
    let mut first = apart(1, 8.0);
    first.others = vec![apart(9, 1.0).resource, first.resource.clone()];
    let elsewhere = Finding {
        resource: first.resource.clone(),
        ..apart(2, 7.0)
    };
    let incident = Incident {
        members: vec![
            Arc::new(first.clone()),
            Arc::new(elsewhere.clone()),
            Arc::new(first.clone()),
        ],
        ..Incident::alone(Arc::new(first.clone()))
    };
    let all = targets(Step::Isolate, &incident);
    let all: Vec<_> = all.iter().map(|t| (&t.resource, t.finding.account)).collect();
    assert_eq!(
        all,
        [
            (&first.resource, first.account),
            (&first.others[0], first.account),
            (&elsewhere.resource, elsewhere.account)
        ]
    );
}

#[test]
fn what_was_undone_is_not_done() {
    let mut state = three();
    press(&mut state, "i");
    press(&mut state, "enter");
    let request = planned(&state);
    went_out(&mut state, request.clone());
    let seq = state.journal.last().unwrap().seq;
    press(&mut state, "esc");
    assert!(isolate(&state).note.starts_with("1 of 3"));
    assert_eq!(isolate(&state).seq, Some(seq));
    went_out(
        &mut state,
        Request {
            undoes: Some(seq),
            ..request
        },
    );
    assert!(isolate(&state).note.starts_with("0 of 3"), "{}", isolate(&state).note);
}
