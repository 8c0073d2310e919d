//! The resources that a call names, as CloudTrail's history lists them.
//!
//! Owns: which parameter names which type. Must never: list what a call only filters by.

use serde_json::Value;

/// Parameters by the name that APIs give them, and the type of what they name (CloudFormation's names, as CloudTrail has them).
const NAMES: &[(&str, &str)] = &[
    ("AccessKeyId", "AWS::IAM::AccessKey"),
    ("AutoScalingGroupName", "AWS::AutoScaling::AutoScalingGroup"),
    ("Bucket", "AWS::S3::Bucket"),
    ("DBClusterIdentifier", "AWS::RDS::DBCluster"),
    ("DBClusterSnapshotIdentifier", "AWS::RDS::DBClusterSnapshot"),
    ("DBInstanceIdentifier", "AWS::RDS::DBInstance"),
    ("DBSnapshotIdentifier", "AWS::RDS::DBSnapshot"),
    ("FunctionName", "AWS::Lambda::Function"),
    ("GroupId", "AWS::EC2::SecurityGroup"),
    ("InstanceId", "AWS::EC2::Instance"),
    ("InstanceProfileName", "AWS::IAM::InstanceProfile"),
    ("NetworkInterfaceId", "AWS::EC2::NetworkInterface"),
    ("PolicyArn", "AWS::IAM::Policy"),
    ("RoleArn", "AWS::IAM::Role"),
    ("RoleName", "AWS::IAM::Role"),
    ("SecretId", "AWS::SecretsManager::Secret"),
    ("SecurityGroupId", "AWS::EC2::SecurityGroup"),
    ("SnapshotId", "AWS::EC2::Snapshot"),
    ("SubnetId", "AWS::EC2::Subnet"),
    ("TargetGroupArn", "AWS::ElasticLoadBalancingV2::TargetGroup"),
    ("TopicArn", "AWS::SNS::Topic"),
    ("UserName", "AWS::IAM::User"),
    ("VolumeId", "AWS::EC2::Volume"),
    ("VpcId", "AWS::EC2::VPC"),
];

/// What names a resource of any type, by the prefix of its id.
const PREFIXES: &[(&str, &str)] = &[
    ("i-", "AWS::EC2::Instance"),
    ("eni-", "AWS::EC2::NetworkInterface"),
    ("sg-", "AWS::EC2::SecurityGroup"),
    ("snap-", "AWS::EC2::Snapshot"),
    ("subnet-", "AWS::EC2::Subnet"),
    ("vol-", "AWS::EC2::Volume"),
    ("vpc-", "AWS::EC2::VPC"),
];

/// Resources of one event at most.
const MOST: usize = 100;
/// Levels of parameters that are looked into.
const DEPTH: usize = 8;

/// The resources of a call: its own, which its service knows by its ARN, what its parameters name, and what its answer says was made.
pub fn of_call(own: Option<(String, String)>, params: &Value, made: Option<&Value>) -> Vec<(String, String)> {
    let mut found: Vec<_> = own.into_iter().collect();
    walk(params, DEPTH, &mut found);
    if let Some(made) = made {
        walk(made, DEPTH, &mut found);
    }
    found
}

fn walk(value: &Value, depth: usize, found: &mut Vec<(String, String)>) {
    if depth == 0 {
        return;
    }
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let starts_as = |name: &str| {
                    name.len() == key.len() && name.is_char_boundary(1) && key.is_char_boundary(1) && {
                        key[1..] == name[1..] && key[..1].eq_ignore_ascii_case(&name[..1])
                    }
                };
                if starts_as("Filter") || starts_as("Filters") {
                    continue;
                }
                let kind = NAMES.iter().find(|(name, _)| starts_as(name)).map(|(_, kind)| *kind);
                if kind.is_some() || starts_as("ResourceId") {
                    names(value, kind, found);
                } else {
                    walk(value, depth - 1, found);
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| walk(value, depth - 1, found)),
        _ => {}
    }
}

fn names(value: &Value, kind: Option<&str>, found: &mut Vec<(String, String)>) {
    match value {
        Value::String(name) => {
            let by_prefix = || {
                let mut all = PREFIXES.iter();
                all.find(|(prefix, _)| name.starts_with(prefix)).map(|(_, kind)| *kind)
            };
            let resource = kind.or_else(by_prefix).map(|kind| (kind.to_owned(), name.clone()));
            if let Some(resource) = resource.filter(|r| !r.1.is_empty() && !found.contains(r))
                && found.len() < MOST
            {
                found.push(resource);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| names(value, kind, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(params: &Value, made: Option<&Value>) -> Vec<String> {
        let found = of_call(None, params, made);
        found.into_iter().map(|(kind, name)| format!("{kind} {name}")).collect()
    }

    #[test]
    fn what_is_named_is_listed_and_what_is_filtered_by_is_not() {
        let params = json!({
            "ResourceId": ["i-1", "sg-1", "x-1"],
            "InstanceSpecification": {"InstanceId": "i-1"},
            "Filter": [{"Name": "group-id", "InstanceId": "i-9"}],
        });
        assert_eq!(
            of(&params, Some(&json!({"groupId": "sg-2"}))),
            [
                "AWS::EC2::Instance i-1",
                "AWS::EC2::SecurityGroup sg-1",
                "AWS::EC2::SecurityGroup sg-2"
            ]
        );
    }

    #[test]
    fn a_list_does_not_grow_without_end() {
        let ids: Vec<String> = (0..1000).map(|n| format!("i-{n}")).collect();
        assert_eq!(of_call(None, &json!({ "InstanceId": ids }), None).len(), MOST);
        assert!(of_call(None, &json!({"결": "i-1", "": 1}), None).is_empty());
    }
}
