//! Findings made small: repeated text is shared, and what only an opened finding shows is left to its evidence.
//!
//! Owns: what of a finding stays in memory. Must never: change what a list, a filter, a group or an action sees of it.

use std::collections::HashSet;

use crate::domain::{Region, Resource, Untrusted};

use super::{Finding, Source};

/// Text that findings have in common. A hundred thousand findings have few regions, types, products and names.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    texts: HashSet<Untrusted>,
    regions: HashSet<Region>,
    /// How many texts there were, at least, when those that nobody has any more were dropped.
    swept: usize,
}

/// Fewer texts are not looked through.
const FEW: usize = 4_096;

impl Pool {
    /// The finding without what is read from the evidence again when it is opened, and with shared text.
    pub fn compact(&mut self, finding: Finding) -> Finding {
        let Finding {
            id,
            arn,
            source,
            product,
            product_arn,
            account,
            region,
            kind,
            severity,
            title,
            description: _,
            mut resource,
            mut others,
            mut principal,
            first_seen,
            updated_at,
            is_dated,
            told,
            worsened,
            archived,
            count,
            control,
            workflow,
            compliance,
            doubts: _,
            twin_of,
            pages,
            mut signals,
            digest,
        } = finding;
        // Security Hub's ids are ARNs: one text for both. GuardDuty's ARN is made of what is here and the detector's id.
        let arn = arn.and_then(|arn| match source {
            Source::GuardDuty => None,
            Source::SecurityHub | Source::EventBridge if arn == id => Some(id.clone()),
            Source::SecurityHub | Source::EventBridge => Some(arn),
        });
        self.resource(&mut resource);
        for other in &mut others {
            self.resource(other);
        }
        others.shrink_to_fit();
        signals.shrink_to_fit();
        for part in [
            &mut principal.access_key,
            &mut principal.name,
            &mut principal.kind,
            &mut principal.remote_ip,
            &mut principal.remote_place,
        ] {
            *part = part.take().map(|text| self.text(text));
        }
        Finding {
            id,
            arn,
            source,
            product: self.text(product),
            product_arn: product_arn.map(|text| self.text(text)),
            account,
            region: self.region(region),
            kind: self.text(kind),
            severity,
            title: self.text(title),
            description: self.text(Untrusted::default()),
            resource,
            others,
            principal,
            first_seen,
            updated_at,
            is_dated,
            told,
            worsened,
            archived,
            count,
            control: control.map(|text| self.text(text)),
            workflow: workflow.map(|text| self.text(text)),
            compliance: compliance.map(|text| self.text(text)),
            doubts: Vec::new(),
            twin_of,
            pages,
            signals,
            digest,
        }
    }

    fn resource(&mut self, resource: &mut Resource) {
        resource.id = self.text(std::mem::take(&mut resource.id));
    }

    /// The same text, shared with everybody who has it.
    fn text(&mut self, text: Untrusted) -> Untrusted {
        if let Some(known) = self.texts.get(&text) {
            return known.clone();
        }
        // What came and went leaves its text behind. Looked for at each doubling, it costs each text a moment.
        if self.texts.len() >= 2 * self.swept.max(FEW / 2) {
            self.texts.retain(Untrusted::is_shared);
            self.swept = self.texts.len();
        }
        self.texts.insert(text.clone());
        text
    }

    fn region(&mut self, region: Region) -> Region {
        if let Some(known) = self.regions.get(&region) {
            return known.clone();
        }
        self.regions.insert(region.clone());
        region
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::samples;

    #[test]
    fn text_that_nobody_has_any_more_is_dropped() {
        let mut pool = Pool::default();
        let mut kept = Vec::new();
        let one = samples::finding();
        for n in 0..10 * FEW {
            let mut finding = one.clone();
            finding.title = Untrusted::new(format!("title {n}"));
            let small = pool.compact(finding);
            if n % 100 == 0 {
                kept.push(small);
            }
        }
        assert!(pool.texts.len() <= FEW + kept.len(), "{}", pool.texts.len());
        let again = pool.compact(kept[0].clone());
        assert!(
            std::ptr::eq(again.title.raw(), kept[0].title.raw()),
            "what is there is shared as before"
        );
    }
}
