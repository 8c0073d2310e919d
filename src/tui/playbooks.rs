//! The playbooks that an incident can be worked by.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::text;
use super::theme::Theme;
use crate::app::chosen::Choosing;

/// At most so many are shown at once; the others come with the cursor.
const MOST: usize = 10;

/// How many lines it needs: a question, the playbooks, the keys.
pub fn height(prompt: &Choosing) -> u16 {
    2 + u16::try_from(prompt.all.len().min(MOST)).unwrap_or_default()
}

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, prompt: &Choosing, theme: &Theme) {
    let width = usize::from(area.width);
    let count = prompt.all.len();
    let question = format!(" By which playbook? ({} of {count})", prompt.at + 1);
    let mut lines = vec![(vec![Span::styled(question, theme.strong)], false)];
    let names = prompt.all.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let shown = usize::from(area.height).saturating_sub(2).clamp(1, MOST);
    let first = prompt.at.saturating_sub(shown / 2).min(count.saturating_sub(shown));
    for (place, (name, title)) in prompt.all.iter().enumerate().skip(first).take(shown) {
        let selected = place == prompt.at;
        let word = match (prompt.now == Some(place), prompt.fits == Some(place)) {
            (true, _) => "● now",
            (false, true) => "○ fits best",
            (false, false) => "",
        };
        let spans = vec![
            Span::raw(if selected { " ▸ " } else { "   " }),
            text::cell(name, names + 2, theme.strong),
            text::cell(word, 13, theme.good),
            text::span(title, theme.text),
        ];
        lines.push((spans, selected));
    }
    let keys = vec![
        Span::styled(" j/k ", theme.key),
        Span::styled("choose  ", theme.text),
        Span::styled(" Enter ", theme.key),
        Span::styled("work by it  ", theme.text),
        Span::styled(" Esc as before", theme.dim),
    ];
    lines.push((keys, false));
    for (row, (spans, selected)) in area.rows().zip(lines) {
        text::put_line(frame, row, &Line::from(text::clip(spans, width)));
        if selected {
            frame.buffer_mut().set_style(row, theme.selected);
        }
    }
}
