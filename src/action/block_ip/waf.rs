//! Blocking in an IP set of AWS WAF: the address is added to what the set has.

use super::super::Done;
use super::super::answer::IpSet;
use super::super::expectation::Expectation;
use super::super::facts::Facts;
use super::super::mutation::Mutation;
use super::super::plan::{Draft, PlannedCall, Request, Undo};
use super::super::query::Query;
use super::super::refusal::{Refusal, RefusalKind, Stop};
use super::{Cidr, Until, bad_choice, is_same, tag_key};
use crate::action::{WafCall, WafQuery, WafState};
use crate::domain::{Arn, Untrusted};

fn all() -> Query {
    Query::Waf(WafQuery::IpSets {})
}

fn one(id: &str, name: &str) -> Query {
    Query::Waf(WafQuery::IpSet {
        id: id.to_owned(),
        name: name.to_owned(),
    })
}

pub fn draft(request: &Request, wanted: &str, cidr: Cidr, until: &Until, facts: &Facts) -> Result<Draft, Stop> {
    let sets = facts.ip_sets(&all())?;
    let Some(named) = sets
        .iter()
        .find(|s| [s.id.as_str(), s.name.raw(), s.arn.as_str()].contains(&wanted))
    else {
        let names: Vec<String> = sets.iter().map(|s| s.name.shown()).collect();
        let known = if names.is_empty() {
            "There is none.".to_owned()
        } else {
            format!("There are {}.", names.join(", "))
        };
        return Err(bad_choice(
            format!(
                "No regional IP set of {} in {} is called {}.",
                request.account,
                request.region,
                Untrusted::new(wanted)
            ),
            &known,
        ));
    };
    let set = facts.ip_set(&one(&named.id, named.name.raw()))?;
    let arn = arn(set)?;
    let (family, version) = if cidr.is_v6() {
        ("IPv6", "IPV6")
    } else {
        ("IPv4", "IPV4")
    };
    if set.version != version {
        return Err(Refusal::new(
            RefusalKind::WrongTarget,
            format!("The IP set {} takes no {family} addresses.", set.name),
            format!("Choose an IP set of {family}."),
        )
        .into());
    }
    let address = cidr.to_string();
    if has(set, &address) {
        return Err(Refusal::new(
            RefusalKind::AlreadyDone,
            format!("The IP set {} has {address} already.", set.name),
            "Verify it from the journal, and whether a rule of a web ACL blocks the set.",
        )
        .into());
    }
    let mut addresses = set.addresses.clone();
    addresses.push(address.clone());
    addresses.sort();
    let mut draft = change(set, &arn, addresses, &address, true);
    draft.calls.push(PlannedCall {
        mutation: Mutation::Waf(WafCall::TagIpSet {
            set: arn,
            tags: [(tag_key(cidr), until.tag().to_owned())].into(),
        }),
        undo: Undo::Reversible,
        was: None,
    });
    draft.warnings.push(
        "An IP set does nothing by itself: a rule of a web ACL must name it and block. quell does not read the rules; look whether one does.".to_owned(),
    );
    draft
        .warnings
        .push("AWS WAF sees web requests alone, and only those through what its web ACL stands before.".to_owned());
    let others = match set.addresses.len() {
        0 => "the set has no other address.".to_owned(),
        1 => "like the set's one other address.".to_owned(),
        many => format!("like the set's {many} other addresses."),
    };
    draft.neighbours.push(format!(
        "Every web ACL of the region that names the IP set {} treats {address} as its rules say, {others}",
        set.name
    ));
    Ok(draft)
}

fn has(set: &IpSet, address: &str) -> bool {
    set.addresses.iter().any(|other| is_same(other, address))
}

fn arn(set: &IpSet) -> Result<Arn, Stop> {
    set.arn.parse().map_err(|_| {
        Refusal::new(
            RefusalKind::Unreadable,
            format!("The IP set {} has an ARN that is none.", set.name),
            "Look at it in the console of AWS WAF.",
        )
        .into()
    })
}

fn change(set: &IpSet, arn: &Arn, addresses: Vec<String>, address: &str, on: bool) -> Draft {
    Draft {
        calls: vec![PlannedCall {
            mutation: Mutation::Waf(WafCall::UpdateIpSet {
                set: arn.clone(),
                addresses,
                description: Some(set.description.raw().to_owned()).filter(|text| !text.is_empty()),
                lock_token: set.lock_token.clone(),
                change: address.to_owned(),
            }),
            undo: if on { Undo::Reversible } else { Undo::Kept },
            was: None,
        }],
        expectations: vec![Expectation::Waf(WafState::IpSetHas {
            id: set.id.clone(),
            name: set.name.raw().to_owned(),
            address: address.to_owned(),
            on,
        })],
        ..Draft::default()
    }
}

pub fn undo(cidr: Cidr, done: &Done, facts: &Facts) -> Result<Draft, Stop> {
    // Which set it was, the plan's own reading says: its name may be another by now, its id may not.
    let recorded = done.plan.before.iter().find_map(|reading| match &reading.query {
        query @ Query::Waf(WafQuery::IpSet { .. }) => done.plan.before.ip_set(query).ok().map(|set| (query, set)),
        _ => None,
    });
    let Some((query, before)) = recorded else {
        return Err(Refusal::new(
            RefusalKind::NothingToUndo,
            format!("Record {} names no IP set.", done.seq),
            "Give the sequence number of the plan that blocked it.",
        )
        .into());
    };
    let now = facts.ip_set(query)?;
    let (arn, address) = (arn(now)?, cidr.to_string());
    let mut draft = Draft::default();
    let updated = |change: &Mutation| matches!(change, Mutation::Waf(WafCall::UpdateIpSet { .. }));
    if done.changes().any(updated) && has(now, &address) && !has(before, &address) {
        let left = now
            .addresses
            .iter()
            .filter(|a| !is_same(a, &address))
            .cloned()
            .collect();
        draft = change(now, &arn, left, &address, false);
    }
    let tagged = |change: &Mutation| matches!(change, Mutation::Waf(WafCall::TagIpSet { .. }));
    if !draft.calls.is_empty() && done.changes().any(tagged) {
        draft.calls.push(PlannedCall {
            mutation: Mutation::Waf(WafCall::UntagIpSet {
                set: arn,
                keys: vec![tag_key(cidr)],
            }),
            undo: Undo::Kept,
            was: None,
        });
    }
    if draft.calls.is_empty() {
        return Err(Refusal::new(
            RefusalKind::NothingToUndo,
            format!("The IP set {} has no {address} any more.", now.name),
            "Nothing needs to be done.",
        )
        .into());
    }
    draft
        .warnings
        .push(format!("What a web ACL blocked for {address} gets through again."));
    Ok(draft)
}
