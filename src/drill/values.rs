//! The small values of a scenario that are more than a text: ages, moments, rules, references. Each is checked where it is
//! read, so that the error names its place.

use jiff::SignedDuration;
use serde::Deserialize;

use crate::range::services::ec2::model::Peer;

/// How long ago: `90s`, `12m`, `3h`, `210d`, or several of them (`1d6h`).
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Age(pub SignedDuration);

impl TryFrom<String> for Age {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let refuse = || format!("expected an age such as \"12m\", \"3h\" or \"210d\", not {text:?}");
        let mut seconds: i64 = 0;
        let mut number = String::new();
        for c in text.chars() {
            if c.is_ascii_digit() {
                number.push(c);
                continue;
            }
            let unit = match c {
                's' => 1,
                'm' => 60,
                'h' => 3600,
                'd' => 86_400,
                _ => return Err(refuse()),
            };
            let count: i64 = number.parse().map_err(|_| refuse())?;
            number.clear();
            seconds = count
                .checked_mul(unit)
                .and_then(|more| seconds.checked_add(more))
                .ok_or_else(refuse)?;
        }
        // Twenty years: older than anything that matters, younger than the epoch.
        let sane = number.is_empty() && !text.is_empty() && seconds <= 20 * 366 * 86_400;
        sane.then(|| Self(SignedDuration::from_secs(seconds)))
            .ok_or_else(refuse)
    }
}

/// A moment of the drill: `+mm:ss` after its start.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Moment(pub SignedDuration);

impl TryFrom<String> for Moment {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let read = || {
            let (minutes, seconds) = text.strip_prefix('+')?.split_once(':')?;
            let minutes: u16 = minutes.parse().ok()?;
            let seconds: u8 = seconds.parse().ok().filter(|s| *s < 60)?;
            Some(SignedDuration::from_secs(i64::from(minutes) * 60 + i64::from(seconds)))
        };
        read().map(Self).ok_or_else(|| {
            format!("expected a moment such as \"+02:30\" (minutes and seconds after the start), not {text:?}")
        })
    }
}

/// A security group's rule: `tcp 443 0.0.0.0/0`, `udp 5000-5100 ::/0`, `tcp 8080 group:alb`, `all 10.0.0.0/8`.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct RuleText {
    pub protocol: String,
    pub ports: Option<(i32, i32)>,
    /// A group stands here by its name.
    pub peer: Peer,
}

impl TryFrom<String> for RuleText {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let refuse = || {
            format!(
                "expected a rule such as \"tcp 443 0.0.0.0/0\", \"tcp 8080 group:NAME\" or \"all ::/0\", not {text:?}"
            )
        };
        let words: Vec<&str> = text.split_whitespace().collect();
        let (protocol, ports, peer) = match words.as_slice() {
            ["all", peer] => ("-1", None, *peer),
            [protocol @ ("tcp" | "udp"), ports, peer] => {
                let (from, to) = ports.split_once('-').unwrap_or((ports, ports));
                let number = |digits: &str| digits.parse::<u16>().map(i32::from).map_err(|_| refuse());
                (*protocol, Some((number(from)?, number(to)?)), *peer)
            }
            _ => return Err(refuse()),
        };
        let peer = if let Some(name) = peer.strip_prefix("group:") {
            Peer::Group(name.to_owned())
        } else {
            let (address, _) = peer.split_once('/').ok_or_else(refuse)?;
            match address.parse::<std::net::IpAddr>().map_err(|_| refuse())? {
                std::net::IpAddr::V4(_) => Peer::V4(peer.to_owned()),
                std::net::IpAddr::V6(_) => Peer::V6(peer.to_owned()),
            }
        };
        Ok(Self {
            protocol: protocol.to_owned(),
            ports,
            peer,
        })
    }
}

/// What a finding is about: `instance:NAME`, `key:USER`, `role:NAME`, `person:USER`, `bucket:NAME`, `function:NAME`,
/// `database:NAME`, `cluster:NAME`, `account`.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub enum Target {
    Instance(String),
    Key(String),
    /// A session of an instance role; the finding shows its `ASIA…` key.
    Role(String),
    /// The session of an Identity Center user in the finding's account.
    Person(String),
    Bucket(String),
    Function(String),
    Database(String),
    /// An EKS cluster. It has no state of its own in the range.
    Cluster(String),
    Account,
}

impl TryFrom<String> for Target {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let refuse = || {
            format!(
                "expected \"instance:NAME\", \"key:USER\", \"role:NAME\", \"person:USER\", \"bucket:NAME\", \"function:NAME\", \
                 \"database:NAME\", \"cluster:NAME\" or \"account\", not {text:?}"
            )
        };
        if text == "account" {
            return Ok(Self::Account);
        }
        let (kind, name) = text
            .split_once(':')
            .filter(|(_, name)| !name.is_empty())
            .ok_or_else(refuse)?;
        let name = name.to_owned();
        match kind {
            "instance" => Ok(Self::Instance(name)),
            "key" => Ok(Self::Key(name)),
            "role" => Ok(Self::Role(name)),
            "person" => Ok(Self::Person(name)),
            "bucket" => Ok(Self::Bucket(name)),
            "function" => Ok(Self::Function(name)),
            "database" => Ok(Self::Database(name)),
            "cluster" => Ok(Self::Cluster(name)),
            _ => Err(refuse()),
        }
    }
}
