//! What may be asked of S3.

use serde::{Deserialize, Serialize};

use super::Ask;

/// One read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum S3Query {}

impl Ask for S3Query {
    fn is_advisory(&self) -> bool {
        match *self {}
    }

    fn permissions(&self) -> &'static [&'static str] {
        match *self {}
    }
}
