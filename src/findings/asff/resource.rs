//! What an ASFF finding is about: the first of its `Resources`, by what AWS calls it.

use crate::domain::{AccountId, Arn, Resource, ResourceKind};
use crate::findings::guardduty::resource::{add, identity_user};
use crate::findings::reader::Object;

/// The first resource and the others. Without any, it is the account.
pub fn of(root: &Object<'_>, account: &AccountId) -> (Resource, Vec<Resource>) {
    let mut all: Vec<Resource> = Vec::new();
    for named in root.objects("Resources") {
        let Some(id) = named.needed("Id") else { continue };
        let resource = match named.needed("Type") {
            Some(kind) => read(&kind, &id, &named),
            None => Resource::new(ResourceKind::Other, id),
        };
        if !all.contains(&resource) {
            all.push(resource);
        }
        let key = named.object("Details").object("AwsIamAccessKey");
        let session = key.text("PrincipalId");
        let session = session
            .as_deref()
            .and_then(|id| id.split_once(':'))
            .map(|(_, name)| name);
        add(
            &mut all,
            ResourceKind::IdentityUser,
            identity_user(key.text("PrincipalName").as_deref(), session),
        );
    }
    if all.is_empty() {
        root.missing("Resources");
        all.push(Resource::new(ResourceKind::Account, account.as_str()));
    }
    let resource = all.remove(0);
    (resource, all)
}

fn read(kind: &str, id: &str, named: &Object<'_>) -> Resource {
    match kind {
        "AwsEc2Instance" => Resource::new(ResourceKind::Instance, last(id, '/')),
        "AwsIamAccessKey" => {
            let said = named.object("Details").object("AwsIamAccessKey").text("AccessKeyId");
            Resource::new(ResourceKind::AccessKey, said.unwrap_or_else(|| access_key_id(id)))
        }
        "AwsIamUser" => Resource::new(ResourceKind::User, last(id, '/')),
        "AwsIamRole" => Resource::new(ResourceKind::Role, last(id, '/')),
        "AwsS3Bucket" | "AwsS3Object" => Resource::new(ResourceKind::Bucket, bucket(id)),
        "AwsLambdaFunction" => Resource::new(ResourceKind::Function, function(id)),
        "AwsRdsDbInstance" | "AwsRdsDbCluster" => Resource::new(ResourceKind::Database, last(id, ':')),
        "AwsKmsKey" => Resource::new(ResourceKind::Key, id),
        "AwsSecretsManagerSecret" => Resource::new(ResourceKind::Secret, id),
        "AwsEksCluster" | "AwsEcsCluster" => Resource::new(ResourceKind::Cluster, last(id, '/')),
        // `AWS::::Account:123456789012`
        "AwsAccount" => Resource::new(ResourceKind::Account, last(id, ':')),
        _ => Resource::new(ResourceKind::Other, id),
    }
}

/// `AWS::IAM::AccessKey:AKIA…`, as GuardDuty writes it, or the key itself.
pub fn access_key_id(id: &str) -> String {
    last(&last(id, '/'), ':')
}

fn last(id: &str, separator: char) -> String {
    let end = id.rsplit(separator).next().unwrap_or_default();
    if end.is_empty() { id.to_owned() } else { end.to_owned() }
}

/// `arn:aws:s3:::name` and `arn:aws:s3:::name/key`.
fn bucket(id: &str) -> String {
    let name = id
        .parse::<Arn>()
        .map_or_else(|_| id.to_owned(), |arn| arn.resource().to_owned());
    let bucket = name.split('/').next().unwrap_or_default();
    if bucket.is_empty() {
        id.to_owned()
    } else {
        bucket.to_owned()
    }
}

/// `…:function:name` and `…:function:name:version`.
fn function(id: &str) -> String {
    let arn = id.parse::<Arn>();
    let name = arn.as_ref().ok().and_then(|arn| arn.resource().split(':').nth(1));
    name.filter(|name| !name.is_empty()).unwrap_or(id).to_owned()
}
