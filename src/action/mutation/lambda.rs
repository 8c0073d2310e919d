//! What may be changed through Lambda.

use serde::{Deserialize, Serialize};

use super::{Call, Grant, Made, NotMade, Place};
use crate::domain::FunctionName;

/// One call that changes something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", deny_unknown_fields)]
pub enum LambdaCall {
    /// Sets how many executions the function may have at once; with 0 it cannot be invoked.
    PutFunctionConcurrency { function: FunctionName, reserved: i32 },
    /// Takes that setting away.
    DeleteFunctionConcurrency { function: FunctionName },
}

impl Call for LambdaCall {
    fn permission(&self) -> &'static str {
        match self {
            Self::PutFunctionConcurrency { .. } => "lambda:PutFunctionConcurrency",
            Self::DeleteFunctionConcurrency { .. } => "lambda:DeleteFunctionConcurrency",
        }
    }

    fn needs(&self, place: &Place<'_>) -> Vec<Grant> {
        match self {
            Self::PutFunctionConcurrency { function, .. } | Self::DeleteFunctionConcurrency { function } => {
                let arn = place.arn("lambda", &format!("function:{function}"));
                vec![Grant::on(self.permission(), arn)]
            }
        }
    }

    fn resolve(&mut self, _made: &Made) -> Result<(), NotMade> {
        match self {
            Self::PutFunctionConcurrency { .. } | Self::DeleteFunctionConcurrency { .. } => Ok(()),
        }
    }

    fn phrase(&self, was: &str) -> String {
        let from = if was.is_empty() {
            String::new()
        } else {
            format!(", was {was}")
        };
        match self {
            Self::PutFunctionConcurrency { function, reserved } => {
                format!("function {function}: reserved concurrency {reserved}{from}")
            }
            Self::DeleteFunctionConcurrency { function } => {
                format!("function {function}: take the reserved concurrency away{from}")
            }
        }
    }
}
