//! What is chosen about the action of the plan on the screen. Each change makes the plan again at once.
//!
//! Owns: the prompt in which it is chosen. Must never: leave a confirmation standing that was typed for another plan.

use super::effect::Effect;
use super::input::LineEdit;
use super::key::{Code, Key};
use super::plan::{PlanScreen, Stage};
use super::state::{Prompt, Screen, State, Tone};
use super::steps::chosen_home;
use super::update::advance;
use crate::action::{Choice, HOME_REGION, Takes};
use crate::domain::Region;

/// The prompt: one row a choice.
#[derive(Clone, Debug)]
pub struct Choosing {
    pub all: &'static [Choice],
    /// The one under the cursor, always one of them.
    pub at: usize,
    /// Its value while it is typed.
    pub line: Option<LineEdit>,
    /// Why what was typed is not taken.
    pub error: Option<String>,
}

/// The plan on the screen, where it was not confirmed yet.
fn open(state: &mut State) -> Option<&mut PlanScreen> {
    match state.screens.last_mut() {
        Some(Screen::Plan(plan)) if !matches!(plan.stage, Stage::Applying(_)) => Some(plan),
        _ => None,
    }
}

/// Opens the choices of the plan on the screen.
pub(super) fn start(state: &mut State) {
    let Some(plan) = open(state) else {
        state.say(Tone::Plain, "There is no plan here to choose anything about.");
        return;
    };
    let (action, undoes) = (plan.request.action, plan.request.undoes);
    let all = action.action().choices();
    if let Some(seq) = undoes {
        state.say(
            Tone::Plain,
            format!("An undo has no choices: it puts back what record {seq} changed."),
        );
    } else if all.is_empty() {
        state.say(Tone::Plain, format!("{action} has no choices."));
    } else {
        let (at, line, error) = (0, None, None);
        state.prompt = Some(Prompt::Choices(Box::new(Choosing { all, at, line, error })));
    }
}

/// A key while something is chosen.
pub(super) fn key(state: &mut State, key: Key, mut choosing: Box<Choosing>) -> Vec<Effect> {
    let Some(choice) = choosing.all.get(choosing.at).copied() else {
        return Vec::new();
    };
    choosing.error = None;
    let mut effects = Vec::new();
    if let Some(mut line) = choosing.line.take() {
        match key.code {
            Code::Esc => {}
            Code::Enter => {
                let text = line.text().trim().to_owned();
                match accepts(&choice, &text) {
                    Ok(()) => effects = set(state, choice, Some(text).filter(|text| !text.is_empty())),
                    Err(why) => {
                        choosing.error = Some(why);
                        choosing.line = Some(line);
                    }
                }
            }
            _ => {
                line.key(key);
                choosing.line = Some(line);
            }
        }
    } else {
        match key.code {
            Code::Esc => return Vec::new(),
            Code::Down | Code::Char('j') => choosing.at = (choosing.at + 1).min(choosing.all.len() - 1),
            Code::Up | Code::Char('k') => choosing.at = choosing.at.saturating_sub(1),
            Code::Delete | Code::Backspace => effects = set(state, choice, None),
            Code::Enter | Code::Char(' ') => {
                let now = value(state, &choice);
                match choice.takes {
                    Takes::Flag => {
                        let next = if now.as_deref() == Some("yes") { "no" } else { "yes" };
                        effects = set(state, choice, Some(next.to_owned()));
                    }
                    Takes::OneOf(words) => effects = set(state, choice, next(words, now.as_deref())),
                    Takes::Text(_) => choosing.line = Some(LineEdit::new(&now.unwrap_or_default())),
                }
            }
            _ => {}
        }
    }
    state.prompt = Some(Prompt::Choices(choosing));
    effects
}

/// Pasted text is taken where a value is typed.
pub(super) fn paste(choosing: &mut Choosing, text: &str) {
    if let Some(line) = &mut choosing.line {
        line.paste(text);
    }
}

