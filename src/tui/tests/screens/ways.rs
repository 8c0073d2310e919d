//! The ways on from a plan: other choices, planning again, reading back again.

use super::*;
use crate::action::{Choice, Takes};
use crate::app::choosing::Choosing;
use crate::app::state::Prompt;
use crate::app::{Effect, Key};

/// Choices that no action has, one of each kind.
static CHOICES: [Choice; 3] = [
    Choice {
        name: "leave-open",
        takes: Takes::Flag,
        about: "Leaves the way for Systems Manager open, so that memory can still be captured.",
    },
    Choice {
        name: "how-far",
        takes: Takes::OneOf(&["interface", "subnet"]),
        about: "What is cut off.",
    },
    Choice {
        name: "until",
        takes: Takes::Text("2026-12-01T00:00:00Z"),
        about: "When it ends.",
    },
];

fn choosing(state: &mut State) {
    state.prompt = Some(Prompt::Choices(Box::new(Choosing {
        all: &CHOICES,
        at: 0,
        line: None,
        error: None,
    })));
}

fn chosen(state: &State) -> Vec<String> {
    let Screen::Plan(screen) = state.screen() else {
        panic!("no plan")
    };
    let all = screen.request.choices.iter();
    all.map(|(name, value)| format!("{name}={value}")).collect()
}

fn ready(state: &State) -> Option<(String, String)> {
    let Screen::Plan(screen) = state.screen() else {
        panic!("no plan")
    };
    match &screen.stage {
        Stage::Ready { digest, typed, .. } => Some((digest.to_string(), typed.text().to_owned())),
        _ => None,
    }
}

/// Presses keys, and gives back what is to be done outside, unanswered.
fn effects(state: &mut State, key: &str) -> Vec<Effect> {
    let at = state.now.checked_add(jiff::SignedDuration::from_secs(1)).unwrap();
    send(state, Event::Key(key.parse::<Key>().unwrap(), at))
}

#[test]
fn each_change_of_a_choice_plans_again_from_what_is_known_and_clears_what_was_typed() {
    let mut state = planned();
    press(&mut state, &["7", "8"]);
    let (_, typed) = ready(&state).unwrap();
    assert_eq!(typed, "78");
    choosing(&mut state);
    assert!(effects(&mut state, "Space").is_empty(), "everything is known already");
    assert_eq!(chosen(&state), ["leave-open=yes"]);
    assert_eq!(
        ready(&state),
        None,
        "no action has this choice, and it is not passed over"
    );
    effects(&mut state, "Space");
    assert_eq!(chosen(&state), ["leave-open=no"]);
    let asked = effects(&mut state, "Backspace");
    assert!(
        matches!(asked[..], [Effect::Predict(_)]),
        "the facts are kept: {asked:?}"
    );
    let (again, typed) = ready(&state).expect("the plan as it was");
    assert_eq!(typed, "");
    press(&mut state, &["j", "Enter"]);
    assert_eq!(chosen(&state), ["how-far=interface"]);
    press(&mut state, &["Enter"]);
    assert_eq!(chosen(&state), ["how-far=subnet"]);
    press(&mut state, &["Enter", "j", "Enter", "1", "2", "Enter"]);
    assert_eq!(chosen(&state), ["until=12"]);
    press(&mut state, &["Enter", "Ctrl-u", "Enter"]);
    assert!(chosen(&state).is_empty());
    // The request is of a later moment, which goes into the tags; so the plan is another.
    assert_ne!(ready(&state).unwrap().0, again);
    press(&mut state, &["Esc"]);
    assert!(state.prompt.is_none());
    press(&mut state, &["7", "8", "9", "0"]);
    assert_eq!(ready(&state).unwrap().1, "7890");
}

#[test]
fn old_facts_are_read_again_for_another_choice() {
    let mut state = planned();
    let later = state.now.checked_add(jiff::SignedDuration::from_mins(6)).unwrap();
    send(&mut state, Event::Tick(later));
    choosing(&mut state);
    effects(&mut state, "Space");
    let asked = effects(&mut state, "Backspace");
    assert!(matches!(asked[..], [Effect::Read { .. }]), "{asked:?}");
}

#[test]
fn an_action_without_choices_says_so() {
    let mut state = opened(Mode::Respond);
    press(&mut state, &["m", "Ctrl-x"]);
    assert!(state.prompt.is_none());
    let said = state.message.as_ref().unwrap().text.clone();
    assert!(said.contains("notify-sns has no choices"), "{said}");
}

#[test]
fn plan_with_choices() {
    let mut state = planned();
    choosing(&mut state);
    press(&mut state, &["Space", "j"]);
    look("plan-choices", state);
}

#[test]
fn a_stopped_plan_is_resumed_by_planning_it_again() {
    let mut state = confirmed();
    send(&mut state, Event::CallSent { call: 0 });
    send(
        &mut state,
        Event::CallAnswered {
            call: 0,
            outcome: applied(0),
        },
    );
    assert!(effects(&mut state, "r").is_empty(), "not while calls are being sent");
    let trouble = Some("Call 2 failed.".to_owned());
    send(&mut state, Event::CallsEnded { trouble });
    let screens = state.screens.len();
    let asked = effects(&mut state, "r");
    assert!(
        matches!(asked[..], [Effect::Read { .. }]),
        "everything is read anew: {asked:?}"
    );
    answer(&mut state, asked);
    assert!(ready(&state).is_some());
    assert_eq!(
        state.screens.len(),
        screens,
        "it takes the place of the one that stopped"
    );
}

/// A refusal of what the journal says was done before.
fn contained_already() -> State {
    let mut state = journaled(Mode::Respond);
    // The cursor stands on what is still to be done; the isolation that was done stands at the top.
    press(
        &mut state,
        &["Enter", "i", "Up", "Up", "Up", "Up", "Up", "Up", "Up", "Up", "Enter"],
    );
    let Some(Screen::Plan(screen)) = state.screens.last_mut() else {
        panic!("no plan")
    };
    screen.stage = Stage::Refused(crate::action::Refusal::new(
        crate::action::RefusalKind::AlreadyDone,
        "Every interface has the sealed group alone.",
        "Verify it from the journal.",
    ));
    state
}

#[test]
fn plan_refused_because_it_is_so_already() {
    look("plan-already", contained_already());
}

#[test]
fn what_is_so_already_is_read_back_from_the_journal() {
    let mut state = contained_already();
    let asked = effects(&mut state, "V");
    let [Effect::Verify { seq: 4, plan, .. }] = &asked[..] else {
        panic!("{asked:?}")
    };
    assert_eq!(plan.request.target.id.raw(), INSTANCE);
    assert!(effects(&mut state, "V").is_empty(), "it is being read back");
    check(&mut state, |_| Verdict::Verified, true);
    let (buffer, _) = drawn(&mut state, SIZES[0]);
    // Its first call was refused then; what is there now does not make that a success.
    assert!(shown(&buffer).contains("STOPPED"), "{}", shown(&buffer));
    press(&mut state, &["Esc"]);
    assert!(matches!(state.screen(), Screen::Plan(plan) if matches!(plan.stage, Stage::Refused(_))));
}

#[test]
fn nothing_is_read_back_where_the_journal_has_no_plan() {
    let mut state = opened(Mode::Respond);
    press(&mut state, &["Tab", "Tab", "j"]);
    assert!(effects(&mut state, "V").is_empty());
    let said = state.message.as_ref().unwrap().text.clone();
    assert!(said.contains("no plan for this"), "{said}");
}
