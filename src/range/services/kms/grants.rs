//! Grants: `CreateGrant`, `ListGrants`, `RevokeGrant`.

use serde_json::{Value, json};

use super::read::page;
use super::{Grant, State, Store, arn, find, not_pending};
use crate::range::call::{Answer, ApiError, Call};
use crate::range::world::World;

/// What a grant can allow (API reference, `CreateGrant`).
const OPERATIONS: &[&str] = &[
    "CreateGrant",
    "Decrypt",
    "DeriveSharedSecret",
    "DescribeKey",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "GetPublicKey",
    "ReEncryptFrom",
    "ReEncryptTo",
    "RetireGrant",
    "Sign",
    "Verify",
    "VerifyMac",
];

pub fn create(world: &mut World, call: &Call) -> Answer {
    let operations: Vec<String> = call.texts("Operations").into_iter().map(str::to_owned).collect();
    let sound = operations.iter().all(|o| OPERATIONS.contains(&o.as_str()));
    let grantee = call.text("GranteePrincipal").filter(|p| p.starts_with("arn:"));
    let grantee = grantee.ok_or_else(|| ApiError::new(400, "InvalidArnException", "Invalid grantee principal"))?;
    if operations.is_empty() || !sound {
        return Err(ApiError::new(400, "ValidationException", "Operations are invalid"));
    }
    let id = world.new_hex(64);
    let key = find(&mut world.here(call)?.kms, call, false)?;
    not_pending(key, call)?;
    if key.aws_managed {
        let text = format!(
            "User: {} is not authorized to perform: kms:CreateGrant on resource: {}",
            call.caller.arn,
            arn(call, &key.id)
        );
        return Err(ApiError::new(400, "AccessDeniedException", text));
    }
    if key.state == State::Disabled {
        let text = format!("{} is disabled.", arn(call, &key.id));
        return Err(ApiError::new(400, "DisabledException", text));
    }
    // With a name, asking again for the same is answered with the grant that there is (API reference, `CreateGrant`).
    let name = call.text("Name");
    let retiring = call.text("RetiringPrincipal");
    let same = |g: &&Grant| {
        let content = g.grantee == grantee && g.operations == operations && g.retiring.as_deref() == retiring;
        name.is_some() && g.name.as_deref() == name && content
    };
    if let Some(there) = key.grants.values().find(same) {
        return Ok(json!({"GrantId": there.id, "GrantToken": format!("token-{id}")}));
    }
    let grant = Grant {
        id: id.clone(),
        name: call.text("Name").map(str::to_owned),
        created: call.now,
        grantee: grantee.to_owned(),
        retiring: call.text("RetiringPrincipal").map(str::to_owned),
        operations,
    };
    key.grants.insert(id.clone(), grant);
    Ok(json!({"GrantId": id, "GrantToken": format!("token-{id}")}))
}

pub fn revoke(world: &mut World, call: &Call) -> Answer {
    let id = call.text("GrantId").unwrap_or_default();
    let key = find(&mut world.here(call)?.kms, call, false)?;
    not_pending(key, call)?;
    match key.grants.remove(id) {
        Some(_) => Ok(json!({})),
        None => Err(ApiError::new(
            400,
            "NotFoundException",
            format!("Grant ID {id} not found"),
        )),
    }
}

pub fn list(store: &mut Store, call: &Call) -> Answer {
    let key = find(store, call, false)?;
    not_pending(key, call)?;
    let (id, grantee) = (call.text("GrantId"), call.text("GranteePrincipal"));
    let fits = |g: &&Grant| id.is_none_or(|id| g.id == id) && grantee.is_none_or(|p| g.grantee == p);
    let show = |grant: &Grant| {
        let mut item = json!({
            "KeyId": arn(call, &key.id), "GrantId": grant.id, "CreationDate": grant.created.as_second(),
            "GranteePrincipal": grant.grantee, "IssuingAccount": format!("arn:aws:iam::{}:root", call.caller.account),
            "Operations": grant.operations,
        });
        for (name, value) in [("Name", &grant.name), ("RetiringPrincipal", &grant.retiring)] {
            if let Some(value) = value {
                item[name] = Value::from(value.as_str());
            }
        }
        (grant.id.clone(), item)
    };
    let items = key.grants.values().filter(fits).map(show).collect();
    page("Grants", items, call)
}
