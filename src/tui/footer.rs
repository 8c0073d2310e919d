//! The lines at the bottom: what is being typed, or a message, or the keys that help.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::choice;
use super::choices;
use super::classify;
use super::hints;
use super::playbooks;
use super::text;
use super::theme::Theme;
use crate::app::completing::Completing;
use crate::app::input::LineEdit;
use crate::app::state::{Prompt, Tone};
use crate::app::{Screen, State, claiming};
use crate::findings::output::cut;

/// A message may take this many lines; longer ones end in a sign.
const MAX_LINES: usize = 3;

/// How many lines the footer needs.
pub fn height(state: &State, width: u16) -> u16 {
    match (&state.prompt, &state.message) {
        (Some(Prompt::Filter { error: Some(error), .. }), _) => 2 + rows(error, width),
        (Some(Prompt::Filter { .. } | Prompt::Command { .. }), _) => 2,
        (Some(Prompt::Classify(prompt)), _) => classify::height(state, prompt, width),
        (Some(Prompt::Playbook(prompt)), _) => playbooks::height(prompt),
        (Some(Prompt::TakeOver { held }), _) => 1 + rows(&claiming::question(held), width),
        (Some(Prompt::Target(choice)), _) => choice::height(choice, width),
        (Some(Prompt::Choices(choosing)), _) => choices::height(choosing, width),
        (Some(_), _) | (None, None) => 1,
        (None, Some(message)) => rows(&message.text, width),
    }
}

fn rows(message: &str, width: u16) -> u16 {
    message_lines(message, width).len().try_into().unwrap_or(1)
}

/// The message in as many lines as it may take; what is longer ends in a sign.
fn message_lines(message: &str, width: u16) -> Vec<String> {
    let width = usize::from(width).saturating_sub(2);
    let mut lines = text::wrap(message, width);
    if lines.len() > MAX_LINES {
        lines.truncate(MAX_LINES);
        if let Some(last) = lines.last_mut() {
            *last = format!("{}…", last.trim_end());
            *last = cut(last, width).into_owned();
        }
    }
    lines
}

fn said(frame: &mut Frame<'_>, area: Rect, message: &str, style: Style) {
    let lines: Vec<Line<'_>> = message_lines(message, area.width)
        .into_iter()
        .map(|line| Line::from(vec![Span::raw(" "), Span::styled(line, style)]))
        .collect();
    text::put(frame, area, &lines, 0);
}

/// Draws the footer.
pub fn draw(frame: &mut Frame<'_>, area: Rect, state: &State, theme: &Theme) {
    match (&state.prompt, &state.message) {
        (Some(prompt), _) => draw_prompt(frame, area, state, prompt, theme),
        (None, Some(message)) => {
            let style = match message.tone {
                Tone::Good => theme.good,
                Tone::Plain => theme.text,
                Tone::Bad => theme.danger,
            };
            said(frame, area, &message.text, style);
        }
        (None, None) => text::put_line(frame, area, &hint_line(state, area.width, theme)),
    }
}

/// As many hints as fit; the last one, help, always does.
fn hint_line(state: &State, width: u16, theme: &Theme) -> Line<'static> {
    let mut all = hints::hints(state);
    let last = all.pop();
    let size = |(key, word): &hints::Hint| key.width() + word.width() + 3;
    let mut left = usize::from(width).saturating_sub(last.as_ref().map_or(0, size) + 1);
    let mut spans = vec![Span::raw(" ")];
    let marks = state.list.marks();
    if marks > 0 && matches!(state.screen(), Screen::List) {
        let said = match state.hidden_marks() {
            0 => format!("{marks} marked  "),
            hidden => format!("{marks} marked, {hidden} hidden  "),
        };
        left = left.saturating_sub(said.width());
        spans.push(Span::styled(said, theme.strong));
    }
    let shown = all.into_iter().take_while(|hint| {
        let fits = size(hint) <= left;
        left = left.saturating_sub(size(hint));
        fits
    });
    let shown: Vec<_> = shown.chain(last).collect();
    for (key, word) in shown {
        spans.push(text::span(key, theme.key));
        spans.push(Span::styled(format!(" {word}  "), theme.dim));
    }
    Line::from(spans)
}

