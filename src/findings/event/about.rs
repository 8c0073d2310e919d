//! What an event is about: the resource that an action can be offered for.
//!
//! Owns: where each service's events name a resource, and of which kind it is. Must never: shorten an ARN of another account or
//! region to a name that would mean something else here.

use crate::domain::{AccountId, Arn, Region, Resource, ResourceKind};
use crate::findings::reader::Object;

/// The database of an event of RDS. Such events are of snapshots, groups and proxies, too, and only `SourceType` tells (RDS User
/// Guide, "Amazon RDS event categories and event messages").
pub fn database(detail: &Object<'_>) -> Option<Resource> {
    if let Some(arn) = detail.text("SourceArn").filter(|arn| !arn.is_empty()) {
        return Some(Resource::new(ResourceKind::Other, arn));
    }
    let kind = match detail.text("SourceType").as_deref() {
        Some("DB_INSTANCE" | "CLUSTER") => ResourceKind::Database,
        _ => ResourceKind::Other,
    };
    Some(Resource::new(kind, detail.text("SourceIdentifier")?))
}

/// What a call or a service's own doing was about, by the parameters of the services whose things quell can act on.
pub fn called(detail: &Object<'_>) -> Vec<Resource> {
    let asked = detail.object("requestParameters");
    let mut named = Vec::new();
    let mut add = |kind: ResourceKind, id: Option<String>| named.extend(id.map(|id| Resource::new(kind, id)));
    match detail.text("eventSource").as_deref() {
        Some("kms.amazonaws.com") => add(ResourceKind::Key, asked.text("keyId")),
        Some("secretsmanager.amazonaws.com") => {
            add(ResourceKind::Secret, asked.text("secretId"));
            // A rotation is the service's own doing, which has no parameters (Secrets Manager User Guide, "Logging AWS Secrets
            // Manager events with AWS CloudTrail").
            add(
                ResourceKind::Secret,
                detail.object("additionalEventData").text("SecretId"),
            );
        }
        // CloudTrail writes the parameters of RDS and `DocumentDB` so (RDS User Guide, "Monitoring Amazon RDS API calls in AWS
        // CloudTrail").
        Some("rds.amazonaws.com") => {
            for parameter in ["dBInstanceIdentifier", "dBClusterIdentifier"] {
                add(ResourceKind::Database, asked.text(parameter));
            }
        }
        _ => {}
    }
    named
}

/// A resource by its ARN, whatever it was taken for; else as it is called.
pub fn resource(named: &Resource, account: AccountId, region: &Region) -> Resource {
    let id = named.id.raw();
    let Ok(arn) = id.parse::<Arn>() else {
        return match named.kind {
            ResourceKind::Other if id.starts_with("i-") => Resource::new(ResourceKind::Instance, id),
            kind => Resource::new(kind, id),
        };
    };
    let here = arn.account() == account.as_str() && arn.region() == region.as_str();
    let parts: Vec<&str> = arn.resource().split([':', '/']).collect();
    let (kind, name) = match (arn.service(), parts.as_slice()) {
        ("ec2", ["instance", .., name]) => (ResourceKind::Instance, *name),
        ("rds", ["db" | "cluster", .., name]) => (ResourceKind::Database, *name),
        ("iam", ["user", .., name]) => (ResourceKind::User, *name),
        ("iam", ["role", .., name]) => (ResourceKind::Role, *name),
        ("s3", [name, ..]) => (ResourceKind::Bucket, *name),
        ("lambda", ["function", name, ..]) => (ResourceKind::Function, *name),
        ("eks" | "ecs", ["cluster", .., name]) => (ResourceKind::Cluster, *name),
        // Keys are used across accounts; one of another keeps its ARN, so that it is not looked for here.
        ("kms", ["key", name]) if here => (ResourceKind::Key, *name),
        ("kms", ["key" | "alias", ..]) => (ResourceKind::Key, id),
        // A secret's name cannot be told from the six characters that its ARN ends with.
        ("secretsmanager", ["secret", ..]) => (ResourceKind::Secret, id),
        _ => (ResourceKind::Other, id),
    };
    Resource::new(kind, name)
}
