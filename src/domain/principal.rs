//! Who did it, as far as a finding says.

use serde::{Deserialize, Serialize};

use super::Untrusted;

/// How the names of the roles begin that IAM Identity Center makes in an account: `AWSReservedSSO_<permission set>_<hash>`.
pub const IDENTITY_CENTER_ROLE: &str = "AWSReservedSSO_";

/// The identity that a finding or a log line names. Every part may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    /// `AKIA…` (a long-term key) or `ASIA…` (a session's key). The two are never treated alike.
    pub access_key: Option<Untrusted>,
    /// The IAM user's or role's name.
    pub name: Option<Untrusted>,
    /// `IAMUser`, `AssumedRole`, `Root`, `FederatedUser`, `AWSAccount`, …
    pub kind: Option<Untrusted>,
    /// The address that the calls came from.
    pub remote_ip: Option<Untrusted>,
    /// Where that address is, as the source says: country, organisation.
    pub remote_place: Option<Untrusted>,
}
