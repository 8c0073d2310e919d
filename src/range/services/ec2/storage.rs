//! Volumes and snapshots: `DescribeVolumes`, `CreateSnapshots`, `DescribeSnapshots`.

use serde_json::{Value, json};

use super::model::{Snapshot, Volume};
use super::{Place, describe_all, errors, listing, params, tags};
use crate::domain::Time;
use crate::range::call::Answer;

pub fn describe_volumes(place: &mut Place<'_>) -> Answer {
    let (found, token) = describe_all(
        place.params,
        ("vol", "VolumeId"),
        &place.store.volumes,
        volume_lookup,
        |volume| &volume.id,
    )?;
    Ok(listing(
        "volumeSet",
        found.into_iter().map(show_volume).collect(),
        token.as_deref(),
    ))
}

/// One snapshot a volume, all of the same moment. The boot volume is the one on the instance's root device.
pub fn create_snapshots(place: &mut Place<'_>) -> Answer {
    let params = place.params;
    let specification = params
        .get("InstanceSpecification")
        .ok_or_else(|| errors::missing("InstanceSpecification"))?;
    let id = params::required(specification, "InstanceId")?;
    let instance = place.store.instances.get(id).ok_or_else(|| errors::no_such("i", id))?;
    let without_boot = params::boolean(specification, "ExcludeBootVolume")?.unwrap_or(false);
    let excluded = params::list(specification, "ExcludeDataVolumeId");
    let copy_tags = match params::text(params, "CopyTagsFromSource") {
        None => false,
        Some("volume") => true,
        Some(other) => return Err(errors::invalid(other, "CopyTagsFromSource")),
    };
    let own_tags = tags::specified(params, "snapshot")?;
    let description = params::text(params, "Description").unwrap_or_default();
    let volumes: Vec<Volume> = place
        .store
        .volumes_of(id)
        .into_iter()
        .filter(|volume| {
            let boot = volume
                .attachment
                .as_ref()
                .is_some_and(|a| a.device == instance.root_device);
            (!boot || !without_boot) && !excluded.contains(&volume.id.as_str())
        })
        .cloned()
        .collect();
    if volumes.is_empty() {
        return Err(errors::client(
            "InvalidParameterValue",
            format!("Instance {id} has no volumes to snapshot."),
        ));
    }
    params::stop_if_dry_run(params)?;
    let mut items = Vec::new();
    for volume in volumes {
        let mut tags = own_tags.clone();
        if copy_tags {
            for (key, value) in &volume.tags {
                if !key.starts_with("aws:") {
                    tags.entry(key.clone()).or_insert_with(|| value.clone());
                }
            }
        }
        let snapshot = Snapshot {
            id: (place.new_id)("snap"),
            volume: volume.id,
            size: volume.size,
            encrypted: volume.encrypted,
            kms_key: volume.kms_key.clone(),
            description: description.to_owned(),
            started: place.now,
            fault: None,
            shared: std::collections::BTreeSet::new(),
            lock: None,
            tags,
        };
        let mut item = show_snapshot(&snapshot, place.account, place.now);
        // This operation calls the state `state`; `DescribeSnapshots` calls it `status`.
        if let Some(fields) = item.as_object_mut() {
            fields.remove("status");
            fields.insert("state".to_owned(), "pending".into());
            fields.insert("progress".to_owned(), "".into());
        }
        items.push(item);
        place.store.snapshots.insert(snapshot.id.clone(), snapshot);
    }
    Ok(json!({"snapshotSet": items}))
}

pub fn describe_snapshots(place: &mut Place<'_>) -> Answer {
    let owners = params::list(place.params, "Owner");
    let (account, now) = (place.account, place.now);
    let (found, token) = describe_all(
        place.params,
        ("snap", "SnapshotId"),
        &place.store.snapshots,
        |snapshot, name| snapshot_lookup(snapshot, name, account, now),
        |snapshot| &snapshot.id,
    )?;
    let mine = owners.is_empty() || owners.iter().any(|o| *o == "self" || *o == account);
    let items = found
        .into_iter()
        .filter(|_| mine)
        .map(|snapshot| show_snapshot(snapshot, account, now))
        .collect();
    Ok(listing("snapshotSet", items, token.as_deref()))
}