/// Whether a value can be chosen. A home region must be one, for the plan is made there.
fn accepts(choice: &Choice, text: &str) -> Result<(), String> {
    choice.accepts(text)?;
    if choice.name == HOME_REGION && !text.is_empty() {
        text.parse::<Region>().map_err(|bad| format!("{bad}."))?;
    }
    Ok(())
}

/// The word after this one; after the last none is chosen.
fn next(words: &[&str], now: Option<&str>) -> Option<String> {
    let place = now.and_then(|now| words.iter().position(|word| *word == now));
    let next = place.map_or(0, |place| place + 1);
    words.get(next).map(|word| (*word).to_owned())
}

/// What is chosen now.
#[must_use]
pub fn value(state: &State, choice: &Choice) -> Option<String> {
    match state.screens.last() {
        Some(Screen::Plan(plan)) => plan.request.choice(choice.name).map(str::to_owned),
        _ => None,
    }
}

/// Chooses, and plans again from the facts that are still fresh. What was typed for the plan before is gone with it.
fn set(state: &mut State, choice: Choice, value: Option<String>) -> Vec<Effect> {
    let (now, number) = (state.now, state.read_number());
    let Some(plan) = open(state) else { return Vec::new() };
    let choices = &mut plan.request.choices;
    let before = choices.get(choice.name).cloned();
    if before == value {
        return Vec::new();
    }
    match value {
        Some(value) => drop(choices.insert(choice.name.to_owned(), value)),
        None => drop(choices.remove(choice.name)),
    }
    // What was read in one region says nothing of another.
    let elsewhere = choice.name == HOME_REGION;
    if elsewhere {
        plan.request.region = chosen_home(plan.request.action, &plan.request.choices).unwrap_or_else(Region::global);
    }
    plan.restart(now, !elsewhere);
    advance(plan, number, now).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::super::Mode;
    use super::super::testing::{finding, press, state};
    use super::*;
    use crate::action::ActionName;
    use crate::domain::{Resource, ResourceKind};

    /// Identity Center is at home in one region, and a plan is made there and nowhere else.
    #[test]
    fn a_home_region_is_where_the_plan_is_made() {
        let mut state = state(Mode::Respond, Vec::new());
        let action = ActionName::ContainIdentityUser;
        let user = Resource::new(
            ResourceKind::IdentityUser,
            "906712345a-5f3c2a10-3c61-4d8e-9a27-0b1c2d3e4f50",
        );
        let found = finding("f", 8.0, 1);
        let request = |state: &State| {
            let user = user.clone();
            super::super::steps::request(state, action, user, "INC-7", &found, Region::global(), None)
        };
        let plan = PlanScreen::new(request(&state), None);
        assert_eq!(plan.request.region, Region::global());
        state.screens.push(Screen::Plan(Box::new(plan)));
        let region = |state: &State| match state.screens.last() {
            Some(Screen::Plan(plan)) => plan.request.region.to_string(),
            other => panic!("{other:?}"),
        };
        start(&mut state);
        press(&mut state, "enter");
        for letter in "eu-west-1".chars() {
            press(&mut state, &letter.to_string());
        }
        let effects = press(&mut state, "enter");
        assert_eq!(region(&state), "eu-west-1");
        assert_eq!(effects.len(), 1, "it is read anew: {effects:?}");
        press(&mut state, "enter");
        press(&mut state, "x");
        press(&mut state, "_");
        press(&mut state, "enter");
        assert_eq!(region(&state), "eu-west-1", "what is no region is not taken");
        press(&mut state, "esc");
        press(&mut state, "delete");
        assert_eq!(region(&state), Region::GLOBAL);

        let chosen = [(HOME_REGION.to_owned(), "eu-central-1".to_owned())].into();
        state.choices.insert(action, chosen);
        assert_eq!(
            request(&state).region.as_str(),
            "eu-central-1",
            "as the configuration says"
        );
    }
}
