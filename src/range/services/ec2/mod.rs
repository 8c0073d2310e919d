//! EC2 of the range (API version 2016-11-15), as far as isolating, snapshotting, undoing and looking around need it.
//!
//! Owns: the store of one account and region and the operations on it, one file a group of them. Must never: be kinder than
//! AWS (an unknown id is an error, a group of another network is refused), or read another account's store.

mod acls;
mod addresses;
mod attributes;
mod console;
mod endpoints;
mod errors;
mod groups;
mod instances;
mod interfaces;
mod lock;
pub mod model;
mod network;
mod params;
mod power;
mod profiles;
mod rules;
mod snapshots;
mod storage;
mod tags;

pub use groups::default_egress;
pub use lock::SnapshotLock;
pub use model::Store;
pub use profiles::passed_role;

use serde_json::{Value, json};

use super::{Operation, Protocol, Service, reads, writes};
use crate::range::call::{Answer, Call};
use crate::range::world::World;

/// The registry's entry.
pub const SERVICE: Service = Service {
    name: "ec2",
    protocol: Protocol::Ec2 {
        xmlns: "http://ec2.amazonaws.com/doc/2016-11-15/",
    },
    global: false,
    operations: OPERATIONS,
    handle,
};

const OPERATIONS: &[Operation] = &[
    reads("DescribeAddresses"),
    reads("DescribeIamInstanceProfileAssociations"),
    reads("DescribeInstanceTypes"),
    reads("DescribeLockedSnapshots"),
    reads("DescribeNetworkAcls"),
    reads("DescribeVpcEndpoints"),
    reads("DescribeInstanceAttribute"),
    reads("DescribeInstances"),
    reads("DescribeNatGateways"),
    reads("DescribeNetworkInterfaces"),
    reads("DescribeRegions"),
    reads("DescribeSpotInstanceRequests"),
    reads("DescribeRouteTables"),
    reads("DescribeSecurityGroupRules"),
    reads("DescribeSecurityGroups"),
    reads("DescribeSnapshotAttribute"),
    reads("DescribeSnapshots"),
    reads("DescribeSubnets"),
    reads("DescribeTags"),
    reads("DescribeVolumes"),
    reads("DescribeVpcs"),
    reads("GetConsoleOutput"),
    writes("AssociateAddress"),
    writes("AssociateIamInstanceProfile"),
    writes("AuthorizeSecurityGroupEgress"),
    writes("AuthorizeSecurityGroupIngress"),
    writes("CopySnapshot"),
    writes("CreateNetworkAcl"),
    writes("CreateNetworkAclEntry"),
    writes("CreateSecurityGroup"),
    writes("CreateSnapshots"),
    writes("CreateTags"),
    writes("DeleteNetworkAclEntry"),
    writes("DeleteSecurityGroup"),
    writes("DeleteTags"),
    writes("DisassociateAddress"),
    writes("DisassociateIamInstanceProfile"),
    writes("LockSnapshot"),
    writes("ModifyInstanceAttribute"),
    writes("ModifyNetworkInterfaceAttribute"),
    writes("ModifySnapshotAttribute"),
    writes("ReplaceIamInstanceProfileAssociation"),
    writes("ReplaceNetworkAclAssociation"),
    writes("RevokeSecurityGroupEgress"),
    writes("RevokeSecurityGroupIngress"),
    writes("StartInstances"),
    writes("StopInstances"),
    writes("TerminateInstances"),
    writes("UnlockSnapshot"),
];

/// What an operation works on: one account's store in one region, the request, and a source of new ids.
struct Place<'a> {
    store: &'a mut Store,
    params: &'a Value,
    account: &'a str,
    region: &'a str,
    now: crate::domain::Time,
    new_id: &'a mut dyn FnMut(&str) -> String,
    /// The account's instance profiles: name, ARN and `AIPA…` id.
    profiles: &'a [(String, String, String)],
    /// The keys that a copy can be encrypted with: ARN, and whether AWS manages it.
    keys: &'a [(String, bool)],
}

fn handle(world: &mut World, call: &Call) -> Answer {
    // New ids come from the world and the store is inside it, so the store is taken out while the operation runs.
    let profiles = profiles::of(world, call);
    let keys = super::kms::usable(world, call);
    let mut store = std::mem::take(&mut world.here(call)?.ec2);
    let mut place = Place {
        store: &mut store,
        params: call.params,
        account: call.caller.account.as_str(),
        region: call.region.as_str(),
        now: call.now,
        new_id: &mut |prefix| world.new_id(prefix),
        profiles: &profiles,
        keys: &keys,
    };
    let answer = dispatch(call.operation, &mut place);
    world.here(call)?.ec2 = store;
    answer
}

