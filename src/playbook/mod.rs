//! Playbooks: the six steps, with what to do at each, why in this order, and which action helps.
//!
//! Owns: the playbook file's shape, its checks, and the choice for a finding. Must never: do IO, or name a target. A playbook
//! names actions; what they act on comes from the incident.

pub mod classify;
mod glob;
mod library;
mod parse;

pub use classify::Classification;
pub use library::{BUILT_IN, Library};

use crate::action::{ActionName, Step};
use crate::domain::ResourceKind;

/// A playbook, checked: all six steps are there, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Playbook {
    /// The name that is typed: letters, digits and hyphens.
    pub name: String,
    /// One line for lists.
    pub title: String,
    /// Finding types that it is for, `*` standing for any text. None means any type.
    pub findings: Vec<String>,
    /// Resources that it is for. None means any.
    pub resources: Vec<ResourceKind>,
    /// In the order of `Step::ALL`.
    pub stages: Vec<Stage>,
}

/// One step of a playbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    pub step: Step,
    /// The actions that help, the first one first. Empty for steps that the console does itself and those done by hand.
    pub actions: Vec<ActionName>,
    /// Paragraphs, parted by empty lines.
    pub guidance: String,
}

impl Playbook {
    /// Reads and checks a playbook file. The first fault is named with its line and column.
    pub fn parse(file: &str, text: &str) -> Result<Self, crate::domain::SourceError> {
        parse::playbook(file, text)
    }

    /// The step's part of the playbook.
    #[must_use]
    pub fn stage(&self, step: Step) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.step == step)
    }

    /// How closely it fits a finding of this type on this resource; none when it does not. More is closer.
    #[must_use]
    pub fn fits(&self, finding: &str, resource: ResourceKind) -> Option<usize> {
        if !self.resources.is_empty() && !self.resources.contains(&resource) {
            return None;
        }
        let by_resource = usize::from(!self.resources.is_empty());
        if self.findings.is_empty() {
            return Some(by_resource);
        }
        self.findings
            .iter()
            .filter(|pattern| glob::matches(pattern, finding))
            .map(|pattern| 2 + 2 * glob::weight(pattern) + by_resource)
            .max()
    }
}
