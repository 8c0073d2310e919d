//! What the list looks at beside itself.

use std::collections::BTreeMap;

use crate::app::claim::{Claims, Work, short_name};
use crate::app::clock::{self, Answers};
use crate::domain::{AccountId, Severity, Time, Untrusted};
use crate::findings::Finding;
use crate::findings::filter::{Asked, Context, Filter, Is, folded};
use crate::findings::incident::{Groups, id_of};
use crate::findings::index::{Index, Slot};
use crate::playbook::Classification;

use super::Kind;
use super::asked::Refused;

/// The parts of the state that rows are made of.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub index: &'a Index,
    pub groups: &'a Groups,
    pub claims: &'a Claims,
    pub answers: &'a Answers,
    pub table: &'a Classification,
    pub names: &'a BTreeMap<AccountId, Untrusted>,
    pub now: Time,
}

/// What a row is sorted by.
#[derive(Clone, Copy, Debug)]
pub struct Brief<'a> {
    pub lead: &'a Finding,
    pub severity: Severity,
    pub first_seen: Option<Time>,
    pub updated_at: Option<Time>,
    pub findings: usize,
    pub archived: bool,
    /// When somebody must have responded, where nobody has yet.
    pub due: Option<Time>,
}

impl<'a> View<'a> {
    /// The row that a finding is in.
    pub fn row_of(&self, slot: Slot, kind: Kind) -> Slot {
        match kind {
            Kind::Incidents => self.groups.of(slot),
            Kind::Findings => slot,
        }
    }

    /// The worst finding of a row.
    pub fn lead(&self, row: Slot, kind: Kind) -> &'a Finding {
        match kind {
            Kind::Incidents => self.groups.lead(row, self.index),
            Kind::Findings => self.index.at(row),
        }
    }

    /// The name of an account, or its number.
    pub fn account(&self, id: &'a AccountId) -> &'a str {
        match self.names.get(id) {
            Some(name) if !name.is_empty() => name.raw(),
            _ => id.as_str(),
        }
    }

    /// A row in short. A finding's row has no clock: clocks are of incidents.
    pub fn brief(&self, row: Slot, kind: Kind) -> Brief<'a> {
        let lead = self.lead(row, kind);
        let alone = Brief {
            lead,
            severity: lead.severity,
            first_seen: lead.first_seen,
            updated_at: lead.updated_at,
            findings: 1,
            archived: lead.archived,
            due: None,
        };
        if kind == Kind::Findings {
            return alone;
        }
        let names = self.groups.names(row);
        let due = clock::due(
            lead,
            names.into_iter().map(String::as_str),
            self.claims,
            self.answers,
            self.table,
        );
        match self.groups.made(row) {
            Some(incident) => Brief {
                severity: incident.severity,
                first_seen: incident.first_seen,
                updated_at: incident.updated_at,
                findings: incident.members.len(),
                archived: incident.archived,
                due,
                ..alone
            },
            None => Brief { due, ..alone },
        }
    }

    /// Who works on the incident of a group.
    fn work<'b>(&self, group: Slot, ids: impl Iterator<Item = &'b str>) -> Work {
        let lead = self.groups.lead(group, self.index);
        let first_seen = self.groups.made(group).map_or(lead.first_seen, |made| made.first_seen);
        self.claims.since(ids, clock::begun(lead, first_seen))
    }

    /// What a filter asks about the incident of a row.
    fn asked(&self, row: Slot, kind: Kind, asked: Asked<'_>) -> bool {
        let group = match kind {
            Kind::Incidents => row,
            Kind::Findings => self.groups.of(row),
        };
        let names = self.groups.names(group);
        let ids = names.iter().map(|id| id.as_str());
        match asked {
            Asked::Is(Is::Claimed) => self.work(group, ids).owner.is_some(),
            Asked::Is(Is::Unclaimed) => self.work(group, ids).owner.is_none(),
            Asked::Is(Is::Responded) => {
                let lead = self.groups.lead(group, self.index);
                clock::answer(lead, ids, self.claims).at.is_some()
            }
            Asked::Is(Is::Overdue) => self
                .brief(group, Kind::Incidents)
                .due
                .is_some_and(|due| due <= self.now),
            Asked::Is(Is::Grouped) => self.groups.members(group).len() > 1,
            Asked::Owner(wanted) => {
                let owner = self.work(group, ids).owner;
                owner.is_some_and(|(who, _)| folded(&short_name(&who)).contains(wanted))
            }
            Asked::Named(wanted) => {
                let mut named = ids.clone();
                named.any(|id| id.starts_with(wanted))
                    || (names.is_empty() && id_of(self.groups.lead(group, self.index)).starts_with(wanted))
            }
        }
    }

    /// Whether a filter lets a row through: an incident passes if one of its findings does.
    pub fn matcher<'b>(
        &'b self,
        filter: &'b Filter,
        kind: Kind,
        refused: &'b mut Refused,
    ) -> impl FnMut(Slot) -> bool + 'b {
        move |row| {
            let name = |id: &AccountId| self.names.get(id).map(Untrusted::raw);
            let context = Context {
                now: self.now,
                account_name: &name,
                incident: &|_, asked| self.asked(row, kind, asked),
            };
            match kind {
                Kind::Findings => filter.matches(self.index.at(row), &context),
                Kind::Incidents => {
                    let mut members = self.groups.members(row).iter();
                    members.any(|slot| refused.passes(*slot, filter, || filter.matches(self.index.at(*slot), &context)))
                }
            }
        }
    }
}
