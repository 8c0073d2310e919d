//! What an attack sequence is about (`service.detection.sequence`: actors, resources, endpoints, signals).

use crate::domain::{AccountId, Principal, Resource, ResourceKind, Untrusted};
use crate::findings::reader::{Object, join_place};

use super::resource::{self, add, add_identity, last_part};

/// The resource that the sequence's family speaks of, and every other one. A sequence without resources is read like any
/// other finding.
pub fn resources(
    sequence: &Object<'_>,
    root: &Object<'_>,
    kind: &str,
    account: &AccountId,
) -> (Resource, Vec<Resource>) {
    let mut all = Vec::new();
    for actor in sequence.objects("actors") {
        let user = actor.object("user");
        add(&mut all, ResourceKind::AccessKey, user.text("credentialUid"));
        add_identity(&mut all, user.text("type").as_deref(), user.text("name"));
    }
    for named in sequence.objects("resources") {
        add_named(&named, &mut all);
    }
    if all.is_empty() {
        sequence.missing("resources");
        return resource::of(root, account);
    }
    let lead = match kind.split(['/', ':']).nth(1) {
        Some("EC2") => ResourceKind::Instance,
        Some("EKS" | "ECS") => ResourceKind::Cluster,
        // Credentials and data are both stopped at the key.
        _ => ResourceKind::AccessKey,
    };
    let at = all.iter().position(|r| r.kind == lead).unwrap_or(0);
    let resource = all.remove(at);
    (resource, all)
}

fn add_named(named: &Object<'_>, all: &mut Vec<Resource>) {
    let (uid, name) = (named.text("uid"), named.text("name"));
    let id = name.clone().or_else(|| uid.clone()).map(|id| last_part(&id));
    let kind = match named.text("resourceType").as_deref() {
        Some("EC2_INSTANCE") => ResourceKind::Instance,
        Some("S3_BUCKET") => ResourceKind::Bucket,
        Some("EKS_CLUSTER" | "ECS_CLUSTER") => ResourceKind::Cluster,
        Some("ACCESS_KEY") => {
            let key = [name, uid].into_iter().flatten().find(|id| is_access_key(id)).or(id);
            add(all, ResourceKind::AccessKey, key);
            let owner = named.object("data").object("accessKey");
            add_identity(all, owner.text("userType").as_deref(), owner.text("userName"));
            return;
        }
        Some(_) => ResourceKind::Other,
        None => {
            named.missing("resourceType");
            ResourceKind::Other
        }
    };
    // The name of an instance may be its Name tag; the ARN is sure.
    let by_arn = uid.filter(|uid| kind == ResourceKind::Instance && uid.starts_with("arn:"));
    add(all, kind, by_arn.map(|arn| last_part(&arn)).or(id));
}

/// The findings that the sequence was made of: its signals of type `FINDING`, whose `uid` is the finding's id or ARN.
pub fn signals(sequence: &Object<'_>) -> Vec<Untrusted> {
    let signals = sequence.objects("signals");
    let findings = signals.iter().filter(|s| s.text("type").as_deref() == Some("FINDING"));
    let ids = findings.filter_map(|signal| signal.text("uid"));
    let ids = ids.map(|uid| uid.rsplit('/').next().unwrap_or_default().to_owned());
    ids.filter(|id| !id.is_empty()).map(Untrusted::new).collect()
}

fn is_access_key(id: &str) -> bool {
    id.starts_with("AKIA") || id.starts_with("ASIA")
}

/// The first actor and the first endpoint with an address, where the finding itself names none.
pub fn fill_principal(sequence: &Object<'_>, principal: &mut Principal) {
    if principal.access_key.is_none() && principal.name.is_none() {
        for actor in sequence.objects("actors") {
            let user = actor.object("user");
            principal.access_key = user.untrusted("credentialUid");
            principal.name = user.untrusted("name");
            principal.kind = user.untrusted("type");
            if principal.access_key.is_some() || principal.name.is_some() {
                break;
            }
        }
    }
    if principal.remote_ip.is_some() {
        return;
    }
    for endpoint in sequence.objects("endpoints") {
        let Some(ip) = endpoint.untrusted("ip") else { continue };
        let system = endpoint.object("autonomousSystem");
        let country = endpoint.object("location").text("country");
        principal.remote_ip = Some(ip);
        principal.remote_place = join_place(country, system.text("name"), system.loose("number")).map(Untrusted::new);
        return;
    }
}
