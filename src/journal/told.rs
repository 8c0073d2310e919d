//! Which incidents rules have told of, as the records say.
//!
//! Owns: when an incident may be told of again: where AWS refused to tell of it, where it has become critical since, and where it began
//! anew after it was told of. Must never: count a notification that did not go out, or not count one that may have.

use std::collections::{BTreeMap, BTreeSet};

use super::record::{Record, What};
use crate::action::{ByRule, Outcome};
use crate::domain::{IncidentId, Time};

/// What was told of, by the names of then. Records may come in any order, each once.
#[derive(Clone, Debug, Default)]
pub struct Told {
    by_incident: BTreeMap<IncidentId, Vec<Once>>,
    /// The intent of the first call of each plan.
    intents: BTreeMap<u64, u64>,
    /// Intents whose call AWS refused: nothing went out.
    refused: BTreeSet<u64>,
}

/// A notification about an incident, which went out or may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Once {
    /// The record of its confirmation.
    pub record: u64,
    pub at: Time,
    /// Whether it may be told of again once it is critical.
    pub may_rise: bool,
}

impl Told {
    /// Takes in a record. Returns the incidents that nobody was told of after all, because AWS refused it.
    pub fn learn(&mut self, record: &Record) -> Vec<IncidentId> {
        match &record.what {
            What::Confirmed { rule: Some(rule), .. } => {
                for incident in &rule.incidents {
                    self.by_incident.entry(incident.clone()).or_default().push(Once {
                        record: record.seq,
                        at: record.time,
                        may_rise: rule.may_rise(incident),
                    });
                }
                self.untold(record.seq)
            }
            What::Intent { plan, call: 0, .. } => {
                self.intents.insert(*plan, record.seq);
                self.untold(*plan)
            }
            What::Outcome {
                intent,
                outcome: Outcome::Failed { .. },
            } => {
                self.refused.insert(*intent);
                let plan = self.intents.iter().find(|(_, own)| *own == intent);
                plan.map(|(plan, _)| self.untold(*plan)).unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }

    /// The incidents of a plan, where it was refused.
    fn untold(&self, plan: u64) -> Vec<IncidentId> {
        if !self.is_refused(plan) {
            return Vec::new();
        }
        let of_it = |all: &Vec<Once>| all.iter().any(|once| once.record == plan);
        let all = self.by_incident.iter().filter(|(_, all)| of_it(all));
        all.map(|(id, _)| id.clone()).collect()
    }

    fn is_refused(&self, plan: u64) -> bool {
        let intent = self.intents.get(&plan);
        intent.is_some_and(|intent| self.refused.contains(intent))
    }

    /// The notifications about the incident of this name.
    pub fn of(&self, incident: &str) -> impl Iterator<Item = Once> {
        let all = self.by_incident.get(incident).into_iter().flatten();
        all.copied().filter(|once| !self.is_refused(once.record))
    }

    /// An incident that the rule may not tell of, for it was told of, with the record that says so.
    #[must_use]
    pub fn forbids(&self, rule: &ByRule) -> Option<(IncidentId, u64)> {
        rule.incidents.iter().find_map(|incident| {
            let began = rule.anew.get(incident);
            let told: Vec<Once> = self
                .of(incident)
                .filter(|once| began.is_none_or(|began| once.at >= *began))
                .collect();
            let has_risen = !rule.may_rise(incident) && told.iter().all(|once| once.may_rise);
            let last = told.last().filter(|_| !has_risen)?;
            Some((incident.clone(), last.record))
        })
    }
}
