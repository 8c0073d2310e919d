//! `service.action` of a finding: the API call, DNS request, connection or probe that was seen.

use serde_json::{Value, json};

use super::super::build::Builder;
use super::Facts;
use super::types::Action;
use crate::domain::Time;

/// Countries, cities, coordinates, AS numbers and organisations of remote addresses. The organisations are made up.
const PLACES: &[(&str, &str, &str, f64, f64, &str, &str)] = &[
    (
        "NL",
        "Netherlands",
        "Amsterdam",
        52.37,
        4.89,
        "64496",
        "Kanaal Hosting B.V.",
    ),
    ("RO", "Romania", "Bucharest", 44.43, 26.10, "64497", "Dambovita Telecom"),
    ("VN", "Vietnam", "Hanoi", 21.03, 105.85, "64498", "Song Hong Data"),
    ("BR", "Brazil", "São Paulo", -23.55, -46.63, "64499", "Paulista Nuvem"),
    ("KR", "South Korea", "Seoul", 37.57, 126.98, "64500", "한강네트웍스"),
];

impl Builder<'_> {
    pub(super) fn action(&self, facts: &Facts<'_>) -> Value {
        let remote = self.remote(facts);
        match facts.template.action {
            Action::Api(api, service) => {
                let api = facts.spec.api.as_deref().unwrap_or(api);
                json!({"actionType": "AWS_API_CALL", "awsApiCallAction": {
                    "api": api, "callerType": "Remote IP", "serviceName": service, "remoteIpDetails": remote,
                    "userAgent": "aws-cli/2.15.30 Python/3.11.8 Linux/6.5.0-kali3-amd64",
                    "remoteAccountDetails": {"affiliated": true, "accountId": facts.home.account.as_str()},
                    "affectedResources": {},
                }})
            }
            Action::Dns(domain) => {
                let domain = facts.spec.domain.as_deref().unwrap_or(domain);
                json!({"actionType": "DNS_REQUEST", "dnsRequestAction": {
                    "domain": domain, "domainWithSuffix": domain, "protocol": "UDP", "blocked": false,
                    "vpcOwnerAccountId": facts.home.account.as_str(),
                }})
            }
            Action::Connection(port) => {
                let high = 32_768 + u16::from(self.ids.below("port", &facts.unique, 250)) * 113;
                // A function's connection has no address or interface of its own.
                let local = facts.resource.get("instanceDetails").is_some();
                let (direction, local_port, remote_port) = if facts.template.inbound {
                    ("INBOUND", port, high)
                } else {
                    ("OUTBOUND", high, port)
                };
                let mut action = json!({
                    "blocked": false, "connectionDirection": direction, "protocol": "TCP",
                    "localPortDetails": named(local_port), "remotePortDetails": named(remote_port),
                    "remoteIpDetails": remote,
                });
                if local {
                    let first = &facts.resource["instanceDetails"]["networkInterfaces"][0];
                    action["localIpDetails"] = json!({"ipAddressV4": local_ip(facts)});
                    action["localNetworkInterface"] = first["networkInterfaceId"].clone();
                }
                json!({"actionType": "NETWORK_CONNECTION", "networkConnectionAction": action})
            }
            Action::Probe(port) => json!({"actionType": "PORT_PROBE", "portProbeAction": {
                "blocked": false,
                "portProbeDetails": [{
                    "localPortDetails": named(port), "localIpDetails": {"ipAddressV4": local_ip(facts)},
                    "remoteIpDetails": remote,
                }],
            }}),
            Action::Login => json!({"actionType": "RDS_LOGIN_ATTEMPT", "rdsLoginAttemptAction": {
                "remoteIpDetails": remote,
                "LoginAttributes": [{
                    "user": facts.resource["rdsDbUserDetails"]["user"], "application": "psql",
                    "failedLoginAttempts": 0, "successfulLoginAttempts": facts.spec.count,
                }],
            }}),
            Action::Kubernetes(verb, path) => json!({"actionType": "KUBERNETES_API_CALL", "kubernetesApiCallAction": {
                "requestUri": path, "verb": verb, "resource": "pods", "namespace": "default",
                "sourceIPs": [facts.remote_ip], "remoteIpDetails": remote,
                "userAgent": "kubectl/v1.31.2 (linux/amd64) kubernetes/5864a46", "statusCode": 201,
            }}),
        }
    }

    fn remote(&self, facts: &Facts<'_>) -> Value {
        let count = u8::try_from(PLACES.len()).unwrap_or(1);
        let at = usize::from(self.ids.below("place", &facts.remote_ip, count));
        let (code, country, city, lat, lon, asn, org) = PLACES[at];
        json!({
            "ipAddressV4": facts.remote_ip,
            "country": {"countryCode": code, "countryName": country},
            "city": {"cityName": city},
            "geoLocation": {"lat": lat, "lon": lon},
            "organization": {"asn": asn, "asnOrg": org, "isp": org, "org": org},
        })
    }
}

fn local_ip(facts: &Facts<'_>) -> Value {
    facts.resource["instanceDetails"]["networkInterfaces"][0]["privateIpAddress"].clone()
}

fn named(port: u16) -> Value {
    let name = match port {
        22 => "SSH",
        80 => "HTTP",
        443 => "HTTPS",
        445 => "SMB",
        _ => "Unknown",
    };
    json!({"port": port, "portName": name})
}

/// A moment as the timestamp fields of GuardDuty's JSON have it: seconds since the epoch.
pub fn seconds(time: Time) -> i64 {
    time.as_second()
}
