//! The six steps with their state, and what to know about the one under the cursor.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use crate::action::Step;
use crate::app::incident::{IncidentScreen, Pane};
use crate::app::playbook::{self, StepState, StepView};
use crate::app::{Command, State};
use crate::playbook::Situation;
use crate::tui::panel::state_style;
use crate::tui::theme::Theme;
use crate::tui::{put_all, rule, text};

/// Columns before a step's note.
const NOTE: usize = 23;

/// Draws the steps, and the guidance below them. `seen` says whether the cursor is in this pane: beside another, Enter means
/// something else. Says how far the guidance can be scrolled.
pub fn draw(
    frame: &mut Frame<'_>,
    area: Rect,
    state: &State,
    open: &IncidentScreen,
    seen: bool,
    theme: &Theme,
) -> usize {
    let steps = playbook::steps(state, &open.incident);
    let [list, line, below] =
        Layout::vertical([Constraint::Length(6), Constraint::Length(1), Constraint::Min(0)]).areas(area);
    let width = usize::from(area.width);
    let chosen = open.selected_step();
    for (row, step) in list.rows().zip(&steps) {
        let selected = seen && step.step == chosen;
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
    let Some(step) = steps.iter().find(|s| s.step == chosen) else {
        return 0;
    };
    let lines = about(state, open, step, (seen, width), theme);
    put_all(
        frame,
        below,
        state,
        &lines,
        open.scrolls[Pane::Playbook as usize].cursor,
        theme,
    )
}

fn about(
    state: &State,
    open: &IncidentScreen,
    step: &StepView,
    (seen, width): (bool, usize),
    theme: &Theme,
) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let mut say = |said: &str, style| text::labelled(&mut lines, ("", 1, theme.dim), said, width, style);
    // The row above cuts a long note; here it is whole.
    if step.note.width() + NOTE > width {
        say(&step.note, theme.text);
    }
    if seen {
        say(&what_enter_does(state, step), theme.strong);
        say(" ", theme.text);
    }
    let finding = &open.finding;
    let kinds = [finding.resource.kind];
    let severity = state.classification.suggest(open.incident.severity.label());
    let chosen = state.playbooks.choose(finding.kind.raw(), &kinds, severity);
    let situation = Situation {
        severity,
        incident_type: None,
        subtype: None,
        findings: vec![finding.kind.raw()],
        kinds: kinds.to_vec(),
    };
    let applying = chosen.in_phase(step.step).filter(|own| own.applies(&situation));
    for paragraph in applying.flat_map(|own| own.guidance.split("\n\n")) {
        // Lines inside a paragraph are the file's own; here they are filled to the width.
        say(&paragraph.split_whitespace().collect::<Vec<_>>().join(" "), theme.text);
        say(" ", theme.text);
    }
    // The empty line after the last paragraph would only ask to be scrolled to.
    while lines.last().is_some_and(|line| line.to_string().trim().is_empty()) {
        lines.pop();
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