fn volume_lookup(volume: &Volume, name: &str) -> Option<Vec<String>> {
    let one = |text: &str| Some(vec![text.to_owned()]);
    let attachment = volume.attachment.as_ref();
    match name {
        "volume-id" => one(&volume.id),
        "availability-zone" => one(&volume.zone),
        "volume-type" => one(&volume.kind),
        "size" => one(&volume.size.to_string()),
        "encrypted" => one(&volume.encrypted.to_string()),
        "status" => one(if attachment.is_some() { "in-use" } else { "available" }),
        "attachment.instance-id" => Some(attachment.map(|a| a.instance.clone()).into_iter().collect()),
        "attachment.device" => Some(attachment.map(|a| a.device.clone()).into_iter().collect()),
        "attachment.delete-on-termination" => Some(
            attachment
                .map(|a| a.delete_on_termination.to_string())
                .into_iter()
                .collect(),
        ),
        other => params::tag_values(&volume.tags, other),
    }
}

fn snapshot_lookup(snapshot: &Snapshot, name: &str, account: &str, now: Time) -> Option<Vec<String>> {
    let one = |text: &str| Some(vec![text.to_owned()]);
    match name {
        "snapshot-id" => one(&snapshot.id),
        "volume-id" => one(&snapshot.volume),
        "volume-size" => one(&snapshot.size.to_string()),
        "owner-id" => one(account),
        "description" => one(&snapshot.description),
        "encrypted" => one(&snapshot.encrypted.to_string()),
        "status" => one(state(snapshot, now)),
        "progress" => one(&format!("{}%", snapshot.progress(now))),
        other => params::tag_values(&snapshot.tags, other),
    }
}

pub(super) fn state(snapshot: &Snapshot, now: Time) -> &'static str {
    if snapshot.fault.is_some() {
        "error"
    } else if snapshot.progress(now) == 100 {
        "completed"
    } else {
        "pending"
    }
}

fn show_snapshot(snapshot: &Snapshot, account: &str, now: Time) -> Value {
    let mut item = json!({
        "snapshotId": snapshot.id,
        "volumeId": snapshot.volume,
        "volumeSize": snapshot.size,
        "status": state(snapshot, now),
        "progress": format!("{}%", snapshot.progress(now)),
        "startTime": snapshot.started.to_string(),
        "ownerId": account,
        "description": snapshot.description,
        "encrypted": snapshot.encrypted,
        "kmsKeyId": snapshot.kms_key,
        "storageTier": "standard",
        "tagSet": tags::show(&snapshot.tags),
    });
    if let Some(fault) = &snapshot.fault {
        item["statusMessage"] = fault.as_str().into();
    } else if snapshot.progress(now) == 100 {
        item["completionTime"] = snapshot.completes().to_string().into();
    }
    item
}

fn show_volume(volume: &Volume) -> Value {
    let attachments: Vec<Value> = volume
        .attachment
        .iter()
        .map(|a| {
            json!({
                "volumeId": volume.id, "instanceId": a.instance, "device": a.device, "status": "attached",
                "attachTime": a.since.to_string(), "deleteOnTermination": a.delete_on_termination,
            })
        })
        .collect();
    json!({
        "volumeId": volume.id,
        "size": volume.size,
        "volumeType": volume.kind,
        "availabilityZone": volume.zone,
        "status": if attachments.is_empty() { "available" } else { "in-use" },
        "createTime": volume.created.to_string(),
        "encrypted": volume.encrypted,
        "kmsKeyId": volume.kms_key,
        "multiAttachEnabled": false,
        "attachmentSet": attachments,
        "tagSet": tags::show(&volume.tags),
    })
}
