//! Every command with its keys, from the same map that decides what a key does.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::theme::Theme;
use super::{put_all, text, title};
use crate::app::scroll::Scroll;
use crate::app::{Command, State, typed};
use crate::findings::filter::{FIELDS, SIGNS};

/// Columns of the keys and the names beside what they do.
const NAMES: usize = 37;

/// What the column of clocks says.
const CLOCKS: [&str; 3] = [
    "SLA: the time left to respond, by severity; a minus is by how much it is too late, ✓ how soon somebody did.",
    "A control's result (a weakness, nothing that happened) has no clock: –, also where it is critical.",
    "A clock of another severity than its row's has that one's sign: ▲ critical ◆ high ● medium ○ low.",
];

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
        row(&mut lines, ":", name, &format!("{name} {more}"), width, theme);
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
    filters(&mut lines, state, width, theme);
    lines.push(Line::default());
    lines.extend(CLOCKS.map(|said| Line::styled(format!(" {said}"), theme.text)));
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
    row(lines, &keys, command.name(), help, width, theme);
}

/// The language of filters, from the same fields that reading and completing a filter go by.
fn filters(lines: &mut Vec<Line<'static>>, state: &State, width: usize, theme: &Theme) {
    let key = state.keys.hint(Command::Filter).unwrap_or_else(|| ":filter".to_owned());
    lines.push(Line::default());
    lines.push(Line::styled(
        format!(" {key} narrows the list; Tab completes fields and values:"),
        theme.strong,
    ));
    let fields = FIELDS.iter().map(|field| (field.example, field.says));
    for (example, says) in SIGNS.into_iter().chain(fields) {
        let label = (&*format!(" {example}"), NAMES, theme.key);
        text::labelled(lines, label, says, width, theme.text);
    }
}

/// Keys, the name they have in the configuration, and what they do, folded in its own column.
fn row(lines: &mut Vec<Line<'static>>, keys: &str, name: &'static str, help: &str, width: usize, theme: &Theme) {
    let mut said = Vec::new();
    text::labelled(
        &mut said,
        ("", 0, theme.text),
        help,
        width.saturating_sub(NAMES + 1),
        theme.text,
    );
    for (number, line) in said.into_iter().enumerate() {
        let (keys, name) = if number == 0 { (keys, name) } else { ("", "") };
        let mut spans = vec![
            text::cell(format!(" {keys}"), 20, theme.key),
            text::cell(name, 17, theme.dim),
        ];
        spans.extend(line.spans);
        lines.push(Line::from(spans));
    }
}

/// A line of one look that is too wide, in several that begin where it did.
fn fold(line: Line<'static>, width: usize) -> Vec<Line<'static>> {
    if line.width() <= width {
        return vec![line];
    }
    let (style, said) = (line.style, line.to_string());
    let indent = said.len() - said.trim_start_matches(' ').len();
    text::wrap(said.trim_start_matches(' '), width.saturating_sub(indent))
        .into_iter()
        .map(|part| Line::styled(format!("{}{part}", " ".repeat(indent)), style))
        .collect()
}
