//! Changes to snapshots that are evidence.

use std::collections::BTreeMap;

use aws_sdk_ec2::operation::RequestId as _;
use aws_sdk_ec2::primitives::DateTime;
use aws_sdk_ec2::types::{LockMode, OperationType, ResourceType, SnapshotAttributeName};

use super::classify::{Done, Sent, done, error, unreadable};
use super::ec2::tagged;
use crate::action::{EbsCall, Made};
use crate::cloud::session::ResponderSession;
use crate::domain::{AccountId, Arn, Region, SnapshotId, Time};

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
            until,
        } => lock(session, snapshot, (*days, *until), *compliance).await,
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
/// Until a time, or for so many days from now.
async fn lock(
    session: &ResponderSession,
    snapshot: &SnapshotId,
    (days, until): (i32, Option<Time>),
    compliance: bool,
) -> Sent {
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
        .set_lock_duration(until.is_none().then_some(days))
        .set_expiration_date(until.map(|until| DateTime::from_secs(until.as_second())))
        .send()
        .await
        .map_err(error("ec2:LockSnapshot", &[]))?;
    Ok(done(answer.request_id()))
}
