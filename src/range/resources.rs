//! Which IAM actions a call needs, and on which resources.
//!
//! Owns: the range's copy of the Service Authorization Reference, as far as the range goes. Must never: name a resource that
//! the call does not touch. Reads that AWS does not limit by resource have `*`.

use serde_json::Value;

use super::call::Call;
use super::services::organizations::policies;
use super::services::sso;
use super::services::{
    Service, autoscaling, ec2, elb, events, iam, kms, lambda, rds, s3, secretsmanager, sns, sqs, ssm, waf,
};
use super::world::World;

/// One permission that a call needs.
#[derive(Debug)]
pub struct Need {
    /// `service:Operation`
    pub action: String,
    pub resource: String,
    /// Condition keys that only this need has, in lower case.
    pub context: Vec<(&'static str, String)>,
}

/// Everything that the call needs; empty where AWS asks for nothing or the service checks by itself.
pub fn needs(world: &World, service: &Service, call: &Call) -> Vec<Need> {
    let resources = match (service.name, call.operation) {
        // Never denied (STS API reference, GetCallerIdentity), or checked beside the role's trust.
        ("sts", "GetCallerIdentity" | "AssumeRole") => return Vec::new(),
        ("ec2", _) => return ec2_needs(world, call),
        ("autoscaling", _) => vec![autoscaling::resource(world, call)],
        ("elasticloadbalancing", _) => vec![elb::resource(call)],
        ("wafv2", _) => vec![waf::resource(world, call)],
        ("iam", _) => vec![iam::resource(world, call)],
        ("organizations", _) => policies::resources(world, call),
        ("sso" | "identitystore", _) => sso::resources(call),
        ("kms", "ListAliases" | "ListKeys") => vec!["*".to_owned()],
        ("kms", _) => vec![kms::resource(world, call)],
        ("rds", _) => {
            let needs = rds::needs(call).into_iter();
            return needs.map(|(action, resource)| need(&action, resource)).collect();
        }
        ("secretsmanager", _) => vec![secretsmanager::resource(world, call)],
        ("ssm", _) => ssm::resources(call),
        ("sns", "Publish" | "GetTopicAttributes") => {
            let arn = call.text("TopicArn").or_else(|| call.text("TargetArn"));
            vec![arn.unwrap_or("*").to_owned()]
        }
        ("sns", "CreateTopic") => vec![sns::arn(call, call.text("Name").unwrap_or("*"))],
        ("events", _) => vec![events::resource(call)],
        // A batch needs what each of its entries needs.
        ("sqs", operation) => {
            let action = format!("sqs:{}", operation.trim_end_matches("Batch"));
            return vec![need(&action, sqs::resource(call))];
        }
        ("lambda", _) => return vec![need(&format!("lambda:{}", call.operation), lambda::resource(call))],
        ("s3", _) => return vec![need(&s3::action(call.operation), s3::resource(call))],
        ("guardduty", _) => vec![match call.text("detectorId") {
            Some(id) => format!(
                "arn:aws:guardduty:{}:{}:detector/{id}",
                call.region, call.caller.account
            ),
            None => "*".to_owned(),
        }],
        ("securityhub", _) => {
            vec![format!(
                "arn:aws:securityhub:{}:{}:hub/default",
                call.region, call.caller.account
            )]
        }
        _ => vec!["*".to_owned()],
    };
    let action = format!("{}:{}", service.name, call.operation);
    resources.into_iter().map(|r| need(&action, r)).collect()
}

/// What CloudTrail names by its ARN, whatever the call named it by.
pub fn named(world: &World, service: &Service, call: &Call) -> Option<(String, String)> {
    let (kind, arn) = match service.name {
        "kms" => ("AWS::KMS::Key", kms::resource(world, call)),
        "secretsmanager" => ("AWS::SecretsManager::Secret", secretsmanager::resource(world, call)),
        _ => return None,
    };
    (arn != "*").then(|| (kind.to_owned(), arn))
}

fn need(action: &str, resource: String) -> Need {
    Need {
        action: action.to_owned(),
        resource,
        context: Vec::new(),
    }
}

fn ec2_needs(world: &World, call: &Call) -> Vec<Need> {
    let action = format!("ec2:{}", call.operation);
    let own = |kind: &str, id: &str| format!("arn:aws:ec2:{}:{}:{kind}/{id}", call.region, call.caller.account);
    // A snapshot's ARN names no account.
    let snapshot = || format!("arn:aws:ec2:{}::snapshot/*", call.region);
    let by_id = |id: &str| match kind_of(id) {
        Some("snapshot") => format!("arn:aws:ec2:{}::snapshot/{id}", call.region),
        Some(kind) => own(kind, id),
        None => "*".to_owned(),
    };
    let one = |key: &str| call.text(key).map(by_id);
    let many = |key: &str| call.texts(key).into_iter().map(by_id).collect::<Vec<_>>();
    let mut resources: Vec<String> = match call.operation {
        "ModifyNetworkInterfaceAttribute" => {
            let mut all = many("SecurityGroupId");
            all.splice(0..0, one("NetworkInterfaceId"));
            all
        }
        "ModifyInstanceAttribute" => {
            let mut all = many("GroupId");
            all.splice(0..0, one("InstanceId"));
            all
        }
        "TerminateInstances" | "StopInstances" | "StartInstances" | "RebootInstances" => many("InstanceId"),
        "AssociateAddress" => one("AllocationId")
            .into_iter()
            .chain(one("NetworkInterfaceId"))
            .collect(),
        "DisassociateAddress" => associated(world, call).iter().map(|id| by_id(id)).collect(),
        "CreateNetworkAcl" => std::iter::once(own("network-acl", "*")).chain(one("VpcId")).collect(),
        "CreateNetworkAclEntry" | "DeleteNetworkAclEntry" => one("NetworkAclId").into_iter().collect(),
        "ReplaceNetworkAclAssociation" => {
            let subnet = before_subnet(world, call).map(by_id);
            one("NetworkAclId").into_iter().chain(subnet).collect()
        }
        "CopySnapshot" => one("SourceSnapshotId").into_iter().chain([snapshot()]).collect(),
        "ModifySnapshotAttribute" | "LockSnapshot" | "UnlockSnapshot" => one("SnapshotId").into_iter().collect(),
        "AssociateIamInstanceProfile" => one("InstanceId").into_iter().collect(),
        "ReplaceIamInstanceProfileAssociation" | "DisassociateIamInstanceProfile" => {
            profiled(world, call).map(by_id).into_iter().collect()
        }
        "CreateSecurityGroup" => {
            let mut all = vec![own("security-group", "*")];
            all.extend(one("VpcId"));
            all
        }
        "CreateTags" | "DeleteTags" => many("ResourceId"),
        "CreateSnapshots" => {
            let instance = call
                .params
                .get("InstanceSpecification")
                .and_then(|s| s.get("InstanceId"));
            let mut all = vec![snapshot()];
            if let Some(id) = instance.and_then(Value::as_str) {
                all.push(by_id(id));
                all.extend(volumes(world, call, id).into_iter().map(by_id));
            }
            all
        }
        "CreateSnapshot" => {
            let mut all = vec![snapshot()];
            all.extend(one("VolumeId"));
            all
        }
        name if name.ends_with("Ingress") || name.ends_with("Egress") || name == "DeleteSecurityGroup" => {
            one("GroupId").into_iter().collect()
        }
        _ => Vec::new(),
    };
    if resources.is_empty() {
        resources.push("*".to_owned());
    }
    let mut needs: Vec<Need> = resources.into_iter().map(|r| need(&action, r)).collect();
    needs.extend(ec2::passed_role(world, call).map(|role| need("iam:PassRole", role)));
    needs.extend(key_of_copy(world, call));
    needs.extend(tags_on_creation(call, &own, &snapshot()));
    needs
}

/// What EC2 asks of the key that a copy is encrypted with, in the caller's name. AWS asks after it took the call, and lets the copy
/// fail; the range asks at once.
fn key_of_copy(world: &World, call: &Call) -> Vec<Need> {
    let key = call.text("KmsKeyId").filter(|_| call.operation == "CopySnapshot");
    let known = |given: &&str| kms::usable(world, call).iter().any(|(arn, _)| arn == given);
    let Some(key) = key.filter(known) else {
        return Vec::new();
    };
    let via = format!("ec2.{}.amazonaws.com", call.region);
    let actions = [
        "CreateGrant",
        "DescribeKey",
        "GenerateDataKeyWithoutPlaintext",
        "ReEncryptTo",
    ];
    let needs = actions.map(|action| Need {
        action: format!("kms:{action}"),
        resource: key.to_owned(),
        context: vec![("kms:viaservice", via.clone())],
    });
    needs.into()
}

/// What EC2 holds where the call goes.
fn store<'w>(world: &'w World, call: &Call) -> Option<&'w ec2::Store> {
    let account = world.accounts.get(&call.caller.account)?;
    account.regions.get(call.region).map(|place| &place.ec2)
}

