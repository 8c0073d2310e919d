//! Elastic IPs: taken off where that is chosen, and put back as they were.

use super::super::Done;
use super::super::answer::Address;
use super::super::expectation::Expectation;
use super::super::facts::Facts;
use super::super::mutation::Mutation;
use super::super::plan::{Draft, PlannedCall, Request, Undo};
use super::super::query::Query;
use super::super::refusal::Stop;
use super::Seen;
use crate::action::{NetworkCall, NetworkQuery, NetworkState};
use crate::domain::{AllocationId, InstanceId};

/// Says which public addresses stay, and plans to take the Elastic ones off where that is chosen.
pub fn add(request: &Request, seen: &Seen<'_>, draft: &mut Draft) {
    let release = request.chose("release-eip");
    for interface in seen.interfaces {
        let Some(public) = &interface.public_ip else {
            continue;
        };
        let elastic = seen.addresses.iter().any(|a| a.public_ip == *public);
        if elastic && release {
            continue;
        }
        let more = match (elastic, release) {
            (true, _) => "; release-eip takes it off",
            (false, true) => "; it is no Elastic IP, so it cannot be taken off while the instance runs",
            (false, false) => "",
        };
        draft.warnings.push(format!(
            "{} keeps its public address {public}; nothing can reach it{more}.",
            interface.id
        ));
    }
    if !release {
        return;
    }
    // EC2 guide, "Public IPv4 addresses": an instance with one interface whose own public address made way for an Elastic IP.
    if let ([only], false) = (seen.interfaces, seen.addresses.is_empty()) {
        draft.warnings.push(format!(
            "AWS may give {} a new public address once its Elastic IP is off, where its subnet does so; nothing can reach it.",
            only.id
        ));
    }
    for address in seen.addresses {
        draft.expectations.push(Expectation::Network(NetworkState::ElasticIp {
            allocation: address.allocation.clone(),
            public_ip: address.public_ip.clone(),
            interface: address.interface.clone(),
            on: false,
        }));
        draft.calls.push(PlannedCall {
            mutation: Mutation::Network(NetworkCall::DisassociateAddress {
                allocation: address.allocation.clone(),
                association: address.association.clone(),
                interface: address.interface.clone(),
                public_ip: address.public_ip.clone(),
            }),
            undo: Undo::Reversible,
            was: None,
        });
    }
}

fn taken_off(done: &Done) -> impl Iterator<Item = &AllocationId> {
    done.changes().filter_map(|change| {
        let Mutation::Network(NetworkCall::DisassociateAddress { allocation, .. }) = change else {
            return None;
        };
        Some(allocation)
    })
}

fn now(allocation: &AllocationId) -> Query {
    Query::Network(NetworkQuery::ElasticIp {
        allocation: allocation.clone(),
    })
}

/// What must be read before the addresses are put back.
pub fn undo_queries(done: &Done) -> Vec<Query> {
    taken_off(done).map(now).collect()
}

/// Puts back each address that nobody has put elsewhere since.
pub fn restore(id: &InstanceId, done: &Done, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    let recorded = done
        .plan
        .before
        .addresses(&Query::Network(NetworkQuery::Addresses { of: id.clone() }))?;
    for allocation in taken_off(done) {
        let Some(before) = recorded.iter().find(|a| a.allocation == *allocation) else {
            continue;
        };
        // One that was given back to AWS since makes this read fail; then it is lost, and the rest is put back all the same.
        let Some(found) = facts.advisory(facts.addresses(&now(allocation)), &mut draft.lost)? else {
            continue;
        };
        match found.first() {
            None => put_back(before, draft),
            Some(here) if here.interface == before.interface => {}
            Some(elsewhere) => draft.lost.push(format!(
                "The Elastic IP {} is on {} now; it stays there.",
                before.public_ip, elsewhere.interface
            )),
        }
    }
    Ok(())
}

fn put_back(before: &Address, draft: &mut Draft) {
    draft.expectations.push(Expectation::Network(NetworkState::ElasticIp {
        allocation: before.allocation.clone(),
        public_ip: before.public_ip.clone(),
        interface: before.interface.clone(),
        on: true,
    }));
    draft.calls.push(PlannedCall {
        mutation: Mutation::Network(NetworkCall::AssociateAddress {
            allocation: before.allocation.clone(),
            interface: before.interface.clone(),
            private_ip: before.private_ip.clone(),
            public_ip: before.public_ip.clone(),
        }),
        undo: Undo::Kept,
        was: None,
    });
}
