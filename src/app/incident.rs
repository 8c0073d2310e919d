//! An opened incident: the finding, its surroundings, the playbook, and what the journal says of it.

use std::sync::Arc;

use crate::action::Facts;
use crate::domain::{IncidentId, Untrusted};
use crate::findings::incident::{self, Incident};
use crate::findings::{Finding, Place, Source, asff, event, guardduty, tags};
use crate::journal::{FindingSummary, Record};

use super::earlier::{Earlier, Shown};
use super::effect::Effect;
use super::scroll::Scroll;
use super::state::{Screen, State};
use super::update::read_context;

/// The panes, in the order of Tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    Finding,
    Context,
    Playbook,
    Raw,
    Journal,
}

impl Pane {
    /// Every pane.
    pub const ALL: [Self; 5] = [Self::Finding, Self::Context, Self::Playbook, Self::Raw, Self::Journal];

    /// The word on its tab.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Finding => "Finding",
            Self::Context => "Context",
            Self::Playbook => "Playbook",
            Self::Raw => "Raw JSON",
            Self::Journal => "Journal",
        }
    }

    /// The pane that is `steps` to the right, around the end.
    #[must_use]
    pub fn next(self, steps: isize) -> Self {
        let len = Self::ALL.len();
        let here = Self::ALL.iter().position(|p| *p == self).unwrap_or_default();
        let there = here.cast_signed() + steps;
        Self::ALL[there.rem_euclid(len.cast_signed()).cast_unsigned()]
    }
}

/// The screen of one incident.
#[derive(Debug)]
pub struct IncidentScreen {
    /// The name under which it was opened here. It stays for as long as the screen is open, whatever joins the incident.
    pub id: IncidentId,
    /// The finding that gives it that name, unless the journal gave it.
    pub anchor: Arc<Finding>,
    pub incident: Arc<Incident>,
    /// The finding that it was opened at, with what only its evidence says once that has come.
    pub finding: Arc<Finding>,
    pub pane: Pane,
    /// What was read of the surroundings so far.
    pub facts: Facts,
    /// The number of the read that is under way.
    pub reading: Option<u64>,
    /// The scroll of each pane, in the order of `Pane::ALL`.
    pub scrolls: [Scroll; Pane::ALL.len()],
    /// The line under the cursor in the playbook.
    pub line: usize,
    /// The finding's JSON, indented, one entry a line, safe to show. Empty until it was fetched.
    pub raw_lines: Vec<String>,
    /// The earlier events of an operational incident.
    pub earlier: Earlier,
    /// What was searched for last.
    pub search: String,
    /// Whether another version of the finding has come, whose evidence nobody has asked for yet.
    pub(super) is_old: bool,
    /// The tags of the resources that the opened findings name, as far as their evidence has come.
    pub tags: Vec<(Untrusted, Untrusted)>,
}

impl IncidentScreen {
    /// The screen of an incident, at one of its findings.
    #[must_use]
    pub fn new(incident: Arc<Incident>, finding: Arc<Finding>) -> Self {
        Self {
            id: incident.id.clone(),
            raw_lines: Vec::new(),
            anchor: Arc::clone(&incident.lead),
            finding,
            incident,
            pane: Pane::Finding,
            facts: Facts::default(),
            reading: None,
            scrolls: Default::default(),
            line: 0,
            earlier: Earlier::default(),
            search: String::new(),
            is_old: false,
            tags: Vec::new(),
        }
    }

    /// Whether a record is about this incident, under any of its names.
    #[must_use]
    pub fn owns(&self, record: &Record) -> bool {
        let about = record.incident.as_deref();
        about.is_some_and(|id| id == self.id || self.incident.is(id))
    }

