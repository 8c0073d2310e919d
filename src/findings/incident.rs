//! Incidents: findings that belong together, and why.
//!
//! Findings become one incident where they share an access key, a user or role of one account, a resource of one account, or an
//! attack sequence (its actors, its resources, and the findings that it names as signals), and where their activity lies within a
//! window of time of each other: 24 hours unless the configuration says otherwise. A finding's activity reaches from when it was
//! first seen to its last update. Two findings that share nothing may still be one incident by a third that shares something with
//! each.
//!
//! What does not join findings, because it would join everything:
//! - an account, and so the results of controls about an account, the root user's name, and other accounts' names; root's access
//!   key does join;
//! - roles that stand for AWS or for many people at once: service-linked roles (`AWSServiceRoleFor…`) and the roles of IAM Identity
//!   Center (`AWSReservedSSO_…`). The keys of their sessions do join;
//! - users of databases and of Kubernetes, whose names (`admin`, `system:anonymous`) are the same everywhere;
//! - resources of kinds that quell does not know, unless a finding is about one and names it by its ARN;
//! - anything, where a finding is archived or has no time.
//!
//! Owns: which findings are one incident, its name and its reasons. Must never: let any of this depend on the order in which
//! findings arrive, or put a finding into two incidents or into none.

mod about;
mod chains;
mod group;
mod hand;
mod large;
#[cfg(test)]
mod large_tests;
mod link;
mod look;
mod moves;
mod names;
mod near;
mod reasons;
mod settle;
#[cfg(test)]
mod tests;

pub use about::{About, Class, Clue, Named, Thing, named_by};
pub use group::Groups;
pub use hand::Hand;
pub use link::{Reason, Why};
pub use near::Near;
pub use settle::Change;

use std::cmp::Reverse;
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};

use crate::domain::{IncidentId, Severity, Time, Untrusted};

use super::index::by_key;
use super::{Finding, FindingKey, Source};

/// The window within which findings are joined, in seconds, unless the configuration says otherwise: 24 hours.
pub const WINDOW: u32 = 24 * 60 * 60;

/// At most this many reasons are kept; `Incident::more_reasons` counts the others.
const MAX_REASONS: usize = 16;

/// Findings that belong together. A finding that shares nothing with another is an incident by itself.
#[derive(Clone, Debug)]
pub struct Incident {
    /// `q-` and eight hex digits. Once the journal knows the incident it never changes: the incident that holds the finding on
    /// which it was opened keeps its id, whatever else joins.
    pub id: IncidentId,
    /// The other ids that the journal knows it by, because incidents that were journaled each became one. Records under any of
    /// them belong to it.
    pub aliases: Vec<IncidentId>,
    /// The worst finding, and of the worst the one seen first. A control's result only leads where nothing happened.
    pub lead: Arc<Finding>,
    /// All of them, the lead first.
    pub members: Vec<Arc<Finding>>,
    /// Why they are one, the reason that joins most first. None for a finding by itself.
    pub reasons: Vec<Reason>,
    /// How many more reasons there are.
    pub more_reasons: usize,
    /// When the first of its findings was first seen.
    pub first_seen: Option<Time>,
    /// The last update of any of its findings.
    pub updated_at: Option<Time>,
    /// As bad as the worst of its findings that are not archived, controls' results among them.
    pub severity: Severity,
    /// Whether all of its findings are archived.
    pub archived: bool,
    /// These two are there once they were asked for. Of a hundred thousand incidents few are looked at.
    pub(crate) about: OnceLock<Box<About>>,
    pub(crate) near: OnceLock<Box<Near>>,
}

