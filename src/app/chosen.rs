//! Which playbook an incident is worked by.
//!
//! Owns: the choice of the playbook. Must never: name a target; a playbook names actions, and the incident what they act on.

use super::state::State;
use crate::action::{ActionName, Step};
use crate::findings::incident::Incident;
use crate::playbook::Playbook;

/// The playbook of an incident: the one that fits its worst finding best.
#[must_use]
pub fn playbook<'a>(state: &'a State, incident: &Incident) -> &'a Playbook {
    let lead = &incident.lead;
    let kinds: Vec<_> = std::iter::once(&lead.resource)
        .chain(&lead.others)
        .map(|r| r.kind)
        .collect();
    state.playbooks.choose(lead.kind.raw(), &kinds, lead.severity.label())
}

/// The actions that the incident's playbook names for a step, in its order.
#[must_use]
pub fn actions(state: &State, incident: &Incident, step: Step) -> Vec<ActionName> {
    let steps = playbook(state, incident).in_phase(step);
    steps.flat_map(|step| step.actions.iter().copied()).collect()
}
