//! A Security Hub finding of a benchmark's world: failed controls, vulnerabilities of Inspector and exposures of Macie, in ASFF.
//!
//! Owns: its JSON. Must never: be a second copy of a GuardDuty finding, for the benchmark counts both.

use serde_json::{Value, json};

use super::{Draw, Grade, Seed};

const CONTROLS: &[(Grade, (&str, &str))] = &[
    (
        Grade::Critical,
        (
            "EC2.19",
            "Security groups should not allow unrestricted access to ports with high risk",
        ),
    ),
    (Grade::Critical, ("SSM.4", "SSM documents should not be public")),
    (
        Grade::High,
        (
            "EC2.13",
            "Security groups should not allow ingress from 0.0.0.0/0 or ::/0 to port 22",
        ),
    ),
    (
        Grade::High,
        ("S3.8", "S3 general purpose buckets should block public access"),
    ),
    (
        Grade::Medium,
        (
            "IAM.5",
            "MFA should be enabled for all IAM users that have a console password",
        ),
    ),
    (
        Grade::Medium,
        ("EC2.6", "VPC flow logging should be enabled in all VPCs"),
    ),
    (
        Grade::Low,
        (
            "CloudTrail.7",
            "Ensure S3 bucket access logging is enabled on the CloudTrail S3 bucket",
        ),
    ),
    (
        Grade::Low,
        (
            "ECR.2",
            "ECR private repositories should have tag immutability configured",
        ),
    ),
];

const PACKAGES: &[&str] = &[
    "openssl",
    "glibc",
    "curl",
    "linux-kernel",
    "log4j-core",
    "python3",
    "sudo",
    "xz-utils",
];

/// The words and the number of a grade ("Severity" in the ASFF reference).
fn severity(grade: Grade) -> (&'static str, u8) {
    match grade {
        Grade::Critical => ("CRITICAL", 90),
        Grade::High => ("HIGH", 70),
        Grade::Medium => ("MEDIUM", 40),
        Grade::Low => ("LOW", 1),
    }
}

pub fn finding(seed: &Seed, draw: &mut Draw) -> Value {
    let (label, normalized) = severity(seed.grade);
    let (first, last) = (seed.first.to_string(), seed.last.to_string());
    let mut finding = json!({
        "SchemaVersion": "2018-10-08",
        "CompanyName": "AWS",
        "Region": seed.region.as_str(),
        "AwsAccountId": seed.account.as_str(),
        "FirstObservedAt": first,
        "LastObservedAt": last,
        "CreatedAt": first,
        "UpdatedAt": last,
        "ProcessedAt": last,
        "Severity": {"Label": label, "Normalized": normalized, "Original": label},
        "WorkflowState": "NEW",
        "Workflow": {"Status": "NEW"},
        "RecordState": "ACTIVE",
    });
    let own = match draw.below(10) {
        0..5 => control(seed, draw),
        5..9 => inspector(seed, draw),
        _ => macie(seed, draw),
    };
    if let (Some(fields), Value::Object(own)) = (finding.as_object_mut(), own) {
        fields.extend(own);
    }
    finding
}

fn instance_arn(seed: &Seed, draw: &mut Draw) -> String {
    let id = 0xab12_cd34_0000_u64 + u64::from(draw.below(200));
    format!("arn:aws:ec2:{}:{}:instance/i-0{id:016x}", seed.region, seed.account)
}

