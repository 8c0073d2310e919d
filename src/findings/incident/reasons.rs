//! Why the findings of a group are one incident, in words that can be read.

use std::collections::{BTreeSet, HashMap};

use crate::domain::Untrusted;
use crate::findings::Finding;

use super::MAX_REASONS;
use super::link::{self, Link, Reason, Why};

/// What a finding shares, each thing once.
pub fn links(finding: &Finding, cell: u16) -> BTreeSet<Link> {
    let mut all = BTreeSet::new();
    link::each(finding, cell, |link| {
        all.insert(link);
    });
    all
}

/// The reasons for these findings, each given with the number of its split. `by_hand` of them were joined by hand. What joins
/// most comes first, and the number says how many more there are.
pub fn reasons<'a>(findings: impl Iterator<Item = (&'a Finding, u16)> + Clone, by_hand: usize) -> (Vec<Reason>, usize) {
    let mut shared: HashMap<(Why, Untrusted), usize> = HashMap::new();
    let mut ids = BTreeSet::new();
    let mut signals = BTreeSet::new();
    for (finding, cell) in findings {
        // Each thing once: a link differs in its account too, and a group may reach over accounts.
        let own: BTreeSet<(Why, Untrusted)> = links(finding, cell).into_iter().map(|l| (l.why, l.what)).collect();
        for what in own {
            *shared.entry(what).or_default() += 1;
        }
        ids.insert(finding.id.clone());
        signals.extend(finding.signals.iter().cloned());
    }
    let made = |((why, what), findings)| Reason { why, what, findings };
    let reasons = shared.into_iter().filter(|(_, n)| *n > 1).map(made).collect();
    let named = signals.intersection(&ids).count();
    foremost(reasons, by_hand, named)
}

/// The reasons that are kept, what joins most first, and how many more there are. To those that findings share come those that were
/// `joined` by hand and `named` by an attack sequence.
pub fn foremost(mut reasons: Vec<Reason>, joined: usize, named: usize) -> (Vec<Reason>, usize) {
    for (why, findings) in [(Why::Hand, joined), (Why::Sequence, named)] {
        if findings > 0 {
            let what = Untrusted::default();
            reasons.push(Reason { why, what, findings });
        }
    }
    let compare = |a: &Reason, b: &Reason| (b.findings, a.why, &a.what).cmp(&(a.findings, b.why, &b.what));
    let more = reasons.len().saturating_sub(MAX_REASONS);
    if more > 0 {
        reasons.select_nth_unstable_by(MAX_REASONS, compare);
        reasons.truncate(MAX_REASONS);
    }
    reasons.sort_by(compare);
    (reasons, more)
}
