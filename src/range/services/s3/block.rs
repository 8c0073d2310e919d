//! The public access block, of a bucket and of an account.
//!
//! Owns: its document. Must never: take what is left out for "as it was"; S3 sets it to false.

use serde_json::{Value, json};

use super::{Block, done, own};
use crate::range::call::{Answer, ApiError, Call};
use crate::range::world::World;

pub fn of_bucket(world: &mut World, call: &Call) -> Answer {
    let bucket = own(world, call)?;
    match call.operation {
        "PutBucketPublicAccessBlock" => {
            bucket.block = Some(given(call)?);
            Ok(done(200))
        }
        "DeleteBucketPublicAccessBlock" => {
            bucket.block = None;
            Ok(done(204))
        }
        _ => bucket.block.map(show).ok_or_else(missing),
    }
}

pub fn of_account(world: &mut World, call: &Call) -> Answer {
    let account = call.caller.account;
    if call.text("AccountId") != Some(account.as_str()) {
        return Err(ApiError::new(403, "AccessDenied", "Access Denied"));
    }
    let blocks = &mut world.s3.account_blocks;
    match call.operation {
        "PutAccountPublicAccessBlock" => {
            blocks.insert(account, given(call)?);
            Ok(done(201))
        }
        "DeleteAccountPublicAccessBlock" => {
            blocks.remove(&account);
            Ok(done(204))
        }
        _ => blocks.get(&account).copied().map(show).ok_or_else(missing),
    }
}

fn given(call: &Call) -> Result<Block, ApiError> {
    let settings = &call.params["PublicAccessBlockConfiguration"];
    if settings.is_null() {
        return Err(ApiError::new(
            400,
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published schema",
        ));
    }
    let on = |name: &str| {
        settings[name]
            .as_str()
            .is_some_and(|word| word.eq_ignore_ascii_case("true"))
    };
    Ok(Block {
        public_acls: on("BlockPublicAcls"),
        ignore_acls: on("IgnorePublicAcls"),
        public_policy: on("BlockPublicPolicy"),
        restrict: on("RestrictPublicBuckets"),
    })
}

fn show(block: Block) -> Value {
    json!({"xml": {"PublicAccessBlockConfiguration": {
        "BlockPublicAcls": block.public_acls,
        "IgnorePublicAcls": block.ignore_acls,
        "BlockPublicPolicy": block.public_policy,
        "RestrictPublicBuckets": block.restrict,
    }}})
}

fn missing() -> ApiError {
    ApiError::new(
        404,
        "NoSuchPublicAccessBlockConfiguration",
        "The public access block configuration was not found",
    )
}
