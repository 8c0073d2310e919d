//! Blocking in a network ACL: an entry each way, before every entry that would let the address through.

use super::super::Done;
use super::super::answer::{AclEntry, LAST_ENTRIES, NetworkAcl};
use super::super::expectation::Expectation;
use super::super::facts::Facts;
use super::super::mutation::{Mutation, Ref};
use super::super::plan::{Draft, PlannedCall, Undo};
use super::super::query::Query;
use super::super::refusal::{Refusal, RefusalKind, Stop};
use super::{Cidr, Until, bad_choice, tag_key};
use crate::action::{Ec2Call, NetworkCall, NetworkQuery, NetworkState};
use crate::domain::{AclId, SubnetId, Untrusted};

/// Entries a direction, AWS's default quota, which can be raised to forty (VPC guide, "Amazon VPC quotas").
const QUOTA: usize = 20;
/// AWS allows this many tags on a resource.
const MAX_TAGS: usize = 50;

fn parse(text: &str) -> Result<AclId, Stop> {
    text.parse().map_err(|bad: crate::domain::BadId| {
        bad_choice(
            format!("{}.", Untrusted::new(bad.to_string())),
            "Give the id of the network ACL that stands before the subnet.",
        )
    })
}

fn read(id: &AclId) -> Query {
    Query::Network(NetworkQuery::Acl { id: id.clone() })
}

fn inside(subnet: &SubnetId) -> Query {
    Query::Network(NetworkQuery::InterfacesIn { subnet: subnet.clone() })
}

pub fn draft(acl: &str, cidr: Cidr, until: &Until, facts: &Facts) -> Result<Draft, Stop> {
    let id = parse(acl)?;
    let Some(found) = facts.network_acls(&read(&id))?.first() else {
        return Err(bad_choice(
            format!("{id} was not found."),
            "Check the account and region.",
        ));
    };
    facts.want(found.associations.iter().map(|a| inside(&a.subnet)))?;
    let mut draft = Draft::default();
    for egress in [false, true] {
        if let Some(number) = number(found, egress, cidr)? {
            deny(&id, number, egress, cidr, &mut draft);
        }
    }
    if draft.calls.is_empty() {
        return Err(Refusal::new(
            RefusalKind::AlreadyDone,
            format!("{id} denies {cidr} already, both ways."),
            "Verify it from the journal. What still comes takes another way: look at where it goes.",
        )
        .into());
    }
    tag(found, cidr, until, &mut draft);
    if found.associations.is_empty() {
        draft
            .warnings
            .push(format!("{id} stands before no subnet: the entries change nothing."));
    }
    draft.warnings.push(
        "A network ACL sees the address that a packet has: behind a load balancer or a proxy that is the balancer's own."
            .to_owned(),
    );
    for association in &found.associations {
        let read = facts.interfaces(&inside(&association.subnet));
        if let Some(interfaces) = facts.advisory(read, &mut draft.warnings)? {
            let who = match interfaces.len() {
                1 => "1 interface no longer exchanges".to_owned(),
                many => format!("{many} interfaces no longer exchange"),
            };
            draft
                .neighbours
                .push(format!("{}: {who} anything with {cidr}.", association.subnet));
        }
    }
    Ok(draft)
}

/// The lowest number that is free; none where it is denied already. The lowest entry that fits a packet decides.
fn number(acl: &NetworkAcl, egress: bool, cidr: Cidr) -> Result<Option<i32>, Stop> {
    let own = || {
        acl.entries
            .iter()
            .filter(|e| e.egress == egress && e.number < LAST_ENTRIES)
    };
    let overlaps = |e: &&AclEntry| e.cidr.parse::<Cidr>().is_ok_and(|other| other.overlaps(cidr));
    let first_allow = own()
        .filter(|e| e.allow)
        .filter(overlaps)
        .map(|e| e.number)
        .min()
        .unwrap_or(LAST_ENTRIES);
    let text = cidr.to_string();
    if own().any(|e| e.denies(&text) && e.number < first_allow) {
        return Ok(None);
    }
    let free = (1..LAST_ENTRIES).find(|number| own().all(|e| e.number != *number));
    match free {
        Some(number) if number < first_allow => Ok(Some(number)),
        _ => Err(Refusal::new(
            RefusalKind::WrongTarget,
            format!(
                "{} has no free number before its entry {first_allow}, which allows the address.",
                acl.id
            ),
            "Make room before that entry by hand, or block it in an IP set of AWS WAF.",
        )
        .into()),
    }
}

