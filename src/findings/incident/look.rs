//! What can be asked about groups.

use std::sync::Arc;

use crate::domain::IncidentId;
use crate::findings::Finding;
use crate::findings::index::{Index, Slot};

use super::group::{Group, Groups};
use super::{Incident, id_of};

impl Groups {
    /// The group of a finding.
    #[must_use]
    pub fn of(&self, slot: Slot) -> Slot {
        self.of[slot as usize]
    }

    /// The findings of a group, in no order.
    #[must_use]
    pub fn members(&self, group: Slot) -> &[Slot] {
        match self.joined.get(&group) {
            Some(group) => &group.members,
            None => self.of.get(group as usize).map_or(&[], std::slice::from_ref),
        }
    }

    /// The incident of a group as it was when it was last settled.
    #[must_use]
    pub fn incident(&self, group: Slot, index: &Index) -> Arc<Incident> {
        self.made(group).cloned().unwrap_or_else(|| {
            let made = self.make(group, index);
            Arc::new(made.unwrap_or_else(|| Incident::alone(Arc::clone(index.at(group)))))
        })
    }

    /// The worst finding of a group.
    #[must_use]
    pub fn lead<'a>(&'a self, group: Slot, index: &'a Index) -> &'a Arc<Finding> {
        self.made(group)
            .map_or_else(|| index.at(group), |incident| &incident.lead)
    }

    /// The incident of a group with more than one finding, as it was when it was last settled.
    #[must_use]
    pub fn made(&self, group: Slot) -> Option<&Arc<Incident>> {
        self.joined.get(&group)?.incident.as_ref()
    }

    /// The group that the journal gives this name, or one of whose findings does. Where the journal does not know the name, every
    /// finding is looked at.
    #[must_use]
    pub fn named(&self, id: &str, index: &Index) -> Option<Slot> {
        if let Some(slot) = self.names.slot(id) {
            return Some(self.of(slot));
        }
        let place = index.iter().position(|finding| id_of(finding) == id)?;
        self.of.get(place).copied()
    }

    /// The names that the journal knows a group by, the oldest first.
    #[must_use]
    pub fn names(&self, group: Slot) -> Vec<&IncidentId> {
        match self.joined.get(&group) {
            Some(Group { large: Some(large), .. }) => large.names(),
            Some(Group { members, .. }) => self.names.of(members),
            None => self.names.of(self.members(group)),
        }
    }

    /// Every group.
    pub fn all(&self) -> impl Iterator<Item = Slot> {
        let slots = self.of.iter().zip(0..);
        slots.filter(|(group, slot)| **group == *slot).map(|(group, _)| *group)
    }
}
