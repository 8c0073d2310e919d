//! Which incidents a rule has told of, as the journal says.
//!
//! Owns: what the records of rules' notifications add up to, whoever wrote them and in whichever order they come. Must never: count a
//! notification that AWS refused, or one of before the incident began anew.

use std::collections::{BTreeMap, BTreeSet};

use crate::action::Outcome;
use crate::domain::{IncidentId, Time};
use crate::findings::index::{Index, Slot};
use crate::findings::{Finding, Source};
use crate::journal::{Record, What};

/// What was told of, by the names of then.
#[derive(Debug, Default)]
pub struct Told {
    by_incident: BTreeMap<IncidentId, Vec<Once>>,
    /// The intent of the first call of each plan.
    intents: BTreeMap<u64, u64>,
    /// Intents whose call AWS refused: nothing went out.
    refused: BTreeSet<u64>,
    /// When findings opened again that had been archived.
    reopened: BTreeMap<Slot, Time>,
}

/// A notification about an incident.
#[derive(Clone, Copy, Debug)]
struct Once {
    /// The record of its confirmation.
    plan: u64,
    at: Time,
    /// Whether it may be told of again once it is critical.
    may_rise: bool,
}

impl Told {
    /// Takes in a record. Returns the incidents that wait again, because AWS refused to tell of them.
    pub fn learn(&mut self, record: &Record) -> Vec<IncidentId> {
        match &record.what {
            What::Confirmed { rule: Some(rule), .. } => {
                for incident in &rule.incidents {
                    self.by_incident.entry(incident.clone()).or_default().push(Once {
                        plan: record.seq,
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

    /// A finding that was archived is open again.
    pub fn reopened(&mut self, slot: Slot, now: Time) {
        self.reopened.insert(slot, now);
    }

    /// The incidents of a plan, where it was refused.
    fn untold(&self, plan: u64) -> Vec<IncidentId> {
        if !self.is_refused(plan) {
            return Vec::new();
        }
        let of_it = |all: &Vec<Once>| all.iter().any(|once| once.plan == plan);
        let all = self.by_incident.iter().filter(|(_, all)| of_it(all));
        all.map(|(id, _)| id.clone()).collect()
    }

    fn is_refused(&self, plan: u64) -> bool {
        let intent = self.intents.get(&plan);
        intent.is_some_and(|intent| self.refused.contains(intent))
    }

    /// Whether the incident of these names and findings was told of, and has not become critical since.
    pub fn knows<'a>(
        &self,
        names: impl Iterator<Item = &'a str>,
        findings: &[Slot],
        is_critical: bool,
        (index, now): (&Index, Time),
    ) -> bool {
        let all = names.filter_map(|id| self.by_incident.get(id)).flatten();
        let told: Vec<bool> = all
            .filter(|once| !self.is_refused(once.plan) && !self.began_since(once.at, findings, index, now))
            .map(|once| once.may_rise)
            .collect();
        let has_risen = is_critical && told.iter().all(|may_rise| *may_rise);
        !told.is_empty() && !has_risen
    }

    /// Whether everything that is open of these findings began after that moment. An application's clock may be ahead; what has
    /// not happened yet is nothing new.
    fn began_since(&self, at: Time, findings: &[Slot], index: &Index, now: Time) -> bool {
        let is_new = |slot: &Slot, finding: &Finding| {
            let began = finding.first_seen.filter(|_| finding.source == Source::EventBridge);
            began.is_some_and(|began| began > at && began <= now)
                || self.reopened.get(slot).is_some_and(|again| *again > at)
        };
        let mut open = findings
            .iter()
            .map(|slot| (slot, index.at(*slot)))
            .filter(|(_, finding)| !finding.archived)
            .peekable();
        open.peek().is_some() && open.all(|(slot, finding)| is_new(slot, finding))
    }
}