fn deny(acl: &AclId, number: i32, egress: bool, cidr: Cidr, draft: &mut Draft) {
    let cidr = cidr.to_string();
    draft.expectations.push(Expectation::Network(NetworkState::AclEntry {
        acl: acl.clone(),
        number,
        egress,
        cidr: cidr.clone(),
        on: true,
    }));
    draft.calls.push(PlannedCall {
        mutation: Mutation::Network(NetworkCall::CreateNetworkAclEntry {
            acl: acl.clone(),
            number,
            egress,
            cidr,
        }),
        undo: Undo::Reversible,
        was: None,
    });
}

fn tag(acl: &NetworkAcl, cidr: Cidr, until: &Until, draft: &mut Draft) {
    let entries = |egress| {
        acl.entries
            .iter()
            .filter(|e| e.egress == egress && e.number < LAST_ENTRIES)
            .count()
    };
    if entries(false).max(entries(true)) >= QUOTA {
        draft.warnings.push(format!(
            "{} has {QUOTA} entries or more, AWS's default quota: AWS may refuse another.",
            acl.id
        ));
    }
    let key = tag_key(cidr);
    let own = acl.tags.keys().filter(|k| !k.starts_with("aws:") && **k != key).count();
    if own >= MAX_TAGS {
        draft.warnings.push(format!(
            "{} has too many tags already, so no tag will say when it ends.",
            acl.id
        ));
        return;
    }
    draft.calls.push(PlannedCall {
        mutation: Mutation::Ec2(Ec2Call::CreateTags {
            resource: Ref::Id(acl.id.to_string()),
            tags: [(key, until.tag().to_owned())].into(),
        }),
        undo: Undo::Reversible,
        was: None,
    });
}

pub fn undo(acl: &str, cidr: Cidr, done: &Done, facts: &Facts) -> Result<Draft, Stop> {
    let id = parse(acl)?;
    let now = facts.network_acls(&read(&id))?.first();
    let mut draft = Draft::default();
    for change in done.changes() {
        if let Mutation::Network(NetworkCall::CreateNetworkAclEntry {
            number, egress, cidr, ..
        }) = change
        {
            take_out(&id, (*number, *egress), cidr, now, &mut draft);
        }
        if let (Mutation::Ec2(Ec2Call::CreateTags { tags, .. }), Some(now)) = (change, now) {
            untag(&id, tags.get(&tag_key(cidr)), cidr, (done, now), &mut draft)?;
        }
    }
    if draft.calls.is_empty() {
        return Err(Refusal::new(
            RefusalKind::NothingToUndo,
            format!("{id} has none of the entries any more. {}", draft.lost.join(" ")).trim_end(),
            "Nothing needs to be done.",
        )
        .into());
    }
    draft.warnings.push(format!(
        "{cidr} gets through {id} again, as far as its other entries let it."
    ));
    Ok(draft)
}

/// Takes out exactly the entry that was put in.
fn take_out(acl: &AclId, (number, egress): (i32, bool), cidr: &str, now: Option<&NetworkAcl>, draft: &mut Draft) {
    let entries = now.into_iter().flat_map(|acl| &acl.entries);
    match entries.into_iter().find(|e| e.number == number && e.egress == egress) {
        None => {}
        Some(entry) if entry.denies(cidr) => {
            draft.expectations.push(Expectation::Network(NetworkState::AclEntry {
                acl: acl.clone(),
                number,
                egress,
                cidr: cidr.to_owned(),
                on: false,
            }));
            draft.calls.push(PlannedCall {
                mutation: Mutation::Network(NetworkCall::DeleteNetworkAclEntry {
                    acl: acl.clone(),
                    number,
                    egress,
                }),
                undo: Undo::Kept,
                was: None,
            });
        }
        Some(_) => draft.lost.push(format!(
            "Somebody gave the number {number} of {acl} to another entry since; that stays."
        )),
    }
}

/// Puts the tag back as it was: another value, or none.
fn untag(
    id: &AclId,
    ours: Option<&String>,
    cidr: Cidr,
    (done, now): (&Done, &NetworkAcl),
    draft: &mut Draft,
) -> Result<(), Stop> {
    let key = tag_key(cidr);
    let is_ours = now
        .tags
        .get(&key)
        .is_some_and(|tag| Some(tag.raw()) == ours.map(String::as_str));
    if !is_ours {
        return Ok(());
    }
    let resource = Ref::Id(id.to_string());
    let before = done
        .plan
        .before
        .network_acls(&read(id))?
        .first()
        .and_then(|acl| acl.tags.get(&key));
    let call = match before {
        Some(value) if Some(value.raw()) == ours.map(String::as_str) => return Ok(()),
        Some(value) => Ec2Call::CreateTags {
            resource,
            tags: [(key, value.raw().to_owned())].into(),
        },
        None => Ec2Call::DeleteTags {
            resource,
            keys: vec![key],
        },
    };
    draft.calls.push(PlannedCall {
        mutation: Mutation::Ec2(call),
        undo: Undo::Kept,
        was: None,
    });
    Ok(())
}
