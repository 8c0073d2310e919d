//! Ranges that are nobody's on the internet, and addresses that are the account's own (IANA, "Special-Purpose Address Registry").
//!
//! Owns: which of them are refused and which only named. Must never: block what the responder's own network stands on without a word.

use super::super::facts::Facts;
use super::super::plan::Draft;
use super::super::query::{NetworkQuery, Query};
use super::super::refusal::{Refusal, RefusalKind, Stop};
use super::Cidr;
use crate::domain::Untrusted;

/// To block these stops the network itself, or nothing at all.
const NEVER: &[(&str, &str)] = &[
    ("0.0.0.0/8", "\"this network\""),
    ("127.0.0.0/8", "loopback"),
    (
        "169.254.0.0/16",
        "link-local: the instance metadata, the resolver and the clock are there",
    ),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved"),
    ("::/127", "unspecified and loopback"),
    ("fe80::/10", "link-local"),
    ("ff00::/8", "multicast"),
];

/// These may be meant, and mostly are not.
const ODD: &[(&str, &str)] = &[
    ("10.0.0.0/8", PRIVATE),
    ("172.16.0.0/12", PRIVATE),
    ("192.168.0.0/16", PRIVATE),
    ("fc00::/7", PRIVATE),
    (
        "100.64.0.0/10",
        "shared by a provider's customers (RFC 6598), which Transit Gateways and EKS use inside, too",
    ),
    (
        "198.18.0.0/15",
        "for benchmarks of networks (RFC 2544): nobody on the internet sends from it",
    ),
    ("192.0.2.0/24", DOCUMENTATION),
    ("198.51.100.0/24", DOCUMENTATION),
    ("203.0.113.0/24", DOCUMENTATION),
    ("2001:db8::/32", DOCUMENTATION),
];
const PRIVATE: &str =
    "private: whoever has it is in your own network, and isolate-instance cuts off that machine alone";
const DOCUMENTATION: &str = "for examples in documents (RFC 5737, RFC 3849): nobody on the internet sends from it";

/// Refuses what must never be blocked.
pub fn refuse(cidr: Cidr) -> Result<(), Refusal> {
    match overlapping(NEVER, cidr) {
        None => Ok(()),
        Some((range, what)) => Err(Refusal::new(
            RefusalKind::Unsafe,
            format!("{cidr} is in {range} or has it inside, which is {what}."),
            "Look at the finding for the remote address on the internet; it may name several.",
        )),
    }
}

/// Says what is odd about it.
pub fn warn(cidr: Cidr, draft: &mut Draft) {
    if let Some((range, what)) = overlapping(ODD, cidr) {
        draft
            .warnings
            .push(format!("{cidr} is in {range} or has it inside, which is {what}."));
    }
}

fn overlapping(ranges: &[(&'static str, &'static str)], cidr: Cidr) -> Option<(&'static str, &'static str)> {
    let mut hit = ranges.iter().copied();
    hit.find(|(range, _)| range.parse::<Cidr>().is_ok_and(|range| range.overlaps(cidr)))
}

/// The question whether an address is the account's own. Of a range nobody can ask that in one go.
pub fn question(cidr: Cidr) -> Option<Query> {
    let address = cidr.single()?;
    Some(Query::Network(NetworkQuery::InterfaceWith { address }))
}

/// Refuses an address of the account's own; where that was not asked or not answered, says so.
pub fn refuse_own(cidr: Cidr, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    let Some(question) = question(cidr) else {
        draft.warnings.push(format!(
            "Whether {cidr} has addresses of your own in it was not asked: look at your NAT gateways and Elastic IPs first."
        ));
        return Ok(());
    };
    let Some(found) = facts.advisory(facts.interfaces(&question), &mut draft.warnings)? else {
        return Ok(());
    };
    let Some(own) = found.first() else { return Ok(()) };
    let (of, instead) = match &own.attached_to {
        Some(instance) => (
            format!(" of {instance}"),
            format!("Whatever it does, isolate-instance {instance} cuts it off."),
        ),
        None => (
            String::new(),
            "Find in the flow logs who goes out by it, and isolate that machine.".to_owned(),
        ),
    };
    Err(Refusal::new(
        RefusalKind::Unsafe,
        format!(
            "{cidr} is this account's own: the public address of {}{of} ({}).",
            own.id,
            Untrusted::new(own.interface_type.as_str())
        ),
        instead,
    )
    .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_range_is_one_and_what_is_special_is_known() {
        for (range, _) in NEVER.iter().chain(ODD) {
            range.parse::<Cidr>().unwrap();
        }
        let cidr = |text: &str| text.parse::<Cidr>().unwrap();
        for never in [
            "127.0.0.1",
            "169.254.169.254",
            "0.0.0.0",
            "255.255.255.255",
            "168.0.0.0/7",
            "::1",
            "::",
            "fe80::1",
        ] {
            assert!(refuse(cidr(never)).is_err(), "{never}");
        }
        for (odd, said) in [
            ("10.1.2.3", "isolate-instance"),
            ("172.31.0.0/16", "private"),
            ("100.64.0.9", "RFC 6598"),
            ("203.0.113.7", "RFC 5737"),
            ("2001:db8::1", "RFC 3849"),
            ("8.8.8.8", ""),
            ("2600::1", ""),
        ] {
            let mut draft = Draft::default();
            assert!(refuse(cidr(odd)).is_ok(), "{odd}");
            warn(cidr(odd), &mut draft);
            assert_eq!(draft.warnings.is_empty(), said.is_empty(), "{odd}");
            assert!(
                draft.warnings.iter().all(|w| w.contains(said)),
                "{odd}: {:?}",
                draft.warnings
            );
        }
    }
}
