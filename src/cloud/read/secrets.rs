//! What Secrets Manager is asked, by query. Never a secret's value.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::RequestId as _;
use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;

use super::convert::{may, missing, must, time};
use super::{Found, circle};
use crate::action::{Answer, KeyUse, ReadFailure, Secret, SecretsQuery};
use crate::cloud::errors::CallError;
use crate::cloud::pages::Pages;
use crate::cloud::session::Session;
use crate::domain::{Region, SecretName, Untrusted};

const DESCRIBE: &str = "secretsmanager:DescribeSecret";
const LIST: &str = "secretsmanager:ListSecrets";

pub(super) async fn ask(session: &Session, region: &Region, query: &SecretsQuery) -> Found {
    let client = Client::new(&session.at(region));
    match query {
        SecretsQuery::Secret { name } => describe(&client, name).await,
        SecretsQuery::SecretKeys => keys(&client).await,
    }
}

async fn describe(client: &Client, name: &SecretName) -> Found {
    let answer = client.describe_secret().secret_id(name.as_str()).send().await;
    let answer = answer.map_err(|e| CallError::from_sdk(DESCRIBE, &e))?;
    let secret = Box::new(convert(&answer)?);
    Ok((Answer::Secret(secret), answer.request_id().map(str::to_owned)))
}

fn convert(from: &DescribeSecretOutput) -> Result<Secret, ReadFailure> {
    let with = |stage: &str| {
        let versions = from.version_ids_to_stages()?;
        let found = versions.iter().find(|(_, stages)| stages.iter().any(|s| s == stage));
        found.map(|(id, _)| id.clone())
    };
    let current = with("AWSCURRENT");
    Ok(Secret {
        name: must(DESCRIBE, "Name", from.name())?,
        arn: must(DESCRIBE, "ARN", from.arn())?,
        rotates: from.rotation_enabled().unwrap_or(false),
        function: may(DESCRIBE, "RotationLambdaARN", from.rotation_lambda_arn())?,
        last_rotated: time(from.last_rotated_date()),
        deleted: from.deleted_date().is_some(),
        pending: with("AWSPENDING").filter(|pending| Some(pending) != current.as_ref()),
        current,
    })
}

async fn keys(client: &Client) -> Found {
    let (mut found, mut pages, mut token) = (Vec::new(), Pages::default(), None);
    loop {
        let page = client
            .list_secrets()
            .include_planned_deletion(true)
            .set_next_token(token)
            .send()
            .await;
        let page = page.map_err(|e| CallError::from_sdk(LIST, &e))?;
        for secret in page.secret_list() {
            let name = secret.name().ok_or_else(|| missing(LIST, "Name"))?;
            if let Some(key) = secret.kms_key_id() {
                found.push(KeyUse {
                    name: Untrusted::new(name),
                    key: key.to_owned(),
                });
            }
        }
        token = pages.next(page.next_token()).map_err(circle(LIST))?;
        if token.is_none() {
            found.sort_by(|a, b| a.name.cmp(&b.name));
            return Ok((Answer::KeyUses(found), page.request_id().map(str::to_owned)));
        }
    }
}
