//! Changes to snapshots that are evidence.

use std::collections::BTreeMap;

use aws_sdk_ec2::operation::RequestId as _;
use aws_sdk_ec2::types::{LockMode, OperationType, ResourceType, SnapshotAttributeName};

use super::classify::{Done, Sent, done, error, unreadable};
use super::ec2::tagged;
use crate::action::{EbsCall, Made};
use crate::cloud::session::ResponderSession;
use crate::domain::{AccountId, Arn, Region, SnapshotId};

pub(super) async fn send(session: &ResponderSession, call: &EbsCall, _made: &Made) -> Sent {
    match call {
        EbsCall::CopySnapshot {
            source,
            region,
            key,
            description,
            tags,
            ..
        } => copy(session, source, region, key, (description, tags)).await,
        EbsCall::ShareSnapshot { snapshot, account } => share(session, snapshot, *account, OperationType::Add).await,
        EbsCall::UnshareSnapshot { snapshot, account } => {
            share(session, snapshot, *account, OperationType::Remove).await
        }
        EbsCall::LockSnapshot {
            snapshot,
            days,
            compliance,
        } => lock(session, snapshot, *days, *compliance).await,
    }
}

async fn copy(
    session: &ResponderSession,
    source: &SnapshotId,
    region: &Region,
    key: &Arn,
    (description, tags): (&str, &BTreeMap<String, String>),
) -> Sent {
    const CALL: &str = "ec2:CopySnapshot";
    let answer = session
        .ec2()
        .copy_snapshot()
        .source_snapshot_id(source.as_str())
        .source_region(region.as_str())
        .encrypted(true)
        .kms_key_id(key.as_str())
        .description(description)
        .set_tag_specifications(tagged(ResourceType::Snapshot, tags))
        .send()
        .await
        .map_err(error(CALL, &[]))?;
    let id = answer.snapshot_id().filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| unreadable(CALL, "snapshotId", answer.request_id()))?;
    let made = BTreeMap::from([("copy".to_owned(), id.to_owned())]);
    Ok(Done {
        made,
        ..done(answer.request_id())
    })
}

/// An account that has it, or has it not, is no error to AWS.
async fn share(session: &ResponderSession, snapshot: &SnapshotId, account: AccountId, way: OperationType) -> Sent {
    let answer = session
        .ec2()
        .modify_snapshot_attribute()
        .snapshot_id(snapshot.as_str())
        .attribute(SnapshotAttributeName::CreateVolumePermission)
        .operation_type(way)
        .user_ids(account.to_string())
        .send()
        .await
        .map_err(error("ec2:ModifySnapshotAttribute", &[]))?;
    Ok(done(answer.request_id()))
}

/// In compliance mode without a cooling-off period, so at once.
async fn lock(session: &ResponderSession, snapshot: &SnapshotId, days: i32, compliance: bool) -> Sent {
    let mode = if compliance {
        LockMode::Compliance
    } else {
        LockMode::Governance
    };
    let answer = session
        .ec2()
        .lock_snapshot()
        .snapshot_id(snapshot.as_str())
        .lock_mode(mode)
        .lock_duration(days)
        .send()
        .await
        .map_err(error("ec2:LockSnapshot", &[]))?;
    Ok(done(answer.request_id()))
}
