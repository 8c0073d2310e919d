//! A finding that could not be read at all, and the defaults that every parser shares.
//!
//! Owns: what stands in for what is missing. Must never: drop a finding, or let two unreadable ones look like the same one.

use sha2::{Digest, Sha256};
use std::fmt::Write;

use crate::domain::{Principal, Resource, ResourceKind, Severity, Untrusted};

use super::reader::{Doubts, Object};
use super::version::Told;
use super::{Finding, Place, Source};

/// The score of what does not say its own, on GuardDuty's scale. Too low would hide it, which is the mistake that costs.
pub const UNSAID: f64 = 7.0;

/// An id made from the bytes, for a finding without one, so that it is neither lost among others nor counted twice.
pub fn id_of(raw: &[u8]) -> String {
    format!("unnamed-{}", hash(raw))
}

/// The first eight bytes of a hash, in hexadecimal.
pub fn hash(bytes: &[u8]) -> String {
    let mut hex = String::new();
    for byte in Sha256::digest(bytes).iter().take(8) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// What tells two versions of a finding apart.
pub fn digest(raw: &[u8]) -> u64 {
    let mut first = [0; 8];
    first.copy_from_slice(&Sha256::digest(raw)[..8]);
    u64::from_be_bytes(first)
}

/// Reads bytes as a finding by its format's `read`, with what was odd about them; bytes that are no JSON object become a
/// finding that says so.
pub fn or_read(
    raw: &[u8],
    at: &Place,
    source: Source,
    read: impl FnOnce(&Object<'_>, &[u8], &Place) -> Finding,
) -> Finding {
    let doubts = Doubts::default();
    let text = String::from_utf8_lossy(raw);
    if matches!(text, std::borrow::Cow::Owned(_)) {
        doubts.add("it holds bytes that are not UTF-8");
    }
    let read = Object::root(&text, &doubts).map(|root| read(&root, raw, at));
    match read {
        Ok(mut found) => {
            found.doubts = doubts.into_vec();
            found
        }
        Err(why) => finding(raw, at, source, &why),
    }
}

/// Stands for bytes that are no finding. Its title says so; the bytes are kept.
pub fn finding(raw: &[u8], at: &Place, source: Source, why: &str) -> Finding {
    Finding {
        id: Untrusted::new(id_of(raw)),
        arn: None,
        source,
        product: Untrusted::new(source.name()),
        product_arn: None,
        account: at.account,
        region: at.region.clone(),
        kind: Untrusted::new("Unreadable"),
        severity: Severity::from_score(UNSAID),
        title: Untrusted::new(format!("A finding of {} could not be read: {why}", source.name())),
        description: Untrusted::default(),
        resource: Resource::new(ResourceKind::Account, at.account.as_str()),
        others: Vec::new(),
        principal: Principal::default(),
        first_seen: None,
        updated_at: None,
        is_dated: false,
        told: Told::default(),
        worsened: None,
        archived: false,
        count: 1,
        control: None,
        workflow: None,
        compliance: None,
        doubts: vec![format!("the finding could not be read: {why}")],
        twin_of: None,
        pages: None,
        signals: Vec::new(),
        digest: digest(raw),
    }
}
