//! From a control's short form to the ASFF that Security Hub gives for a failed or passed check.

use serde_json::json;

use super::build::{Builder, Home};
use super::error::Fault;
use super::schema::{Control, Label};
use super::values::Target;

impl Label {
    /// Security Hub's word and number.
    fn parts(self) -> (&'static str, u8) {
        match self {
            Self::Critical => ("CRITICAL", 90),
            Self::High => ("HIGH", 70),
            Self::Medium => ("MEDIUM", 40),
            Self::Low => ("LOW", 1),
            Self::Informational => ("INFORMATIONAL", 0),
        }
    }
}

impl Builder<'_> {
    /// Findings of Security Hub's own controls.
    pub fn add_controls(&mut self) -> Result<(), Fault> {
        for (number, control) in self.file.control.iter().enumerate() {
            let account = *self.file.account_id(&control.account)?;
            let region = self.file.region(&control.region)?.clone();
            let home = Home {
                account,
                region,
                id: format!("{number}"),
            };
            let finding = self.control(control, &home)?;
            let hub = self.regional(&home.account, &home.region).map(|r| &mut r.securityhub);
            match hub.filter(|hub| hub.enabled.is_some()) {
                Some(hub) => hub.put(finding),
                None => {
                    return Err(Fault::at(
                        &control.region,
                        "Security Hub is not enabled in this account and region",
                    ));
                }
            }
        }
        Ok(())
    }

    fn control(&self, control: &Control, home: &Home) -> Result<serde_json::Value, Fault> {
        let Home {
            account,
            region,
            id: number,
        } = home;
        let (resource_type, resource_id) = self.control_resource(control, home)?;
        let updated = self.ago(control.age).to_string();
        let uuid = self.ids.uuid(&format!("control/{number}/{}", control.id));
        let (label, normalized) = if control.passed {
            ("INFORMATIONAL", 0)
        } else {
            control.severity.parts()
        };
        let name = self
            .file
            .account
            .iter()
            .find(|a| a.id == *account)
            .map(|a| a.name.as_ref().clone());
        Ok(json!({
            "SchemaVersion": "2018-10-08",
            "Id": format!("arn:aws:securityhub:{region}:{account}:security-control/{}/finding/{uuid}", control.id),
            "ProductArn": format!("arn:aws:securityhub:{region}::product/aws/securityhub"),
            "ProductName": "Security Hub",
            "CompanyName": "AWS",
            "Region": region.as_str(),
            "GeneratorId": format!("security-control/{}", control.id),
            "AwsAccountId": account.as_str(),
            "AwsAccountName": name,
            "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
            "FirstObservedAt": updated,
            "LastObservedAt": updated,
            "CreatedAt": updated,
            "UpdatedAt": updated,
            "ProcessedAt": updated,
            "Severity": {"Label": label, "Normalized": normalized, "Original": label},
            "Title": control.title,
            "Description": format!("This control checks the following: {}. ({})", control.title, control.id),
            "Remediation": {"Recommendation": {
                "Text": "For information on how to correct this issue, consult the AWS Security Hub controls documentation.",
                "Url": format!("https://docs.aws.amazon.com/console/securityhub/{}/remediation", control.id),
            }},
            "ProductFields": {"aws/securityhub/ProductName": "Security Hub", "aws/securityhub/CompanyName": "AWS"},
            "Resources": [{
                "Type": resource_type, "Id": resource_id, "Partition": "aws", "Region": region.as_str(),
            }],
            "Compliance": {
                "Status": if control.passed { "PASSED" } else { "FAILED" },
                "SecurityControlId": control.id,
                "AssociatedStandards": [{"StandardsId": "standards/aws-foundational-security-best-practices/v/1.0.0"}],
            },
            "WorkflowState": "NEW",
            "Workflow": {"Status": if control.passed { "RESOLVED" } else { "NEW" }},
            "RecordState": "ACTIVE",
        }))
    }

    fn control_resource(&self, control: &Control, home: &Home) -> Result<(&'static str, String), Fault> {
        let Home { account, region, .. } = home;
        let missing = |what: &str, name: &str| {
            Fault::at(
                &control.resource,
                format!("no {what} of that account and region is called {name:?}"),
            )
        };
        let iam = self.world.accounts.get(account).map(|a| &a.iam);
        let here = self.world.accounts.get(account).and_then(|a| a.regions.get(region));
        Ok(match control.resource.as_ref() {
            Target::Instance(name) => {
                let all = self.instances.get(name.as_str());
                let placed = all.and_then(|all| all.iter().find(|i| i.account == *account && i.region == *region));
                let id = &placed.ok_or_else(|| missing("instance", name))?.id;
                (
                    "AwsEc2Instance",
                    format!("arn:aws:ec2:{region}:{account}:instance/{id}"),
                )
            }
            Target::Key(name) => {
                let user = iam.and_then(|iam| Some(iam.arn("user", &iam.users.get(name)?.path, name)));
                ("AwsIamUser", user.ok_or_else(|| missing("user", name))?)
            }
            Target::Role(name) => {
                let role = iam.and_then(|iam| Some(iam.arn("role", &iam.roles.get(name)?.path, name)));
                ("AwsIamRole", role.ok_or_else(|| missing("role", name))?)
            }
            Target::Person(name) => {
                let role = self.person(*account, name).ok_or_else(|| missing("person", name))?;
                let arn = iam.map(|iam| iam.arn("role", &role.path, &role.name));
                ("AwsIamRole", arn.unwrap_or_default())
            }
            Target::Bucket(name) => {
                let bucket = self.world.s3.buckets.get(name).filter(|b| b.owner == *account);
                bucket.ok_or_else(|| missing("bucket", name))?;
                ("AwsS3Bucket", format!("arn:aws:s3:::{name}"))
            }
            Target::Function(name) => {
                here.and_then(|r| r.lambda.functions.get(name))
                    .ok_or_else(|| missing("function", name))?;
                (
                    "AwsLambdaFunction",
                    format!("arn:aws:lambda:{region}:{account}:function:{name}"),
                )
            }
            Target::Database(name) => {
                here.and_then(|r| r.rds.instances.get(name))
                    .ok_or_else(|| missing("database", name))?;
                ("AwsRdsDbInstance", format!("arn:aws:rds:{region}:{account}:db:{name}"))
            }
            Target::Cluster(name) => (
                "AwsEksCluster",
                format!("arn:aws:eks:{region}:{account}:cluster/{name}"),
            ),
            Target::Account => ("AwsAccount", format!("AWS::::Account:{account}")),
        })
    }
}
