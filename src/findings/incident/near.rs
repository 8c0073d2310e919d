//! The resources of an incident that are looked into: some of those that are where its worst finding is.
//!
//! Owns: which those are, and how many others there are. Like `About` it is made once. Must never: leave a resource uncounted.

use std::collections::HashSet;
use std::sync::Arc;

use crate::domain::{AccountId, Region, Resource, ResourceKind, Untrusted};
use crate::findings::Finding;

/// At most this many resources are looked into; the others are named by their number.
const MAX_RESOURCES: usize = 12;

/// What is looked into, and what is not.
#[derive(Clone, Debug, Default)]
pub struct Near {
    /// In the account and region of the worst finding, that finding's own first.
    pub resources: Vec<Resource>,
    /// How many more there are.
    pub more: usize,
    /// How many are in other accounts or regions: one set of reads goes to one place.
    pub elsewhere: usize,
}

impl Near {
    /// Of these findings, the worst first.
    pub(super) fn of(members: &[Arc<Finding>]) -> Self {
        let mut near = Self::default();
        let Some(lead) = members.first() else {
            return near;
        };
        let mut seen: HashSet<(AccountId, &Region, Resource)> = HashSet::new();
        for finding in members {
            for resource in resources(finding) {
                if resource.kind == ResourceKind::Other && !seen.is_empty() {
                    continue;
                }
                // IAM is the same in all regions of an account.
                let is_global = matches!(
                    resource.kind,
                    ResourceKind::User | ResourceKind::Role | ResourceKind::AccessKey
                );
                let region = if is_global { &lead.region } else { &finding.region };
                if !seen.insert((finding.account, region, resource.clone())) {
                    continue;
                }
                if finding.account != lead.account || *region != lead.region {
                    near.elsewhere += 1;
                } else if near.resources.len() >= MAX_RESOURCES {
                    near.more += 1;
                } else {
                    near.resources.push(resource);
                }
            }
        }
        near
    }
}

/// What a finding names, and who.
fn resources(finding: &Finding) -> impl Iterator<Item = Resource> {
    let principal = finding.principal.name.as_ref().map(|name| Resource {
        kind: match finding.principal.kind.as_ref().map(Untrusted::raw) {
            Some("IAMUser") => ResourceKind::User,
            Some("AssumedRole" | "Role") => ResourceKind::Role,
            _ => ResourceKind::Other,
        },
        id: name.clone(),
    });
    let named = std::iter::once(&finding.resource).chain(&finding.others).cloned();
    named.chain(principal)
}
