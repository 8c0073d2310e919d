//! The list's columns: which fit, how wide each is, and what stands in each.
//!
//! Owns: the cells of a row. Must never: format a row that is not seen, or tell two things apart by colour alone.

use std::collections::HashSet;

use ratatui::style::Style;
use ratatui::text::Span;
use unicode_width::UnicodeWidthStr;

use super::text;
use super::theme::Theme;
use crate::app::State;
use crate::app::claim::{Work, short_name};
use crate::app::clock;
use crate::app::columns::Column;
use crate::app::list::{Row, Sort};
use crate::app::sla::Clock;
use crate::domain::{Severity, SeverityLabel, Time};
use crate::findings::incident::Incident;
use crate::findings::output::{age, cut};
use crate::findings::{Finding, Source};

/// The mark, the cursor and a space before the first column.
const GUTTER: usize = 3;
/// A column that says what happened is not narrower than this while another can give way.
const LEAST: usize = 27;
/// How wide the account, the resource and the name of whoever has it are, from the most room to the least.
const SIZES: [Size; 4] = [size(16, 21, 12), size(12, 16, 9), size(9, 12, 9), size(6, 10, 8)];
/// So many findings of an incident are looked at for other resources: a frame must not cost more for a larger incident.
const LOOKED_AT: usize = 200;
/// Which columns give way first where there is no room.
const GIVES_WAY: [Column; 7] = [
    Column::Source,
    Column::Score,
    Column::Age,
    Column::Principal,
    Column::Who,
    Column::Where,
    Column::Resource,
];

/// Columns of what can be shown in less room.
#[derive(Clone, Copy, Debug)]
struct Size {
    account: usize,
    resource: usize,
    who: usize,
}

const fn size(account: usize, resource: usize, who: usize) -> Size {
    Size { account, resource, who }
}

/// What a row is about: an incident by its lead, or a finding.
pub struct Entry<'a> {
    lead: &'a Finding,
    /// Of an incident, that of its worst finding, which may be a weakness and not lead.
    severity: Severity,
    /// How many findings it holds.
    members: usize,
    /// How many more resources it is about; the text ends in a sign where not all findings were looked at.
    more: String,
    updated_at: Option<Time>,
    archived: bool,
    work: Work,
    clock: Clock,
    /// The severity whose clock it is, where that is not the row's.
    clock_of: Option<SeverityLabel>,
    marked: bool,
}

impl<'a> Entry<'a> {
    /// What a row shows.
    pub fn of(state: &State, row: &'a Row) -> Self {
        let marked = state.is_marked(row);
        match row {
            Row::Incident(incident) => Self {
                lead: &incident.lead,
                severity: incident.severity,
                members: incident.members.len(),
                more: others(incident),
                updated_at: incident.updated_at,
                archived: incident.archived,
                work: clock::work(incident, &state.claims),
                clock: Clock::of(state, incident),
                clock_of: Clock::of_other(state, incident, incident.severity.label()),
                marked,
            },
            Row::Finding(finding) => {
                // Somebody works on the incident, and its clock is the one that runs.
                let incident = state.incident_of(&finding.key());
                Self {
                    lead: finding,
                    severity: finding.severity,
                    members: 1,
                    more: String::new(),
                    updated_at: finding.updated_at,
                    archived: finding.archived,
                    work: incident
                        .as_ref()
                        .map(|incident| clock::work(incident, &state.claims))
                        .unwrap_or_default(),
                    clock_of: incident
                        .as_ref()
                        .and_then(|incident| Clock::of_other(state, incident, finding.severity.label())),
                    clock: incident.map_or(Clock::None, |incident| Clock::of(state, &incident)),
                    marked,
                }
            }
        }
    }
}

/// How many resources the incident is about beside its lead's: ` +100`. Only so many findings are looked at, and that is said.
fn others(incident: &Incident) -> String {
    let seen = incident.members.iter().take(LOOKED_AT);
    let ids: HashSet<&str> = seen.map(|finding| finding.resource.id.raw()).collect();
    let beside = ids.len() - usize::from(ids.contains(incident.lead.resource.id.raw()));
    match (beside, incident.members.len() > LOOKED_AT) {
        (0, _) => String::new(),
        (n, false) => format!(" +{n}"),
        (n, true) => format!(" +{n}…"),
    }
}

