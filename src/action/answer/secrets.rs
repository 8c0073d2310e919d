//! What Secrets Manager answers of a secret; never its value.

use serde::{Deserialize, Serialize};

use crate::domain::{Arn, SecretName, Time};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    pub name: SecretName,
    pub arn: Arn,
    /// Whether rotation is switched on.
    pub rotates: bool,
    /// The function that rotates it. Secrets that a service of AWS manages have none.
    pub function: Option<Arn>,
    pub last_rotated: Option<Time>,
    /// Whether it was marked for deletion.
    pub deleted: bool,
    /// The version with `AWSCURRENT`.
    pub current: Option<String>,
    /// The version with `AWSPENDING`, where that is another: a rotation that is not done.
    pub pending: Option<String>,
}
