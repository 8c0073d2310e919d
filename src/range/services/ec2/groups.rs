//! Security groups: `DescribeSecurityGroups`, `CreateSecurityGroup`, `DeleteSecurityGroup`.

use serde_json::{Value, json};

use super::model::{Group, Peer, Rule, Store, Vpc};
use super::{Place, describe_all, errors, listing, params, rules, tags};
use crate::range::call::Answer;

pub fn describe(place: &mut Place<'_>) -> Answer {
    let (found, token) = describe_all(place.params, ("sg", "GroupId"), &place.store.groups, lookup, |group| {
        &group.id
    })?;
    let (account, region) = (place.account, place.region);
    let items = found.into_iter().map(|group| show(group, account, region)).collect();
    Ok(listing("securityGroupInfo", items, token.as_deref()))
}

pub fn create(place: &mut Place<'_>) -> Answer {
    let name = params::required(place.params, "GroupName")?;
    let description = params::required(place.params, "GroupDescription")?;
    let vpc_id = params::required(place.params, "VpcId")?;
    let vpc = place
        .store
        .vpcs
        .get(vpc_id)
        .ok_or_else(|| errors::no_such("vpc", vpc_id))?;
    let allowed = |text: &str| {
        text.chars().count() <= 255
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c))
    };
    if !allowed(name) || name.starts_with("sg-") {
        return Err(errors::invalid(name, "GroupName"));
    }
    if !allowed(description) {
        return Err(errors::client(
            "InvalidParameterValue",
            format!(
                "Value ({description}) for parameter GroupDescription is invalid. Character sets beyond ASCII are not supported."
            ),
        ));
    }
    if place.store.groups.values().any(|g| g.vpc == vpc_id && g.name == name) {
        return Err(errors::client(
            "InvalidGroup.Duplicate",
            format!("The security group '{name}' already exists for VPC '{vpc_id}'"),
        ));
    }
    let tags = tags::specified(place.params, "security-group")?;
    params::stop_if_dry_run(place.params)?;
    let id = (place.new_id)("sg");
    let group = Group {
        id: id.clone(),
        name: name.to_owned(),
        description: description.to_owned(),
        vpc: vpc_id.to_owned(),
        rules: default_egress(vpc, place.new_id),
        tags,
    };
    let answer = json!({
        "groupId": id, "tagSet": tags::show(&group.tags),
        "securityGroupArn": arn(place.region, place.account, &id), "return": true,
    });
    place.store.groups.insert(id, group);
    Ok(answer)
}

/// The rules that AWS gives every new group: everything out over IPv4, and over IPv6 where the VPC has a block.
pub fn default_egress(vpc: &Vpc, new_id: &mut dyn FnMut(&str) -> String) -> Vec<Rule> {
    let mut peers = vec![Peer::V4("0.0.0.0/0".to_owned())];
    if vpc.ipv6_cidr.is_some() {
        peers.push(Peer::V6("::/0".to_owned()));
    }
    peers
        .into_iter()
        .map(|peer| Rule {
            id: new_id("sgr"),
            egress: true,
            protocol: "-1".to_owned(),
            ports: None,
            peer,
            description: None,
        })
        .collect()
}

pub fn delete(place: &mut Place<'_>) -> Answer {
    let id = params::required(place.params, "GroupId")?;
    let group = place.store.groups.get(id).ok_or_else(|| errors::no_such("sg", id))?;
    if group.name == "default" {
        return Err(errors::client(
            "CannotDelete",
            "the specified group: \"default\" name: \"default\" cannot be deleted by a user",
        ));
    }
    if in_use(place.store, id) {
        return Err(errors::client(
            "DependencyViolation",
            format!("resource {id} has a dependent object"),
        ));
    }
    params::stop_if_dry_run(place.params)?;
    place.store.groups.remove(id);
    Ok(json!({"return": true, "groupId": id}))
}

/// A group is in use while an interface carries it or another group's rule names it.
fn in_use(store: &Store, id: &str) -> bool {
    let peer = Peer::Group(id.to_owned());
    store.interfaces.values().any(|eni| eni.groups.iter().any(|g| g == id))
        || store
            .groups
            .values()
            .any(|group| group.id != id && group.rules.iter().any(|rule| rule.peer == peer))
}

fn lookup(group: &Group, name: &str) -> Option<Vec<String>> {
    match name {
        "group-id" => Some(vec![group.id.clone()]),
        "group-name" => Some(vec![group.name.clone()]),
        "description" => Some(vec![group.description.clone()]),
        "vpc-id" => Some(vec![group.vpc.clone()]),
        other => params::tag_values(&group.tags, other),
    }
}

fn arn(region: &str, account: &str, id: &str) -> String {
    format!("arn:aws:ec2:{region}:{account}:security-group/{id}")
}

fn show(group: &Group, account: &str, region: &str) -> Value {
    let direction = |egress| rules::show_permissions(group.rules.iter().filter(|r| r.egress == egress), account);
    json!({
        "groupId": group.id,
        "groupName": group.name,
        "groupDescription": group.description,
        "vpcId": group.vpc,
        "ownerId": account,
        "securityGroupArn": arn(region, account, &group.id),
        "tagSet": tags::show(&group.tags),
        "ipPermissions": direction(false),
        "ipPermissionsEgress": direction(true),
    })
}
