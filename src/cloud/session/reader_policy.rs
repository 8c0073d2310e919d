//! The session policy of every session that only reads.
//!
//! Owns: the list of what quell reads. Must never: hold an action that changes anything.

/// The reads that quell makes, and no change. The session can do these as far as the role allows them, and nothing else; tests
/// hold it against `Query::permissions`. A star stands only behind `Describe` or `List`, and only for services all of whose actions
/// of that name are reads (Service Authorization Reference); with every action named the policy would not fit.
pub const READER_POLICY: &str = concat!(
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*","Action":["#,
    r#""sts:GetCallerIdentity","organizations:List*","organizations:Describe*","#,
    r#""guardduty:List*","guardduty:GetFindings","guardduty:GetDetector","guardduty:GetAdministratorAccount","#,
    r#""securityhub:GetFindings","securityhub:List*","securityhub:GetAdministratorAccount","#,
    r#""securityhub:GetFindingAggregator","#,
    r#""ec2:Describe*","ec2:GetConsoleOutput","autoscaling:Describe*","elasticloadbalancing:Describe*","#,
    r#""iam:List*","iam:GetUser","iam:GetUserPolicy","iam:GetGroupPolicy","iam:GetRole","iam:GetRolePolicy","iam:GetInstanceProfile","#,
    r#""iam:GetAccessKeyLastUsed","iam:GetLoginProfile","iam:GetPolicy","iam:GetPolicyVersion","#,
    r#""iam:SimulatePrincipalPolicy","cloudtrail:LookupEvents","#,
    r#""s3:ListBucket","s3:ListAllMyBuckets","s3:GetBucket*","s3:GetEncryptionConfiguration","s3:GetReplicationConfiguration","#,
    r#""s3:GetAccountPublicAccessBlock","#,
    r#""lambda:List*","lambda:GetFunction","lambda:GetFunctionConfiguration","lambda:GetFunctionConcurrency","lambda:GetPolicy","#,
    r#""rds:Describe*","kms:DescribeKey","kms:List*","kms:GetKeyPolicy","#,
    r#""secretsmanager:DescribeSecret","secretsmanager:ListSecrets","#,
    r#""ssm:Describe*","ssm:List*","ssm:GetCommandInvocation","#,
    r#""sso:List*","sso:Describe*","identitystore:List*","identitystore:Describe*","identitystore:GetUserId","#,
    r#""wafv2:List*","wafv2:GetIPSet","sns:ListTopics","sns:GetTopicAttributes""#,
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
            let reads = ["Get", "List", "Describe", "Lookup", "Simulate"]
                .iter()
                .any(|p| name.starts_with(p));
            // `s3:GetBucket*` are a bucket's settings; an object is read with `s3:GetObject`.
            let whole = !name.contains('*') || ["Describe*", "List*", "GetBucket*"].contains(&name);
            assert!(reads && whole, "{name}");
        }
    }

    /// Whether the policy has the action, by name or by a star at the end.
    fn allows(permission: &str) -> bool {
        let policy: serde_json::Value = serde_json::from_str(READER_POLICY).unwrap();
        let actions = policy["Statement"][0]["Action"].as_array().unwrap();
        actions
            .iter()
            .filter_map(|a| a.as_str())
            .any(|a| match a.strip_suffix('*') {
                Some(start) => permission.starts_with(start),
                None => a == permission,
            })
    }

    #[test]
    fn every_query_is_allowed() {
        use crate::action::{Ec2Query, IamQuery, LambdaQuery, Query, S3Query, SecurityHubQuery, SsmQuery};
        let bucket: crate::domain::BucketName = "acme-exports".parse().unwrap();
        let name: crate::domain::FunctionName = "resize".parse().unwrap();
        let user = "deploy-bot".parse::<crate::domain::UserName>().unwrap();
        let key = "AKIAIOSFODNN7EXAMPLE".parse().unwrap();
        let (instance, vpc): (crate::domain::InstanceId, crate::domain::VpcId) = (
            "i-0ab12cd34ef567890".parse().unwrap(),
            "vpc-0ab12cd34ef567890".parse().unwrap(),
        );
        let queries = [
            Query::Ec2(Ec2Query::Instance { id: instance.clone() }),
            Query::Ec2(Ec2Query::TerminationProtection { id: instance.clone() }),
            Query::Ec2(Ec2Query::Interfaces { of: instance.clone() }),
            Query::Ec2(Ec2Query::Volumes { of: instance.clone() }),
            Query::Ssm(SsmQuery::Agent { of: instance.clone() }),
            Query::Ssm(SsmQuery::Captures {
                of: instance.clone(),
                since: crate::domain::Time::UNIX_EPOCH,
            }),
            Query::Ssm(SsmQuery::CommandInvocation {
                command: String::new(),
                instance,
            }),
            Query::Iam(IamQuery::ProfileMay {
                profile: "web".parse().unwrap(),
                action: "s3:PutObject".to_owned(),
                resource: "*".to_owned(),
            }),
            Query::Ec2(Ec2Query::Vpc { id: vpc.clone() }),
            Query::Ec2(Ec2Query::ContainmentGroups { vpc: vpc.clone() }),
            Query::Ec2(Ec2Query::Groups { ids: Vec::new() }),
            Query::Ec2(Ec2Query::InterfacesUsing {
                group: "sg-0ab12cd34ef567890".parse().unwrap(),
            }),
            Query::Ec2(Ec2Query::Routes {
                subnet: "subnet-0ab12cd34ef567890".parse().unwrap(),
                vpc,
            }),
            Query::Ec2(Ec2Query::Snapshots { ids: Vec::new() }),
            Query::Iam(IamQuery::InstanceProfile {
                name: "web".parse().unwrap(),
            }),
            Query::Iam(IamQuery::RolePolicies {
                role: "web".parse().unwrap(),
            }),
            Query::Iam(IamQuery::AccessKeyUse { key }),
            Query::Iam(IamQuery::AccessKeys { user: user.clone() }),
            Query::Iam(IamQuery::UserPolicies { user: user.clone() }),
            Query::Iam(IamQuery::IamUser { user: user.clone() }),
            Query::Iam(IamQuery::UserGrants { user: user.clone() }),
            Query::Iam(IamQuery::LoginProfile { user }),
            Query::Iam(IamQuery::IamRole {
                role: "web".parse().unwrap(),
            }),
            Query::Iam(IamQuery::RoleProfiles {
                role: "web".parse().unwrap(),
            }),
            Query::Iam(IamQuery::RoleInlinePolicy {
                role: "web".parse().unwrap(),
                policy: "quell-contain-INC-7".parse().unwrap(),
            }),
            Query::Iam(IamQuery::PolicyProbe {
                principal: "arn:aws:iam::111122223333:role/web".parse().unwrap(),
                context: std::collections::BTreeMap::new(),
            }),
            Query::SecurityHub(SecurityHubQuery::HubFindings { ids: Vec::new() }),
            Query::S3(S3Query::BucketHome { bucket: bucket.clone() }),
            Query::S3(S3Query::PublicBlock { bucket: bucket.clone() }),
            Query::S3(S3Query::AccountPublicBlock {}),
            Query::S3(S3Query::BucketPolicy { bucket: bucket.clone() }),
            Query::S3(S3Query::PolicyIsPublic { bucket: bucket.clone() }),
            Query::S3(S3Query::BucketAcl { bucket: bucket.clone() }),
            Query::S3(S3Query::BucketWebsite { bucket: bucket.clone() }),
            Query::S3(S3Query::BucketReplication { bucket }),
            Query::S3(S3Query::StoredObject {
                object: "s3://acme-exports/memory.lime".parse().unwrap(),
                owner: None,
            }),
            Query::S3(S3Query::QuellRoles {}),
            Query::Lambda(LambdaQuery::Function { name: name.clone() }),
            Query::Lambda(LambdaQuery::ReservedConcurrency { name: name.clone() }),
            Query::Lambda(LambdaQuery::ProvisionedConcurrency { name: name.clone() }),
            Query::Lambda(LambdaQuery::EventSources { name: name.clone() }),
            Query::Lambda(LambdaQuery::FunctionUrls { name: name.clone() }),
            Query::Lambda(LambdaQuery::FunctionPolicy { name: name.clone() }),
            Query::Lambda(LambdaQuery::QualifiedPolicies { name }),
        ];
        for permission in queries.iter().flat_map(Query::permissions) {
            assert!(allows(permission), "{permission}");
        }
    }
}
