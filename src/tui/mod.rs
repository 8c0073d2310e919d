//! The terminal: draws the state, and owns the screen, the colours and the keys as they come in.
//!
//! Owns: everything that is written to the terminal. Must never: change the state, decide what a key does, or draw text from
//! outside that did not go through `Untrusted`. One screen a file; each is a function from the state to cells.

mod alert;
mod banner;
mod choice;
mod choices;
mod classify;
mod clipboard;
mod coverage;
mod describe;
mod footer;
mod help;
mod hints;
mod incident;
mod journal;
mod list;
mod panel;
mod plan;
mod playbooks;
mod table;
pub mod terminal;
#[cfg(test)]
mod tests;
mod text;
pub mod theme;
mod timeline;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

pub use terminal::Terminal;
pub use theme::{BadTheme, Theme};

use crate::app::{Command, Screen, State};

/// The smallest terminal that everything fits into, in columns and rows.
pub const SMALLEST: (u16, u16) = (80, 24);

/// Draws the screen that is on top. Says how many lines the text on it can be scrolled, for `State::furthest`.
pub fn draw(frame: &mut Frame<'_>, state: &State, theme: &Theme) -> usize {
    let area = frame.area();
    frame.buffer_mut().set_style(area, theme.text);
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        too_small(frame, area, theme);
        return 0;
    }
    let news = state.alerts.unseen(state.duty.alert.at);
    let [top, body, alert, bottom] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(u16::from(news.is_some())),
        Constraint::Length(footer::height(state, area.width)),
    ])
    .areas(area);
    banner::draw(frame, top, state, theme);
    let furthest = match state.screen() {
        Screen::List => {
            list::draw(frame, body, state, theme);
            0
        }
        Screen::Incident(open) => incident::draw(frame, body, state, open, theme),
        Screen::Plan(screen) => plan::draw(frame, body, state, screen, theme),
        Screen::Journal(scroll) => {
            journal::draw(frame, body, state, *scroll, theme);
            0
        }
        Screen::Coverage(scroll) => coverage::draw(frame, body, state, *scroll, theme),
        Screen::Help(scroll) => help::draw(frame, body, state, *scroll, theme),
    };
    if let Some(news) = news {
        let spans = vec![Span::raw(" "), text::span(news, theme.danger)];
        text::put_line(frame, alert, &Line::from(text::clip(spans, usize::from(area.width))));
    }
    footer::draw(frame, bottom, state, theme);
    furthest
}

fn too_small(frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
    let said = format!(
        "quell needs {} × {}; this is {} × {}.",
        SMALLEST.0, SMALLEST.1, area.width, area.height
    );
    let lines: Vec<Line<'_>> = [said.as_str(), "Make the window larger; nothing is lost."]
        .into_iter()
        .flat_map(|said| text::wrap(said, usize::from(area.width)))
        .map(|line| Line::styled(line, theme.text))
        .collect();
    text::put(frame, area, &lines, 0);
}

/// Draws a screen's title lines and the rule below them; gives back what is left.
fn title(frame: &mut Frame<'_>, area: Rect, lines: &[Line<'_>], theme: &Theme) -> Rect {
    let height = u16::try_from(lines.len()).unwrap_or(1);
    let [head, line, rest] =
        Layout::vertical([Constraint::Length(height), Constraint::Length(1), Constraint::Min(0)]).areas(area);
    text::put(frame, head, lines, 0);
    rule(frame, line, "", theme);
    rest
}

/// Puts the lines into the area; where they do not fit, the last row says which of them are seen. Says how far they can be
/// scrolled.
fn put_all(frame: &mut Frame<'_>, area: Rect, state: &State, lines: &[Line<'_>], first: usize, theme: &Theme) -> usize {
    if lines.len() <= usize::from(area.height) {
        return text::put(frame, area, lines, 0);
    }
    let [body, last] = Layout::vertical([Constraint::Min(0), Constraint::Length(1)]).areas(area);
    let furthest = text::put(frame, body, lines, first);
    rule(
        frame,
        last,
        &seen(state, first.min(furthest), body.height, lines.len()),
        theme,
    );
    furthest
}

/// Which lines are seen, and the key that shows more; nothing where all are.
fn seen(state: &State, first: usize, height: u16, len: usize) -> String {
    let height = usize::from(height);
    if len <= height {
        return String::new();
    }
    let last = (first + height).min(len);
    let key = hints::without_letter(state, if last < len { Command::PageDown } else { Command::PageUp });
    let way = if last < len { "more below" } else { "back up" };
    let key = key.map(|key| format!(" · {key} {way}")).unwrap_or_default();
    format!("lines {}–{last} of {len}{key}", first + 1)
}

/// A line across, with a word in it where there is one.
fn rule(frame: &mut Frame<'_>, area: Rect, word: &str, theme: &Theme) {
    let width = usize::from(area.width);
    let word = if word.is_empty() {
        String::new()
    } else {
        format!(" {word} ")
    };
    let spans = vec![
        Span::styled("──", theme.rule),
        text::span(&word, theme.dim),
        Span::styled("─".repeat(width.saturating_sub(2 + word.width())), theme.rule),
    ];
    text::put_line(frame, area, &Line::from(text::clip(spans, width)));
}

/// A line downwards, three columns wide with its margins.
fn side_rule(frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
    for row in area.rows() {
        text::put_line(frame, row, &Line::styled(" │", theme.rule));
    }
}
