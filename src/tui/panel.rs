//! What is worth knowing of the finding under the cursor, beside or below the list.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::banner::plural;
use super::describe;
use super::text;
use super::theme::Theme;
use crate::app::State;
use crate::app::claim::short_name;
use crate::app::clock::{self, Deadline};
use crate::app::list::Row;
use crate::app::playbook::{self, StepState, StepView};
use crate::app::prepared;
use crate::app::sla::Clock;
use crate::findings::Finding;
use crate::findings::incident::Incident;

const LABEL: usize = 8;
/// At most so many reasons are named here; the opened incident names more.
const REASONS: usize = 3;

/// Draws the panel. Where it is low, each part takes one line and is cut; where it is high, the parts wrap.
pub fn draw(frame: &mut Frame<'_>, area: Rect, state: &State, theme: &Theme) {
    let Some(row) = state.current() else { return };
    let finding = row.lead();
    let incident = match &row {
        Row::Incident(incident) => Some(std::sync::Arc::clone(incident)),
        Row::Finding(finding) => state.incident_of(&finding.key()),
    };
    let Some(incident) = incident else { return };
    let steps = playbook::steps(state, &incident);
    let width = usize::from(area.width);
    let lines = if area.height < 10 {
        low(state, &incident, finding, &steps, width, theme)
    } else {
        high(state, &incident, finding, &steps, width, theme)
    };
    text::put(frame, area, &lines, 0);
}

fn low(
    state: &State,
    incident: &Incident,
    finding: &Finding,
    steps: &[StepView],
    width: usize,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let row = |label: &str, said: String, style: Style| {
        let spans = vec![
            text::cell(format!(" {label}"), LABEL, theme.dim),
            text::span(said, style),
        ];
        Line::from(text::clip(spans, width))
    };
    let mut next = vec![text::cell(" Next", LABEL, theme.dim)];
    for step in steps {
        next.extend(mark(step, theme));
        next.push(Span::raw("  "));
    }
    let what = vec![
        text::cell(" What", LABEL, theme.dim),
        text::span(describe::what(finding), theme.severity(finding.severity.label())),
    ];
    let ready = ready(state, incident).map(|said| text::span(format!("{said} "), theme.good));
    vec![
        text::edges(what, ready.into_iter().collect(), width),
        // Why findings are one incident says more than the title of one of them.
        match with(incident) {
            Some(said) => row("With", said, theme.text),
            None => row("", finding.subline().shown(), theme.text),
        },
        row("Who", describe::who(finding), theme.text),
        row(
            "Where",
            format!("{} · {}", describe::resource(finding), describe::place(state, finding)),
            theme.text,
        ),
        Line::from(text::clip(next, width)),
    ]
}

fn high(
    state: &State,
    incident: &Incident,
    finding: &Finding,
    steps: &[StepView],
    width: usize,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let mut part = |label: &str, said: &str, style: Style| {
        text::labelled(&mut lines, (label, LABEL - 1, theme.dim), said, width, style);
    };
    let severity = theme.severity(finding.severity.label());
    part("What", &describe::what(finding), severity);
    part("", &finding.subline().shown(), theme.text);
    part("When", &describe::when(state, finding), theme.text);
    if let Some(said) = with(incident) {
        part("With", &said, theme.text);
    }
    part("Clock", &clock(state, incident), theme.text);
    if let Some(said) = ready(state, incident) {
        part("Ahead", &said, theme.good);
    }
    part("", "", theme.text);
    part("Who", &describe::who(finding), theme.text);
    part("", "", theme.text);
    part("Where", &describe::place(state, finding), theme.text);
    part("", &describe::resource(finding), theme.text);
    for other in finding.others.iter().take(4) {
        part("", &format!("{} {other}", other.kind.word()), theme.dim);
    }
    if finding.others.len() > 4 {
        part("", &format!("and {} more", finding.others.len() - 4), theme.dim);
    }
    lines.push(Line::default());
    for (number, step) in steps.iter().enumerate() {
        let mut spans = vec![text::cell(if number == 0 { "Next" } else { "" }, LABEL - 1, theme.dim)];
        spans.extend(mark(step, theme));
        spans.push(Span::raw(" ".repeat(10_usize.saturating_sub(step.step.word().len()))));
        spans.push(text::span(format!("{}  {}", step.state.mark().1, step.note), theme.dim));
        lines.push(Line::from(text::clip(spans, width)));
    }
    lines
}

/// How many more findings are in the incident, and why they are one.
fn with(incident: &Incident) -> Option<String> {
    let others = incident.members.len().checked_sub(1).filter(|n| *n > 0)?;
    let mut why: Vec<String> = incident.reasons.iter().take(REASONS).map(ToString::to_string).collect();
    let more = incident.reasons.len() - why.len() + incident.more_reasons;
    if more > 0 {
        why.push(format!("{more} more reason{}", plural(more)));
    }
    Some(format!("{others} more: {}", why.join(", ")))
}

/// The steps whose plan was made ahead and is fresh.
fn ready(state: &State, incident: &Incident) -> Option<String> {
    let steps: Vec<&str> = prepared::ready(state, incident)
        .iter()
        .map(|step| step.word())
        .collect();
    (!steps.is_empty()).then(|| format!("plan ready: {}", steps.join(", ")))
}

/// Where the response clock stands, and who works on it.
fn clock(state: &State, incident: &Incident) -> String {
    let clock = Clock::of(state, incident);
    let shown = incident.severity.label();
    let mut said = match Clock::of_other(state, incident, shown) {
        // What is worse is a control, or a person has decided: the clock beside the severity would look like a fault.
        Some(of) => format!("{}, on the clock of {}", clock.said(), of.word()),
        None if clock == Clock::None => Clock::why_none(incident).to_owned(),
        None => clock.said(),
    };
    if incident.lead.is_timed_by_queue() && clock != Clock::None {
        said.push_str(", since the queue received it");
    }
    // A claim beside a clock that runs would look like a fault.
    if let Some(Deadline {
        before: Some(before),
        responded: None,
        ..
    }) = state.deadline(incident)
    {
        let before = describe::moment(state, before);
        said = format!("{said}; responded to {before}, before it escalated");
    }
    match clock::work(incident, &state.claims).owner {
        Some((who, since)) => {
            let since = describe::moment(state, since);
            format!("{said}; claimed by {} {since}", short_name(&who))
        }
        None => format!("{said}; unclaimed"),
    }
}

/// Glyph and word of a step.
fn mark(step: &StepView, theme: &Theme) -> [Span<'static>; 2] {
    let style = state_style(step.state, theme);
    [
        Span::styled(format!("{} ", step.state.mark().0), style),
        Span::styled(step.step.word(), style),
    ]
}

/// The look of a step's state.
pub fn state_style(state: StepState, theme: &Theme) -> Style {
    match state {
        StepState::NotApplicable => theme.dim,
        StepState::Todo => theme.text,
        StepState::Applied | StepState::Undone => theme.caution,
        StepState::Done => theme.good,
        StepState::Failed => theme.danger,
    }
}
