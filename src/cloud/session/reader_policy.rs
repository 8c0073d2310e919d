//! The session policy of every session that only reads.
//!
//! Owns: the list of what quell reads. Must never: hold an action that changes anything.

/// Exactly the reads that quell makes. The session can do these as far as the role allows them, and nothing else; a test holds
/// it against `Query::permissions`.
pub const READER_POLICY: &str = concat!(
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*","Action":["#,
    r#""sts:GetCallerIdentity","organizations:ListAccounts","organizations:ListDelegatedAdministrators","#,
    r#""guardduty:ListDetectors","guardduty:ListFindings","guardduty:GetFindings","guardduty:ListMembers","#,
    r#""guardduty:GetAdministratorAccount","#,
    r#""securityhub:GetFindings","securityhub:ListMembers","securityhub:GetAdministratorAccount","#,
    r#""securityhub:ListFindingAggregators","securityhub:GetFindingAggregator","#,
    r#""ec2:DescribeInstances","ec2:DescribeInstanceAttribute","ec2:DescribeNetworkInterfaces","ec2:DescribeVolumes","#,
    r#""ec2:DescribeVpcs","ec2:DescribeSecurityGroups","ec2:DescribeRouteTables","ec2:DescribeSnapshots","#,
    r#""ec2:DescribeRegions","#,
    r#""iam:GetInstanceProfile","iam:ListAttachedRolePolicies","iam:ListRolePolicies","iam:GetAccessKeyLastUsed","#,
    r#""iam:ListAccessKeys","iam:ListAttachedUserPolicies","iam:ListUserPolicies","#,
    r#""sns:ListTopics","sns:GetTopicAttributes""#,
    r"]}]}"
);

#[cfg(test)]
mod tests {
    use super::READER_POLICY;

    #[test]
    fn it_is_json_that_fits_and_only_reads() {
        assert!(READER_POLICY.len() <= 2048);
        let policy: serde_json::Value = serde_json::from_str(READER_POLICY).unwrap();
        let actions = policy["Statement"][0]["Action"].as_array().unwrap();
        assert!(actions.len() > 20);
        for action in actions {
            let (_, name) = action.as_str().unwrap().split_once(':').unwrap();
            let reads = ["Get", "List", "Describe"].iter().any(|p| name.starts_with(p));
            assert!(reads && !name.contains('*'), "{name}");
        }
    }

    #[test]
    fn every_query_is_allowed() {
        use crate::action::Query;
        let user = "deploy-bot".parse::<crate::domain::UserName>().unwrap();
        let key = "AKIAIOSFODNN7EXAMPLE".parse().unwrap();
        let (instance, vpc): (crate::domain::InstanceId, crate::domain::VpcId) = (
            "i-0ab12cd34ef567890".parse().unwrap(),
            "vpc-0ab12cd34ef567890".parse().unwrap(),
        );
        let queries = [
            Query::Instance { id: instance.clone() },
            Query::TerminationProtection { id: instance.clone() },
            Query::Interfaces { of: instance.clone() },
            Query::Volumes { of: instance },
            Query::Vpc { id: vpc.clone() },
            Query::ContainmentGroups { vpc: vpc.clone() },
            Query::Groups { ids: Vec::new() },
            Query::InterfacesUsing {
                group: "sg-0ab12cd34ef567890".parse().unwrap(),
            },
            Query::Routes {
                subnet: "subnet-0ab12cd34ef567890".parse().unwrap(),
                vpc,
            },
            Query::Snapshots { ids: Vec::new() },
            Query::InstanceProfile {
                name: "web".parse().unwrap(),
            },
            Query::RolePolicies {
                role: "web".parse().unwrap(),
            },
            Query::AccessKeyUse { key },
            Query::AccessKeys { user: user.clone() },
            Query::UserPolicies { user },
            Query::HubFindings { ids: Vec::new() },
        ];
        for permission in queries.iter().flat_map(Query::permissions) {
            assert!(READER_POLICY.contains(&format!("\"{permission}\"")), "{permission}");
        }
    }
}
