//! What a step is to do, and to what: each by its whole id, with how far it is, and what the chosen action does.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::describe;
use super::panel::state_style;
use super::text;
use super::theme::Theme;
use crate::app::State;
use crate::app::chooser::Choice;
use crate::app::playbook;
use crate::app::targets::Target;

/// At most so many targets are shown at once; the others come with the cursor.
const MOST: usize = 6;
/// At most so many lines for what the chosen action does.
const ABOUT: usize = 2;

/// How many lines it needs: a question, the targets, what the chosen one does, the keys.
pub fn height(choice: &Choice, width: u16) -> u16 {
    let rows = 2 + choice.all.len().min(MOST) + about(choice, "", usize::from(width)).len();
    u16::try_from(rows).unwrap_or_default()
}

/// What the chosen action does, in as many lines as it may take.
fn about(choice: &Choice, ahead: &str, width: usize) -> Vec<String> {
    let Some(target) = choice.all.get(choice.at) else {
        return Vec::new();
    };
    let summary = target.action.action().summary();
    let ahead = ahead
        .strip_prefix(", ")
        .map(|said| format!(" Now: {said}."))
        .unwrap_or_default();
    let mut lines = text::wrap(&format!("{summary}{ahead}"), width.saturating_sub(5));
    if lines.len() > ABOUT {
        lines.truncate(ABOUT);
        if let Some(last) = lines.last_mut() {
            last.push('…');
        }
    }
    lines
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
        " {}: {count} possible here; which one? ({} of {count})",
        choice.step.word(),
        choice.at + 1
    );
    // Where there is less room, the targets around the cursor and the keys stay.
    let room = usize::from(area.height).saturating_sub(1);
    let ahead = choice.all.get(choice.at).map(|target| playbook::ahead(state, target));
    let mut about = about(choice, ahead.as_deref().unwrap_or_default(), width);
    let wanted = MOST.min(count) + 1;
    about.truncate(
        room.saturating_sub(wanted)
            .min(usize::from(height(choice, area.width)).saturating_sub(1 + wanted)),
    );
    let room = (room - about.len()).min(wanted);
    let shown = if room > 1 {
        put(frame, vec![Span::styled(question, theme.strong)], false);
        room - 1
    } else {
        room
    };
    let first = choice.at.saturating_sub(shown / 2).min(count.saturating_sub(shown));
    let names = choice
        .all
        .iter()
        .map(|t| t.action.as_str().len())
        .max()
        .unwrap_or_default();
    for (place, target) in choice.all.iter().enumerate().skip(first).take(shown) {
        let selected = place == choice.at;
        let mut spans = vec![
            Span::raw(if selected { " ▸ " } else { "   " }),
            text::cell(format!("{}", place + 1), 3, theme.dim),
        ];
        spans.extend(row(state, choice, place, target, names, theme));
        put(frame, spans, selected);
    }
    for line in about {
        put(frame, vec![Span::raw("     "), Span::styled(line, theme.dim)], false);
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

fn row(
    state: &State,
    choice: &Choice,
    place: usize,
    target: &Target,
    names: usize,
    theme: &Theme,
) -> [Span<'static>; 4] {
    let step = choice.states.get(place).copied();
    let (glyph, word) = step.map_or((' ', ""), playbook::StepState::mark);
    let style = step.map_or(theme.text, |step| state_style(step, theme));
    let account = describe::account(state, &target.account);
    [
        text::cell(format!("{glyph} {word}"), 10, style),
        text::cell(target.action.as_str(), names + 2, theme.text),
        text::span(target.resource.id.shown(), theme.strong),
        text::span(format!("  {} · {account}", target.region), theme.text),
    ]
}
