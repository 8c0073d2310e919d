//! Where a bucket is and whose, and which roles quell has in its account.
//!
//! Owns: what S3 says of a bucket that is somewhere else. Must never: guess a region, or take a refusal for "not ours".

use aws_sdk_iam::error::ProvideErrorMetadata as _;
use aws_sdk_s3::Client;
use aws_sdk_s3::operation::RequestId as _;

use super::convert::{missing, must};
use super::{Found, circle, failure, no_session};
use crate::action::{Answer, BucketHome, QuellRoles, ReadFailure, ReadFailureKind};
use crate::cloud::connect::Cloud;
use crate::cloud::errors::CallError;
use crate::cloud::pages::Pages;
use crate::cloud::session::Session;
use crate::cloud::whole::WholeDocument;
use crate::domain::{AccountId, Arn, BucketName, Region};

const HEAD: &str = "s3:HeadBucket";
const LIST: &str = "s3:ListBuckets";
/// Says the region of any bucket, even in a refusal (S3 API reference, `HeadBucket`).
pub(super) const REGION_HEADER: &str = "x-amz-bucket-region";

/// `HeadBucket`. Its answers have no body, so their status and headers are all there is.
pub(super) async fn home(client: &Client, owner: &str, region: &Region, bucket: &BucketName) -> Found {
    let request = client.head_bucket().bucket(bucket.as_str());
    let error = match request.expected_bucket_owner(owner).send().await {
        Ok(answer) => {
            let there = answer.bucket_region().filter(|r| !r.is_empty());
            let home = BucketHome {
                region: match there {
                    Some(there) => must(HEAD, "BucketRegion", Some(there))?,
                    None => region.clone(),
                },
                own: Some(true),
            };
            return Ok((Answer::BucketHome(home), answer.request_id().map(str::to_owned)));
        }
        Err(error) => error,
    };
    let raw = error.raw_response();
    let status = raw.map(|r| r.status().as_u16());
    let there = raw.and_then(|r| r.headers().get(REGION_HEADER)).map(str::to_owned);
    match (status, there) {
        (Some(404), _) => Err(failure(
            ReadFailureKind::NotFound,
            format!("{HEAD}: there is no bucket {bucket}"),
        )),
        (Some(301 | 307 | 400 | 403), Some(there)) if there != region.as_str() => {
            let region = must(HEAD, REGION_HEADER, Some(&there))?;
            Ok((Answer::BucketHome(BucketHome { region, own: None }), None))
        }
        // Refused: it is another account's, or it is ours and may not be looked at. Our own list tells which.
        (Some(403), _) => {
            if is_listed(client, bucket).await? {
                return Err(failure(
                    ReadFailureKind::Denied,
                    format!(
                        "{HEAD} was refused for {bucket}, which is the account's own; its policy may be what refuses"
                    ),
                ));
            }
            let home = BucketHome {
                region: region.clone(),
                own: Some(false),
            };
            Ok((Answer::BucketHome(home), None))
        }
        _ => Err(CallError::from_sdk(HEAD, &error).into()),
    }
}

/// The same, asked as the account that is said to have it, and once more in the region where S3 says that it is: only there is it
/// said whose it is.
pub(super) async fn owned(cloud: &Cloud, owner: &AccountId, region: &Region, bucket: &BucketName) -> Found {
    let session = cloud.session(owner).await.map_err(|error| no_session(&error))?;
    let first = home(&client(&session, region), owner.as_str(), region, bucket).await?;
    match &first.0 {
        Answer::BucketHome(BucketHome {
            region: there,
            own: None,
        }) if there != region => home(&client(&session, there), owner.as_str(), there, bucket).await,
        _ => Ok(first),
    }
}

/// S3's client in a region. What arrives cut is no answer.
pub(super) fn client(session: &Session, region: &Region) -> Client {
    let config = aws_sdk_s3::config::Builder::from(&session.at(region)).interceptor(WholeDocument);
    Client::from_conf(config.build())
}

/// Whether the account has the bucket.
async fn is_listed(client: &Client, bucket: &BucketName) -> Result<bool, ReadFailure> {
    let (mut pages, mut token) = (Pages::default(), None);
    loop {
        let page = client
            .list_buckets()
            .prefix(bucket.as_str())
            .set_continuation_token(token)
            .send()
            .await
            .map_err(|e| CallError::from_sdk(LIST, &e))?;
        if page.buckets().iter().any(|b| b.name() == Some(bucket.as_str())) {
            return Ok(true);
        }
        token = pages.next(page.continuation_token()).map_err(circle(LIST))?;
        if token.is_none() {
            return Ok(false);
        }
    }
}

/// The roles that `aws:PrincipalArn` names where quell calls: the reader's, or the caller's own identity, and the responder's.
pub(super) async fn quell_roles(cloud: &Cloud, session: &Session) -> Found {
    let own = &session.identity().arn;
    let reader = match role_of(own) {
        None => Some(own.to_string()),
        Some(name) => role_arn(session, name).await?,
    };
    let reader = reader.ok_or_else(|| missing("iam:GetRole", "role of the session that reads"))?;
    let responder = role_arn(session, &cloud.options.responder_role).await?;
    Ok((Answer::QuellRoles(QuellRoles { reader, responder }), None))
}

/// The role's name in the ARN of an assumed role's session.
fn role_of(arn: &Arn) -> Option<&str> {
    arn.resource().strip_prefix("assumed-role/")?.split('/').next()
}

/// `GetRole`: the ARN with its path; none where there is no such role.
async fn role_arn(session: &Session, name: &str) -> Result<Option<String>, ReadFailure> {
    const CALL: &str = "iam:GetRole";
    let answer = match session.iam().get_role().role_name(name).send().await {
        Ok(answer) => answer,
        Err(error) if error.as_service_error().and_then(|e| e.code()) == Some("NoSuchEntity") => return Ok(None),
        Err(error) => return Err(CallError::from_sdk(CALL, &error).into()),
    };
    let arn = answer.role().map(|role| role.arn().to_owned());
    arn.filter(|arn| !arn.is_empty())
        .map(Some)
        .ok_or_else(|| missing(CALL, "Arn"))
}
