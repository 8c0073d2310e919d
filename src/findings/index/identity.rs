//! What makes two findings the same one.
//!
//! Owns: how a key is compared, wherever its parts stand. Must never: take one provider's finding for another's because both gave it the
//! same id.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::domain::{AccountId, Region, Untrusted};
use crate::findings::{Finding, Source};

/// The parts of a key, borrowed from wherever they stand: a lookup copies no text. The id comes before the product, so that the order
/// of what has none is the order of ids.
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Parts<'a>(
    pub Source,
    pub &'a AccountId,
    pub &'a Region,
    pub &'a str,
    pub Option<&'a str>,
);

/// What has the parts of a key.
pub trait Keyed {
    fn parts(&self) -> Parts<'_>;
}

/// What makes two findings the same one: GuardDuty's key, for Security Hub's copy of a GuardDuty finding too.
pub fn identity(finding: &Finding) -> Parts<'_> {
    match &finding.twin_of {
        Some(id) => Parts(Source::GuardDuty, &finding.account, &finding.region, id.raw(), None),
        None => own(finding),
    }
}

/// A finding's own key.
pub fn own(finding: &Finding) -> Parts<'_> {
    let product = finding.product_arn.as_ref().map(Untrusted::raw);
    Parts(
        finding.source,
        &finding.account,
        &finding.region,
        finding.id.raw(),
        product,
    )
}

impl Keyed for Parts<'_> {
    fn parts(&self) -> Parts<'_> {
        Parts(self.0, self.1, self.2, self.3, self.4)
    }
}

impl PartialEq for dyn Keyed + '_ {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for dyn Keyed + '_ {}

impl Hash for dyn Keyed + '_ {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

/// A finding as a key of a map.
#[derive(Clone, Debug)]
pub struct ByKey(pub Arc<Finding>);

impl Keyed for ByKey {
    fn parts(&self) -> Parts<'_> {
        identity(&self.0)
    }
}

impl PartialEq for ByKey {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for ByKey {}

impl Hash for ByKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

impl<'a> Borrow<dyn Keyed + 'a> for ByKey {
    fn borrow(&self) -> &(dyn Keyed + 'a) {
        self
    }
}
