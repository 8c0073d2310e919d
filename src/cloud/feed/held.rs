//! What one reading holds: each finding once, in its latest version.
//!
//! Owns: which of two versions stays (`version`). Must never: hold a finding twice, or let the order in which pages come decide between
//! findings.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use crate::domain::{AccountId, Region, Untrusted};
use crate::findings::index::by_key;
use crate::findings::version::{UNDECIDED, Version, goes_on};
use crate::findings::{Finding, FindingKey, Seen, Source, pages};

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
            let place = self.take(finding);
            let get = |key: &FindingKey| self.findings.get(self.find(of_key(key))?);
            let over = self.findings.get(place).map(|finding| pages::over(finding, get));
            for page in over.into_iter().flatten() {
                if let Some(held) = self.find(of(&page)).and_then(|place| self.findings.get_mut(place)) {
                    *held = page;
                }
            }
        }
    }

    /// Takes one in, and says where it is.
    fn take(&mut self, finding: Finding) -> usize {
        if let Some(place) = self.find(of(&finding)) {
            if let Some(held) = self.findings.get_mut(place) {
                update(held, finding);
            }
            return place;
        }
        let hash = self.hasher.hash_one(of(&finding));
        // Four thousand million findings do not fit into the memory.
        let place = u32::try_from(self.findings.len()).unwrap_or(u32::MAX);
        self.before.push(self.last.insert(hash, place));
        self.findings.push(finding);
        place as usize
    }

    fn find(&self, own: Own) -> Option<usize> {
        let mut next = self.last.get(&self.hasher.hash_one(own)).copied();
        while let Some(place) = next {
            let at = place as usize;
            if of(self.findings.get(at)?) == own {
                return Some(at);
            }
            next = self.before.get(at).copied().flatten();
        }
        None
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
type Own<'a> = (Source, AccountId, &'a Region, Option<&'a Untrusted>, &'a Untrusted);

fn of(finding: &Finding) -> Own<'_> {
    let product = finding.product_arn.as_ref();
    (finding.source, finding.account, &finding.region, product, &finding.id)
}

fn of_key(key: &FindingKey) -> Own<'_> {
    (key.source, key.account, &key.region, key.product.as_ref(), &key.id)
}

/// Takes in another version of what is held.
fn update(held: &mut Finding, mut finding: Finding) {
    let (old, new) = (Version::of(held), Version::of(&finding));
    let is_newer = !new.is_older_than(&old);
    let doubted = held.doubts.iter().any(|doubt| doubt == UNDECIDED);
    let undecided = new.is_undecided(&old) || new.digest == old.digest && doubted;
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
    if undecided && !held.doubts.iter().any(|doubt| doubt == UNDECIDED) {
        held.doubts.push(UNDECIDED.to_owned());
    }
    held.first_seen = first_seen;
}
