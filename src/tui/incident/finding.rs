//! The finding in words: what, who, where, when, what it rests on, and what could not be read of it.

use ratatui::text::{Line, Span};

use crate::app::State;
use crate::app::incident::{IncidentScreen, Pane};
use crate::findings::Finding;
use crate::findings::incident::Incident;
use crate::findings::version::UNDECIDED;
use crate::tui::describe;
use crate::tui::text;
use crate::tui::theme::Theme;

const LABEL: usize = 13;
/// At most so many reasons and other findings are named here; the list shows all.
const MOST: usize = 5;
/// A title has at most so many lines: a hostile one must not push the rest out of sight.
const TITLE: usize = 5;

/// The pane's lines for a width.
pub fn lines(state: &State, open: &IncidentScreen, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let finding = &open.finding;
    let mut lines = Vec::new();
    let width = width.saturating_sub(1);
    let label = finding.severity.label();
    let title = text::wrap(&finding.title.shown(), width.saturating_sub(1));
    let more = title.len().saturating_sub(TITLE);
    for part in title.into_iter().take(TITLE) {
        lines.push(Line::from(vec![Span::raw(" "), Span::styled(part, theme.strong)]));
    }
    if more > 0 {
        let said = format!(" … {more} more lines of title; {} has all of it", Pane::Raw.word());
        lines.push(Line::styled(said, theme.caution));
    }
    lines.push(Line::default());
    let mut part = |word: &str, said: &str, style| {
        text::labelled(&mut lines, (&format!(" {word}"), LABEL, theme.dim), said, width, style);
    };
    part("What", &describe::what(finding), theme.severity(label));
    if finding.headline() == &finding.title {
        part("Type", &finding.kind.shown(), theme.text);
    }
    together(&open.incident, finding, &mut part, theme);
    part("Who", &describe::who(finding), theme.text);
    part("Where", &describe::place(state, finding), theme.text);
    part("Resource", &describe::resource(finding), theme.text);
    for other in &finding.others {
        part("", &format!("{} {other}", other.kind.word()), theme.text);
    }
    part("When", &describe::when(state, finding), theme.text);
    let earlier = open.earlier.count;
    if earlier > 0 {
        let said = format!("{} events; {} lists the earlier ones", earlier + 1, Pane::Raw.word());
        part("Told in", &said, theme.text);
    }
    if finding.archived {
        part("State", "archived", theme.caution);
    }
    let undecided = state.index.is_undecided(&finding.key()).then_some(UNDECIDED);
    for doubt in finding.doubts.iter().map(String::as_str).chain(undecided) {
        part("! Doubt", doubt, theme.caution);
    }
    if !finding.description.is_empty() {
        part(" ", " ", theme.text);
        part("Description", &finding.description.shown(), theme.text);
    }
    part(" ", " ", theme.text);
    part("Source", &source(finding), theme.text);
    for (word, value) in [
        ("Control", &finding.control),
        ("Compliance", &finding.compliance),
        ("Workflow", &finding.workflow),
    ] {
        if let Some(value) = value {
            part(word, &value.shown(), theme.text);
        }
    }
    part("Id", &finding.id.shown(), theme.dim);
    if let Some(arn) = finding.arn.as_ref().filter(|arn| **arn != finding.id) {
        part("ARN", &arn.shown(), theme.dim);
    }
    lines
}

/// Why more than one finding is here, and which.
fn together(
    incident: &Incident,
    shown: &Finding,
    part: &mut impl FnMut(&str, &str, ratatui::style::Style),
    theme: &Theme,
) {
    let others = incident.members.len() - 1;
    if others == 0 {
        return;
    }
    let mut why: Vec<String> = incident.reasons.iter().take(MOST).map(ToString::to_string).collect();
    let more = incident.reasons.len() - why.len() + incident.more_reasons;
    if more > 0 {
        why.push(format!("{more} more reasons"));
    }
    part("With", &format!("{others} more, by {}", why.join(", ")), theme.text);
    for finding in incident.members.iter().filter(|f| f.key() != shown.key()).take(MOST) {
        let label = finding.severity.label();
        let said = format!("{} {} {}", label.glyph(), label.short(), finding.title);
        part("", &said, theme.dim);
    }
    if others > MOST {
        part("", &format!("and {} more", others - MOST), theme.dim);
    }
}

fn source(finding: &Finding) -> String {
    let (source, product) = (finding.source.name(), finding.product.shown());
    if product == source || product.is_empty() {
        source.to_owned()
    } else {
        format!("{product}, by way of {source}")
    }
}
