//! A plan that can be confirmed: every call in order, what to know before, who else is hit, what undo restores.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::fours;
use crate::action::{Digest, Plan, PlannedCall, Prediction, Undo};
use crate::app::{Command, State};
use crate::findings::output::age;
use crate::tui::describe;
use crate::tui::hints;
use crate::tui::text;
use crate::tui::theme::Theme;

const LABEL: usize = 11;
/// Room for `irreversible` at the right.
const UNDO: usize = 14;

/// The plan's lines for a width. Nothing is cut: what is long wraps.
pub fn lines(
    state: &State,
    plan: &Plan,
    (digest, prediction): (&Digest, Option<&Prediction>),
    width: usize,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for (number, call) in plan.draft.calls.iter().enumerate() {
        call_lines(&mut lines, number, call, plan.request.undoes.is_some(), width, theme);
    }
    lines.push(Line::default());
    for warning in &plan.draft.warnings {
        text::labelled(&mut lines, (" !", 4, theme.danger), warning, width - 1, theme.caution);
    }
    let mut part = |word: &str, said: &str, style: Style| {
        text::labelled(
            &mut lines,
            (&format!(" {word}"), LABEL, theme.dim),
            said,
            width - 1,
            style,
        );
    };
    if let Some(notice) = &plan.request.notice {
        part("Subject", &notice.subject, theme.strong);
        part("Message", &notice.message, theme.text);
    }
    if let Some(said) = chosen(state, plan) {
        part("Chosen", &said, theme.text);
    }
    for (number, neighbour) in plan.draft.neighbours.iter().enumerate() {
        part(if number == 0 { "Others" } else { "" }, neighbour, theme.text);
    }
    if plan.draft.neighbours.is_empty() {
        part("Others", "nobody else is hit", theme.dim);
    }
    let (said, style) = undo(plan, theme);
    part("Undo", &said, style);
    for lost in &plan.draft.lost {
        part("", &format!("- {lost}"), theme.caution);
    }
    for (number, expected) in plan.draft.expectations.iter().enumerate() {
        let word = if number == 0 { "Read back" } else { "" };
        part(word, &expected.to_string(), theme.text);
    }
    part("Needs", &plan.permissions().join(", "), theme.dim);
    let denied = prediction.is_some_and(Prediction::denies);
    let said = match prediction {
        None => "asking AWS whether they are allowed …".to_owned(),
        Some(prediction) => format!("predicted: {}", prediction.phrase()),
    };
    part("", &said, if denied { theme.danger } else { theme.dim });
    if let Some(blind) = prediction.and_then(Prediction::blind) {
        part("", blind, theme.dim);
    }
    part("Facts", &facts(state, plan), theme.dim);
    part("Digest", &fours(&digest.to_string()), theme.dim);
    lines
}

/// What is chosen about the action, and the key that changes it; nothing where the action has no choices.
fn chosen(state: &State, plan: &Plan) -> Option<String> {
    let request = &plan.request;
    let all = request.action.action().choices();
    if all.is_empty() || request.undoes.is_some() {
        return None;
    }
    let key = hints::without_letter(state, Command::Choices);
    let key = key.map(|key| format!("; {key} changes it")).unwrap_or_default();
    let made = all
        .iter()
        .filter_map(|choice| Some((choice.name, request.choice(choice.name)?)));
    let made: Vec<String> = made.map(|(name, value)| format!("{name} {value}")).collect();
    Some(if made.is_empty() {
        let names: Vec<&str> = all.iter().map(|choice| choice.name).collect();
        format!("none of {}{key}", names.join(", "))
    } else {
        format!("{}{key}", made.join(", "))
    })
}

fn call_lines(
    lines: &mut Vec<Line<'static>>,
    number: usize,
    call: &PlannedCall,
    is_undo: bool,
    width: usize,
    theme: &Theme,
) {
    // What an undo does is not undone again, which needs no word on every line.
    let word = if is_undo { "" } else { call.undo.word() };
    let room = width.saturating_sub(5 + UNDO);
    let style = match call.undo {
        Undo::Reversible => theme.good,
        Undo::Kept => theme.dim,
        Undo::Irreversible => theme.danger,
    };
    for (row, part) in text::wrap(&call.phrase(), room).into_iter().enumerate() {
        let (head, undo) = if row == 0 {
            (format!("{:>3}  ", number + 1), word)
        } else {
            (" ".repeat(5), "")
        };
        lines.push(Line::from(vec![
            Span::styled(head, theme.dim),
            text::cell(part, room + 1, theme.text),
            Span::styled(undo, style),
        ]));
    }
}

fn undo(plan: &Plan, theme: &Theme) -> (String, Style) {
    let irreversible = plan.draft.calls.iter().any(|c| c.undo == Undo::Irreversible);
    let reversible = plan.draft.calls.iter().any(|c| c.undo == Undo::Reversible);
    if plan.request.undoes.is_some() {
        let said = if plan.draft.lost.is_empty() {
            "this restores everything that the record changed"
        } else {
            "this cannot restore everything:"
        };
        return (said.to_owned(), theme.text);
    }
    if !plan.draft.lost.is_empty() {
        return ("not complete:".to_owned(), theme.caution);
    }
    if irreversible {
        return (
            "what is marked irreversible cannot be taken back".to_owned(),
            theme.danger,
        );
    }
    if reversible {
        return ("complete, from the state that was read".to_owned(), theme.good);
    }
    ("nothing to undo: what it makes is kept".to_owned(), theme.text)
}

fn facts(state: &State, plan: &Plan) -> String {
    let until = describe::clock(state, plan.expires_at);
    let n = plan.before.iter().count();
    match plan.before.oldest() {
        Some(at) => format!(
            "{n} read, the oldest {} ago; read again before applying; good until {until}",
            age(at, state.now)
        ),
        None => format!("none needed; good until {until}"),
    }
}