fn control(seed: &Seed, draw: &mut Draw) -> Value {
    let (_, (control, title)) = CONTROLS[seed.grade.choose(CONTROLS, draw)];
    let (region, account, uuid) = (seed.region, seed.account, draw.uuid());
    let resource = instance_arn(seed, draw);
    json!({
        "Id": format!("arn:aws:securityhub:{region}:{account}:security-control/{control}/finding/{uuid}"),
        "ProductArn": format!("arn:aws:securityhub:{region}::product/aws/securityhub"),
        "ProductName": "Security Hub",
        "GeneratorId": format!("security-control/{control}"),
        "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
        "Title": title,
        "Description": format!("This control checks the following: {title}. It fails where the configuration of the resource \
            differs, and is checked again within a day of every change that is recorded."),
        "Remediation": {"Recommendation": {
            "Text": "For information on how to correct this issue, consult the AWS Security Hub controls documentation.",
            "Url": format!("https://docs.aws.amazon.com/console/securityhub/{control}/remediation"),
        }},
        "ProductFields": {
            "aws/securityhub/ProductName": "Security Hub", "aws/securityhub/CompanyName": "AWS",
            "Resources:0/Id": resource, "aws/securityhub/annotation": "The resource does not meet the control's condition.",
            "aws/securityhub/FindingId":
                format!("arn:aws:securityhub:{region}::product/aws/securityhub/arn:aws:securityhub:{region}:{account}:{control}/{uuid}"),
        },
        "Resources": [{
            "Type": "AwsEc2Instance", "Id": resource, "Partition": "aws", "Region": region.as_str(),
            "Tags": {"Name": "web", "team": "platform"},
            "Details": {"AwsEc2Instance": {
                "Type": "m5.large", "ImageId": format!("ami-0{}", draw.hex(16)), "VpcId": format!("vpc-0{}", draw.hex(16)),
                "SubnetId": format!("subnet-0{}", draw.hex(16)), "LaunchedAt": seed.first.to_string(),
                "IpV4Addresses": [draw.address(), "10.20.1.15"],
            }},
        }],
        "Compliance": {
            "Status": "FAILED", "SecurityControlId": control,
            "AssociatedStandards": [
                {"StandardsId": "standards/aws-foundational-security-best-practices/v/1.0.0"},
                {"StandardsId": "standards/cis-aws-foundations-benchmark/v/3.0.0"},
            ],
            "RelatedRequirements": ["NIST.800-53.r5 AC-4", "NIST.800-53.r5 SC-7", "PCI DSS v4.0.1/1.3.1"],
        },
        "FindingProviderFields": {
            "Severity": {"Label": severity(seed.grade).0, "Original": severity(seed.grade).0},
            "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
        },
    })
}

fn inspector(seed: &Seed, draw: &mut Draw) -> Value {
    let package = PACKAGES[draw.index(PACKAGES.len())];
    let cve = format!("CVE-2026-{}", 10_000 + draw.below(30_000));
    let (region, account) = (seed.region, seed.account);
    let resource = instance_arn(seed, draw);
    let score = f64::from(severity(seed.grade).1) / 10.0;
    json!({
        "Id": format!("arn:aws:inspector2:{region}:{account}:finding/{}", draw.hex(32)),
        "ProductArn": format!("arn:aws:securityhub:{region}::product/aws/inspector"),
        "ProductName": "Inspector",
        "GeneratorId": "AWSInspector",
        "Types": ["Software and Configuration Checks/Vulnerabilities/CVE"],
        "Title": format!("{cve} - {package}"),
        "Description": format!("A flaw was found in {package}. Under certain conditions a remote attacker could make it read memory \
            that it should not, or stop it. The highest threat from this vulnerability is to the confidentiality of data and to the \
            availability of the system. Updating the package is the remedy."),
        "Remediation": {"Recommendation": {"Text": "Remediation is available. Please refer to the Fixed version in the vulnerability details."}},
        "ProductFields": {
            "aws/inspector/FindingStatus": "ACTIVE", "aws/inspector/inspectorScore": score.to_string(),
            "aws/inspector/instanceId": resource, "aws/inspector/resources/1/resourceDetails/awsEc2InstanceDetails/platform": "AMAZON_LINUX_2023",
            "aws/securityhub/ProductName": "Inspector", "aws/securityhub/CompanyName": "Amazon",
        },
        "Resources": [{
            "Type": "AwsEc2Instance", "Id": resource, "Partition": "aws", "Region": region.as_str(),
            "Tags": {"Name": "web"},
            "Details": {"AwsEc2Instance": {"Type": "m5.large", "LaunchedAt": seed.first.to_string(), "VpcId": format!("vpc-0{}", draw.hex(16))}},
        }],
        "Vulnerabilities": [{
            "Id": cve,
            "VulnerablePackages": [{
                "Name": package, "Version": "1.2.3", "Epoch": "0", "Release": "4.amzn2023", "Architecture": "X86_64",
                "PackageManager": "OS", "FixedInVersion": "0:1.2.4-1.amzn2023", "Remediation": format!("dnf update {package}"),
            }],
            "Cvss": [
                {"Version": "3.1", "BaseScore": score, "BaseVector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:H", "Source": "NVD"},
                {"Version": "3.1", "BaseScore": score, "BaseVector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:H", "Source": "AMAZON_CVE"},
            ],
            "Vendor": {"Name": "AMAZON_CVE", "Url": format!("https://explore.alas.aws.amazon.com/{cve}.html"),
                "VendorSeverity": "Important", "VendorCreatedAt": seed.first.to_string(), "VendorUpdatedAt": seed.last.to_string()},
            "ReferenceUrls": [format!("https://nvd.nist.gov/vuln/detail/{cve}")],
            "FixAvailable": "YES", "ExploitAvailable": "NO",
        }],
        "FindingProviderFields": {
            "Severity": {"Label": severity(seed.grade).0},
            "Types": ["Software and Configuration Checks/Vulnerabilities/CVE"],
        },
    })
}