/// The address and the interface of an association.
fn associated<'w>(world: &'w World, call: &Call) -> Vec<&'w str> {
    let wanted = call.text("AssociationId").unwrap_or_default();
    let addresses = store(world, call).into_iter().flat_map(|ec2| ec2.addresses.values());
    let both = addresses.filter_map(|address| {
        let (id, eni) = address.association.as_ref()?;
        (id == wanted).then_some([address.allocation.as_str(), eni.as_str()])
    });
    both.flatten().collect()
}

/// The subnet that an association of a network ACL is for.
fn before_subnet<'w>(world: &'w World, call: &Call) -> Option<&'w str> {
    let wanted = call.text("AssociationId")?;
    let mut acls = store(world, call)?.acls.values();
    acls.find_map(|acl| acl.associations.get(wanted)).map(String::as_str)
}

/// The instance that an association of an instance profile is for.
fn profiled<'w>(world: &'w World, call: &Call) -> Option<&'w str> {
    let wanted = call.text("AssociationId");
    let mut instances = store(world, call)?.instances.values();
    instances
        .find(|instance| instance.profile_association.as_deref() == wanted)
        .map(|instance| instance.id.as_str())
}

/// The volumes that a set of snapshots is made of: the instance's, but for those that the call leaves out.
fn volumes<'w>(world: &'w World, call: &Call, instance: &str) -> Vec<&'w str> {
    let Some(ec2) = store(world, call) else {
        return Vec::new();
    };
    let specification = &call.params["InstanceSpecification"];
    let boot = ec2
        .instances
        .get(instance)
        .filter(|_| specification["ExcludeBootVolume"] == "true")
        .map(|i| i.root_device.as_str());
    let excluded = |id: &str| {
        let list = specification["ExcludeDataVolumeId"].as_array();
        list.is_some_and(|l| l.iter().any(|v| v == id))
    };
    ec2.volumes_of(instance)
        .into_iter()
        .filter(|v| v.attachment.as_ref().map(|a| a.device.as_str()) != boot || boot.is_none())
        .map(|v| v.id.as_str())
        .filter(|id| !excluded(id))
        .collect()
}

