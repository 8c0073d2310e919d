//! Buckets and functions of a scenario.
//!
//! Owns: their making. Must never: put a bucket policy into the world that S3 would not have taken.

use serde_json::json;

use super::build::Builder;
use super::error::Fault;
use super::schema::{Bucket, Function};
use super::schema_data::Setting;
use crate::domain::BucketName;
use crate::range::policy::Policy;
use crate::range::services::lambda;
use crate::range::services::s3::{self, Block};

impl Builder<'_> {
    /// Buckets with their settings.
    pub fn add_buckets(&mut self) -> Result<(), Fault> {
        for bucket in &self.file.bucket {
            let made = self.made_bucket(bucket)?;
            if self.world.s3.buckets.insert(made.name.clone(), made).is_some() {
                return Err(Fault::at(
                    &bucket.name,
                    format!("there is already a bucket {:?}", bucket.name.as_ref()),
                ));
            }
        }
        Ok(())
    }

    fn made_bucket(&self, bucket: &Bucket) -> Result<s3::Bucket, Fault> {
        let account = *self.file.account_id(&bucket.account)?;
        let region = self.file.region(&bucket.region)?.clone();
        let name: BucketName = bucket
            .name
            .as_ref()
            .parse()
            .map_err(|bad: crate::domain::BadId| Fault::at(&bucket.name, bad.to_string()))?;
        let created = self.ago(bucket.created);
        let mut made = s3::Bucket::new(name.as_str(), account, region, created);
        if let Some(text) = &bucket.policy {
            let policy = Policy::resource(text.as_ref()).map_err(|error| Fault::at(text, error.to_string()))?;
            made.policy = Some(policy);
        }
        made.block = bucket.block.as_ref().map(|settings| {
            let on = |setting| settings.contains(&setting);
            Block {
                public_acls: on(Setting::BlockPublicAcls),
                ignore_acls: on(Setting::IgnorePublicAcls),
                public_policy: on(Setting::BlockPublicPolicy),
                restrict: on(Setting::RestrictPublicBuckets),
            }
        });
        made.public_acl = bucket.public_acl;
        made.website = bucket
            .website
            .then(|| json!({"IndexDocument": {"Suffix": "index.html"}}));
        made.versioning = bucket.versioned.then(|| "Enabled".to_owned());
        made.replication = bucket.replicated.as_ref().map(|replicated| {
            json!({
                "Role": format!("arn:aws:iam::{account}:role/{}", replicated.role),
                "Rule": [{"ID": "all", "Status": "Enabled", "Prefix": "",
                    "Destination": {"Bucket": format!("arn:aws:s3:::{}", replicated.to)}}],
            })
        });
        made.logging = bucket
            .logged_to
            .as_ref()
            .map(|to| json!({"LoggingEnabled": {"TargetBucket": to, "TargetPrefix": format!("{name}/")}}));
        for (key, content) in &bucket.objects {
            made.objects
                .insert(key.clone(), s3::Object::of(content.as_bytes(), created));
        }
        Ok(made)
    }

    /// Functions with what wakes them.
    pub fn add_functions(&mut self) -> Result<(), Fault> {
        for function in &self.file.function {
            let account = self.file.account_id(&function.account)?;
            let region = self.file.region(&function.region)?;
            let made = self.function(function, account.as_str(), region.as_str());
            if let Some(regional) = self.regional(account, region) {
                regional.lambda.functions.insert(function.name.clone(), made);
            }
        }
        Ok(())
    }

    fn function(&self, function: &Function, account: &str, region: &str) -> lambda::Function {
        let sources = function.sources.iter().enumerate().map(|(number, arn)| lambda::Source {
            id: self.ids.hex("source", &format!("{}/{number}", function.name), 32),
            arn: arn.clone(),
            state: "Enabled".to_owned(),
        });
        lambda::Function {
            name: function.name.clone(),
            runtime: function.runtime.clone(),
            role: format!("arn:aws:iam::{account}:role/{}", function.role),
            modified: self.ago(function.modified),
            reserved: function.reserved,
            main: function
                .edge_of
                .as_ref()
                .map(|main| format!("arn:aws:lambda:{region}:{account}:function:{main}")),
            policy: function.policy.clone(),
            versions: function.versions,
            aliases: function.aliases.clone(),
            qualified: function.qualified_policies.clone(),
            sources: sources.collect(),
            urls: function.urls.clone(),
            provisioned: function.provisioned.clone(),
        }
    }
}
