//! Lambda's changes: how many executions a function may have at once.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::RequestId as _;

use super::classify::{Sent, done, error};
use crate::action::{LambdaCall, Made};
use crate::cloud::session::ResponderSession;

pub(super) async fn send(session: &ResponderSession, call: &LambdaCall, _made: &Made) -> Sent {
    let client = Client::new(&session.here());
    match call {
        LambdaCall::PutFunctionConcurrency { function, reserved } => {
            let answer = client
                .put_function_concurrency()
                .function_name(function.as_str())
                .reserved_concurrent_executions(*reserved)
                .send()
                .await
                .map_err(error("lambda:PutFunctionConcurrency", &[]))?;
            Ok(done(answer.request_id()))
        }
        LambdaCall::DeleteFunctionConcurrency { function } => {
            let answer = client
                .delete_function_concurrency()
                .function_name(function.as_str())
                .send()
                .await
                .map_err(error("lambda:DeleteFunctionConcurrency", &[]))?;
            Ok(done(answer.request_id()))
        }
    }
}
