//! `service.detection.sequence` of attack-sequence findings (Extended Threat Detection).

use serde_json::{Value, json};

use super::super::build::Builder;
use super::Facts;
use super::actions::seconds;
use crate::range::services::guardduty::stamp;

impl Builder<'_> {
    /// Who acted, on what, and the signals in their order.
    pub(super) fn sequence(&self, facts: &Facts<'_>) -> Value {
        let account = facts.home.account.as_str();
        let region = facts.home.region.as_str();
        let uid = self.ids.uuid(&facts.unique);
        let actor = format!("actor-{uid}");
        let endpoint = format!("endpoint-{uid}");
        let mut who = json!({"id": actor});
        let mut resources = Vec::new();
        // Without a key nobody is known; GuardDuty then leaves the actor's user out, for what was touched is nobody.
        if let Some((key, name)) = &facts.key {
            who["user"] = json!({
                "name": name, "uid": facts.subject, "type": "IAMUser", "credentialUid": key, "account": {"uid": account},
            });
            resources.push(json!({
                "uid": key, "name": key, "accountId": account, "resourceType": "ACCESS_KEY", "region": region,
                "service": "iam", "cloudPartition": "aws",
                "data": {"accessKey": {"principalId": facts.resource["accessKeyDetails"]["principalId"], "userName": name, "userType": "IAMUser"}},
            }));
        } else {
            resources.push(json!({
                "uid": format!("arn:aws:s3:::{}", facts.subject), "name": facts.subject, "accountId": account,
                "resourceType": "S3_BUCKET", "region": region, "service": "s3", "cloudPartition": "aws",
            }));
        }
        let (start, end) = (facts.first_seen, facts.last_seen);
        let signal = |number: usize, name: &str, description: &str| {
            json!({
                "uid": self.ids.uuid(&format!("{}/{number}", facts.unique)),
                "type": "FINDING", "name": name, "description": description, "count": 1, "severity": 5.0,
                "createdAt": seconds(start), "updatedAt": seconds(end),
                "firstSeenAt": seconds(start), "lastSeenAt": seconds(end),
                "actorIds": [actor], "endpointIds": [endpoint],
                "resourceUids": [resources[0]["uid"]],
            })
        };
        let signals = vec![
            signal(
                1,
                "Recon:IAMUser/MaliciousIPCaller",
                "Discovery from a known malicious IP address",
            ),
            signal(
                2,
                "Persistence:IAMUser/AnomalousBehavior",
                "Anomalous creation of credentials",
            ),
            signal(
                3,
                "Impact:IAMUser/AnomalousBehavior",
                "Anomalous launch of many instances",
            ),
        ];
        json!({
            "uid": uid,
            "description": format!(
                "A sequence of {} signals was observed between {} and {} in account {account}.",
                signals.len(), stamp(start), stamp(end)
            ),
            "actors": [who],
            "endpoints": [{"id": endpoint, "ip": facts.remote_ip, "location": {"city": "", "country": "", "lat": 0.0, "lon": 0.0}}],
            "resources": resources,
            "signals": signals,
            "sequenceIndicators": [
                {"key": "SUSPICIOUS_NETWORK", "title": "Suspicious network"},
                {"key": "ATTACK_TACTIC", "values": ["Discovery", "Persistence", "Impact"]},
            ],
        })
    }
}