/// The columns that fit, with their widths.
pub struct Table {
    columns: Vec<(Column, usize)>,
    account: usize,
    /// Columns that were chosen and do not fit.
    hidden: usize,
}

impl Table {
    /// The table for a width.
    pub fn of(chosen: &[Column], width: usize) -> Self {
        let mut columns = chosen.to_vec();
        // Everything else is shown in less room before a column is left out.
        let roomy = |columns: &[Column]| {
            let fits = |size: &Size| rest(columns, flexible(columns), *size, width) >= LEAST;
            SIZES.into_iter().find(fits)
        };
        let mut size = roomy(&columns);
        for gives_way in GIVES_WAY {
            if size.is_some() {
                break;
            }
            if Some(gives_way) != flexible(&columns) {
                columns.retain(|c| *c != gives_way);
                size = roomy(&columns);
            }
        }
        let size = size.unwrap_or(SIZES[SIZES.len() - 1]);
        let flexible = flexible(&columns);
        let left = rest(&columns, flexible, size, width);
        let sized = columns
            .iter()
            .map(|c| (*c, if Some(*c) == flexible { left } else { wide(*c, size) }))
            .collect();
        Self {
            columns: sized,
            account: size.account,
            hidden: chosen.len() - columns.len(),
        }
    }

    /// The line above the rows.
    pub fn heading(&self, (sort, reversed): (Sort, bool), theme: &Theme) -> Vec<Span<'static>> {
        let mut spans = vec![Span::raw(" ".repeat(GUTTER))];
        let sorted = sorted(sort)
            .iter()
            .find(|by| self.columns.iter().any(|(c, _)| c == *by));
        for (column, width) in &self.columns {
            let word = column.word().to_uppercase();
            let (said, style) = match word.width() {
                _ if sorted != Some(column) => (word, theme.dim),
                used if used + 2 > *width => (format!("{word}{}", direction(reversed)), theme.strong),
                _ => (format!("{word} {}", direction(reversed)), theme.strong),
            };
            spans.push(text::cell(said, *width, style));
            spans.push(Span::raw(" "));
        }
        if self.hidden > 0 {
            // The last heading gives up its padding for the sign that something is left out.
            let sign = format!("+{}", self.hidden);
            let width: usize = spans.iter().map(Span::width).sum();
            spans = text::clip(spans, width.saturating_sub(sign.width()));
            spans.push(Span::styled(sign, theme.dim));
        }
        spans
    }

    /// One row.
    pub fn row(&self, state: &State, entry: &Entry<'_>, selected: bool, theme: &Theme) -> Vec<Span<'static>> {
        let cursor = if selected { "▸" } else { " " };
        let mark = if entry.marked { "*" } else { " " };
        let mut spans = vec![Span::raw(cursor), Span::styled(mark, theme.strong), Span::raw(" ")];
        for (column, width) in &self.columns {
            self.cell(&mut spans, state, entry, (*column, *width), theme);
            spans.push(Span::raw(" "));
        }
        spans
    }

    fn cell(
        &self,
        spans: &mut Vec<Span<'static>>,
        state: &State,
        entry: &Entry<'_>,
        (column, width): (Column, usize),
        theme: &Theme,
    ) {
        let lead = entry.lead;
        let label = entry.severity.label();
        let (said, style): (String, Style) = match column {
            Column::Sla => clock_cell(entry, theme),
            Column::Sev => (format!("{} {}", label.glyph(), label.short()), theme.severity(label)),
            Column::Score => (format!("{:.1}", entry.severity.score()), theme.severity(label)),
            Column::Age => {
                let moved = entry.updated_at.map(|at| age(at, state.now));
                (moved.unwrap_or_else(|| "-".to_owned()), theme.text)
            }
            Column::Incident => return incident_cell(spans, entry, width, theme),
            Column::Type => (text::short_id(&lead.kind.shown(), width), theme.text),
            Column::Where => {
                let account = text::short_name(&state.account_label(&lead.account), self.account);
                let pad = " ".repeat(self.account.saturating_sub(account.width()));
                (format!("{account}{pad} {}", lead.region.short()), theme.text)
            }
            Column::Resource => (resource(entry, width), theme.text),
            Column::Who => match &entry.work.owner {
                Some((who, _)) => (short_name(who), theme.text),
                None if width < "unclaimed".len() => ("nobody".to_owned(), theme.dim),
                None => ("unclaimed".to_owned(), theme.dim),
            },
            Column::Principal => {
                let named = lead.principal.name.as_ref().or(lead.principal.access_key.as_ref());
                (
                    named.map_or_else(|| "-".to_owned(), |n| text::short_id(&n.shown(), width)),
                    theme.text,
                )
            }
            Column::Source => (lead.source.name().to_owned(), theme.dim),
        };
        spans.push(text::cell(said, width, style));
    }
}

