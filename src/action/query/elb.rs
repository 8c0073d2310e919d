//! What may be asked of Elastic Load Balancing.

use serde::{Deserialize, Serialize};

use super::Ask;

/// One read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ElbQuery {}

impl Ask for ElbQuery {
    fn is_advisory(&self) -> bool {
        match *self {}
    }

    fn permissions(&self) -> &'static [&'static str] {
        match *self {}
    }
}