/// Tags given with a new resource need leave to tag, too (EC2 User Guide, "Grant permission to tag resources during creation").
fn tags_on_creation(call: &Call, own: &dyn Fn(&str, &str) -> String, snapshot: &str) -> Option<Need> {
    call.params.get("TagSpecification")?;
    let resource = match call.operation {
        "CreateSecurityGroup" => own("security-group", "*"),
        "CopySnapshot" | "CreateSnapshot" | "CreateSnapshots" => snapshot.to_owned(),
        "CreateNetworkAcl" => own("network-acl", "*"),
        _ => return None,
    };
    Some(Need {
        action: "ec2:CreateTags".to_owned(),
        resource,
        context: vec![("ec2:createaction", call.operation.to_owned())],
    })
}

/// The kind of resource that an id's prefix tells.
fn kind_of(id: &str) -> Option<&'static str> {
    Some(match id.split_once('-')?.0 {
        "i" => "instance",
        "eni" => "network-interface",
        "sg" => "security-group",
        "sgr" => "security-group-rule",
        "vol" => "volume",
        "snap" => "snapshot",
        "vpc" => "vpc",
        "subnet" => "subnet",
        "rtb" => "route-table",
        "acl" => "network-acl",
        "eipalloc" => "elastic-ip",
        "vpce" => "vpc-endpoint",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::Region;
    use crate::range::call::{Caller, LongList};
    use crate::range::services::by_name;
    use crate::range::testing::{self, PROD};

    fn needed(service: &str, operation: &str, params: &Value) -> Vec<String> {
        let caller = Caller {
            account: testing::id(PROD),
            arn: String::new(),
            user_id: String::new(),
            access_key: String::new(),
        };
        let world = testing::world();
        let call = Call {
            operation,
            params,
            body: &[],
            caller: &caller,
            region: &Region::global(),
            now: world.now(),
            long: &LongList::default(),
        };
        let needs = needs(&world, by_name(service).unwrap(), &call);
        needs
            .into_iter()
            .map(|n| format!("{} {}", n.action, n.resource))
            .collect()
    }

    #[test]
    fn mutations_name_what_they_touch() {
        let own = "arn:aws:ec2:us-east-1:333333333333";
        let moved = needed(
            "ec2",
            "ModifyNetworkInterfaceAttribute",
            &json!({"NetworkInterfaceId": "eni-1", "SecurityGroupId": ["sg-1", "sg-2"]}),
        );
        let action = "ec2:ModifyNetworkInterfaceAttribute";
        assert_eq!(
            moved,
            [
                format!("{action} {own}:network-interface/eni-1"),
                format!("{action} {own}:security-group/sg-1"),
                format!("{action} {own}:security-group/sg-2"),
            ]
        );
        let made = needed(
            "ec2",
            "CreateSecurityGroup",
            &json!({"VpcId": "vpc-1", "TagSpecification": [{}]}),
        );
        assert_eq!(
            made,
            [
                format!("ec2:CreateSecurityGroup {own}:security-group/*"),
                format!("ec2:CreateSecurityGroup {own}:vpc/vpc-1"),
                format!("ec2:CreateTags {own}:security-group/*"),
            ]
        );
        let snapped = needed(
            "ec2",
            "CreateSnapshots",
            &json!({"InstanceSpecification": {"InstanceId": "i-1"}}),
        );
        assert_eq!(
            snapped,
            [
                "ec2:CreateSnapshots arn:aws:ec2:us-east-1::snapshot/*".to_owned(),
                format!("ec2:CreateSnapshots {own}:instance/i-1"),
            ]
        );
        assert_eq!(
            needed("ec2", "DescribeInstances", &json!({"InstanceId": ["i-1"]})),
            ["ec2:DescribeInstances *"]
        );
        assert_eq!(
            needed("iam", "UpdateAccessKey", &json!({"UserName": "ann"})),
            ["iam:UpdateAccessKey arn:aws:iam::333333333333:user/ann"]
        );
    }
}
