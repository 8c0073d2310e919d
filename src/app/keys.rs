//! Where a key goes: to the line that is being typed, to the confirmation of a plan, or to the command it is bound to.

use super::alert;
use super::chooser;
use super::choosing;
use super::chosen;
use super::claiming;
use super::classifying;
use super::command::Command;
use super::completing::Completing;
use super::coverage;
use super::effect::Effect;
use super::input::LineEdit;
use super::key::{Code, Key};
use super::list;
use super::plan::{Applying, Stage};
use super::run::{place, run, search};
use super::state::{Prompt, Screen, State, Tone};
use super::typed;
use crate::action::Confirmed;
use crate::domain::Time;

/// Takes a key.
pub(super) fn key(state: &mut State, key: Key, at: Time) -> Vec<Effect> {
    state.now = state.now.max(at);
    state.message = None;
    if matches!(state.screen(), Screen::List) {
        alert::seen(state);
    }
    if key == Key::ctrl('c') {
        state.prompt = None;
        return run(state, Command::Quit);
    }
    if state.prompt.is_some() {
        return prompt_key(state, key);
    }
    if let Some(effects) = confirmation_key(state, key, at) {
        return effects;
    }
    if let Some(command) = state.keys.command(key, place(state)) {
        return run(state, command);
    }
    if let Some(effects) = hangul_key(state, key) {
        return effects;
    }
    if let (Code::Char(c), false, false) = (key.code, key.ctrl, key.alt) {
        let help = state.keys.hint(Command::Help).unwrap_or_default();
        state.say(Tone::Plain, format!("{c} means nothing here; {help} shows the keys."));
    }
    Vec::new()
}

/// A Hangul letter that means nothing means what is on its key. Most come without Shift, so where a change and something else are
/// on one key nothing is guessed.
fn hangul_key(state: &mut State, key: Key) -> Option<Vec<Effect>> {
    let latin = key.latin()?;
    let here = place(state);
    let command = state.keys.command(latin, here)?;
    let Code::Char(c) = latin.code else { return None };
    let upper = state.keys.command(
        Key {
            code: Code::Char(c.to_ascii_uppercase()),
            ..latin
        },
        here,
    );
    let other = upper.filter(|other| *other != command && other.place().overlaps(here));
    if command.changes() && other.is_some() && state.mode.can_change() {
        let upper = c.to_ascii_uppercase();
        state.say(
            Tone::Plain,
            format!("With Korean input {c} and {upper} are one key; switch to Latin letters for them."),
        );
        return Some(Vec::new());
    }
    Some(run(state, command))
}

/// Takes pasted text: only where a line is being typed.
pub(super) fn paste(state: &mut State, text: &str) {
    match &mut state.prompt {
        Some(Prompt::Filter { line, .. } | Prompt::Command { line, .. } | Prompt::Search { line }) => line.paste(text),
        Some(Prompt::Coverage { line, .. }) => {
            line.paste(text);
            let text = line.text().to_owned();
            coverage::set_filter(state, &text);
        }
        Some(Prompt::Choices(prompt)) => choosing::paste(prompt, text),
        // A confirmation is typed, not pasted: pasted text may come from anywhere.
        Some(Prompt::Classify(_) | Prompt::Playbook(_) | Prompt::TakeOver { .. } | Prompt::Target(_)) | None => {}
    }
}

