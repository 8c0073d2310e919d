//! What may be asked of KMS.

use serde::{Deserialize, Serialize};

use super::Ask;

/// One read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum KmsQuery {}

impl Ask for KmsQuery {
    fn is_advisory(&self) -> bool {
        match *self {}
    }

    fn permissions(&self) -> &'static [&'static str] {
        match *self {}
    }
}
