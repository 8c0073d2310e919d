//! Users, keys, roles and policies of a scenario, and the roles that quell needs everywhere.

use serde_json::json;

use super::build::Builder;
use super::error::Fault;
use super::managed::MANAGED;
use super::scenario::{credentials, key_name};
use super::schema::{self, Name};
use super::values::Age;
use crate::domain::AccountId;
use crate::range::policy::Policy;
use crate::range::services::iam::{AccessKey, InstanceProfile, LastUsed, ManagedPolicy, Store};

/// What quell reads: feeds, context, discovery.
const READS: &[&str] = &[
    "cloudtrail:LookupEvents",
    "autoscaling:Describe*",
    "ec2:Describe*",
    "ec2:Get*",
    "elasticloadbalancing:Describe*",
    "guardduty:Get*",
    "identitystore:Describe*",
    "identitystore:GetUserId",
    "identitystore:List*",
    "sso:Describe*",
    "sso:List*",
    "guardduty:List*",
    "iam:Get*",
    "iam:List*",
    "iam:SimulatePrincipalPolicy",
    "lambda:Get*",
    "lambda:List*",
    "organizations:Describe*",
    "organizations:List*",
    "s3:GetAccountPublicAccessBlock",
    "s3:GetBucket*",
    "s3:GetReplicationConfiguration",
    "s3:ListAllMyBuckets",
    "s3:ListBucket",
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
    "kms:List*",
    "rds:Describe*",
    "secretsmanager:DescribeSecret",
    "secretsmanager:ListSecrets",
    "securityhub:Describe*",
    "securityhub:Get*",
    "securityhub:List*",
    "sns:GetTopicAttributes",
    "sns:ListTopics",
    "sqs:DeleteMessage",
    "sqs:GetQueueUrl",
    "sqs:ReceiveMessage",
    "ssm:Describe*",
    "ssm:GetCommandInvocation",
    "ssm:List*",
    "sts:GetCallerIdentity",
    "wafv2:Get*",
    "wafv2:List*",
];

/// What quell does with a queue of events. Receiving hides a message for a while and deleting ends it, and no more.
const QUEUES: &[&str] = &[
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ReceiveMessage",
];

/// What quell changes, each by its own name.
const WRITES: &[&str] = &[
    "autoscaling:AttachInstances",
    "autoscaling:DetachInstances",
    "autoscaling:EnterStandby",
    "autoscaling:ExitStandby",
    "autoscaling:UpdateAutoScalingGroup",
    "ec2:AssociateAddress",
    "ec2:AssociateIamInstanceProfile",
    "ec2:AuthorizeSecurityGroupEgress",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:CopySnapshot",
    "ec2:CreateNetworkAcl",
    "ec2:CreateNetworkAclEntry",
    "ec2:CreateSecurityGroup",
    "ec2:CreateSnapshots",
    "ec2:CreateTags",
    "ec2:DeleteNetworkAclEntry",
    "ec2:DeleteSecurityGroup",
    "ec2:DeleteTags",
    "ec2:DisassociateAddress",
    "ec2:DisassociateIamInstanceProfile",
    "ec2:LockSnapshot",
    "ec2:ModifyInstanceAttribute",
    "ec2:ModifyNetworkInterfaceAttribute",
    "ec2:ModifySnapshotAttribute",
    "ec2:ReplaceIamInstanceProfileAssociation",
    "ec2:ReplaceNetworkAclAssociation",
    "ec2:RevokeSecurityGroupEgress",
    "ec2:RevokeSecurityGroupIngress",
    "ec2:StartInstances",
    "ec2:StopInstances",
    "elasticloadbalancing:DeregisterTargets",
    "elasticloadbalancing:RegisterTargets",
    "guardduty:ArchiveFindings",
    "guardduty:UnarchiveFindings",
    "iam:PassRole",
    "iam:UpdateAccessKey",
    "organizations:AttachPolicy",
    "organizations:CreatePolicy",
    "organizations:DeletePolicy",
    "organizations:DetachPolicy",
    "identitystore:CreateGroupMembership",
    "identitystore:DeleteGroupMembership",
    "sso:CreateAccountAssignment",
    "sso:DeleteAccountAssignment",
    "lambda:DeleteFunctionConcurrency",
    "lambda:PutFunctionConcurrency",
    "s3:DeleteBucketPolicy",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "iam:AddUserToGroup",
    "iam:AttachUserPolicy",
    "iam:DeleteLoginProfile",
    "iam:DeleteRolePolicy",
    "iam:DeleteUserPolicy",
    "iam:DetachUserPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:RemoveUserFromGroup",
    "iam:UpdateAssumeRolePolicy",
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:EnableKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncrypt*",
    "kms:RevokeGrant",
    "lambda:InvokeFunction",
    "rds:AddTagsToResource",
    "rds:CreateDBClusterSnapshot",
    "rds:CreateDBSnapshot",
    "rds:ModifyDBCluster",
    "rds:ModifyDBInstance",
    "secretsmanager:CreateSecret",
    "secretsmanager:RotateSecret",
    "secretsmanager:TagResource",
    "securityhub:BatchUpdateFindings",
    "sns:Publish",
    "ssm:SendCommand",
    "wafv2:TagResource",
    "wafv2:UntagResource",
    "wafv2:UpdateIPSet",
];

