//! What can be chosen about an action: each by its name with its value, and what the one under the cursor does.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::theme::Theme;
use super::{footer, text};
use crate::action::{Choice, Takes};
use crate::app::State;
use crate::app::choosing::{Choosing, value};

/// At most so many are shown at once; the others come with the cursor.
const MOST: usize = 6;

/// How many lines it needs: what it is, the choices, what the one under the cursor does, the keys.
pub fn height(choosing: &Choosing, width: u16) -> u16 {
    let rows = 2 + choosing.all.len().min(MOST) + about(choosing, usize::from(width)).len();
    u16::try_from(rows).unwrap_or_default()
}

/// What the one under the cursor does and takes, or why what was typed is not taken.
fn about(choosing: &Choosing, width: usize) -> Vec<String> {
    let Some(choice) = choosing.all.get(choosing.at) else {
        return Vec::new();
    };
    let said = match (&choosing.error, choice.takes) {
        (Some(why), _) => format!("✗ {why}"),
        (None, Takes::Flag) => choice.about.to_owned(),
        (None, Takes::OneOf(words)) => format!("{} One of {}.", choice.about, words.join(", ")),
        (None, Takes::Text(example)) => format!("{} Looks like: {example}", choice.about),
    };
    text::wrap(&said, width.saturating_sub(5))
}

/// What is chosen, in words.
pub fn shown(value: Option<&str>, choice: &Choice) -> String {
    match (value, choice.takes) {
        (Some("yes"), Takes::Flag) => "[x] yes".to_owned(),
        (None | Some("no"), Takes::Flag) => "[ ] no".to_owned(),
        (Some(value), _) => value.to_owned(),
        (None, _) => "–".to_owned(),
    }
}

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, state: &State, choosing: &Choosing, theme: &Theme) {
    let width = usize::from(area.width);
    let count = choosing.all.len();
    let mut lines: Vec<(Line<'static>, bool)> = Vec::new();
    let question = format!(" Choices ({} of {count}); each change plans again", choosing.at + 1);
    lines.push((Line::from(vec![text::span(question, theme.strong)]), false));
    let names = choosing.all.iter().map(|c| c.name.len()).max().unwrap_or_default();
    let first = choosing.at.saturating_sub(MOST / 2).min(count.saturating_sub(MOST));
    for (place, choice) in choosing.all.iter().enumerate().skip(first).take(MOST) {
        let selected = place == choosing.at;
        let value = value(state, choice);
        let style = if value.is_some() { theme.good } else { theme.text };
        let spans = vec![
            Span::raw(if selected { " ▸ " } else { "   " }),
            text::cell(choice.name, names + 2, theme.strong),
            text::span(shown(value.as_deref(), choice), style),
        ];
        lines.push((Line::from(text::clip(spans, width)), selected));
    }
    let style = if choosing.error.is_some() {
        theme.danger
    } else {
        theme.dim
    };
    for line in about(choosing, width) {
        lines.push((Line::from(vec![Span::raw("     "), text::span(line, style)]), false));
    }
    for (row, (line, selected)) in area.rows().zip(&lines) {
        text::put_line(frame, row, line);
        if *selected {
            frame.buffer_mut().set_style(row, theme.selected);
        }
    }
    let last = Rect {
        y: area.bottom().saturating_sub(1),
        height: 1,
        ..area
    };
    if let Some(line) = &choosing.line {
        let name = choosing.all.get(choosing.at).map_or("", |choice| choice.name);
        footer::edit(
            frame,
            last,
            &format!(" {name} = "),
            line,
            "Enter take it · Esc back",
            theme,
        );
        return;
    }
    let keys = vec![
        Span::styled(" j/k ", theme.key),
        Span::styled("choose  ", theme.text),
        Span::styled(" Space ", theme.key),
        Span::styled("change  ", theme.text),
        Span::styled(" Backspace ", theme.key),
        Span::styled("as if never chosen  ", theme.text),
        Span::styled(" Esc to the plan", theme.dim),
    ];
    text::put_line(frame, last, &Line::from(text::clip(keys, width)));
}
