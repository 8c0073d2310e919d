//! What may be changed through AWS WAF.

use serde::{Deserialize, Serialize};

use super::{Call, Grant, Made, NotMade, Place};

/// One call that changes something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", deny_unknown_fields)]
pub enum WafCall {}

impl Call for WafCall {
    fn permission(&self) -> &'static str {
        match *self {}
    }

    fn needs(&self, _place: &Place<'_>) -> Vec<Grant> {
        match *self {}
    }

    fn resolve(&mut self, _made: &Made) -> Result<(), NotMade> {
        match *self {}
    }

    fn phrase(&self, _was: &str) -> String {
        match *self {}
    }
}