/// The sign of an order: as it is by itself, or turned round.
pub fn direction(reversed: bool) -> &'static str {
    if reversed { "▲" } else { "▼" }
}

/// The columns that show what an order goes by; the first one that is shown says so.
fn sorted(sort: Sort) -> &'static [Column] {
    match sort {
        // Urgency goes by several, and when it was first seen is in no column.
        Sort::Urgency | Sort::FirstSeen => &[],
        Sort::Severity => &[Column::Sev, Column::Score],
        Sort::Age => &[Column::Age],
        Sort::Deadline => &[Column::Sla],
        Sort::Findings => &[Column::Incident],
        Sort::Account | Sort::Region => &[Column::Where],
        Sort::Type => &[Column::Type, Column::Incident],
        Sort::Resource => &[Column::Resource],
    }
}

fn clock_cell(entry: &Entry<'_>, theme: &Theme) -> (String, Style) {
    // Nobody has to answer for what AWS or a person has put aside.
    if entry.archived {
        return ("archived".to_owned(), theme.dim);
    }
    let style = match entry.clock {
        Clock::Overdue(_) => theme.danger,
        Clock::Left(_) => theme.text,
        Clock::Responded { late: 0, .. } => theme.good,
        Clock::Responded { .. } => theme.caution,
        Clock::None => theme.dim,
    };
    (format!("{:>8}", entry.clock.marked(entry.clock_of)), style)
}

/// What happened, and at the right how many findings say so.
fn incident_cell(spans: &mut Vec<Span<'static>>, entry: &Entry<'_>, width: usize, theme: &Theme) {
    let count = match entry.members {
        0 | 1 => String::new(),
        n => format!(" ({n})"),
    };
    let room = width.saturating_sub(count.width());
    // GuardDuty's types differ at their ends, so a long one is cut in its middle.
    let lead = entry.lead;
    let (headline, rest) = (lead.headline().shown(), lead.subline());
    let headline = match lead.source {
        Source::GuardDuty => text::short_id(&headline, room),
        Source::SecurityHub | Source::EventBridge => cut(&headline, room).into_owned(),
    };
    let used = headline.width();
    spans.push(text::cell(&headline, used, theme.text));
    let left = room.saturating_sub(used);
    if left > 4 {
        spans.push(text::cell(format!(" · {rest}"), left, theme.dim));
    } else {
        spans.push(Span::raw(" ".repeat(left)));
    }
    spans.push(Span::styled(count, theme.strong));
}

/// The resource with its id cut in the middle, and how many more there are.
fn resource(entry: &Entry<'_>, width: usize) -> String {
    let id = entry.lead.resource.id.shown();
    let left = width.saturating_sub(entry.more.width());
    format!("{}{}", text::short_id(&id, left), entry.more)
}

/// The column that takes what the others leave: the one that says most.
fn flexible(columns: &[Column]) -> Option<Column> {
    [Column::Incident, Column::Type, Column::Resource]
        .into_iter()
        .find(|c| columns.contains(c))
        .or(columns.last().copied())
}

/// What is left for the flexible column.
fn rest(columns: &[Column], flexible: Option<Column>, size: Size, width: usize) -> usize {
    let fixed: usize = columns
        .iter()
        .map(|c| 1 + if Some(*c) == flexible { 0 } else { wide(*c, size) })
        .sum();
    width.saturating_sub(GUTTER + fixed)
}

/// How wide a column is.
fn wide(column: Column, size: Size) -> usize {
    match column {
        Column::Sla => 8,
        Column::Sev | Column::Score => 6,
        Column::Age => 4,
        Column::Where => size.account + 6,
        Column::Resource => size.resource,
        Column::Who => size.who,
        Column::Source => 12,
        Column::Principal => 16,
        Column::Incident | Column::Type => LEAST,
    }
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