fn draw_prompt(frame: &mut Frame<'_>, area: Rect, state: &State, prompt: &Prompt, theme: &Theme) {
    let last = Rect {
        y: area.bottom().saturating_sub(1),
        height: 1,
        ..area
    };
    match prompt {
        Prompt::Filter {
            line,
            error,
            completing,
            ..
        } => {
            if let Some(error) = error {
                said(frame, area, error, theme.danger);
            }
            candidates(frame, above(last), completing, theme);
            edit(
                frame,
                last,
                " / ",
                line,
                "Tab complete · Enter keep · Esc as before",
                theme,
            );
        }
        Prompt::Command { line, completing } => {
            candidates(frame, above(last), completing, theme);
            edit(frame, last, " : ", line, "Tab complete · Enter run · Esc back", theme);
        }
        Prompt::Coverage { line, .. } => edit(
            frame,
            last,
            " / ",
            line,
            "words, !words · Enter keep · Esc as before",
            theme,
        ),
        Prompt::Search { line } => edit(frame, last, " search ", line, "Enter find · Esc back", theme),
        Prompt::TakeOver { held } => {
            said(frame, area, &claiming::question(held), theme.strong);
            let keys = vec![
                Span::styled(" y ", theme.key),
                Span::styled("take over  ", theme.text),
                Span::styled(" Esc leave it", theme.dim),
            ];
            text::put_line(frame, last, &Line::from(keys));
        }
        Prompt::Target(choice) => choice::draw(frame, area, state, choice, theme),
        Prompt::Choices(choosing) => choices::draw(frame, area, state, choosing, theme),
        Prompt::Classify(prompt) => classify::draw(frame, area, state, prompt, theme),
        Prompt::Playbook(prompt) => playbooks::draw(frame, area, prompt, theme),
    }
}

fn above(line: Rect) -> Rect {
    Rect {
        y: line.y.saturating_sub(1),
        ..line
    }
}

/// What Tab goes through: as many as fit around the one that was taken, which is in brackets.
fn candidates(frame: &mut Frame<'_>, area: Rect, completing: &Completing, theme: &Theme) {
    let (all, taken) = completing.candidates();
    let all: Vec<String> = all.collect();
    let room = usize::from(area.width).saturating_sub(6);
    let size = |candidate: &String| candidate.width().min(room) + 2;
    let mut first = 0;
    // Those before the one that was taken leave at the left as soon as it would not be seen.
    let upto = taken.unwrap_or_default();
    while first < upto && all[first..=upto].iter().map(size).sum::<usize>() > room {
        first += 1;
    }
    let mut spans = vec![Span::styled(if first > 0 { " … " } else { " " }, theme.dim)];
    let mut left = room;
    for (place, candidate) in all.iter().enumerate().skip(first) {
        let wide = size(candidate);
        if wide > left {
            spans.push(Span::styled(" …", theme.dim));
            break;
        }
        left -= wide;
        let shown = cut(candidate, room).into_owned();
        if Some(place) == taken {
            spans.push(Span::styled(format!("[{shown}]"), theme.strong.patch(theme.selected)));
        } else {
            spans.push(Span::styled(format!(" {shown} "), theme.dim));
        }
    }
    text::put_line(frame, area, &Line::from(spans));
}

/// A line that is typed, with the terminal's own cursor in it. Long lines are shown around the cursor.
pub fn edit(frame: &mut Frame<'_>, area: Rect, label: &str, line: &LineEdit, help: &str, theme: &Theme) {
    let width = usize::from(area.width);
    let room = width.saturating_sub(label.width() + 1);
    let (shown, cursor) = window(line, room);
    let column = label.width() + cursor;
    let mut left = vec![
        Span::styled(label.to_owned(), theme.key),
        text::span(&shown, theme.input),
    ];
    let help_width = help.width() + 2;
    if label.width() + shown.width() + help_width < width {
        left = text::edges(left, vec![Span::styled(format!("{help} "), theme.dim)], width).spans;
    }
    text::put_line(frame, area, &Line::from(left));
    let x = area.x + u16::try_from(column.min(width.saturating_sub(1))).unwrap_or_default();
    frame.set_cursor_position(Position::new(x, area.y));
}

/// The part of the line that has the cursor in it, and the cursor's column within.
fn window(line: &LineEdit, room: usize) -> (String, usize) {
    let (text, cursor) = (line.text(), line.cursor());
    let skip = cursor.saturating_sub(room.saturating_sub(1));
    let (mut passed, mut used, mut shown) = (0, 0, String::new());
    for grapheme in text.graphemes(true) {
        let cells = grapheme.width();
        if passed < skip {
            passed += cells;
            continue;
        }
        if used + cells > room {
            break;
        }
        used += cells;
        shown.push_str(grapheme);
    }
    (shown, cursor - passed.min(cursor))
}

/// Minutes as people say them, short: `15 min`, `4 h`.
pub fn short_minutes(minutes: u32) -> String {
    if minutes >= 60 && minutes.is_multiple_of(60) {
        format!("{} h", minutes / 60)
    } else {
        format!("{minutes} min")
    }
}
