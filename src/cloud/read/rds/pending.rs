//! What waits for a database's maintenance window, in words.
//!
//! Owns: one line for each change that RDS says is pending, of every kind that its model has. Must never: show a password.

use aws_sdk_rds::types::{ClusterPendingModifiedValues, PendingModifiedValues};

use crate::domain::Untrusted;

type Change = (&'static str, Option<String>);

/// Pending changes of an instance, sorted; none where RDS speaks of none.
pub(super) fn of_instance(values: Option<&PendingModifiedValues>) -> Vec<Untrusted> {
    let Some(v) = values else { return Vec::new() };
    lines([
        ("DBInstanceClass", v.db_instance_class().map(str::to_owned)),
        ("AllocatedStorage", said(v.allocated_storage())),
        ("MasterUserPassword", unsaid(v.master_user_password())),
        ("Port", said(v.port())),
        ("BackupRetentionPeriod", said(v.backup_retention_period())),
        ("MultiAZ", said(v.multi_az())),
        ("EngineVersion", v.engine_version().map(str::to_owned)),
        ("LicenseModel", v.license_model().map(str::to_owned)),
        ("Iops", said(v.iops())),
        ("StorageThroughput", said(v.storage_throughput())),
        ("DBInstanceIdentifier", v.db_instance_identifier().map(str::to_owned)),
        ("StorageType", v.storage_type().map(str::to_owned)),
        (
            "CACertificateIdentifier",
            v.ca_certificate_identifier().map(str::to_owned),
        ),
        ("DBSubnetGroupName", v.db_subnet_group_name().map(str::to_owned)),
        (
            "PendingCloudwatchLogsExports",
            unsaid(v.pending_cloudwatch_logs_exports()),
        ),
        ("ProcessorFeatures", unsaid(v.processor_features().first())),
        (
            "AutomationMode",
            v.automation_mode().map(|mode| mode.as_str().to_owned()),
        ),
        (
            "ResumeFullAutomationModeTime",
            unsaid(v.resume_full_automation_mode_time()),
        ),
        ("MultiTenant", said(v.multi_tenant())),
        (
            "IAMDatabaseAuthenticationEnabled",
            said(v.iam_database_authentication_enabled()),
        ),
        ("DedicatedLogVolume", said(v.dedicated_log_volume())),
        ("Engine", v.engine().map(str::to_owned)),
        (
            "AdditionalStorageVolumes",
            unsaid(v.additional_storage_volumes().first()),
        ),
    ])
}

/// The same of a cluster.
pub(super) fn of_cluster(values: Option<&ClusterPendingModifiedValues>) -> Vec<Untrusted> {
    let Some(v) = values else { return Vec::new() };
    lines([
        (
            "PendingCloudwatchLogsExports",
            unsaid(v.pending_cloudwatch_logs_exports()),
        ),
        ("DBClusterIdentifier", v.db_cluster_identifier().map(str::to_owned)),
        ("MasterUserPassword", unsaid(v.master_user_password())),
        (
            "IAMDatabaseAuthenticationEnabled",
            said(v.iam_database_authentication_enabled()),
        ),
        ("EngineVersion", v.engine_version().map(str::to_owned)),
        ("BackupRetentionPeriod", said(v.backup_retention_period())),
        ("StorageType", v.storage_type().map(str::to_owned)),
        ("AllocatedStorage", said(v.allocated_storage())),
        ("Iops", said(v.iops())),
        (
            "RdsCustomClusterConfiguration",
            unsaid(v.rds_custom_cluster_configuration()),
        ),
        ("CertificateDetails", unsaid(v.certificate_details())),
    ])
}

fn said(value: Option<impl ToString>) -> Option<String> {
    value.map(|value| value.to_string())
}

/// A change whose value is not shown.
fn unsaid<T>(value: Option<T>) -> Option<String> {
    value.map(|_| String::new())
}

fn lines<const N: usize>(changes: [Change; N]) -> Vec<Untrusted> {
    let given = changes.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let mut lines: Vec<Untrusted> = given
        .map(|(name, value)| Untrusted::new(format!("{name} {value}").trim_end()))
        .collect();
    lines.sort();
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_that_waits_is_told_and_no_password_is() {
        let shown = |values: &PendingModifiedValues| -> Vec<String> {
            of_instance(Some(values)).iter().map(Untrusted::shown).collect()
        };
        let values = PendingModifiedValues::builder()
            .engine_version("16.4")
            .multi_az(true)
            .master_user_password("hunter2")
            .build();
        assert_eq!(
            shown(&values),
            ["EngineVersion 16.4", "MasterUserPassword", "MultiAZ true"]
        );
        assert!(shown(&PendingModifiedValues::builder().build()).is_empty());
        assert!(of_instance(None).is_empty() && of_cluster(None).is_empty());
    }
}
