//! What KMS is asked, by query, and what EC2 is asked about the disks under a key.

use aws_sdk_ec2::types::{Filter, Snapshot};
use aws_sdk_kms::Client;
use aws_sdk_kms::operation::RequestId as _;
use aws_sdk_kms::types::{GrantListEntry, KeyManagerType, KeyMetadata};

use super::convert::{missing, must, tags};
use super::{Found, circle};
use crate::action::{Answer, Disks, Evidence, KeyGrant, KmsKey, KmsQuery, ReadFailure};
use crate::cloud::errors::CallError;
use crate::cloud::pages::Pages;
use crate::cloud::session::Session;
use crate::domain::{Arn, KeyId, Region, Untrusted};

const DESCRIBE: &str = "kms:DescribeKey";
const GRANTS: &str = "kms:ListGrants";
const ALIASES: &str = "kms:ListAliases";
const TAGS: &str = "kms:ListResourceTags";
const SNAPSHOTS: &str = "ec2:DescribeSnapshots";
const VOLUMES: &str = "ec2:DescribeVolumes";
/// The tag that everything which is evidence carries.
const INCIDENT_TAG: &str = "quell:incident";

pub(super) async fn ask(session: &Session, region: &Region, query: &KmsQuery) -> Found {
    let client = Client::new(&session.at(region));
    match query {
        KmsQuery::KmsKey { key } => describe(&client, key).await,
        KmsQuery::KeyGrants { key } => grants(&client, key, None).await,
        KmsQuery::GrantsTo { key, grantee } => grants(&client, key, Some(grantee)).await,
        KmsQuery::KeyAliases { key } => aliases(&client, key).await,
        KmsQuery::KeyTags { key } => key_tags(&client, key).await,
        KmsQuery::EvidenceUnderKey { key } => evidence(&session.ec2(region), key).await,
        KmsQuery::DisksUnderKey { key } => disks(&session.ec2(region), key).await,
    }
}

async fn describe(client: &Client, key: &str) -> Found {
    let answer = client.describe_key().key_id(key).send().await;
    let answer = answer.map_err(|e| CallError::from_sdk(DESCRIBE, &e))?;
    let metadata = answer.key_metadata().ok_or_else(|| missing(DESCRIBE, "KeyMetadata"))?;
    let key = Box::new(convert(metadata)?);
    Ok((Answer::KmsKey(key), answer.request_id().map(str::to_owned)))
}

fn convert(key: &KeyMetadata) -> Result<KmsKey, ReadFailure> {
    let state = key.key_state().ok_or_else(|| missing(DESCRIBE, "KeyState"))?;
    let manager = key.key_manager().ok_or_else(|| missing(DESCRIBE, "KeyManager"))?;
    let mut regions = Vec::new();
    if let Some(multi) = key.multi_region_configuration() {
        for related in multi.primary_key().into_iter().chain(multi.replica_keys()) {
            regions.push(must(DESCRIBE, "Region", related.region())?);
        }
    }
    Ok(KmsKey {
        id: must(DESCRIBE, "KeyId", Some(key.key_id()))?,
        arn: must(DESCRIBE, "Arn", key.arn())?,
        state: state.as_str().to_owned(),
        aws_managed: *manager == KeyManagerType::Aws,
        description: Untrusted::new(key.description().unwrap_or_default()),
        regions,
    })
}

/// `ListGrants`, of which only those for this principal are told where one is given.
async fn grants(client: &Client, key: &KeyId, to: Option<&Arn>) -> Found {
    let (mut found, mut pages, mut marker) = (Vec::new(), Pages::default(), None);
    loop {
        let page = client
            .list_grants()
            .key_id(key.as_str())
            .set_grantee_principal(to.map(ToString::to_string))
            .set_marker(marker)
            .send()
            .await;
        let page = page.map_err(|e| CallError::from_sdk(GRANTS, &e))?;
        for grant in page.grants() {
            let grant = convert_grant(grant)?;
            if to.is_none_or(|to| grant.grantee.raw() == to.as_str()) {
                found.push(grant);
            }
        }
        marker = pages.next(page.next_marker()).map_err(circle(GRANTS))?;
        if marker.is_none() {
            found.sort_by(|a, b| a.id.cmp(&b.id));
            return Ok((Answer::KeyGrants(found), page.request_id().map(str::to_owned)));
        }
    }
}

fn convert_grant(grant: &GrantListEntry) -> Result<KeyGrant, ReadFailure> {
    let service = grant.grantee_service_principal();
    Ok(KeyGrant {
        id: must(GRANTS, "GrantId", grant.grant_id())?,
        name: grant.name().filter(|name| !name.is_empty()).map(Untrusted::new),
        grantee: Untrusted::new(grant.grantee_principal().or(service).unwrap_or_default()),
        issuer: grant
            .issuing_account()
            .filter(|who| !who.is_empty())
            .map(Untrusted::new),
        operations: grant.operations().iter().map(|o| o.as_str().to_owned()).collect(),
    })
}

