//! `StopInstances`, `StartInstances`, and what tells whether a stop is possible and what it costs: `DescribeInstanceTypes` and
//! `DescribeSpotInstanceRequests`.
//!
//! Stopping and starting take no time here; the answers name the states on the way, as AWS does.

use serde_json::{Value, json};

use super::model::{Instance, Spot, State};
use super::{Place, errors, listing, params};
use crate::range::call::Answer;

pub fn stop(place: &mut Place<'_>) -> Answer {
    let check = |instance: &Instance| {
        let id = &instance.id;
        if instance.spot == Some(Spot::OneTime) {
            return Err(errors::client(
                "UnsupportedOperation",
                format!(
                    "You can't stop the Spot Instance '{id}' because it is associated with a one-time Spot Instance request. You can only stop Spot Instances associated with persistent Spot Instance requests."
                ),
            ));
        }
        if instance.stop_protected {
            return Err(errors::client(
                "OperationNotPermitted",
                format!(
                    "The instance '{id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again."
                ),
            ));
        }
        if instance.state == State::Terminated {
            return Err(errors::client(
                "IncorrectInstanceState",
                format!("This instance '{id}' is not in a state from which it can be stopped."),
            ));
        }
        Ok(())
    };
    let moved = each(place, check, State::Stopped, (64, "stopping"))?;
    for id in &moved.1 {
        for eni in place.store.interfaces.values_mut() {
            if eni.attachment.as_ref().is_some_and(|a| a.instance == *id) {
                eni.public_ip = None;
            }
        }
    }
    Ok(moved.0)
}

pub fn start(place: &mut Place<'_>) -> Answer {
    let check = |instance: &Instance| {
        if instance.state == State::Terminated {
            let id = &instance.id;
            return Err(errors::client(
                "IncorrectInstanceState",
                format!("The instance '{id}' is not in a state from which it can be started."),
            ));
        }
        Ok(())
    };
    let (answer, ids) = each(place, check, State::Running, (0, "pending"))?;
    for id in &ids {
        if let Some(instance) = place.store.instances.get_mut(id) {
            instance.launched = place.now;
        }
        // Another address than before: the old one went back to AWS.
        let last = (place.new_id)("x").bytes().fold(0_u8, u8::wrapping_add);
        for eni in place.store.interfaces.values_mut() {
            if eni.auto_public && eni.attachment.as_ref().is_some_and(|a| a.instance == *id) {
                eni.public_ip = Some(format!("198.51.100.{last}"));
            }
        }
    }
    Ok(answer)
}

/// Moves every instance to a state. Gives the answer, and which of them were not in it before.
fn each(
    place: &mut Place<'_>,
    check: impl Fn(&Instance) -> Result<(), crate::range::call::ApiError>,
    to: State,
    (code, name): (u8, &str),
) -> Result<(Value, Vec<String>), crate::range::call::ApiError> {
    let ids = params::list(place.params, "InstanceId");
    if ids.is_empty() {
        return Err(errors::missing("InstanceId"));
    }
    for id in &ids {
        check(place.store.instances.get(*id).ok_or_else(|| errors::no_such("i", id))?)?;
    }
    params::stop_if_dry_run(place.params)?;
    let (mut items, mut moved) = (Vec::new(), Vec::new());
    for id in ids {
        let Some(instance) = place.store.instances.get_mut(id) else {
            continue;
        };
        let (was_code, was_name) = instance.state.parts();
        let same = instance.state == to;
        let now = if same { (was_code, was_name) } else { (code, name) };
        instance.state = to;
        items.push(json!({
            "instanceId": id,
            "currentState": {"code": now.0, "name": now.1},
            "previousState": {"code": was_code, "name": was_name},
        }));
        if !same {
            moved.push(id.to_owned());
        }
    }
    Ok((json!({"instancesSet": items}), moved))
}

/// The requests behind Spot instances, as far as a responder needs them: for one time, or persistent.
pub fn describe_spot_requests(place: &mut Place<'_>) -> Answer {
    params::stop_if_dry_run(place.params)?;
    let filters = params::filters(place.params)?;
    let page = params::Page::read(place.params)?;
    let mut found = Vec::new();
    for instance in place.store.instances.values() {
        let Some(spot) = instance.spot else { continue };
        let accepted = params::accepts(&filters, |name| match name {
            "instance-id" => Some(vec![instance.id.clone()]),
            "state" => Some(vec!["active".to_owned()]),
            _ => None,
        })?;
        if accepted {
            found.push((instance, spot));
        }
    }
    let (items, token) = page.cut(found, |(instance, _)| &instance.id);
    let items = items.into_iter().map(|(instance, spot)| {
        json!({
            // Eight characters, as AWS has them.
            "spotInstanceRequestId": format!("sir-{}", instance.id.chars().skip(2).take(8).collect::<String>()),
            "type": spot.as_str(),
            "state": "active",
            "status": {"code": "fulfilled"},
            "instanceId": instance.id,
        })
    });
    Ok(listing("spotInstanceRequestSet", items.collect(), token.as_deref()))
}

/// The families whose every size comes with an instance store, besides those with a `d` among the letters after their number
/// (EC2 instance types guide, "Instance store").
const WITH_STORE: [&str; 16] = [
    "c1", "d2", "d3", "d3en", "f1", "g2", "h1", "i2", "i3", "i3en", "i4g", "i4i", "im4gn", "is4gen", "m1", "p5",
];

/// As far as a responder needs it: whether a type has an instance store.
pub fn describe_types(place: &mut Place<'_>) -> Answer {
    params::stop_if_dry_run(place.params)?;
    let wanted = params::list(place.params, "InstanceType");
    let known = |name: &&str| {
        let shape = name
            .split_once('.')
            .filter(|(family, size)| !family.is_empty() && !size.is_empty());
        shape.is_some_and(|(family, _)| family.bytes().any(|b| b.is_ascii_digit()))
    };
    if let Some(unknown) = wanted.iter().find(|name| !known(name)) {
        return Err(errors::client(
            "InvalidInstanceType",
            format!("The following supplied instance types do not exist: [{unknown}]"),
        ));
    }
    let mut names: Vec<&str> = wanted;
    if names.is_empty() {
        names = place.store.instances.values().map(|i| i.kind.as_str()).collect();
    }
    names.sort_unstable();
    names.dedup();
    let items = names
        .into_iter()
        .map(|name| {
            let family = name.split('.').next().unwrap_or_default();
            let letters = family.trim_start_matches(|c: char| !c.is_ascii_digit());
            let letters = letters.trim_start_matches(|c: char| c.is_ascii_digit());
            let store = WITH_STORE.contains(&family) || letters.contains('d');
            json!({"instanceType": name, "currentGeneration": true, "instanceStorageSupported": store})
        })
        .collect();
    Ok(listing("instanceTypeSet", items, None))
}