fn macie(seed: &Seed, draw: &mut Draw) -> Value {
    let (region, account) = (seed.region, seed.account);
    let bucket = format!("acme-export-{}", draw.below(40));
    json!({
        "Id": format!("arn:aws:macie2:{region}:{account}:finding/{}", draw.hex(32)),
        "ProductArn": format!("arn:aws:securityhub:{region}::product/aws/macie"),
        "ProductName": "Macie",
        "GeneratorId": "aws/macie",
        "Types": ["Sensitive Data Identifications/PII/SensitiveData:S3Object-Personal"],
        "Title": "The S3 object contains personal information",
        "Description": "The object contains personal information such as first or last names, addresses, or identification numbers, \
            in more places than the sampling shows.",
        "ProductFields": {
            "S3Object.Path": format!("{bucket}/exports/{}.csv", draw.uuid()), "S3Object.Extension": "csv",
            "S3Object.PublicAccess": "false", "OriginType": "SENSITIVE_DATA_DISCOVERY_JOB", "ScanType": "managed",
            "aws/securityhub/ProductName": "Macie", "aws/securityhub/CompanyName": "AWS",
        },
        "Resources": [
            {"Type": "AwsS3Bucket", "Id": format!("arn:aws:s3:::{bucket}"), "Partition": "aws", "Region": region.as_str(),
                "Details": {"AwsS3Bucket": {"OwnerId": draw.hex(32), "OwnerName": "acme", "CreatedAt": seed.first.to_string()}}},
            {"Type": "AwsS3Object", "Id": format!("arn:aws:s3:::{bucket}/exports/{}.csv", draw.uuid()), "Partition": "aws",
                "Region": region.as_str(), "DataClassification": {"Result": {"MimeType": "text/csv", "SizeClassified": 48_213,
                    "SensitiveData": [{"Category": "PERSONAL_INFORMATION", "TotalCount": draw.below(900) + 1,
                        "Detections": [{"Count": 12, "Type": "NAME"}, {"Count": 4, "Type": "ADDRESS"}]}],
                    "Status": {"Code": "COMPLETE"}}}},
        ],
        "FindingProviderFields": {
            "Severity": {"Label": severity(seed.grade).0},
            "Types": ["Sensitive Data Identifications/PII/SensitiveData:S3Object-Personal"],
        },
    })
}
