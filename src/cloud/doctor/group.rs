//! One line for one fault, however many accounts have it.
//!
//! Owns: when two faults are the same, and how their places are told. Must never: leave out a place without counting it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Examined, Health};
use crate::cloud::discover::{Remark, Topic};
use crate::domain::{AccountId, Region, Untrusted};

/// So many accounts are named; the others are counted.
const NAMED: usize = 3;

/// Something that was found at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub what: &'static str,
    pub health: Health,
    /// What is so, without the place.
    pub sentence: String,
    pub advice: String,
    pub place: Option<(AccountId, Option<Region>)>,
}

impl From<Remark> for Fault {
    fn from(remark: Remark) -> Self {
        Self {
            what: Topic::word(remark.topic),
            health: remark.health,
            sentence: remark.sentence,
            advice: remark.advice.to_owned(),
            place: remark.place,
        }
    }
}

/// Each kind of fault once, in the order in which it was first met, with its places.
pub(super) fn grouped(faults: Vec<Fault>, names: &BTreeMap<AccountId, Untrusted>) -> Vec<Examined> {
    let mut groups: Vec<(String, Fault, Places)> = Vec::new();
    for fault in faults {
        let key = format!(
            "{} {:?} {} {}",
            fault.what,
            fault.health,
            shape(&fault.sentence),
            fault.advice
        );
        let place = fault.place.clone();
        let known = groups.iter().position(|(known, _, _)| *known == key);
        let at = known.unwrap_or(groups.len());
        if known.is_none() {
            groups.push((key, fault, Places::new()));
        }
        if let Some((account, region)) = place {
            groups[at].2.entry(account).or_default().extend(region);
        }
    }
    groups
        .into_iter()
        .map(|(_, fault, places)| {
            let sentence = fault.sentence.trim_end_matches('.');
            let sentence = if places.is_empty() {
                format!("{sentence}.")
            } else {
                format!("{}: {sentence}.", told(&places, names))
            };
            Examined::new(fault.what, fault.health, sentence, fault.advice)
        })
        .collect()
}

type Places = BTreeMap<AccountId, BTreeSet<Region>>;

/// The first few accounts with their regions, and how many more there are.
fn told(places: &Places, names: &BTreeMap<AccountId, Untrusted>) -> String {
    let one = |(id, regions): (&AccountId, &BTreeSet<Region>)| {
        let name = match names.get(id).filter(|name| !name.is_empty()) {
            Some(name) => format!("{} ({id})", name.shown()),
            None => id.to_string(),
        };
        match regions.len() {
            0 => name,
            1..=2 => {
                let regions: Vec<&str> = regions.iter().map(Region::as_str).collect();
                format!("{name} in {}", regions.join(" and "))
            }
            more => format!("{name} in {more} regions"),
        }
    };
    let mut parts: Vec<String> = places.iter().take(NAMED).map(one).collect();
    match places.len().saturating_sub(NAMED) {
        0 => {}
        1 => parts.push("and 1 more account".to_owned()),
        more => parts.push(format!("and {more} more accounts")),
    }
    parts.join(", ")
}

/// A sentence without what differs from place to place: account ids, regions, request ids.
fn shape(sentence: &str) -> String {
    let kept = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut shape = String::new();
    let mut rest = sentence;
    while !rest.is_empty() {
        let word = rest.find(|c| !kept(c)).unwrap_or(rest.len());
        let (token, after) = rest.split_at(word);
        shape.push_str(if differs(token) { "#" } else { token });
        let gap = after.find(kept).unwrap_or(after.len());
        let (between, next) = after.split_at(gap);
        shape.push_str(between);
        rest = next;
    }
    shape
}

fn differs(token: &str) -> bool {
    let digit = |c: char| c.is_ascii_digit();
    let is_account = token.len() == 12 && token.chars().all(digit);
    let is_region = token.parse::<Region>().is_ok() && token.rsplit('-').next().is_some_and(|n| n.chars().all(digit));
    let is_id = token.len() >= 16 && token.contains(digit) && token.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    is_account || is_region || is_id
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(account: u64, region: &str, sentence: &str) -> Fault {
        Fault {
            what: "source",
            health: Health::Problem,
            sentence: sentence.to_owned(),
            advice: "Allow it.".to_owned(),
            place: Some((format!("{account:012}").parse().unwrap(), region.parse().ok())),
        }
    }

    #[test]
    fn two_hundred_accounts_with_one_fault_are_one_line() {
        let faults = (0..200).map(|n| {
            let why = format!("refused: arn:aws:sts::{n:012}:assumed-role/quell-reader may not in eu-west-1 (5d1f7c3a-0000-4000-8000-{n:012})");
            fault(n, "eu-west-1", &why)
        });
        let names = [("000000000000".parse().unwrap(), Untrusted::new("acme-\u{1b}prod"))].into();
        let all = grouped(faults.collect(), &names);
        let [one] = all.as_slice() else { panic!("{all:?}") };
        let start = "acme-␛prod (000000000000) in eu-west-1, 000000000001 in eu-west-1, 000000000002 in eu-west-1, and 197 more accounts: refused";
        assert!(one.sentence.starts_with(start), "{}", one.sentence);
    }

    #[test]
    fn regions_of_an_account_are_counted_and_other_faults_stay_apart() {
        let mut faults: Vec<Fault> = ["eu-west-1", "us-east-1", "ap-south-1"]
            .map(|r| fault(1, r, "off"))
            .into();
        faults.push(fault(1, "eu-west-1", "refused"));
        faults.push(fault(2, "eu-west-1", "refused"));
        let all: Vec<String> = grouped(faults, &BTreeMap::new())
            .into_iter()
            .map(|e| e.sentence)
            .collect();
        assert_eq!(
            all,
            [
                "000000000001 in 3 regions: off.",
                "000000000001 in eu-west-1, 000000000002 in eu-west-1: refused."
            ]
        );
    }

    #[test]
    fn roles_of_different_names_are_different() {
        assert_ne!(shape("role/quell-reader"), shape("role/quell-responder"));
        assert_eq!(shape("role in us-east-1"), shape("role in ap-northeast-2"));
    }
}