    /// The finding's evidence has come: what the index does not keep of it is read again.
    pub(super) fn evidence(&mut self, raw: &[u8]) {
        let held = &self.finding;
        let at = Place {
            account: held.account,
            region: held.region.clone(),
        };
        let read = match held.source {
            Source::GuardDuty => guardduty::parse(raw, &at),
            Source::EventBridge => event::parse(raw, &at),
            Source::SecurityHub => asff::parse(raw, &at),
        };
        for tag in tags::tags(held.source, raw) {
            if !self.tags.contains(&tag) {
                self.tags.push(tag);
            }
        }
        self.finding = Arc::new(Finding {
            arn: read.arn.or_else(|| held.arn.clone()),
            description: read.description,
            doubts: read.doubts,
            ..Finding::clone(held)
        });
    }

    /// The finding as the index has it now. Of another version nothing of the one before stays, and its evidence is to be asked for.
    fn renew(&mut self, now: &Arc<Finding>) {
        let held = &self.finding;
        if held.digest != now.digest {
            self.finding = Arc::clone(now);
            self.raw_lines.clear();
            self.is_old = true;
            return;
        }
        // What is not in the finding's own JSON: what people did with its copy, and since when it goes on.
        let beside = |f: &Finding| (f.archived, f.workflow.clone(), f.first_seen);
        if beside(held) != beside(now) {
            self.finding = Arc::new(Finding {
                arn: held.arn.clone(),
                description: held.description.clone(),
                doubts: held.doubts.clone(),
                ..Finding::clone(now)
            });
        }
    }

    /// The scroll of the pane that is seen.
    pub fn scroll(&mut self) -> &mut Scroll {
        match self.pane {
            Pane::Raw => self.json_scroll_mut(),
            Pane::Finding | Pane::Context | Pane::Playbook | Pane::Journal => &mut self.scrolls[self.pane as usize],
        }
    }
}

/// The name of the incident that is opened on a finding: the same finding always gives the same name.
#[must_use]
pub fn incident_id(finding: &Finding) -> IncidentId {
    incident::id_of(finding)
}

/// Findings moved: screens that are open show their incidents as they are now.
pub(super) fn follow(state: &mut State) {
    for screen in &mut state.screens {
        if let Screen::Incident(open) = screen
            && let Some(slot) = state.index.slot_of(&open.anchor.key())
        {
            open.incident = state.groups.incident(state.groups.of(slot), &state.index);
            if let Some(now) = state.index.get(&open.finding.key()) {
                open.renew(now);
            }
        }
    }
}

/// Asks for the evidence of findings that are open and have another version, and for what their surroundings lack now.
pub(super) fn ask(state: &mut State) -> Vec<Effect> {
    let mut effects = Vec::new();
    let (zone, mut number) = (state.zone.clone(), state.next_read);
    for screen in &mut state.screens {
        if let Screen::Incident(open) = screen
            && std::mem::take(&mut open.is_old)
        {
            effects.push(Effect::Evidence {
                key: open.finding.key(),
            });
            // What was the latest event is an earlier one now.
            if open.earlier.shown != Shown::Latest {
                effects.push(Effect::Earlier {
                    key: open.finding.key(),
                });
            }
            number += 1;
            effects.extend(read_context(open, number, &zone));
        }
    }
    state.next_read = number;
    effects
}

/// What the journal keeps of a finding.
#[must_use]
pub fn summary(finding: &Finding) -> FindingSummary {
    FindingSummary {
        id: finding.id.clone(),
        source: finding.source.word().to_owned(),
        account: finding.account,
        region: finding.region.clone(),
        product: finding.product_arn.clone(),
        kind: finding.kind.clone(),
        severity: finding.severity,
        title: finding.title.clone(),
        resource: finding.resource.clone(),
        first_seen: finding.first_seen,
        updated_at: finding.updated_at,
    }
}

/// Indents the JSON for reading. What is not JSON is shown as it is; both go through `Untrusted`, line by line.
pub(super) fn raw_lines(raw: &[u8]) -> Vec<String> {
    let text = serde_json::from_slice::<serde_json::Value>(raw)
        .ok()
        .and_then(|value| serde_json::to_string_pretty(&value).ok())
        .unwrap_or_else(|| String::from_utf8_lossy(raw).into_owned());
    text.lines()
        .map(|line| crate::domain::Untrusted::new(line).shown())
        .collect()
}

#[cfg(test)]
#[path = "incident_tests.rs"]
mod tests;
