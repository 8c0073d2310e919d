//! A GuardDuty finding of a benchmark's world, in the form and about the size that `GetFindings` gives.
//!
//! Owns: its JSON. Must never: leave out what real ones of its type have, for the cost of reading them is what is measured.

use serde_json::{Value, json};

use super::{Draw, Grade, Seed};
use crate::range::services::guardduty::stamp;

/// Types by grade, with the kind of resource and the sentence (GuardDuty user guide, "Finding types").
#[rustfmt::skip]
const TYPES: &[(Grade, (&str, Kind, &str))] = &[
    (Grade::Critical, ("AttackSequence:IAM/CompromisedCredentials", Kind::Key, "Potential credential compromise indicated by a sequence of actions.")),
    (Grade::Critical, ("AttackSequence:S3/CompromisedData", Kind::Bucket, "Potential data compromise of one or more S3 buckets in a sequence of actions.")),
    (Grade::Critical, ("AttackSequence:EKS/CompromisedCluster", Kind::Instance, "Potential cluster compromise indicated by a sequence of actions.")),
    (Grade::High, ("CryptoCurrency:EC2/BitcoinTool.B!DNS", Kind::Instance, "A Bitcoin-related domain name was queried.")),
    (Grade::High, ("Backdoor:EC2/C&CActivity.B!DNS", Kind::Instance, "A domain name of a command-and-control server was queried.")),
    (Grade::High, ("UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS", Kind::Key, "Credentials for an instance role were used from outside AWS.")),
    (Grade::High, ("Exfiltration:S3/AnomalousBehavior", Kind::Bucket, "Unusual data access APIs were invoked on a bucket.")),
    (Grade::Medium, ("UnauthorizedAccess:EC2/TorClient", Kind::Instance, "An instance made connections to a Tor guard or authority node.")),
    (Grade::Medium, ("Discovery:IAMUser/AnomalousBehavior", Kind::Key, "APIs that are commonly used in discovery were invoked in an unusual way.")),
    (Grade::Medium, ("UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B", Kind::Key, "Successful console logins from several places in the world were seen.")),
    (Grade::Medium, ("Impact:EC2/PortSweep", Kind::Instance, "An instance probed a port on many public addresses.")),
    (Grade::Low, ("Recon:EC2/PortProbeUnprotectedPort", Kind::Instance, "An unprotected port of an instance is being probed.")),
    (Grade::Low, ("UnauthorizedAccess:EC2/SSHBruteForce", Kind::Instance, "SSH brute-force attacks against an instance were seen.")),
    (Grade::Low, ("Policy:IAMUser/RootCredentialUsage", Kind::Key, "An API was invoked with root credentials.")),
    (Grade::Low, ("Policy:S3/BucketBlockPublicAccessDisabled", Kind::Bucket, "Amazon S3 Block Public Access was disabled for a bucket.")),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Instance,
    Key,
    Bucket,
}

const USERS: &[&str] = &[
    "deploy-bot",
    "ci-runner",
    "analytics",
    "backup",
    "terraform",
    "jenkins",
    "data-export",
];
const COUNTRIES: &[(&str, &str, &str)] = &[
    ("NL", "Netherlands", "Amsterdam"),
    ("RO", "Romania", "Bucharest"),
    ("VN", "Vietnam", "Hanoi"),
    ("BR", "Brazil", "São Paulo"),
    ("KR", "South Korea", "Seoul"),
];

pub fn finding(seed: &Seed, draw: &mut Draw) -> Value {
    let Seed {
        account,
        region,
        detector,
        ..
    } = seed;
    let (_, (kind, resource, sentence)) = TYPES[seed.grade.choose(TYPES, draw)];
    let id = draw.hex(32);
    // Tenths within the grade's band (user guide, "Severity levels of GuardDuty findings").
    let (least, steps) = match seed.grade {
        Grade::Critical => (90, 8),
        Grade::High => (70, 20),
        Grade::Medium => (40, 30),
        Grade::Low => (10, 30),
    };
    let severity = f64::from(least + draw.below(steps)) / 10.0;
    json!({
        "accountId": account.as_str(),
        "arn": format!("arn:aws:guardduty:{region}:{account}:detector/{detector}/finding/{id}"),
        "createdAt": stamp(seed.first),
        "description": format!("{sentence} The activity was seen in account {account} in {region}. If it was not expected, the \
            resource may be compromised; see the remediation steps in the user guide."),
        "id": id,
        "partition": "aws",
        "region": region.as_str(),
        "resource": resource.json(seed, draw),
        "schemaVersion": "2.0",
        "service": {
            "action": resource.action(seed, draw),
            "additionalInfo": {"value": "{\"unusual\":{\"hoursOfDay\":[],\"userNames\":[]}}", "type": "default"},
            "archived": false,
            "count": draw.below(40) + 1,
            "detectorId": detector,
            "eventFirstSeen": stamp(seed.first),
            "eventLastSeen": stamp(seed.last),
            "resourceRole": "ACTOR",
            "serviceName": "guardduty",
        },
        "severity": severity,
        "title": sentence,
        "type": kind,
        "updatedAt": stamp(seed.last),
    })
}

impl Kind {
    fn json(self, seed: &Seed, draw: &mut Draw) -> Value {
        match self {
            Self::Instance => json!({"resourceType": "Instance", "instanceDetails": instance(seed, draw)}),
            Self::Key => key(draw),
            Self::Bucket => json!({"resourceType": "S3Bucket", "s3BucketDetails": [bucket(seed, draw)],
                "accessKeyDetails": key(draw)["accessKeyDetails"]}),
        }
    }

