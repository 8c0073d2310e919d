//! The prompt in which an incident is classified: its kind, how many systems, how severe, and what follows from that.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::footer::short_minutes;
use super::text;
use super::theme::Theme;
use crate::app::State;
use crate::app::classifying::{Classifying, Field};

/// At most so many lines for why it is suggested, and for what is done at once.
const MOST: usize = 2;
/// Columns before a value.
const LABEL: usize = 12;

/// How many lines it needs.
pub fn height(state: &State, prompt: &Classifying, width: u16) -> u16 {
    let rows = 2 + Field::ALL.len() + below(state, prompt, usize::from(width)).len();
    u16::try_from(rows).unwrap_or_default()
}

/// What follows from the decision, and why it is suggested: label and text, wrapped.
fn below(state: &State, prompt: &Classifying, width: usize) -> Vec<(&'static str, String)> {
    let table = &state.classification;
    let level = table.level(prompt.severity);
    let kind = prompt.chosen(table).map_or("", |(kind, _)| kind.name.as_str());
    let parts = [
        ("Tell", level.escalation.join(" → ")),
        ("At once", table.actions(kind, prompt.severity).join("; ")),
        ("Why", prompt.why.clone()),
    ];
    let mut lines = Vec::new();
    for (label, said) in parts.into_iter().filter(|(_, said)| !said.is_empty()) {
        let mut wrapped = text::wrap(&said, width.saturating_sub(LABEL + 1));
        if wrapped.len() > MOST {
            wrapped.truncate(MOST);
            if let Some(last) = wrapped.last_mut() {
                let room = width.saturating_sub(LABEL + 2);
                *last = crate::findings::output::cut(&format!("{}…", last.trim_end()), room).into_owned();
                if !last.ends_with('…') {
                    last.push('…');
                }
            }
        }
        lines.extend(
            wrapped
                .into_iter()
                .enumerate()
                .map(|(n, line)| (if n == 0 { label } else { "" }, line)),
        );
    }
    lines
}

/// The value of a row, in words.
fn value(state: &State, prompt: &Classifying, field: Field) -> String {
    let table = &state.classification;
    let chosen = prompt.chosen(table);
    match field {
        Field::Type => chosen.map_or_else(String::new, |(kind, _)| kind.title.clone()),
        Field::Subtype => chosen.map_or_else(String::new, |(_, sub)| format!("{}: {}", sub.title, sub.severity)),
        Field::Systems => {
            let (n, above) = (prompt.systems, table.step_up_above);
            let step = if n > above { ": one step up" } else { "" };
            format!("{n}  (more than {above} are one step up){step}")
        }
        Field::Severity => {
            let label = prompt.severity;
            let within = short_minutes(table.level(label).response_minutes);
            let by_table = prompt.by_table(table).filter(|said| *said != label);
            let other = by_table
                .map(|said| format!("; the table says {said}"))
                .unwrap_or_default();
            format!("{} {}, respond within {within}{other}", label.glyph(), label.word())
        }
    }
}

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, state: &State, prompt: &Classifying, theme: &Theme) {
    let width = usize::from(area.width);
    let mut rows = area.rows();
    let mut put = |frame: &mut Frame<'_>, spans: Vec<Span<'static>>, selected: bool| {
        let Some(row) = rows.next() else { return };
        text::put_line(frame, row, &Line::from(text::clip(spans, width)));
        if selected {
            frame.buffer_mut().set_style(row, theme.selected);
        }
    };
    let question = " How severe is it? Decide; it can be decided anew at any time.";
    put(frame, vec![Span::styled(question, theme.strong)], false);
    for field in Field::ALL {
        let selected = field == prompt.field;
        let style = match field {
            Field::Severity => theme.severity(prompt.severity),
            Field::Type | Field::Subtype | Field::Systems => theme.text,
        };
        let spans = vec![
            Span::raw(if selected { " ▸ " } else { "   " }),
            text::cell(field.word(), LABEL - 3, theme.dim),
            text::span(value(state, prompt, field), style),
        ];
        put(frame, spans, selected);
    }
    for (label, said) in below(state, prompt, width) {
        let spans = vec![
            text::cell(format!("   {label}"), LABEL, theme.dim),
            text::span(said, theme.text),
        ];
        put(frame, spans, false);
    }
    let keys = vec![
        Span::styled(" Enter ", theme.key),
        Span::styled("decide ", theme.text),
        Span::styled(" c h m l ", theme.key),
        Span::styled("decide so ", theme.text),
        Span::styled(" j/k ", theme.key),
        Span::styled("row ", theme.text),
        Span::styled(" Space ", theme.key),
        Span::styled("change ", theme.text),
        Span::styled(" 0-9 ", theme.key),
        Span::styled("systems ", theme.text),
        Span::styled(" Esc", theme.dim),
    ];
    put(frame, keys, false);
}
