//! What changes a key: its state and its policy.

use serde_json::{Value, json};

use super::{Key, State, Store, arn, find, not_pending};
use crate::range::call::{Answer, ApiError, Call};

/// `EnableKey` and `DisableKey`; a key that is so already stays so.
pub fn switch(store: &mut Store, call: &Call, state: State) -> Answer {
    let key = find(store, call, false)?;
    customers(key, call)?;
    not_pending(key, call)?;
    key.state = state;
    Ok(json!({}))
}

/// `PutKeyPolicy`.
pub fn put_policy(store: &mut Store, call: &Call) -> Answer {
    let text = call.text("Policy").unwrap_or_default().to_owned();
    let key = find(store, call, false)?;
    customers(key, call)?;
    not_pending(key, call)?;
    let policy: Value = serde_json::from_str(&text).unwrap_or_default();
    if !policy["Statement"].is_array() && !policy["Statement"].is_object() {
        let why = "The new key policy is not a policy document.";
        return Err(ApiError::new(400, "MalformedPolicyDocumentException", why));
    }
    key.policy = text;
    Ok(json!({}))
}

/// AWS's own keys have a policy that lets nobody change them.
fn customers(key: &Key, call: &Call) -> Result<(), ApiError> {
    if !key.aws_managed {
        return Ok(());
    }
    let text = format!(
        "User: {} is not authorized to perform: kms:{} on resource: {} because no resource-based policy allows the kms:{} action",
        call.caller.arn,
        call.operation,
        arn(call, &key.id),
        call.operation
    );
    Err(ApiError::new(400, "AccessDeniedException", text))
}
