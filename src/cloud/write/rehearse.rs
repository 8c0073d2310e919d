//! Dry runs: the plan's EC2 calls sent with `DryRun`, which checks the permissions and changes nothing (EC2 API reference, "Common
//! query parameters").
//!
//! Owns: the client that marks every request as a dry run, before it is signed. Must never: send a request that is not marked: the
//! calls are the same that a permit pays for, so the mark is put on in one place and its absence is an error.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;

use super::ec2;
use crate::action::{Foresight, Made, Mutation, Oracle, Outcome, Plan};
use crate::cloud::connect::Cloud;
use crate::domain::Untrusted;

/// What EC2 said to a dry run of each EC2 call of the plan, by number. A call that needs what an earlier one makes is not among
/// them, and nor is a call of any other service.
pub async fn rehearse(cloud: &Arc<Cloud>, plan: &Plan) -> BTreeMap<usize, Foresight> {
    let nothing_made = Made::new();
    let calls: Vec<(usize, Mutation)> = plan
        .draft
        .calls
        .iter()
        .enumerate()
        .filter(|(_, call)| matches!(call.mutation, Mutation::Ec2(_)))
        .filter_map(|(number, call)| Some((number, call.mutation.resolved(&nothing_made).ok()?)))
        .collect();
    let unknown = |why: &str| {
        let why = Untrusted::new(why);
        calls
            .iter()
            .map(|(number, _)| (*number, Foresight::Unknown { why: why.clone() }))
            .collect()
    };
    if calls.is_empty() {
        return BTreeMap::new();
    }
    // What answers in AWS's place may not know the mark, and would do what it is asked.
    if let Some(endpoint) = cloud.endpoint() {
        return unknown(&format!("{endpoint} stands in for AWS and may not heed DryRun"));
    }
    let session = match cloud.rehearsal(plan).await {
        Ok(session) => session,
        Err(error) => return unknown(&error.to_string()),
    };
    let mut said = BTreeMap::new();
    for (number, mutation) in calls {
        let Mutation::Ec2(call) = &mutation else { continue };
        let verdict = match ec2::send(&session, call, &nothing_made).await {
            Ok(_) => Foresight::Unknown {
                why: Untrusted::new("EC2 did not heed DryRun"),
            },
            Err(not_done) => verdict(not_done.outcome),
        };
        let heeded = !matches!(&verdict, Foresight::Unknown { why } if why.raw() == "EC2 did not heed DryRun");
        said.insert(number, verdict);
        if !heeded {
            break;
        }
    }
    said
}

/// What EC2's refusal to do it means: there is one code for *it would have worked*.
fn verdict(outcome: Outcome) -> Foresight {
    let by = Oracle::DryRun;
    match outcome {
        Outcome::Failed { code, message, .. } => match code.as_deref() {
            Some("DryRunOperation") => Foresight::Allowed { by },
            Some("UnauthorizedOperation" | "AccessDenied" | "AccessDeniedException") => {
                Foresight::Denied { by, why: message }
            }
            _ => Foresight::Unknown { why: message },
        },
        Outcome::Unknown { why } => Foresight::Unknown { why },
        Outcome::AlreadySo { code, .. } | Outcome::Partly { code, .. } => Foresight::Unknown {
            why: Untrusted::new(code),
        },
        Outcome::Applied { .. } => Foresight::Unknown {
            why: Untrusted::new("EC2 did not heed DryRun"),
        },
    }
}

/// Puts the mark on every request of a client.
#[derive(Debug)]
pub(in crate::cloud) struct DryRun;

#[aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint]
impl Intercept for DryRun {
    fn name(&self) -> &'static str {
        "dry-run"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        let form = request.body().bytes().filter(|body| body.starts_with(b"Action="));
        let form = form.ok_or("only a request in EC2's form can be marked as a dry run")?;
        let marked = [form, b"&DryRun=true"].concat();
        let length = marked.len().to_string();
        *request.body_mut() = SdkBody::from(marked);
        request.headers_mut().insert("content-length", length);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_code_means_that_it_would_have_worked() {
        let failed = |code: Option<&str>| Outcome::Failed {
            request_id: None,
            code: code.map(str::to_owned),
            message: Untrusted::new("said"),
        };
        assert!(matches!(
            verdict(failed(Some("DryRunOperation"))),
            Foresight::Allowed { .. }
        ));
        assert!(matches!(
            verdict(failed(Some("UnauthorizedOperation"))),
            Foresight::Denied { .. }
        ));
        assert!(matches!(
            verdict(failed(Some("InvalidGroup.NotFound"))),
            Foresight::Unknown { .. }
        ));
        assert!(matches!(verdict(failed(None)), Foresight::Unknown { .. }));
    }
}
