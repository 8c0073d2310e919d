//! What S3 is asked, by query.
//!
//! A setting that is not there is an answer like any other; S3 says so with an error code of its own for each.

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::RequestId as _;
use aws_sdk_s3::types::{Grant, Grantee, PublicAccessBlockConfiguration};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::convert::missing;
use super::{Found, no_session, s3_home, s3_object};
use crate::action::{AclGrant, Answer, PublicBlock, ReadFailure, Replication, S3Query};
use crate::cloud::connect::Cloud;
use crate::cloud::errors::CallError;
use crate::cloud::session::Session;
use crate::cloud::whole::WholeDocument;
use crate::domain::{BucketName, Region, Untrusted};

pub(super) async fn ask(cloud: &Cloud, session: &Session, region: &Region, query: &S3Query) -> Found {
    let asked = Asked {
        client: &s3_home::client(session, region),
        owner: session.identity().account.as_str(),
    };
    match query {
        S3Query::BucketHome { bucket } => s3_home::home(asked.client, asked.owner, region, bucket).await,
        S3Query::OwnedBucket { bucket, owner } => s3_home::owned(cloud, owner, region, bucket).await,
        S3Query::PublicBlock { bucket } => asked.block(bucket).await,
        S3Query::AccountPublicBlock {} => account_block(session, region).await,
        S3Query::BucketPolicy { bucket } => asked.policy(bucket).await,
        S3Query::PolicyIsPublic { bucket } => asked.policy_is_public(bucket).await,
        S3Query::BucketAcl { bucket } => asked.acl(bucket).await,
        S3Query::BucketWebsite { bucket } => asked.website(bucket).await,
        S3Query::BucketReplication { bucket } => asked.replication(bucket).await,
        S3Query::StoredObject { object, owner: None } => s3_object::stored(session, region, object).await,
        S3Query::StoredObject {
            object,
            owner: Some(owner),
        } => {
            let session = cloud.session(owner).await.map_err(|error| no_session(&error))?;
            s3_object::stored(&session, region, object).await
        }
        S3Query::QuellRoles {} => s3_home::quell_roles(cloud, session).await,
    }
}

/// Whom to ask, and whose the bucket must be. A bucket that somebody else made under the name is refused by S3 itself.
struct Asked<'a> {
    client: &'a Client,
    owner: &'a str,
}

/// The answer, or none where S3 says with this code that there is no such setting.
fn unless<T, E>(
    call: &'static str,
    absent: &str,
    answer: Result<T, SdkError<E, HttpResponse>>,
) -> Result<Option<T>, ReadFailure>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.as_service_error().and_then(ProvideErrorMetadata::code) == Some(absent) => Ok(None),
        Err(error) => Err(CallError::from_sdk(call, &error).into()),
    }
}

impl Asked<'_> {
    /// `GetPublicAccessBlock`.
    async fn block(&self, bucket: &BucketName) -> Found {
        const CALL: &str = "s3:GetBucketPublicAccessBlock";
        let request = self.client.get_public_access_block().bucket(bucket.as_str());
        let answer = request.expected_bucket_owner(self.owner).send().await;
        let Some(answer) = unless(CALL, "NoSuchPublicAccessBlockConfiguration", answer)? else {
            return Ok((Answer::PublicBlock(None), None));
        };
        let settings = answer
            .public_access_block_configuration()
            .ok_or_else(|| missing(CALL, "PublicAccessBlockConfiguration"))?;
        Ok((
            Answer::PublicBlock(Some(converted(settings))),
            answer.request_id().map(str::to_owned),
        ))
    }

    /// `GetBucketPolicy`.
    async fn policy(&self, bucket: &BucketName) -> Found {
        const CALL: &str = "s3:GetBucketPolicy";
        let request = self.client.get_bucket_policy().bucket(bucket.as_str());
        let answer = request.expected_bucket_owner(self.owner).send().await;
        let Some(answer) = unless(CALL, "NoSuchBucketPolicy", answer)? else {
            return Ok((Answer::BucketPolicy(None), None));
        };
        let text = answer.policy().filter(|text| !text.is_empty());
        let text = text.ok_or_else(|| missing(CALL, "Policy"))?.to_owned();
        Ok((Answer::BucketPolicy(Some(text)), answer.request_id().map(str::to_owned)))
    }

    /// `GetBucketPolicyStatus`.
    async fn policy_is_public(&self, bucket: &BucketName) -> Found {
        const CALL: &str = "s3:GetBucketPolicyStatus";
        let request = self.client.get_bucket_policy_status().bucket(bucket.as_str());
        let answer = request.expected_bucket_owner(self.owner).send().await;
        let Some(answer) = unless(CALL, "NoSuchBucketPolicy", answer)? else {
            return Ok((Answer::PolicyIsPublic(None), None));
        };
        let public = answer
            .policy_status()
            .and_then(aws_sdk_s3::types::PolicyStatus::is_public);
        let public = public.ok_or_else(|| missing(CALL, "IsPublic"))?;
        Ok((
            Answer::PolicyIsPublic(Some(public)),
            answer.request_id().map(str::to_owned),
        ))
    }

    /// `GetBucketAcl`.
    async fn acl(&self, bucket: &BucketName) -> Found {
        const CALL: &str = "s3:GetBucketAcl";
        let request = self.client.get_bucket_acl().bucket(bucket.as_str());
        let answer = request
            .expected_bucket_owner(self.owner)
            .send()
            .await
            .map_err(|e| CallError::from_sdk(CALL, &e))?;
        let grants: Result<Vec<AclGrant>, ReadFailure> = answer.grants().iter().map(grant).collect();
        Ok((Answer::BucketAcl(grants?), answer.request_id().map(str::to_owned)))
    }

    /// `GetBucketWebsite`.
    async fn website(&self, bucket: &BucketName) -> Found {
        const CALL: &str = "s3:GetBucketWebsite";
        let request = self.client.get_bucket_website().bucket(bucket.as_str());
        let answer = request.expected_bucket_owner(self.owner).send().await;
        let found = unless(CALL, "NoSuchWebsiteConfiguration", answer)?;
        let request_id = found.as_ref().and_then(|a| a.request_id()).map(str::to_owned);
        Ok((Answer::BucketWebsite(found.is_some()), request_id))
    }

    /// `GetBucketReplication`.
    async fn replication(&self, bucket: &BucketName) -> Found {
        const CALL: &str = "s3:GetBucketReplication";
        let request = self.client.get_bucket_replication().bucket(bucket.as_str());
        let answer = request.expected_bucket_owner(self.owner).send().await;
        let Some(answer) = unless(CALL, "ReplicationConfigurationNotFoundError", answer)? else {
            return Ok((Answer::BucketReplication(None), None));
        };
        let settings = answer
            .replication_configuration()
            .ok_or_else(|| missing(CALL, "ReplicationConfiguration"))?;
        let targets = settings.rules().iter().filter_map(|rule| rule.destination());
        let mut to: Vec<Untrusted> = targets.map(|target| Untrusted::new(target.bucket())).collect();
        to.sort();
        to.dedup();
        let replication = Replication {
            role: Untrusted::new(settings.role()),
            to,
        };
        Ok((
            Answer::BucketReplication(Some(replication)),
            answer.request_id().map(str::to_owned),
        ))
    }
}

