//! What is on this machine or beside it.
//!
//! Owns: the rule that such addresses are asked directly. Must never: take a name for near that a resolver could lead elsewhere,
//! but for `localhost`.

use std::net::{IpAddr, Ipv6Addr};

/// The instance metadata service and the agents beside it, over IPv6 (EC2 user guide, "Access instance metadata"; EKS user guide,
/// "Pod Identity").
const METADATA: [u16; 2] = [0xfd00, 0x0ec2];

/// Whether an address is this machine's own or its link's: a drill, a local endpoint, the metadata of the instance, the container
/// or the pod. A proxy elsewhere would ask its own, and give credentials that are not the caller's.
pub(super) fn is_near(uri: &str) -> bool {
    let Ok(uri) = uri.parse::<http::Uri>() else {
        return false;
    };
    let host = uri.host().unwrap_or_default();
    if host.eq_ignore_ascii_case("localhost") {
        return true;
    }
    match host.trim_matches(['[', ']']).parse() {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_link_local(),
        Ok(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unicast_link_local() || is_metadata(ip),
        Err(_) => false,
    }
}

fn is_metadata(ip: Ipv6Addr) -> bool {
    ip.segments().starts_with(&METADATA)
}

#[cfg(test)]
mod tests {
    use super::is_near;

    #[test]
    fn this_machine_and_its_link_are_near_and_names_are_not() {
        for near in [
            "http://127.0.0.1:5000/",
            "http://localhost:40121/a",
            "http://[::1]:80/",
            "http://169.254.169.254/latest/api/token",
            "http://169.254.170.2/v2",
            "http://[fd00:ec2::254]/latest",
            "http://[fe80::1]/",
        ] {
            assert!(is_near(near), "{near}");
        }
        for far in [
            "https://sts.ap-northeast-2.amazonaws.com/",
            "http://10.0.0.1/",
            "http://[2001:db8::1]/",
            "http://localhost.example.com/",
            "http://127.0.0.1.example.com/",
            "not a uri",
        ] {
            assert!(!is_near(far), "{far}");
        }
    }
}
