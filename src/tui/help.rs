//! Every command with its keys, from the same map that decides what a key does.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::theme::Theme;
use super::{put_all, text, title};
use crate::app::scroll::Scroll;
use crate::app::{Command, State, typed};

/// Draws the help. Says how far it can be scrolled.
pub fn draw(frame: &mut Frame<'_>, area: Rect, state: &State, scroll: Scroll, theme: &Theme) -> usize {
    let head = Line::from(vec![
        Span::styled(" Help", theme.strong),
        Span::styled(
            "  every key can be changed in the configuration, by the name in the middle",
            theme.dim,
        ),
    ]);
    let area = title(frame, area, &[head], theme);
    let width = usize::from(area.width);
    let (may, changes): (Vec<Command>, Vec<Command>) = Command::ALL.iter().copied().partition(|c| !c.changes());
    let mut lines = Vec::new();
    for command in may {
        if let Some(said) = said(state, command) {
            entry(&mut lines, state, command, &said, width, theme);
        }
    }
    for (name, more) in typed::with_more() {
        let said = format!("{name} {more}");
        lines.push(Line::from(vec![
            text::cell(" :", 20, theme.key),
            text::cell(name, 17, theme.dim),
            text::span(said, theme.text),
        ]));
    }
    lines.push(Line::default());
    if state.mode.can_change() {
        lines.push(Line::styled(
            " These open a plan or write to the journal; nothing changes an account before you have typed to confirm it.",
            theme.strong,
        ));
    } else {
        let said = format!(
            " {} only looks. These need quell respond, or quell drill to try them out:",
            state.mode.word()
        );
        lines.push(Line::styled(said, theme.caution));
    }
    for command in changes {
        entry(&mut lines, state, command, command.help(), width, theme);
    }
    let wrapped: Vec<Line<'_>> = lines.into_iter().flat_map(|line| fold(line, width)).collect();
    put_all(frame, area, state, &wrapped, scroll.cursor, theme)
}

/// What a command does here; nothing for a saved view that there is not.
fn said(state: &State, command: Command) -> Option<String> {
    let Command::View(number) = command else {
        return Some(command.help().to_owned());
    };
    let view = state.look.views.get(usize::from(number).checked_sub(1)?)?;
    Some(format!("the view {}: {}", view.name, view.filter))
}

fn entry(lines: &mut Vec<Line<'static>>, state: &State, command: Command, help: &str, width: usize, theme: &Theme) {
    let keys: Vec<String> = state.keys.keys(command).iter().map(ToString::to_string).collect();
    let keys = if keys.is_empty() {
        ":".to_owned()
    } else {
        keys.join("  ")
    };
    let mut said = Vec::new();
    text::labelled(
        &mut said,
        ("", 0, theme.text),
        help,
        width.saturating_sub(38),
        theme.text,
    );
    for (number, line) in said.into_iter().enumerate() {
        let (keys, name) = if number == 0 {
            (keys.as_str(), command.name())
        } else {
            ("", "")
        };
        let mut spans = vec![
            text::cell(format!(" {keys}"), 20, theme.key),
            text::cell(name, 17, theme.dim),
        ];
        spans.extend(line.spans);
        lines.push(Line::from(spans));
    }
}

/// A line of one look that is too wide, in several.
fn fold(line: Line<'static>, width: usize) -> Vec<Line<'static>> {
    if line.width() <= width {
        return vec![line];
    }
    let style = line.style;
    text::wrap(&line.to_string(), width)
        .into_iter()
        .map(|part| Line::styled(part, style))
        .collect()
}
