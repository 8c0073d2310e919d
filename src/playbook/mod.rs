//! Playbooks: what to do about an incident, step by step, side by side where it can be, and which action helps.
//!
//! Owns: the playbook file's shape, its checks, the choice for a finding, which steps apply and are ready; the classification
//! table. Must never: do IO, or name a target. A playbook names actions; what they act on comes from the incident.

pub mod cacao;
pub mod classify;
mod flow;
mod glob;
mod library;
mod parse;
mod sheet;
mod uuid;
mod when;

pub use classify::Classification;
pub use flow::{Row, Standing};
pub use library::{BUILT_IN, Library};
pub use when::When;

use jiff::civil::Date;

use crate::action::{ActionName, Step};
use crate::domain::{ResourceKind, SeverityLabel, SourceError};

/// A playbook, checked: its steps have no cycle and every name in it means something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Playbook {
    /// The file that it was read from, as it was named.
    pub file: String,
    /// The name that is typed: letters, digits and hyphens.
    pub name: String,
    /// One line for lists.
    pub title: String,
    /// What it is for, in paragraphs.
    pub description: String,
    /// What it was made from: guides and standards, by their names.
    pub sources: Vec<String>,
    /// The day on which it was written, and that of its last change.
    pub created: Option<Date>,
    pub updated: Option<Date>,
    /// Finding types that it is for, `*` standing for any text. None means any type.
    pub findings: Vec<String>,
    /// Resources that it is for. None means any.
    pub resources: Vec<ResourceKind>,
    /// Severities that it is for. None means any.
    pub severity: Vec<SeverityLabel>,
    steps: Vec<PlayStep>,
}

/// One step of a playbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayStep {
    /// Its name in the playbook: lower-case letters, digits and hyphens. Ticks in the journal name it.
    pub id: String,
    /// The phase of the response that it belongs to.
    pub phase: Step,
    /// One line.
    pub title: String,
    /// Paragraphs, parted by empty lines.
    pub guidance: String,
    /// The actions that help, the first one first.
    pub actions: Vec<ActionName>,
    /// Whether one of the actions is enough for each thing that they act on. Otherwise each that fits it is to be done.
    pub any: bool,
    /// What is done by hand, each with a box to tick.
    pub manual: Vec<String>,
    /// When it applies. None means always.
    pub when: Option<When>,
    /// The steps that come before, by their places in `Playbook::steps`. Steps after the same ones go side by side.
    pub after: Vec<usize>,
    /// What must be so before it can be done: a role, a tool, somebody's word.
    pub requires: Vec<String>,
}

/// What is known of an incident, as far as conditions ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Situation<'a> {
    /// As it was decided, or as the worst finding says while nobody has.
    pub severity: SeverityLabel,
    /// The incident type's name in the classification table, where one was decided or is suggested.
    pub incident_type: Option<&'a str>,
    /// The subtype's name.
    pub subtype: Option<&'a str>,
    /// The types of its findings.
    pub findings: Vec<&'a str>,
    /// The kinds of resource and credential that its findings name.
    pub kinds: Vec<ResourceKind>,
}

impl Playbook {
    /// Reads and checks a playbook file. The first fault is named with its line and column.
    pub fn parse(file: &str, text: &str) -> Result<Self, SourceError> {
        Self::lint(file, text, &Classification::built_in()).map_err(|faults| {
            let none = || SourceError::at(file, text, None, "it is not a playbook");
            faults.into_iter().next().unwrap_or_else(none)
        })
    }

    /// Reads and checks a playbook file whose conditions may name the incident types of this table; every fault that can be
    /// seen is named, in the order of the file.
    pub fn lint(file: &str, text: &str, table: &Classification) -> Result<Self, Vec<SourceError>> {
        parse::playbook(file, text, table)
    }

    /// Its steps, in the order of the file.
    #[must_use]
    pub fn steps(&self) -> &[PlayStep] {
        &self.steps
    }

    /// The step of this id, and its place.
    #[must_use]
    pub fn step(&self, id: &str) -> Option<(usize, &PlayStep)> {
        self.steps.iter().enumerate().find(|(_, step)| step.id == id)
    }

    /// The steps of a phase, in the order of the file.
    pub fn in_phase(&self, phase: Step) -> impl Iterator<Item = &PlayStep> {
        self.steps.iter().filter(move |step| step.phase == phase)
    }

    /// How closely it fits a finding of this type on these resources in an incident of this severity; none when it does not.
    /// More is closer: the longest pattern first, then that it asks for a severity, then for a resource.
    #[must_use]
    pub fn fits(&self, finding: &str, kinds: &[ResourceKind], severity: SeverityLabel) -> Option<(usize, bool, bool)> {
        let (by_severity, by_resource) = (!self.severity.is_empty(), !self.resources.is_empty());
        if by_severity && !self.severity.contains(&severity) {
            return None;
        }
        if by_resource && !self.resources.iter().any(|kind| kinds.contains(kind)) {
            return None;
        }
        let by_finding = if self.findings.is_empty() {
            0
        } else {
            let matching = self.findings.iter().filter(|pattern| glob::matches(pattern, finding));
            1 + matching.map(|pattern| glob::weight(pattern)).max()?
        };
        Some((by_finding, by_severity, by_resource))
    }
}

impl PlayStep {
    /// Whether it applies in a situation.
    #[must_use]
    pub fn applies(&self, situation: &Situation<'_>) -> bool {
        self.when.as_ref().is_none_or(|when| when.holds(situation))
    }
}