fn prompt_key(state: &mut State, key: Key) -> Vec<Effect> {
    match state.prompt.take() {
        Some(Prompt::Filter {
            line,
            before,
            completing,
            ..
        }) => filter_key(state, key, line, before, completing),
        Some(Prompt::Command {
            mut line,
            mut completing,
        }) => match key.code {
            Code::Esc => {}
            Code::Enter => return typed::command(state, line.text()),
            Code::Tab | Code::BackTab => {
                completing.step(&mut line, key.code == Code::Tab);
                if completing.goes_on() {
                    completing = Completing::command(state, &line);
                }
                state.prompt = Some(Prompt::Command { line, completing });
            }
            _ => {
                line.key(key);
                let completing = Completing::command(state, &line);
                state.prompt = Some(Prompt::Command { line, completing });
            }
        },
        Some(Prompt::Search { mut line }) => match key.code {
            Code::Esc => {}
            Code::Enter => {
                if let Some(Screen::Incident(open)) = state.screens.last_mut() {
                    line.text().trim().clone_into(&mut open.search);
                }
                search(state, true);
            }
            _ => {
                line.key(key);
                state.prompt = Some(Prompt::Search { line });
            }
        },
        Some(Prompt::Coverage { mut line, before }) => match key.code {
            Code::Esc => coverage::set_filter(state, &before),
            Code::Enter => {}
            _ => {
                line.key(key);
                coverage::set_filter(state, line.text());
                state.prompt = Some(Prompt::Coverage { line, before });
            }
        },
        Some(Prompt::TakeOver { held }) => match key.code {
            Code::Char('y') => return claiming::take_over(state, &held),
            Code::Esc | Code::Char('n') => {}
            _ => state.prompt = Some(Prompt::TakeOver { held }),
        },
        Some(Prompt::Target(choice)) => return chooser::key(state, key, choice),
        Some(Prompt::Choices(prompt)) => return choosing::key(state, key, prompt),
        Some(Prompt::Classify(prompt)) => return classifying::key(state, key, prompt),
        Some(Prompt::Playbook(prompt)) => return chosen::key(state, key, prompt),
        None => {}
    }
    Vec::new()
}

/// A key while a filter is typed. The list follows what is typed as soon as it can be understood.
fn filter_key(state: &mut State, key: Key, mut line: LineEdit, before: String, mut completing: Completing) {
    match key.code {
        Code::Esc => {
            let _ = list::set_filter(state, &before);
            return;
        }
        Code::Enter => {
            if list::set_filter(state, line.text().trim_end()).is_ok() {
                return;
            }
        }
        Code::Tab | Code::BackTab => {
            completing.step(&mut line, key.code == Code::Tab);
            if completing.goes_on() {
                completing = Completing::filter(state, &line);
            }
        }
        // The line begins with a space after the last term, and hands that type one more mean the same.
        Code::Char(' ') if line.before().ends_with(' ') && !line.before().contains('"') => {}
        _ => {
            line.key(key);
            completing = Completing::filter(state, &line);
        }
    }
    let error = list::follow_filter(state, line.text().trim_end());
    state.prompt = Some(Prompt::Filter {
        line,
        before,
        error,
        completing,
    });
}

/// On a plan that can be confirmed, characters are the confirmation. `None` where the key is an ordinary one.
fn confirmation_key(state: &mut State, key: Key, at: Time) -> Option<Vec<Effect>> {
    let Some(Screen::Plan(screen)) = state.screens.last_mut() else {
        return None;
    };
    let heard = screen.heard(at);
    let Stage::Ready {
        plan,
        digest,
        typed,
        error,
        ..
    } = &mut screen.stage
    else {
        return None;
    };
    match key.code {
        Code::Char(_) | Code::Backspace if !key.ctrl && !key.alt => {
            if heard {
                *error = None;
                typed.key(key);
            }
            Some(Vec::new())
        }
        Code::Enter => {
            if !heard {
                return Some(Vec::new());
            }
            if state.applying {
                *error = Some("another plan is still being applied; wait for it".to_owned());
                return Some(Vec::new());
            }
            match Confirmed::at_screen(plan.as_ref().clone(), digest, typed.text(), at) {
                Ok(confirmed) => {
                    screen.scroll = super::scroll::Scroll::default();
                    screen.stage = Stage::Applying(Applying::new(plan.clone(), *digest));
                    state.applying = true;
                    Some(vec![Effect::Apply(Box::new(confirmed))])
                }
                Err(why) => {
                    *error = Some(why.to_string());
                    *typed = LineEdit::default();
                    Some(Vec::new())
                }
            }
        }
        _ => None,
    }
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
