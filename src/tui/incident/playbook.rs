//! The six steps with their state, and what to know about the one under the cursor.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use crate::action::Step;
use crate::app::incident::IncidentScreen;
use crate::app::playbook::{self, StepState, StepView};
use crate::app::{Command, State};
use crate::domain::Untrusted;
use crate::tui::panel::state_style;
use crate::tui::theme::Theme;
use crate::tui::{rule, text};

/// Draws the steps, and the guidance below them.
pub fn draw(frame: &mut Frame<'_>, area: Rect, state: &State, open: &IncidentScreen, theme: &Theme) {
    let steps = playbook::steps(state, &open.id, &open.finding);
    let [list, line, below] =
        Layout::vertical([Constraint::Length(7), Constraint::Length(1), Constraint::Min(0)]).areas(area);
    let width = usize::from(area.width);
    let chosen = open.selected_step();
    for (row, step) in list.rows().zip(&steps) {
        let selected = step.step == chosen;
        let (glyph, word) = step.state.mark();
        let style = state_style(step.state, theme);
        let spans = vec![
            Span::raw(if selected { " ▸ " } else { "   " }),
            text::cell(step.step.word(), 10, theme.strong),
            text::cell(format!("{glyph} {word}"), 10, style),
            text::span(&step.note, theme.text),
        ];
        text::put_line(frame, row, &Line::from(text::clip(spans, width)));
        if selected {
            frame.buffer_mut().set_style(row, theme.selected);
        }
    }
    rule(frame, line, chosen.word(), theme);
    if let Some(step) = steps.iter().find(|s| s.step == chosen) {
        text::put(frame, below, &about(state, open, step, width, theme), 0);
    }
}

fn about(state: &State, open: &IncidentScreen, step: &StepView, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let mut say = |said: &str, style| text::labelled(&mut lines, ("", 1, theme.dim), said, width, style);
    say(&step.note, theme.text);
    say(" ", theme.text);
    say(&what_enter_does(state, step), theme.strong);
    let finding = &open.finding;
    let chosen = state.playbooks.choose(finding.kind.raw(), finding.resource.kind);
    if let Some(stage) = chosen.stage(step.step) {
        say(" ", theme.text);
        for paragraph in stage.guidance.split("\n\n") {
            say(&Untrusted::new(paragraph.trim()).shown().replace('␊', " "), theme.text);
            say(" ", theme.text);
        }
    }
    lines
}

fn what_enter_does(state: &State, step: &StepView) -> String {
    if !state.mode.can_change() {
        return format!("{} only looks: run quell respond to act.", state.mode.word());
    }
    let key = |command| state.keys.hint(command).unwrap_or_else(|| ":".to_owned());
    let enter = key(Command::Open);
    let plans = format!("{enter} reads the facts and shows the plan. Nothing changes before you confirm it.");
    let said = match (step.state, step.step) {
        (StepState::NotApplicable, _) => return "Nothing to do here for this finding.".to_owned(),
        (_, Step::Classify) => format!("{enter} asks for the severity and writes it to the journal."),
        (_, Step::Document) => format!("{enter} writes the report."),
        (StepState::Todo | StepState::Undone, _) => plans,
        (StepState::Applied | StepState::Failed | StepState::Done, _) => {
            format!("{enter} makes the plan again from what is there now.")
        }
    };
    match step.seq {
        Some(seq) => format!("{said} {} plans the undo of record {seq}.", key(Command::Undo)),
        None => said,
    }
}
