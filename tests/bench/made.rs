//! Made-up findings, as GuardDuty sends them and read as the feed reads them. The number of one decides everything about it.

use quell::domain::{Principal, Resource, ResourceKind, Time};
use quell::findings::{Finding, Place, guardduty};

/// When the benchmark takes place.
pub fn now() -> Time {
    "2026-11-22T03:14:09Z".parse().unwrap()
}

const TYPES: [&str; 8] = [
    "CryptoCurrency:EC2/BitcoinTool.B!DNS",
    "UnauthorizedAccess:EC2/SSHBruteForce",
    "Recon:EC2/PortProbeUnprotectedPort",
    "Trojan:EC2/DNSDataExfiltration",
    "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
    "Discovery:IAMUser/AnomalousBehavior",
    "Persistence:IAMUser/AnomalousBehavior",
    "Backdoor:EC2/C&CActivity.B",
];

/// One in four is about a key, the others are about instances; one instance in three is seen more than once.
pub fn finding(n: u32) -> Finding {
    // Spreads neighbours over accounts, regions, times and severities.
    let mixed = n.wrapping_mul(2_654_435_761);
    let thing = mixed % 200_000 / 3;
    let account = format!("{:012}", 100_000_000_000_u64 + u64::from(thing % 100) * 7_919);
    let region = ["us-east-1", "eu-west-1", "ap-northeast-2", "eu-central-1"][thing as usize / 100 % 4];
    let severity = f64::from(10 + (mixed >> 9) % 90) / 10.0;
    let at = |ago: u32| {
        now()
            .checked_sub(jiff::SignedDuration::from_mins(i64::from(ago)))
            .unwrap()
    };
    // Most of what is seen of one thing is seen in one day.
    let last = thing.wrapping_mul(37) % 40_000 + mixed % 1_000;
    let (first, last) = (at(last + mixed % 600), at(last));
    let about = if n.is_multiple_of(4) {
        format!(
            r#"{{"resourceType": "AccessKey", "accessKeyDetails": {{"accessKeyId": "AKIAEXAMPLE{thing:09}", "userName": "user-{thing}", "userType": "IAMUser"}}}}"#
        )
    } else {
        format!(
            r#"{{"resourceType": "Instance", "instanceDetails": {{"instanceId": "i-{thing:017x}", "instanceType": "m5.large"}}}}"#
        )
    };
    let kind = TYPES[(mixed >> 3) as usize % TYPES.len()];
    let raw = format!(
        r#"{{"schemaVersion": "2.0", "accountId": "{account}", "region": "{region}", "id": "{n:032x}",
        "arn": "arn:aws:guardduty:{region}:{account}:detector/12abc34d567e8fa901bc2d34e56789f0/finding/{n:032x}",
        "type": "{kind}", "severity": {severity}, "createdAt": "{first}", "updatedAt": "{last}",
        "title": "{kind} was seen of i-{thing:017x} by 198.51.100.{}", "description": "A made-up finding about i-{thing:017x}, with a description as long as GuardDuty's own are.",
        "resource": {about}, "service": {{"archived": {}, "count": {}, "eventFirstSeen": "{first}", "eventLastSeen": "{last}",
        "action": {{"awsApiCallAction": {{"remoteIpDetails": {{"ipAddressV4": "203.0.{}.{}", "country": {{"countryName": "Netherlands"}}}}}}}}}}}}"#,
        mixed % 250,
        n.is_multiple_of(20),
        mixed % 50,
        (mixed >> 4) % 255,
        mixed % 255,
    );
    let at = Place {
        account: account.parse().unwrap(),
        region: region.parse().unwrap(),
    };
    guardduty::parse(raw.as_bytes(), &at)
}

/// A finding of one instance, which all of these share, with a bucket of its own: what a rule that is too wide makes of one role.
pub fn of_one(n: u32) -> Finding {
    let made = finding(n);
    let seen = now()
        .checked_sub(jiff::SignedDuration::from_mins(i64::from(n % 1_000)))
        .unwrap();
    Finding {
        account: "111122223333".parse().unwrap(),
        region: "us-east-1".parse().unwrap(),
        severity: quell::domain::Severity::from_score(5.0),
        resource: Resource::new(ResourceKind::Instance, "i-0123456789abcdef0"),
        others: vec![Resource::new(ResourceKind::Bucket, format!("bucket-{n}"))],
        principal: Principal::default(),
        first_seen: Some(seen),
        updated_at: Some(seen),
        archived: false,
        ..made
    }
}
