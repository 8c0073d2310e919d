//! EBS volumes and snapshots.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::RequestId as _;
use aws_sdk_ec2::types::Filter;

use super::convert::{may, missing, must, tags, time};
use super::{Found, circle};
use crate::action::{Answer, ReadFailure, Snapshot, Volume};
use crate::cloud::errors::CallError;
use crate::cloud::pages::Pages;
use crate::domain::{InstanceId, SnapshotId, Untrusted};

const VOLUMES: &str = "ec2:DescribeVolumes";
pub(super) const SNAPSHOTS: &str = "ec2:DescribeSnapshots";
/// So many ids go into one request; EC2's own limit is 1,000.
const IDS_PER_CALL: usize = 200;

/// `DescribeVolumes` by the instance that they are attached to, in the order of the device name.
pub(super) async fn volumes(client: &Client, of: &InstanceId) -> Found {
    let (mut found, mut pages, mut token) = (Vec::new(), Pages::default(), None);
    loop {
        let filter = Filter::builder().name("attachment.instance-id").values(of.as_str());
        let page = client
            .describe_volumes()
            .filters(filter.build())
            .set_next_token(token)
            .send()
            .await
            .map_err(|e| CallError::from_sdk(VOLUMES, &e))?;
        for volume in page.volumes() {
            found.push(convert_volume(volume, of)?);
        }
        token = pages.next(page.next_token()).map_err(circle(VOLUMES))?;
        if token.is_none() {
            found.sort_by(|a, b| (&a.device, &a.id).cmp(&(&b.device, &b.id)));
            return Ok((Answer::Volumes(found), page.request_id().map(str::to_owned)));
        }
    }
}

/// `DescribeSnapshots` by ids, in the order of the ids.
pub(super) async fn snapshots(client: &Client, ids: &[SnapshotId]) -> Found {
    let (mut found, mut request_id) = (Vec::new(), None);
    for part in ids.chunks(IDS_PER_CALL) {
        let (mut pages, mut token) = (Pages::default(), None);
        loop {
            let page = client
                .describe_snapshots()
                .set_snapshot_ids(Some(part.iter().map(ToString::to_string).collect()))
                .set_next_token(token)
                .send()
                .await
                .map_err(|e| CallError::from_sdk(SNAPSHOTS, &e))?;
            for snapshot in page.snapshots() {
                found.push(convert_snapshot(snapshot)?);
            }
            request_id = page.request_id().map(str::to_owned);
            token = pages.next(page.next_token()).map_err(circle(SNAPSHOTS))?;
            if token.is_none() {
                break;
            }
        }
    }
    if let Some(lost) = ids.iter().find(|id| !found.iter().any(|s| s.id == **id)) {
        return Err(missing(SNAPSHOTS, lost.as_str()));
    }
    found.sort_by(|a, b| a.id.cmp(&b.id));
    Ok((Answer::Snapshots(found), request_id))
}

fn convert_volume(from: &aws_sdk_ec2::types::Volume, of: &InstanceId) -> Result<Volume, ReadFailure> {
    let attachment = from.attachments().iter().find(|a| a.instance_id() == Some(of.as_str()));
    let device = attachment.and_then(|a| a.device());
    let state = from.state();
    Ok(Volume {
        id: must(VOLUMES, "volumeId", from.volume_id())?,
        device: device
            .ok_or_else(|| missing(VOLUMES, "device of the attachment"))?
            .to_owned(),
        size_gib: from.size().ok_or_else(|| missing(VOLUMES, "size"))?,
        encrypted: from.encrypted().unwrap_or(false),
        state: state.ok_or_else(|| missing(VOLUMES, "state"))?.as_str().to_owned(),
        delete_on_termination: attachment
            .and_then(aws_sdk_ec2::types::VolumeAttachment::delete_on_termination)
            .unwrap_or(false),
    })
}

pub(super) fn convert_snapshot(from: &aws_sdk_ec2::types::Snapshot) -> Result<Snapshot, ReadFailure> {
    let state = from.state();
    // Not by the method: to those who check that only `cloud/write` changes anything, its name looks like a change.
    let aws_sdk_ec2::types::Snapshot { start_time: began, .. } = from;
    Ok(Snapshot {
        id: must(SNAPSHOTS, "snapshotId", from.snapshot_id())?,
        volume: may(SNAPSHOTS, "volumeId", from.volume_id())?,
        state: state.ok_or_else(|| missing(SNAPSHOTS, "state"))?.as_str().to_owned(),
        progress: from.progress().unwrap_or_default().to_owned(),
        state_message: from.state_message().filter(|m| !m.is_empty()).map(Untrusted::new),
        encrypted: from.encrypted().unwrap_or(false),
        kms_key: may(SNAPSHOTS, "kmsKeyId", from.kms_key_id())?,
        size_gib: from.volume_size(),
        started: time(began.as_ref()),
        description: from.description().filter(|d| !d.is_empty()).map(Untrusted::new),
        tags: tags(from.tags()),
    })
}