fn dispatch(operation: &str, place: &mut Place<'_>) -> Answer {
    match operation {
        "AssociateAddress" => addresses::associate(place),
        "AssociateIamInstanceProfile" => profiles::associate(place),
        "AuthorizeSecurityGroupEgress" => rules::authorize(place, true),
        "AuthorizeSecurityGroupIngress" => rules::authorize(place, false),
        "CopySnapshot" => snapshots::copy(place),
        "CreateNetworkAcl" => acls::create(place),
        "CreateNetworkAclEntry" => acls::create_entry(place),
        "CreateSecurityGroup" => groups::create(place),
        "CreateSnapshots" => storage::create_snapshots(place),
        "CreateTags" => tags::create(place),
        "DeleteNetworkAclEntry" => acls::delete_entry(place),
        "DeleteSecurityGroup" => groups::delete(place),
        "DeleteTags" => tags::delete(place),
        "DescribeAddresses" => addresses::describe(place),
        "DescribeIamInstanceProfileAssociations" => profiles::describe(place),
        "DescribeInstanceAttribute" => attributes::describe(place),
        "DescribeInstanceTypes" => power::describe_types(place),
        "DescribeInstances" => instances::describe(place),
        "DescribeLockedSnapshots" => snapshots::describe_locks(place),
        "DescribeNatGateways" => network::describe_nat_gateways(place),
        "DescribeNetworkAcls" => acls::describe(place),
        "DescribeNetworkInterfaces" => interfaces::describe(place),
        "DescribeRegions" => network::describe_regions(place),
        "DescribeRouteTables" => network::describe_route_tables(place),
        "DescribeSpotInstanceRequests" => power::describe_spot_requests(place),
        "DescribeSecurityGroupRules" => rules::describe(place),
        "DescribeSecurityGroups" => groups::describe(place),
        "DescribeSnapshotAttribute" => snapshots::describe_attribute(place),
        "DescribeSnapshots" => storage::describe_snapshots(place),
        "DescribeSubnets" => network::describe_subnets(place),
        "DescribeTags" => tags::describe(place),
        "DescribeVolumes" => storage::describe_volumes(place),
        "DescribeVpcEndpoints" => endpoints::describe(place),
        "DescribeVpcs" => network::describe_vpcs(place),
        "DisassociateAddress" => addresses::disassociate(place),
        "DisassociateIamInstanceProfile" => profiles::disassociate(place),
        "GetConsoleOutput" => console::output(place),
        "LockSnapshot" => snapshots::lock(place),
        "ModifyInstanceAttribute" => attributes::modify(place),
        "ModifyNetworkInterfaceAttribute" => interfaces::modify(place),
        "ModifySnapshotAttribute" => snapshots::modify_attribute(place),
        "ReplaceIamInstanceProfileAssociation" => profiles::replace(place),
        "ReplaceNetworkAclAssociation" => acls::replace_association(place),
        "RevokeSecurityGroupEgress" => rules::revoke(place, true),
        "RevokeSecurityGroupIngress" => rules::revoke(place, false),
        "StartInstances" => power::start(place),
        "StopInstances" => power::stop(place),
        "TerminateInstances" => instances::terminate(place),
        "UnlockSnapshot" => snapshots::unlock(place),
        other => Err(errors::client(
            "InvalidAction",
            format!("The action {other} is not valid for this web service."),
        )),
    }
}

/// The answer of operations that say no more than that they worked.
fn done() -> Value {
    json!({"return": true})
}

/// A listing under its wire name, with the token of the next page where there is one.
fn listing(name: &str, items: Vec<Value>, token: Option<&str>) -> Value {
    let mut answer = serde_json::Map::new();
    answer.insert(name.to_owned(), items.into());
    if let Some(token) = token {
        answer.insert("nextToken".to_owned(), token.into());
    }
    answer.into()
}

/// Describes resources of one kind: those with the ids asked for (every one must exist) that the filters accept, a page of them.
fn describe_all<'s, T>(
    params: &Value,
    (prefix, id_param): (&str, &str),
    all: &'s std::collections::BTreeMap<String, T>,
    lookup: impl Fn(&'s T, &str) -> Option<Vec<String>>,
    id: impl Fn(&T) -> &str,
) -> Result<(Vec<&'s T>, Option<String>), crate::range::call::ApiError> {
    params::stop_if_dry_run(params)?;
    let ids = params::list(params, id_param);
    for wanted in &ids {
        if !all.contains_key(*wanted) {
            return Err(errors::no_such(prefix, wanted));
        }
    }
    let page = params::Page::read(params)?;
    let filters = params::filters(params)?;
    let mut found = Vec::new();
    for (key, item) in all {
        if (ids.is_empty() || ids.contains(&key.as_str())) && params::accepts(&filters, |name| lookup(item, name))? {
            found.push(item);
        }
    }
    Ok(page.cut(found, |item| id(item)))
}