impl<'a> Builder<'a> {
    /// Everybody who has an identity.
    pub fn add_identities(&mut self) -> Result<(), Fault> {
        self.add_quell()?;
        for user in &self.file.user {
            self.add_user(user)?;
        }
        for role in &self.file.role {
            self.add_role(role)?;
        }
        Ok(())
    }

    fn iam(&mut self, account: &AccountId) -> &mut Store {
        let account = self.world.accounts.get_mut(account);
        &mut account.expect("accounts are made first and looked up by name").iam
    }

    /// The reader and responder roles in every account, trusted from the security account, and the two users there.
    fn add_quell(&mut self) -> Result<(), Fault> {
        let quell = &self.file.quell;
        let ids = self.ids;
        let created = self.start - jiff::SignedDuration::from_hours(24 * 180);
        let security = self.world.security;
        let accounts: Vec<AccountId> = self.world.accounts.keys().copied().collect();
        let both: Vec<&str> = READS.iter().chain(WRITES).copied().collect();
        let trust = trusting(&quell.topic, &json!({"AWS": format!("arn:aws:iam::{security}:root")}))?;
        let queues = self.queue_arns()?;
        for account in &accounts {
            for (role, actions) in [(&quell.reader, READS), (&quell.responder, &both)] {
                let policy = allowing(&quell.topic, actions, &["*".to_owned()])?;
                let id = ids.unique("AROA", &format!("{account}/{role}"));
                let role = self.iam(account).add_role(role, id, created, trust.clone());
                role.grants.inline.insert("quell".to_owned(), policy);
                if let Some(arns) = queues.get(account) {
                    let policy = allowing(&quell.topic, QUEUES, arns)?;
                    role.grants.inline.insert("quell-queues".to_owned(), policy);
                }
            }
        }
        for (user, roles) in [
            (&quell.on_call_user, vec![&quell.reader, &quell.responder]),
            (&quell.watch_user, vec![&quell.reader]),
        ] {
            let on: Vec<String> = roles.iter().map(|role| format!("arn:aws:iam::*:role/{role}")).collect();
            let assume = allowing(
                &quell.topic,
                &["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                &on,
            )?;
            let discover = allowing(
                &quell.topic,
                &["organizations:Describe*", "organizations:List*", "ec2:DescribeRegions"],
                &["*".to_owned()],
            )?;
            let login = credentials(ids, security.as_str(), user);
            let id = ids.unique("AIDA", &format!("{security}/{user}"));
            let made = self.iam(&security).add_user(user, id, created);
            made.grants.inline.insert("assume-quell-roles".to_owned(), assume);
            made.grants.inline.insert("discover-organization".to_owned(), discover);
            made.keys.push(AccessKey {
                id: login.access_key,
                secret: login.secret_key,
                active: true,
                created,
                last_used: None,
            });
        }
        Ok(())
    }

    fn add_user(&mut self, spec: &'a schema::User) -> Result<(), Fault> {
        let account = *self.file.account_id(&spec.account)?;
        let name = spec.name.as_ref();
        if let Some(third) = spec.key.get(2) {
            return Err(Fault::at(third, "a user has at most two access keys"));
        }
        let created = self.ago(spec.created);
        let ids = self.ids;
        let keys = spec
            .key
            .iter()
            .enumerate()
            .map(|(number, key)| {
                let key = key.as_ref();
                let unique = key_name(account.as_str(), name, number);
                AccessKey {
                    id: ids.unique("AKIA", &unique),
                    secret: ids.secret(&unique),
                    active: !key.inactive,
                    created: self.ago(key.created),
                    last_used: key.last_used.map(|age| self.last_used(age, key)),
                }
            })
            .collect();
        let mut grants = crate::range::services::iam::Grants::default();
        for policy in &spec.policy {
            let actions: Vec<&str> = policy.allow.iter().map(String::as_str).collect();
            grants
                .inline
                .insert(policy.name.clone(), allowing(&spec.name, &actions, &policy.on)?);
        }
        for managed in &spec.managed {
            grants.attached.insert(self.managed(&account, managed)?);
        }
        let id = ids.unique("AIDA", &format!("{account}/{name}"));
        let iam = self.iam(&account);
        if iam.users.contains_key(name) {
            return Err(Fault::at(&spec.name, "a user of this name is already there"));
        }
        let user = iam.add_user(name, id, created);
        user.keys = keys;
        user.grants = grants;
        user.tags.clone_from(&spec.tags);
        Ok(())
    }

    fn last_used(&self, age: Age, key: &schema::Key) -> LastUsed {
        let or = |text: &str, other: &str| {
            if text.is_empty() {
                other.to_owned()
            } else {
                text.to_owned()
            }
        };
        LastUsed {
            time: self.ago(age),
            service: or(&key.service, "sts"),
            region: or(&key.region, "us-east-1"),
        }
    }

    fn add_role(&mut self, spec: &'a schema::Role) -> Result<(), Fault> {
        let account = *self.file.account_id(&spec.account)?;
        let name = spec.name.as_ref();
        let trusted = spec.trust.as_ref();
        let service = trusted.contains('.');
        let principal = if service {
            json!({"Service": trusted})
        } else {
            json!({"AWS": format!("arn:aws:iam::{}:root", self.file.account_id(&spec.trust)?)})
        };
        let trust = trusting(&spec.trust, &principal)?;
        let created = self.ago(spec.created);
        let ids = self.ids;
        let unique = format!("{account}/{name}");
        let mut inline = Vec::new();
        for policy in &spec.policy {
            let actions: Vec<&str> = policy.allow.iter().map(String::as_str).collect();
            inline.push((policy.name.clone(), allowing(&spec.name, &actions, &policy.on)?));
        }
        let mut attached = Vec::new();
        for managed in &spec.managed {
            attached.push(self.managed(&account, managed)?);
        }
        let iam = self.iam(&account);
        if iam.roles.contains_key(name) {
            return Err(Fault::at(&spec.name, "a role of this name is already there"));
        }
        let role = iam.add_role(name, ids.unique("AROA", &unique), created, trust);
        role.description.clone_from(&spec.description);
        role.grants.inline.extend(inline);
        role.grants.attached.extend(attached);
        if trusted == "ec2.amazonaws.com" {
            let profile = InstanceProfile {
                name: name.clone(),
                path: "/".to_owned(),
                id: ids.unique("AIPA", &unique),
                created,
                role: Some(name.clone()),
            };
            iam.instance_profiles.insert(name.clone(), profile);
        }
        Ok(())
    }

    /// Puts an AWS managed policy into the account, if it is not there yet, and gives its ARN.
    pub(super) fn managed(&mut self, account: &AccountId, name: &Name) -> Result<String, Fault> {
        let wanted = name.as_ref().as_str();
        let Some((_, actions)) = MANAGED.iter().find(|(known, _)| *known == wanted) else {
            let known: Vec<&str> = MANAGED.iter().map(|(known, _)| *known).collect();
            return Err(Fault::at(name, format!("expected one of {}", known.join(", "))));
        };
        let arn = format!("arn:aws:iam::aws:policy/{wanted}");
        let policy = ManagedPolicy {
            name: wanted.to_owned(),
            path: "/".to_owned(),
            arn: arn.clone(),
            id: self.ids.unique("ANPA", wanted),
            created: self.start - jiff::SignedDuration::from_hours(24 * 3000),
            default_version: "v1".to_owned(),
            versions: [("v1".to_owned(), allowing(name, actions, &["*".to_owned()])?)].into(),
        };
        self.iam(account).policies.entry(arn.clone()).or_insert(policy);
        Ok(arn)
    }
}

/// An identity policy that allows some actions on some resources.
fn allowing(place: &Name, actions: &[&str], on: &[String]) -> Result<Policy, Fault> {
    let text = json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": actions, "Resource": on}],
    });
    Policy::identity(&text.to_string()).map_err(|error| Fault::at(place, error.to_string()))
}

/// A trust policy; accounts may also pass on who the person is.
pub(super) fn trusting(place: &Name, principal: &serde_json::Value) -> Result<Policy, Fault> {
    let actions = if principal.get("AWS").is_some() {
        json!(["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"])
    } else {
        json!("sts:AssumeRole")
    };
    let text = json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": actions}],
    });
    Policy::trust(&text.to_string()).map_err(|error| Fault::at(place, error.to_string()))
}
