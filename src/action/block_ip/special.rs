//! Ranges that are nobody's on the internet, and addresses that are the account's own (IANA, "Special-Purpose Address Registry").
//!
//! Owns: which of them are refused and which only named. Must never: block what the responder's own network stands on without a word.

use std::collections::BTreeSet;

use super::super::answer::{AddressHolder, OwnAddress};
use super::super::facts::Facts;
use super::super::plan::{Draft, Request};
use super::super::query::{NetworkQuery, Query};
use super::super::refusal::{Refusal, RefusalKind, Stop};
use super::Cidr;
use crate::domain::{AccountId, Region, Untrusted};

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

/// The question whether an address is one's own. Of a range nobody can ask that in one go.
pub fn question(cidr: Cidr) -> Option<Query> {
    let address = cidr.single()?;
    Some(Query::Network(NetworkQuery::OwnAddress { address }))
}

/// Refuses an address of one's own; where that was not asked or not answered, says so.
pub fn refuse_own(cidr: Cidr, request: &Request, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    let Some(question) = question(cidr) else {
        draft.warnings.push(format!(
            "Whether {cidr} has addresses of your own in it was not asked: look at your NAT gateways and Elastic IPs first."
        ));
        return Ok(());
    };
    let Some(found) = facts.advisory(facts.own_address(&question), &mut draft.warnings)? else {
        return Ok(());
    };
    if let Some(own) = found.holders.first() {
        return Err(held(cidr, own, request).into());
    }
    looked(cidr, found, draft);
    Ok(())
}

fn held(cidr: Cidr, own: &AddressHolder, request: &Request) -> Refusal {
    let here = own.account == request.account && own.region == request.region;
    let whose = if here {
        "is this account's own".to_owned()
    } else {
        format!("is your own, in account {} {}", own.account, own.region)
    };
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
    let about = match own.description.raw() {
        "" => String::new(),
        _ => format!(", \"{}\"", own.description),
    };
    Refusal::new(
        RefusalKind::Unsafe,
        format!(
            "{cidr} {whose}: the public address of {}{of} ({}{about}).",
            own.interface,
            Untrusted::new(own.interface_type.as_str())
        ),
        instead,
    )
}

/// Where it was looked for, and where not.
fn looked(cidr: Cidr, found: &OwnAddress, draft: &mut Draft) {
    let counted = |count: usize, word: &str| {
        if count == 1 {
            format!("1 {word}")
        } else {
            format!("{count} {word}s")
        }
    };
    let accounts: BTreeSet<&AccountId> = found.looked.iter().map(|(account, _)| account).collect();
    let regions: BTreeSet<&Region> = found.looked.iter().map(|(_, region)| region).collect();
    let whole = found.looked.len() == accounts.len() * regions.len();
    draft.neighbours.push(format!(
        "{cidr} is no public address of your own in {} and {}{}.",
        counted(accounts.len(), "account"),
        counted(regions.len(), "region"),
        if whole {
            String::new()
        } else {
            format!(", {} pairs of these", found.looked.len())
        }
    ));
    let first = found.unread.first();
    if let Some((account, region, why)) = first {
        let others = match found.unread.len() - 1 {
            0 => String::new(),
            many => format!(" and {many} more pairs of account and region"),
        };
        draft.warnings.push(format!(
            "Whether {cidr} is your own could not be asked in {account} {region}{others}: {why}."
        ));
    }
    if found.left_out > 0 {
        draft.warnings.push(format!(
            "Whether {cidr} is your own was not asked in {} more pairs of account and region.",
            found.left_out
        ));
    }
    if let Some(why) = &found.unlisted {
        draft.warnings.push(format!(
            "Which other accounts are yours is not known, so whether {cidr} is theirs was not asked: {why}."
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was not looked at is said, and how much was.
    #[test]
    fn where_it_was_looked_stands_on_the_plan() {
        let account = |digit: &str| digit.repeat(12).parse::<AccountId>().unwrap();
        let region = |code: &str| code.parse::<Region>().unwrap();
        let mut found = OwnAddress {
            looked: vec![
                (account("3"), region("ap-northeast-2")),
                (account("3"), region("us-east-1")),
                (account("1"), region("ap-northeast-2")),
            ],
            unread: vec![(account("1"), region("us-east-1"), Untrusted::new("denied\u{202e}"))],
            left_out: 7,
            unlisted: Some(Untrusted::new("not today")),
            ..OwnAddress::default()
        };
        let cidr: Cidr = "203.0.113.7".parse().unwrap();
        let mut draft = Draft::default();
        looked(cidr, &found, &mut draft);
        assert_eq!(
            draft.neighbours,
            ["203.0.113.7/32 is no public address of your own in 2 accounts and 2 regions, 3 pairs of these."]
        );
        let said = draft.warnings.join("\n");
        for part in [
            "in 111111111111 us-east-1: denied",
            "in 7 more pairs",
            "is not known",
            "not today",
        ] {
            assert!(said.contains(part), "{said}");
        }
        assert!(!said.contains('\u{202e}'), "{said}");
        found.looked.truncate(1);
        let mut draft = Draft::default();
        looked(cidr, &found, &mut draft);
        assert!(
            draft.neighbours[0].ends_with("in 1 account and 1 region."),
            "{:?}",
            draft.neighbours
        );
    }

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
