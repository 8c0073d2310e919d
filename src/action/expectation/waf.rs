//! What must be true afterwards of what AWS WAF holds.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{State, Verdict};
use crate::action::block_ip::is_same;
use crate::action::facts::Facts;
use crate::action::mutation::Made;
use crate::action::query::{Query, WafQuery};
use crate::action::refusal::Stop;
use crate::domain::Untrusted;

/// One thing to read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "expect", rename_all = "kebab-case", deny_unknown_fields)]
pub enum WafState {
    /// The IP set has this address, or has it not.
    IpSetHas {
        id: String,
        name: String,
        address: String,
        on: bool,
    },
}

impl State for WafState {
    fn queries(&self, _made: &Made) -> Vec<Query> {
        match self {
            Self::IpSetHas { id, name, .. } => vec![ip_set(id, name)],
        }
    }

    fn patience(&self) -> Option<Duration> {
        match self {
            Self::IpSetHas { .. } => None,
        }
    }

    fn holds(&self, facts: &Facts, _made: &Made) -> Result<Verdict, Stop> {
        match self {
            Self::IpSetHas { id, name, address, on } => {
                let addresses = &facts.ip_set(&ip_set(id, name))?.addresses;
                let has = addresses.iter().any(|other| is_same(other, address));
                Ok(match (has, on) {
                    (true, true) | (false, false) => Verdict::Verified,
                    (true, false) => Verdict::Failed("the address is still in it.".to_owned()),
                    (false, true) => Verdict::Failed("the address is not in it.".to_owned()),
                })
            }
        }
    }
}

fn ip_set(id: &str, name: &str) -> Query {
    Query::Waf(WafQuery::IpSet {
        id: id.to_owned(),
        name: name.to_owned(),
    })
}

impl fmt::Display for WafState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IpSetHas { name, address, on, .. } => {
                let verb = if *on { "has" } else { "no longer has" };
                write!(f, "the IP set {} {verb} {address}", Untrusted::new(name.as_str()))
            }
        }
    }
}