impl Incident {
    /// The incident of these findings. `anchors` are the names that the journal knows it by, the oldest first.
    fn new(
        mut members: Vec<Arc<Finding>>,
        anchors: Vec<IncidentId>,
        reasons: Vec<Reason>,
        more: usize,
    ) -> Option<Self> {
        members.sort_by(|a, b| by_worst(a, b));
        let lead = Arc::clone(members.first()?);
        let mut names = anchors.into_iter();
        let id = names.next().unwrap_or_else(|| id_of(&lead));
        Some(Self {
            id,
            aliases: names.collect(),
            first_seen: members.iter().filter_map(|f| f.first_seen).min(),
            updated_at: members.iter().filter_map(|f| f.updated_at).max(),
            archived: members.iter().all(|f| f.archived),
            severity: worst(&members).unwrap_or(lead.severity),
            lead,
            members,
            reasons,
            more_reasons: more,
            about: OnceLock::new(),
            near: OnceLock::new(),
        })
    }

    /// One finding by itself.
    #[must_use]
    pub fn alone(finding: Arc<Finding>) -> Self {
        Self {
            id: id_of(&finding),
            aliases: Vec::new(),
            first_seen: finding.first_seen,
            updated_at: finding.updated_at,
            archived: finding.archived,
            severity: finding.severity,
            members: vec![Arc::clone(&finding)],
            lead: finding,
            reasons: Vec::new(),
            more_reasons: 0,
            about: OnceLock::new(),
            near: OnceLock::new(),
        }
    }

    /// What its findings name.
    #[must_use]
    pub fn about(&self) -> &About {
        self.about.get_or_init(|| Box::new(About::of(&self.members)))
    }

    /// What of it is looked into.
    #[must_use]
    pub fn near(&self) -> &Near {
        self.near.get_or_init(|| Box::new(Near::of(&self.members)))
    }

    /// All of its names, the one that it goes by first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.id.as_str()).chain(self.aliases.iter().map(String::as_str))
    }

    /// Whether records under this name are about it.
    #[must_use]
    pub fn is(&self, id: &str) -> bool {
        self.ids().any(|own| own == id)
    }
}

/// The worst of those that are not archived.
fn worst(members: &[Arc<Finding>]) -> Option<Severity> {
    members.iter().filter(|f| !f.archived).map(|f| f.severity).max()
}

/// What happened stands before a control's result, which is a weakness and no event. Of these the worst first, of equals the one
/// seen first, and the key settles the rest.
fn by_worst(a: &Finding, b: &Finding) -> std::cmp::Ordering {
    let kind = |f: &Finding| (f.archived, f.is_weakness(), Reverse(f.severity));
    let order = kind(a).cmp(&kind(b));
    let seen = |f: &Finding| (f.first_seen.is_none(), f.first_seen);
    order.then_with(|| seen(a).cmp(&seen(b))).then_with(|| by_key(a, b))
}

/// The name of the incident that is opened on a finding: the same finding always gives the same name, through Security Hub too.
#[must_use]
pub fn id_of(finding: &Finding) -> IncidentId {
    match &finding.twin_of {
        Some(id) => id_of_key(&FindingKey {
            source: Source::GuardDuty,
            product: None,
            id: id.clone(),
            ..finding.key()
        }),
        None => id_of_key(&finding.key()),
    }
}

/// Whether an incident of this name was opened on a finding, before the product was a part of its key too.
#[must_use]
pub fn gives_name(finding: &Finding, name: &str) -> bool {
    id_of(finding) == name || finding.product_arn.is_some() && id_of_key(&finding.key().without_product()) == name
}

/// The name of the incident that is opened on the finding of this key.
#[must_use]
pub fn id_of_key(key: &FindingKey) -> IncidentId {
    let (account, region) = (key.account.as_str(), key.region.as_str());
    let mut hash = Sha256::new();
    let product = key.product.as_ref().map(Untrusted::raw);
    for part in [key.source.word(), account, region, key.id.raw()]
        .into_iter()
        .chain(product)
    {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    format!("q-{:02x}{:02x}{:02x}{:02x}", digest[0], digest[1], digest[2], digest[3])
}
