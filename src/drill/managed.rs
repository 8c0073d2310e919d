//! Policies that AWS manages, as far as the range can tell what they allow.

/// AWS managed policies that a scenario may name, with what they allow as far as the range can tell the difference.
pub const MANAGED: &[(&str, &[&str])] = &[
    ("AdministratorAccess", &["*"]),
    ("AmazonEC2FullAccess", &["ec2:*"]),
    ("AmazonS3ReadOnlyAccess", &["s3:Get*", "s3:List*", "s3:Describe*"]),
    (
        "AmazonSSMManagedInstanceCore",
        &["ssm:UpdateInstanceInformation", "ssmmessages:*", "ec2messages:*"],
    ),
    ("ReadOnlyAccess", &["*:Describe*", "*:Get*", "*:List*"]),
];
