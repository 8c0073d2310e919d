//! What EC2 is asked about snapshots that are evidence.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::RequestId as _;
use aws_sdk_ec2::operation::describe_snapshot_attribute::DescribeSnapshotAttributeOutput;
use aws_sdk_ec2::types::{Filter, LockedSnapshotsInfo, PermissionGroup, SnapshotAttributeName};

use super::convert::{missing, must, time};
use super::storage::{SNAPSHOTS, convert_snapshot};
use super::{Found, circle};
use crate::action::{Answer, EbsQuery, ReadFailure, Shares, SnapshotLock};
use crate::cloud::errors::CallError;
use crate::cloud::pages::Pages;
use crate::cloud::session::Session;
use crate::domain::{InstanceId, Region, SnapshotId};

const ATTRIBUTE: &str = "ec2:DescribeSnapshotAttribute";
const LOCKS: &str = "ec2:DescribeLockedSnapshots";

pub(super) async fn ask(session: &Session, region: &Region, query: &EbsQuery) -> Found {
    let client = &session.ec2(region);
    match query {
        EbsQuery::EvidenceSnapshots { instance, incident } => evidence(client, instance, incident).await,
        EbsQuery::SnapshotShares { id } => shares(client, id).await,
        EbsQuery::SnapshotLocks { ids } => locks(client, ids).await,
    }
}

/// In the order of the ids.
async fn evidence(client: &Client, instance: &InstanceId, incident: &str) -> Found {
    let tagged = |key: &str, value: &str| {
        Filter::builder()
            .name(format!("tag:{key}"))
            .values(literal(value))
            .build()
    };
    let filters = [
        tagged("quell:instance", instance.as_str()),
        tagged("quell:incident", incident),
    ];
    let (mut found, mut pages, mut token) = (Vec::new(), Pages::default(), None);
    loop {
        let page = client
            .describe_snapshots()
            .owner_ids("self")
            .set_filters(Some(filters.to_vec()))
            .set_next_token(token)
            .send()
            .await
            .map_err(|e| CallError::from_sdk(SNAPSHOTS, &e))?;
        for snapshot in page.snapshots() {
            found.push(convert_snapshot(snapshot)?);
        }
        token = pages.next(page.next_token()).map_err(circle(SNAPSHOTS))?;
        if token.is_none() {
            found.sort_by(|a, b| a.id.cmp(&b.id));
            return Ok((Answer::Snapshots(found), page.request_id().map(str::to_owned)));
        }
    }
}

/// A filter's value as it is written: `*`, `?` and `\` stand for themselves behind a `\` (EC2 User Guide, "Filter by wildcards").
fn literal(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for c in value.chars() {
        if matches!(c, '*' | '?' | '\\') {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

async fn shares(client: &Client, id: &SnapshotId) -> Found {
    let answer = client
        .describe_snapshot_attribute()
        .snapshot_id(id.as_str())
        .attribute(SnapshotAttributeName::CreateVolumePermission)
        .send()
        .await
        .map_err(|e| CallError::from_sdk(ATTRIBUTE, &e))?;
    let request_id = answer.request_id().map(str::to_owned);
    let DescribeSnapshotAttributeOutput {
        create_volume_permissions: permissions,
        ..
    } = answer;
    let mut shares = Shares::default();
    for permission in permissions.unwrap_or_default() {
        match (permission.user_id(), permission.group()) {
            (Some(account), _) => {
                shares.accounts.insert(must(ATTRIBUTE, "userId", Some(account))?);
            }
            (None, Some(PermissionGroup::All)) => shares.public = true,
            (None, _) => return Err(missing(ATTRIBUTE, "account or group of a permission")),
        }
    }
    Ok((Answer::SnapshotShares(shares), request_id))
}

/// Every lock of the region is read: AWS does not say how it answers for an id that is not locked.
async fn locks(client: &Client, ids: &[SnapshotId]) -> Found {
    let (mut found, mut pages, mut token) = (Vec::new(), Pages::default(), None);
    loop {
        let page = client
            .describe_locked_snapshots()
            .set_next_token(token)
            .send()
            .await
            .map_err(|e| CallError::from_sdk(LOCKS, &e))?;
        for lock in page.snapshots() {
            let lock = convert_lock(lock)?;
            if ids.contains(&lock.snapshot) {
                found.push(lock);
            }
        }
        token = pages.next(page.next_token()).map_err(circle(LOCKS))?;
        if token.is_none() {
            found.sort_by(|a, b| a.snapshot.cmp(&b.snapshot));
            return Ok((Answer::SnapshotLocks(found), page.request_id().map(str::to_owned)));
        }
    }
}

fn convert_lock(from: &LockedSnapshotsInfo) -> Result<SnapshotLock, ReadFailure> {
    let state = from.lock_state().ok_or_else(|| missing(LOCKS, "lockState"))?;
    Ok(SnapshotLock {
        snapshot: must(LOCKS, "snapshotId", from.snapshot_id())?,
        state: state.as_str().to_owned(),
        days: from.lock_duration(),
        expires: time(from.lock_expires_on()),
    })
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn an_incident_is_no_pattern() {
        assert_eq!(literal("INC-7"), "INC-7");
        assert_eq!(literal(r"a*b?c\d"), r"a\*b\?c\\d");
    }
}
