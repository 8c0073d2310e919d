//! What a GuardDuty finding is about: the resource that a responder would act on, and the others that it names.

use crate::domain::{AccountId, Arn, Resource, ResourceKind};
use crate::findings::reader::Object;

/// The resource and the others of a finding that is no attack sequence. Without any, it is the account.
pub fn of(root: &Object<'_>, account: &AccountId) -> (Resource, Vec<Resource>) {
    let details = root.object("resource");
    let mut all = Vec::new();
    let said = details.text("resourceType");
    // Every kind of detail that is there is read; the one that `resourceType` names comes first.
    let first: &[ResourceKind] = match said.as_deref() {
        Some("Instance" | "EBSVolume") => &[ResourceKind::Instance],
        Some("AccessKey") => &[ResourceKind::AccessKey],
        Some("S3Bucket" | "S3Object") => &[ResourceKind::Bucket],
        Some("Lambda") => &[ResourceKind::Function],
        Some("EKSCluster" | "ECSCluster" | "KubernetesCluster" | "Container") => &[ResourceKind::Cluster],
        Some("RDSDBInstance" | "RDSLimitlessDB") => &[ResourceKind::Database],
        Some("EBSSnapshot" | "EC2Image" | "RecoveryPoint" | "EBSRecoveryPoint" | "EC2RecoveryPoint") => {
            &[ResourceKind::Other]
        }
        Some("S3RecoveryPoint") => &[ResourceKind::Other, ResourceKind::Bucket],
        Some(_) => {
            details.invalid("resourceType");
            &[]
        }
        None => {
            if details.is_empty() {
                root.missing("resource");
            } else {
                details.missing("resourceType");
            }
            &[]
        }
    };
    access_key(&details, &mut all);
    compute(&details, &mut all);
    data(&details, &mut all);

    let lead = first
        .iter()
        .find_map(|kind| all.iter().position(|r: &Resource| r.kind == *kind));
    if let Some(at) = lead {
        let resource = all.remove(at);
        all.insert(0, resource);
    } else if all.iter().any(|r| r.kind != ResourceKind::Role) {
        // Nothing of the kind that it speaks of: what can be acted on comes before the role behind it.
        all.sort_by_key(|r| r.kind == ResourceKind::Role);
    }
    if all.is_empty() {
        all.push(Resource::new(ResourceKind::Account, account.as_str()));
    }
    let resource = all.remove(0);
    (resource, all)
}

/// Adds a resource once.
pub fn add(all: &mut Vec<Resource>, kind: ResourceKind, id: Option<String>) {
    let Some(id) = id.filter(|id| !id.is_empty()) else {
        return;
    };
    let resource = Resource::new(kind, id);
    if !all.contains(&resource) {
        all.push(resource);
    }
}

/// The key, the user or role behind it, and the instance whose credentials they are.
fn access_key(details: &Object<'_>, all: &mut Vec<Resource>) {
    let key = details.object("accessKeyDetails");
    add(all, ResourceKind::AccessKey, key.text("accessKeyId"));
    let role = key.text("userName");
    add_identity(all, key.text("userType").as_deref(), role.clone());
    // The session of an instance profile is named after the instance: `AROA…:i-0ab…`.
    let session = key
        .text("principalId")
        .and_then(|id| id.split_once(':').map(|(_, s)| s.to_owned()));
    add(
        all,
        ResourceKind::IdentityUser,
        identity_user(role.as_deref(), session.as_deref()),
    );
    add(
        all,
        ResourceKind::Instance,
        session.filter(|s| s.starts_with("i-") && s[2..].bytes().all(|b| b.is_ascii_hexdigit())),
    );
}

/// The user of IAM Identity Center behind a session: those of its roles are named after the user (IAM Identity Center User Guide,
/// "Referencing permission sets in resource policies", and the role names `AWSReservedSSO_…`).
pub fn identity_user(role: Option<&str>, session: Option<&str>) -> Option<String> {
    let is_reserved = role?.starts_with(crate::domain::IDENTITY_CENTER_ROLE);
    session.filter(|_| is_reserved).map(str::to_owned)
}

/// The user or role that GuardDuty calls `userName`.
pub fn add_identity(all: &mut Vec<Resource>, user_type: Option<&str>, name: Option<String>) {
    let kind = match user_type {
        Some("IAMUser") => ResourceKind::User,
        Some("AssumedRole" | "Role") => ResourceKind::Role,
        // Root, services, federated users and other accounts have no name that one could act on.
        _ => return,
    };
    add(all, kind, name);
}

fn compute(details: &Object<'_>, all: &mut Vec<Resource>) {
    add(
        all,
        ResourceKind::Instance,
        details.object("instanceDetails").text("instanceId"),
    );
    for cluster in ["eksClusterDetails", "ecsClusterDetails"] {
        let cluster = details.object(cluster);
        let name = cluster
            .text("name")
            .or_else(|| cluster.text("arn").map(|arn| last_part(&arn)));
        add(all, ResourceKind::Cluster, name);
    }
    let function = details.object("lambdaDetails");
    let name = function
        .text("functionName")
        .or_else(|| function.text("functionArn").map(|arn| last_part(&arn)));
    add(all, ResourceKind::Function, name);
    add(
        all,
        ResourceKind::Role,
        function.text("role").map(|arn| last_part(&arn)),
    );
}

fn data(details: &Object<'_>, all: &mut Vec<Resource>) {
    for bucket in details.objects("s3BucketDetails") {
        let name = bucket
            .text("name")
            .or_else(|| bucket.text("arn").map(|arn| last_part(&arn)));
        add(all, ResourceKind::Bucket, name);
    }
    let database = details.object("rdsDbInstanceDetails");
    add(all, ResourceKind::Database, database.text("dbInstanceIdentifier"));
    add(all, ResourceKind::Database, database.text("dbClusterIdentifier"));
    let limitless = details.object("rdsLimitlessDbDetails");
    add(all, ResourceKind::Database, limitless.text("dbShardGroupIdentifier"));
    for (key, field) in [
        ("ebsSnapshotDetails", "snapshotArn"),
        ("ec2ImageDetails", "imageArn"),
        ("recoveryPointDetails", "recoveryPointArn"),
    ] {
        add(all, ResourceKind::Other, details.object(key).text(field));
    }
}

/// The name at the end of an ARN: of `…:function:name`, `…:role/path/name`, `arn:aws:s3:::name`. Other text stays as it is.
pub fn last_part(text: &str) -> String {
    match text.parse::<Arn>() {
        Ok(arn) => {
            let name = arn.name();
            name.rsplit(':').next().unwrap_or(name).to_owned()
        }
        Err(_) => text.to_owned(),
    }
}
