//! What a bucket's policy says about a call, beside what the caller's own policies say.
//!
//! Owns: how the two come together (IAM User Guide, "Policy evaluation logic"). Must never: let the owner's root user be locked out;
//! the range has no root users, so nobody is an exception here.

use std::collections::BTreeMap;

use crate::range::authorize::principal_arn;
use crate::range::call::Call;
use crate::range::policy::{Decision, Policy, Request, Verdict, effect};
use crate::range::resources::Need;
use crate::range::world::World;

/// The decision with the bucket's policy in it. A bucket that is not there has none.
pub fn with_bucket_policy(
    world: &World,
    call: &Call,
    need: &Need,
    context: &mut BTreeMap<String, String>,
    own: Decision,
) -> Decision {
    // Making a bucket is asked of nobody's bucket, though there may be one of that name.
    let named = call.text("Bucket").filter(|_| call.operation != "CreateBucket");
    let Some(bucket) = named.and_then(|name| world.s3.buckets.get(name)) else {
        return own;
    };
    context.insert("aws:principalisawsservice".to_owned(), "false".to_owned());
    let arns = [principal_arn(world, call.caller), call.caller.arn.clone()];
    let request = Request {
        action: &need.action,
        resource: &need.resource,
        context,
        account: &call.caller.account,
        arns: &arns,
    };
    let says = effect(bucket.policy.as_ref(), &request);
    let foreign = call.caller.account != bucket.owner;
    let shut = bucket.policy.as_ref().is_some_and(Policy::is_public) && world.s3.blocked(bucket).restrict;
    match (own, says) {
        (Decision::ExplicitDeny, _) => Decision::ExplicitDeny,
        (_, Verdict::Denied) => Decision::ResourceDeny,
        // `RestrictPublicBuckets` leaves a bucket with a public policy to its own account.
        (_, _) if foreign && shut => Decision::NoResourceAllow,
        (Decision::Allow, Verdict::Silent) if foreign => Decision::NoResourceAllow,
        // The own account's user or role that the bucket's policy names needs no other leave.
        (Decision::NoIdentityAllow, Verdict::Allowed) if !foreign => Decision::Allow,
        (own, _) => own,
    }
}