    fn action(self, seed: &Seed, draw: &mut Draw) -> Value {
        let remote = remote(draw);
        if self == Self::Instance {
            return json!({"actionType": "NETWORK_CONNECTION", "networkConnectionAction": {
                "blocked": false, "connectionDirection": "OUTBOUND", "protocol": "TCP",
                "localPortDetails": {"port": 32_768 + draw.below(28_000), "portName": "Unknown"},
                "remotePortDetails": {"port": 443, "portName": "HTTPS"},
                "localIpDetails": {"ipAddressV4": format!("10.20.{}.{}", draw.below(250), draw.below(250))},
                "localNetworkInterface": format!("eni-0{}", draw.hex(16)),
                "remoteIpDetails": remote,
            }});
        }
        let (api, service) = [
            ("ListBuckets", "s3.amazonaws.com"),
            ("GetObject", "s3.amazonaws.com"),
            ("DescribeInstances", "ec2.amazonaws.com"),
            ("CreateAccessKey", "iam.amazonaws.com"),
        ][draw.index(4)];
        json!({"actionType": "AWS_API_CALL", "awsApiCallAction": {
            "api": api, "callerType": "Remote IP", "serviceName": service, "remoteIpDetails": remote,
            "userAgent": "aws-cli/2.15.30 Python/3.11.8 Linux/6.5.0-kali3-amd64",
            "remoteAccountDetails": {"affiliated": true, "accountId": seed.account.as_str()},
            "affectedResources": {},
        }})
    }
}

fn instance(seed: &Seed, draw: &mut Draw) -> Value {
    // Few machines, so that findings share them as they do in life.
    let id = format!("i-0{:016x}", 0xab12_cd34_0000_u64 + u64::from(draw.below(200)));
    let private = format!("10.20.{}.{}", draw.below(250), draw.below(250));
    json!({
        "instanceId": id, "instanceType": "m5.large", "instanceState": "running",
        "launchTime": stamp(seed.first), "availabilityZone": format!("{}a", seed.region),
        "imageId": format!("ami-0{}", draw.hex(16)), "imageDescription": "Amazon Linux 2023 AMI", "productCodes": [],
        "iamInstanceProfile": {
            "arn": format!("arn:aws:iam::{}:instance-profile/web", seed.account), "id": format!("AIPA{}", draw.hex(16).to_uppercase()),
        },
        "tags": [{"key": "Name", "value": format!("web-{}", draw.below(200))}, {"key": "team", "value": "platform"}],
        "networkInterfaces": [{
            "networkInterfaceId": format!("eni-0{}", draw.hex(16)), "privateIpAddress": private,
            "privateDnsName": format!("ip-{}.ec2.internal", private.replace('.', "-")),
            "privateIpAddresses": [{"privateIpAddress": private, "privateDnsName": "ip.ec2.internal"}],
            "ipv6Addresses": [], "publicDnsName": "", "publicIp": draw.address(),
            "securityGroups": [{"groupId": format!("sg-0{}", draw.hex(16)), "groupName": "web"}],
            "subnetId": format!("subnet-0{}", draw.hex(16)), "vpcId": format!("vpc-0{}", draw.hex(16)),
        }],
    })
}

fn key(draw: &mut Draw) -> Value {
    let user = USERS[draw.index(USERS.len())];
    json!({"resourceType": "AccessKey", "accessKeyDetails": {
        "accessKeyId": format!("AKIAEXAMPLE{:09}", draw.below(500)), "principalId": format!("AIDAEXAMPLE{user}").to_uppercase(),
        "userName": user, "userType": "IAMUser",
    }})
}

fn bucket(seed: &Seed, draw: &mut Draw) -> Value {
    let name = format!("acme-{}-{}", USERS[draw.index(USERS.len())], draw.below(40));
    let blocked = json!({
        "ignorePublicAcls": true, "restrictPublicBuckets": true, "blockPublicAcls": true, "blockPublicPolicy": true,
    });
    json!({
        "arn": format!("arn:aws:s3:::{name}"), "name": name, "type": "Destination", "createdAt": seed.first.as_second(),
        "owner": {"id": draw.hex(32)}, "tags": [{"key": "data", "value": "internal"}],
        "defaultServerSideEncryption": {"encryptionType": "SSEAlgorithm"},
        "publicAccess": {"effectivePermission": "NOT_PUBLIC", "permissionConfiguration": {
            "bucketLevelPermissions": {
                "accessControlList": {"allowsPublicReadAccess": false, "allowsPublicWriteAccess": false},
                "bucketPolicy": {"allowsPublicReadAccess": false, "allowsPublicWriteAccess": false},
                "blockPublicAccess": blocked,
            },
            "accountLevelPermissions": {"blockPublicAccess": blocked},
        }},
    })
}

fn remote(draw: &mut Draw) -> Value {
    let (code, country, city) = COUNTRIES[draw.index(COUNTRIES.len())];
    json!({
        "ipAddressV4": draw.address(), "country": {"countryCode": code, "countryName": country},
        "city": {"cityName": city}, "geoLocation": {"lat": 52.37, "lon": 4.89},
        "organization": {"asn": "64496", "asnOrg": "Example Hosting", "isp": "Example Hosting", "org": "Example Hosting"},
    })
}
