//! What may be asked of Organizations.

use serde::{Deserialize, Serialize};

use super::Ask;

/// One read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum OrganizationsQuery {}

impl Ask for OrganizationsQuery {
    fn is_advisory(&self) -> bool {
        match *self {}
    }

    fn permissions(&self) -> &'static [&'static str] {
        match *self {}
    }
}
