//! Dry runs: those of the plan's EC2 calls that know `DryRun`, which checks the permissions and changes nothing (EC2 API reference,
//! "Common query parameters").
//!
//! Owns: which calls know it, and the guard on the client. Must never: send a request that is not marked, or one that EC2's model
//! gives no such mark. The calls are the same that a permit pays for: the SDK's own types put the mark on, so only a call that has
//! it can be given it, and the guard lets no other out.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::ec2;
use crate::action::{Ec2Call, Foresight, Made, Mutation, Oracle, Outcome, Plan};
use crate::cloud::connect::Cloud;
use crate::domain::Untrusted;

/// What EC2 said to a dry run of each EC2 call of the plan, by number. A call that needs what an earlier one makes is not among
/// them, and nor is one that knows no dry run, or a call of any other service.
pub async fn rehearse(cloud: &Arc<Cloud>, plan: &Plan) -> BTreeMap<usize, Foresight> {
    let nothing_made = Made::new();
    let calls: Vec<(usize, Mutation)> = plan
        .draft
        .calls
        .iter()
        .enumerate()
        .filter(|(_, call)| matches!(&call.mutation, Mutation::Ec2(call) if knows_dry_run(call)))
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

/// Whether EC2's model of the call has a member `DryRun`. "Common query parameters" promises it for most calls only, and what EC2
/// makes of a mark that a call does not know is nowhere said: it may well do it.
fn knows_dry_run(call: &Ec2Call) -> bool {
    match call {
        Ec2Call::CreateTags { .. }
        | Ec2Call::DeleteTags { .. }
        | Ec2Call::SetTerminationProtection { .. }
        | Ec2Call::SetShutdownBehavior { .. }
        | Ec2Call::SetDeleteOnTermination { .. }
        | Ec2Call::CreateSecurityGroup { .. }
        | Ec2Call::AuthorizeSecurityGroup { .. }
        | Ec2Call::RevokeSecurityGroupEgress { .. }
        | Ec2Call::SetInterfaceGroups { .. }
        | Ec2Call::CreateSnapshots { .. }
        | Ec2Call::StopInstances { .. }
        | Ec2Call::StartInstances { .. } => true,
        Ec2Call::AssociateIamInstanceProfile { .. }
        | Ec2Call::ReplaceIamInstanceProfileAssociation { .. }
        | Ec2Call::DisassociateIamInstanceProfile { .. } => false,
    }
}

/// Lets no request of a client out that is not marked as a dry run.
#[derive(Debug)]
pub(in crate::cloud) struct OnlyDryRuns;

#[aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint]
impl Intercept for OnlyDryRuns {
    fn name(&self) -> &'static str {
        "only-dry-runs"
    }

    fn read_before_signing(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        match context.request().body().bytes() {
            Some(body) if is_marked(body) => Ok(()),
            _ => Err("a call that is not marked as a dry run is not rehearsed".into()),
        }
    }
}

/// Whether a request in EC2's form says `DryRun=true`. What a value contains cannot be taken for it: there `&` is written `%26`.
fn is_marked(form: &[u8]) -> bool {
    form.split(|byte| *byte == b'&').any(|pair| pair == b"DryRun=true")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::testing::connected;
    use crate::cloud::write::tests::calls as calls_alone;
    use crate::domain::{InstanceId, ProfileAssociationId, ProfileName};

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

    #[test]
    fn only_the_member_itself_is_the_mark() {
        assert!(is_marked(b"Action=StopInstances&DryRun=true&InstanceId.1=i-0ab"));
        for form in [
            "Action=StopInstances",
            "DryRun=false",
            "Tag.1.Value=%26DryRun=true",
            "NoDryRun=true",
        ] {
            assert!(!is_marked(form.as_bytes()), "{form}");
        }
    }

    /// Whatever is sent by mistake, the guard keeps back: here the three calls that EC2's model gives no `DryRun`.
    #[tokio::test]
    async fn a_call_that_knows_no_dry_run_is_not_sent() {
        let (range, cloud) = connected().await;
        let instance: InstanceId = "i-0ab12cd34ef567890".parse().unwrap();
        let association: ProfileAssociationId = "iip-assoc-0ab12cd34ef567890".parse().unwrap();
        let profile: ProfileName = "web".parse().unwrap();
        let calls = [
            Ec2Call::AssociateIamInstanceProfile {
                instance: instance.clone(),
                profile: profile.clone(),
                roles: Vec::new(),
            },
            Ec2Call::ReplaceIamInstanceProfileAssociation {
                instance: instance.clone(),
                association: association.clone(),
                profile,
                roles: Vec::new(),
            },
            Ec2Call::DisassociateIamInstanceProfile { instance, association },
        ];
        let plan = calls_alone(calls.iter().cloned().map(Mutation::Ec2).collect());
        assert_eq!(rehearse(&cloud, &plan).await, BTreeMap::new());
        let session = cloud.rehearsal(&plan).await.unwrap();
        for call in &calls {
            let kept_back = ec2::send(&session, call, &Made::new()).await.unwrap_err();
            let Outcome::Unknown { why } = &kept_back.outcome else {
                panic!("{:?}", kept_back.outcome);
            };
            assert!(why.raw().contains("not marked as a dry run"), "{why:?}");
        }
        let sent = range.with_world(|world| world.log.iter().filter(|call| call.mutating).count());
        assert_eq!(sent, 0);
    }
}
