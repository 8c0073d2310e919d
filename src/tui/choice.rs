//! Which of several targets a step is to act on: each by its whole id, with how far it is.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::describe;
use super::panel::state_style;
use super::text;
use super::theme::Theme;
use crate::app::State;
use crate::app::targets::Choice;

/// At most so many targets are shown at once; the others come with the cursor.
const MOST: usize = 6;

/// How many lines it needs: a question, the targets, the keys.
pub fn height(choice: &Choice) -> u16 {
    2 + u16::try_from(choice.all.len().min(MOST)).unwrap_or_default()
}

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, state: &State, choice: &Choice, theme: &Theme) {
    let width = usize::from(area.width);
    let mut rows = area.rows();
    let mut put = |frame: &mut Frame<'_>, spans: Vec<Span<'static>>, selected: bool| {
        let Some(row) = rows.next() else { return };
        text::put_line(frame, row, &Line::from(text::clip(spans, width)));
        if selected {
            frame.buffer_mut().set_style(row, theme.selected);
        }
    };
    let count = choice.all.len();
    let question = format!(
        " {}: {count} things are named here; which one? ({} of {count})",
        choice.step.word(),
        choice.at + 1
    );
    // Where there is less room, the targets around the cursor and the keys stay.
    let room = usize::from(area.height).saturating_sub(1).min(MOST.min(count) + 1);
    let shown = if room > 1 {
        put(frame, vec![Span::styled(question, theme.strong)], false);
        room - 1
    } else {
        room
    };
    let first = choice.at.saturating_sub(shown / 2).min(count.saturating_sub(shown));
    for (place, target) in choice.all.iter().enumerate().skip(first).take(shown) {
        let selected = place == choice.at;
        let step = choice.states.get(place).copied();
        let (glyph, word) = step.map_or((' ', ""), crate::app::playbook::StepState::mark);
        let style = step.map_or(theme.text, |step| state_style(step, theme));
        let account = describe::account(state, &target.finding.account);
        let spans = vec![
            Span::raw(if selected { " ▸ " } else { "   " }),
            text::cell(format!("{}", place + 1), 4, theme.dim),
            text::cell(format!("{glyph} {word}"), 10, style),
            text::span(target.resource.id.shown(), theme.strong),
            text::span(format!("  {account} · {}", target.region), theme.text),
        ];
        put(frame, spans, selected);
    }
    let keys = vec![
        Span::styled(" j/k ", theme.key),
        Span::styled("choose  ", theme.text),
        Span::styled(" Enter ", theme.key),
        Span::styled("plan it; nothing changes yet  ", theme.text),
        Span::styled(" Esc back", theme.dim),
    ];
    put(frame, keys, false);
}
