//! What one reading holds: each finding once, in its latest version.
//!
//! Owns: which of two versions stays (`version`). Must never: hold a finding twice, or let the order in which pages come decide between
//! findings.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use crate::findings::index::by_key;
use crate::findings::version::{Version, goes_on};
use crate::findings::{Finding, Seen};

/// Findings, each once. They stand in one list and are found by a hash of their keys: a map with the keys and the findings in it
/// weighs half as much again.
#[derive(Debug, Default)]
pub struct Held {
    findings: Vec<Finding>,
    /// Where the latest finding of a hash is; those before it are found along `before`.
    last: HashMap<u64, u32>,
    /// For each finding, the one before it that has the same hash.
    before: Vec<Option<u32>>,
    hasher: RandomState,
}

impl Held {
    /// Takes findings in. Of two versions the later one stays; an administrator's detector shows the members' findings too, so one may
    /// arrive twice.
    pub fn merge(&mut self, page: Vec<Seen>) {
        for Seen { finding, .. } in page {
            let hash = self.hasher.hash_one(own(&finding));
            match self.find(hash, &finding) {
                Some(held) => update(held, finding),
                None => self.add(hash, finding),
            }
        }
    }

    fn find(&mut self, hash: u64, finding: &Finding) -> Option<&mut Finding> {
        let mut next = self.last.get(&hash).copied();
        while let Some(place) = next {
            let at = place as usize;
            if own(self.findings.get(at)?) == own(finding) {
                return self.findings.get_mut(at);
            }
            next = self.before.get(at).copied().flatten();
        }
        None
    }

    fn add(&mut self, hash: u64, finding: Finding) {
        // Four thousand million findings do not fit into the memory.
        let place = u32::try_from(self.findings.len()).unwrap_or(u32::MAX);
        self.before.push(self.last.insert(hash, place));
        self.findings.push(finding);
    }

    /// All of them, in the order of their keys.
    #[must_use]
    pub fn into_findings(self) -> Vec<Finding> {
        let mut findings = self.findings;
        findings.sort_unstable_by(by_key);
        findings
    }
}

/// What makes it this finding, as its key says.
fn own(finding: &Finding) -> impl PartialEq + std::hash::Hash + '_ {
    (
        finding.source,
        finding.account,
        &finding.region,
        &finding.product_arn,
        &finding.id,
    )
}

/// Takes in another version of what is held.
fn update(held: &mut Finding, mut finding: Finding) {
    let (old, new) = (Version::of(held), Version::of(&finding));
    let is_newer = !new.is_older_than(&old);
    let since = |f: &Finding| (f.first_seen, f.archived);
    let first_seen = goes_on(finding.source, since(held), since(&finding), is_newer);
    if is_newer {
        if old.digest != new.digest && !old.is_older_than(&new) {
            let doubt = "it was read twice with different content, and nothing says which is the later one; this is what was read last";
            finding.doubts.push(doubt.to_owned());
        }
        if old.digest == new.digest {
            finding.told = finding.told.max(held.told);
        }
        *held = finding;
    }
    held.first_seen = first_seen;
}