fn converted(settings: &PublicAccessBlockConfiguration) -> PublicBlock {
    // What is left out is off (S3 API reference, `PublicAccessBlockConfiguration`).
    PublicBlock {
        block_public_acls: settings.block_public_acls().unwrap_or(false),
        ignore_public_acls: settings.ignore_public_acls().unwrap_or(false),
        block_public_policy: settings.block_public_policy().unwrap_or(false),
        restrict_public_buckets: settings.restrict_public_buckets().unwrap_or(false),
    }
}

fn grant(grant: &Grant) -> Result<AclGrant, ReadFailure> {
    const CALL: &str = "s3:GetBucketAcl";
    let who = |g: &Grantee| {
        let name = g.uri().or_else(|| g.id()).or_else(|| g.email_address());
        name.map(Untrusted::new)
    };
    let permission = grant.permission().ok_or_else(|| missing(CALL, "Permission"))?;
    Ok(AclGrant {
        grantee: grant.grantee().and_then(who).ok_or_else(|| missing(CALL, "Grantee"))?,
        permission: Untrusted::new(permission.as_str()),
    })
}

/// `GetPublicAccessBlock` of S3 Control: the same operation with the same answer as a bucket's, at the account's own address
/// (S3 Control API reference), and signed for `s3`, too. So it is S3's client that asks it, of that address.
async fn account_block(session: &Session, region: &Region) -> Found {
    const CALL: &str = "s3:GetAccountPublicAccessBlock";
    const PATH: &str = "/v20180820/configuration/publicAccessBlock";
    let account = session.identity().account;
    let config = aws_sdk_s3::config::Builder::from(&session.at(region)).force_path_style(true);
    let client = Client::from_conf(config.interceptor(WholeDocument).build());
    let place = region.clone();
    let answer = client
        .get_public_access_block()
        // The client wants a bucket; the address below has none.
        .bucket(account.as_str())
        .customize()
        .mutate_request(move |request| {
            let uri = control_address(request.uri(), account.as_str(), place.as_str(), PATH);
            // An address that does not parse is left as it was; then S3 answers that there is no such bucket.
            let _ = request.set_uri(uri.as_str());
            request.headers_mut().insert("x-amz-account-id", account.to_string());
        })
        .send()
        .await;
    let Some(answer) = unless(CALL, "NoSuchPublicAccessBlockConfiguration", answer)? else {
        return Ok((Answer::PublicBlock(None), None));
    };
    let settings = answer
        .public_access_block_configuration()
        .ok_or_else(|| missing(CALL, "PublicAccessBlockConfiguration"))?;
    Ok((
        Answer::PublicBlock(Some(converted(settings))),
        answer.request_id().map(str::to_owned),
    ))
}

/// The account's own host where the endpoint is AWS's; an endpoint of one's own stays the host.
fn control_address(uri: &str, account: &str, region: &str, path: &str) -> String {
    let (scheme, rest) = uri.split_once("://").unwrap_or(("https", uri));
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let own = host
        .strip_prefix("s3.")
        .and_then(|rest| rest.strip_prefix(region))
        .filter(|rest| rest.starts_with(".amazonaws."));
    match own {
        Some(end) => format!("{scheme}://{account}.s3-control.{region}{end}{path}"),
        None => format!("{scheme}://{host}{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::control_address;

    #[test]
    fn an_account_is_asked_at_its_own_address() {
        for (uri, expected) in [
            (
                "https://s3.eu-west-1.amazonaws.com/111122223333?publicAccessBlock",
                "https://111122223333.s3-control.eu-west-1.amazonaws.com/p",
            ),
            (
                "https://s3.eu-west-1.amazonaws.com.cn/111122223333?publicAccessBlock",
                "https://111122223333.s3-control.eu-west-1.amazonaws.com.cn/p",
            ),
            (
                "http://127.0.0.1:4566/111122223333?publicAccessBlock",
                "http://127.0.0.1:4566/p",
            ),
        ] {
            assert_eq!(control_address(uri, "111122223333", "eu-west-1", "/p"), expected);
        }
    }
}