async fn aliases(client: &Client, key: &KeyId) -> Found {
    let (mut found, mut pages, mut marker) = (Vec::new(), Pages::default(), None);
    loop {
        let page = client
            .list_aliases()
            .key_id(key.as_str())
            .set_marker(marker)
            .send()
            .await;
        let page = page.map_err(|e| CallError::from_sdk(ALIASES, &e))?;
        for alias in page.aliases() {
            let name = alias.alias_name().ok_or_else(|| missing(ALIASES, "AliasName"))?;
            found.push(Untrusted::new(name));
        }
        marker = pages.next(page.next_marker()).map_err(circle(ALIASES))?;
        if marker.is_none() {
            found.sort();
            return Ok((Answer::Names(found), page.request_id().map(str::to_owned)));
        }
    }
}

async fn key_tags(client: &Client, key: &KeyId) -> Found {
    let (mut found, mut pages, mut marker) = (crate::action::Tags::new(), Pages::default(), None);
    loop {
        let page = client
            .list_resource_tags()
            .key_id(key.as_str())
            .set_marker(marker)
            .send()
            .await;
        let page = page.map_err(|e| CallError::from_sdk(TAGS, &e))?;
        for tag in page.tags() {
            found.insert(tag.tag_key().to_owned(), Untrusted::new(tag.tag_value()));
        }
        marker = pages.next(page.next_marker()).map_err(circle(TAGS))?;
        if marker.is_none() {
            return Ok((Answer::KeyTags(found), page.request_id().map(str::to_owned)));
        }
    }
}

fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

/// The account's own snapshots that fit a filter and are encrypted with the key. EC2 has no filter by key.
async fn snapshots(
    client: &aws_sdk_ec2::Client,
    fitting: Filter,
    key: &Arn,
) -> Result<(Vec<Snapshot>, Option<String>), ReadFailure> {
    let (mut found, mut pages, mut token) = (Vec::new(), Pages::default(), None);
    loop {
        let page = client
            .describe_snapshots()
            .owner_ids("self")
            .filters(fitting.clone())
            .set_next_token(token)
            .send()
            .await
            .map_err(|e| CallError::from_sdk(SNAPSHOTS, &e))?;
        let under = page.snapshots().iter().filter(|s| s.kms_key_id() == Some(key.as_str()));
        found.extend(under.cloned());
        token = pages.next(page.next_token()).map_err(circle(SNAPSHOTS))?;
        if token.is_none() {
            let id = aws_sdk_ec2::operation::RequestId::request_id(&page).map(str::to_owned);
            return Ok((found, id));
        }
    }
}

async fn evidence(client: &aws_sdk_ec2::Client, key: &Arn) -> Found {
    let (snapshots, request_id) = snapshots(client, filter("tag-key", INCIDENT_TAG), key).await?;
    let mut found = Vec::new();
    for snapshot in snapshots {
        let incident = tags(snapshot.tags()).remove(INCIDENT_TAG);
        found.push(Evidence {
            snapshot: must(SNAPSHOTS, "snapshotId", snapshot.snapshot_id())?,
            incident: incident.unwrap_or_else(|| Untrusted::new("")),
        });
    }
    found.sort_by(|a, b| a.snapshot.cmp(&b.snapshot));
    Ok((Answer::Evidence(found), request_id))
}

async fn disks(client: &aws_sdk_ec2::Client, key: &Arn) -> Found {
    let (snapshots, request_id) = snapshots(client, filter("encrypted", "true"), key).await?;
    let mut disks = Disks::default();
    for snapshot in &snapshots {
        let id = snapshot.snapshot_id().ok_or_else(|| missing(SNAPSHOTS, "snapshotId"))?;
        disks.snapshots.push(id.to_owned());
    }
    let (mut pages, mut token) = (Pages::default(), None);
    loop {
        let page = client
            .describe_volumes()
            .filters(filter("encrypted", "true"))
            .set_next_token(token)
            .send()
            .await
            .map_err(|e| CallError::from_sdk(VOLUMES, &e))?;
        for volume in page.volumes().iter().filter(|v| v.kms_key_id() == Some(key.as_str())) {
            let id = volume.volume_id().ok_or_else(|| missing(VOLUMES, "volumeId"))?;
            disks.volumes.push(id.to_owned());
        }
        token = pages.next(page.next_token()).map_err(circle(VOLUMES))?;
        if token.is_none() {
            disks.volumes.sort();
            disks.snapshots.sort();
            return Ok((Answer::Disks(disks), request_id));
        }
    }
}
