//! What EC2 is asked about snapshots that are evidence.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::RequestId as _;
use aws_sdk_ec2::operation::describe_snapshot_attribute::DescribeSnapshotAttributeOutput;
use aws_sdk_ec2::types::{Filter, LockedSnapshotsInfo, PermissionGroup, SnapshotAttributeName};

use super::convert::{missing, must, time};
use super::storage::{SNAPSHOTS, convert_snapshot};
use super::{Found, circle};
use crate::action::{Answer, EbsQuery, ReadFailure, ReadFailureKind, Shares, Snapshot, SnapshotLock};
use crate::cloud::errors::CallError;
use crate::cloud::pages::Pages;
use crate::cloud::session::Session;
use crate::domain::{AccountId, InstanceId, Region, SnapshotId};

const ATTRIBUTE: &str = "ec2:DescribeSnapshotAttribute";
const LOCKS: &str = "ec2:DescribeLockedSnapshots";

pub(super) async fn ask(session: &Session, region: &Region, query: &EbsQuery) -> Found {
    let client = &session.ec2(region);
    match query {
        EbsQuery::EvidenceSnapshots { instance, incident } | EbsQuery::TakenBefore { instance, incident } => {
            evidence(client, instance, incident).await
        }
        EbsQuery::SharedEvidence { instance, account } => shared(client, instance, account).await,
        EbsQuery::SnapshotShares { id } => {
            let (shares, request_id) = shares(client, id).await?;
            Ok((Answer::SnapshotShares(shares), request_id))
        }
        EbsQuery::SnapshotLocks { ids } => locks(client, ids).await,
    }
}

fn tagged(key: &str, value: &str) -> Filter {
    Filter::builder()
        .name(format!("tag:{key}"))
        .values(literal(value))
        .build()
}

async fn evidence(client: &Client, instance: &InstanceId, incident: &str) -> Found {
    let filters = [
        tagged("quell:instance", instance.as_str()),
        tagged("quell:incident", incident),
    ];
    let (found, request_id) = own(client, &filters).await?;
    Ok((Answer::Snapshots(found), request_id))
}

/// Of the instance's, whatever the incident, those that the account may use.
async fn shared(client: &Client, instance: &InstanceId, account: &AccountId) -> Found {
    let (all, request_id) = own(client, &[tagged("quell:instance", instance.as_str())]).await?;
    let mut found = Vec::new();
    for snapshot in all {
        match shares(client, &snapshot.id).await {
            Ok((shares, _)) if shares.accounts.contains(account) => found.push(snapshot),
            Ok(_) => {}
            // It was deleted since it was listed.
            Err(gone) if gone.kind == ReadFailureKind::NotFound => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok((Answer::Snapshots(found), request_id))
}

/// The account's own snapshots that fit, in the order of the ids.
async fn own(client: &Client, filters: &[Filter]) -> Result<(Vec<Snapshot>, Option<String>), ReadFailure> {
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
            return Ok((found, page.request_id().map(str::to_owned)));
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

async fn shares(client: &Client, id: &SnapshotId) -> Result<(Shares, Option<String>), ReadFailure> {
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
    Ok((shares, request_id))
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
