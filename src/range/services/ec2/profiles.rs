//! Instance profiles on instances: which one an instance has, and changing it. AWS's model gives none of these calls a `DryRun`, so
//! none of them heeds it here.

use serde_json::{Value, json};

use super::model::Instance;
use super::{Place, errors, listing, params};
use crate::range::call::{Answer, ApiError, Call};
use crate::range::world::World;

/// The account's instance profiles: name, ARN and id. Only the operations that name one need them.
pub fn of(world: &World, call: &Call) -> Vec<(String, String, String)> {
    let account = world.accounts.get(&call.caller.account);
    let Some(iam) = account
        .map(|a| &a.iam)
        .filter(|_| call.operation.contains("IamInstanceProfile"))
    else {
        return Vec::new();
    };
    let arn = |p: &crate::range::services::iam::InstanceProfile| iam.arn("instance-profile", &p.path, &p.name);
    iam.instance_profiles
        .values()
        .map(|profile| (profile.name.clone(), arn(profile), profile.id.clone()))
        .collect()
}

/// The ARN of the role that a call passes to an instance, for who may do that.
pub fn passed_role(world: &World, call: &Call) -> Option<String> {
    let wanted = call.params.get("IamInstanceProfile")?;
    let name = wanted
        .get("Name")
        .or_else(|| wanted.get("Arn"))
        .and_then(Value::as_str)?;
    let iam = &world.accounts.get(&call.caller.account)?.iam;
    let profile = iam.instance_profiles.get(name.rsplit('/').next()?)?;
    let role = iam.roles.get(profile.role.as_ref()?)?;
    Some(iam.arn("role", &role.path, &role.name))
}

pub fn describe(place: &mut Place<'_>) -> Answer {
    let filters = params::filters(place.params)?;
    let ids = params::list(place.params, "AssociationId");
    let page = params::Page::read(place.params)?;
    let mut found = Vec::new();
    for instance in place.store.instances.values() {
        let Some(id) = &instance.profile_association else {
            continue;
        };
        let accepted = params::accepts(&filters, |name| match name {
            "instance-id" => Some(vec![instance.id.clone()]),
            "state" => Some(vec!["associated".to_owned()]),
            _ => None,
        })?;
        if accepted && (ids.is_empty() || ids.contains(&id.as_str())) {
            found.push(instance);
        }
    }
    let (items, token) = page.cut(found, |instance| &instance.id);
    let items = items.into_iter().map(|instance| show(instance, "associated")).collect();
    Ok(listing("iamInstanceProfileAssociationSet", items, token.as_deref()))
}

pub fn associate(place: &mut Place<'_>) -> Answer {
    let id = params::required(place.params, "InstanceId")?;
    let profile = wanted(place)?;
    let instance = place.store.instances.get(id).ok_or_else(|| errors::no_such("i", id))?;
    if instance.profile.is_some() {
        return Err(errors::client(
            "IncorrectState",
            format!("There is an existing association for instance {id}"),
        ));
    }
    put(place, id, Some(profile), "associating")
}

pub fn replace(place: &mut Place<'_>) -> Answer {
    let profile = wanted(place)?;
    let id = associated(place)?;
    put(place, &id, Some(profile), "associating")
}

pub fn disassociate(place: &mut Place<'_>) -> Answer {
    let id = associated(place)?;
    put(place, &id, None, "disassociating")
}

fn wanted(place: &Place<'_>) -> Result<(String, String), ApiError> {
    let wanted = place.params.get("IamInstanceProfile");
    let wanted = wanted.ok_or_else(|| errors::missing("IamInstanceProfile"))?;
    let (name, arn) = (params::text(wanted, "Name"), params::text(wanted, "Arn"));
    let found = place
        .profiles
        .iter()
        .find(|(known, known_arn, _)| name == Some(known.as_str()) || arn == Some(known_arn.as_str()));
    found.map(|(_, arn, id)| (arn.clone(), id.clone())).ok_or_else(|| {
        let given = name.or(arn).unwrap_or_default();
        errors::client(
            "InvalidParameterValue",
            format!(
                "Value ({given}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name"
            ),
        )
    })
}

/// The instance of the association that the call names.
fn associated(place: &Place<'_>) -> Result<String, ApiError> {
    let id = params::required(place.params, "AssociationId")?;
    let has = |instance: &&Instance| instance.profile_association.as_deref() == Some(id);
    place
        .store
        .instances
        .values()
        .find(has)
        .map(|i| i.id.clone())
        .ok_or_else(|| errors::client("NoSuchAssociation", format!("The association ID '{id}' does not exist")))
}

fn put(place: &mut Place<'_>, id: &str, profile: Option<(String, String)>, state: &str) -> Answer {
    let new = (place.new_id)("iip-assoc");
    let instance = place
        .store
        .instances
        .get_mut(id)
        .ok_or_else(|| errors::no_such("i", id))?;
    let shown = if profile.is_some() {
        instance.profile = profile;
        instance.profile_association = Some(new);
        show(instance, state)
    } else {
        let shown = show(instance, state);
        instance.profile = None;
        instance.profile_association = None;
        shown
    };
    Ok(json!({"iamInstanceProfileAssociation": shown}))
}

fn show(instance: &Instance, state: &str) -> Value {
    let profile = instance.profile.as_ref();
    json!({
        "associationId": instance.profile_association, "instanceId": instance.id, "state": state,
        "iamInstanceProfile": profile.map(|(arn, id)| json!({"arn": arn, "id": id})),
    })
}
