//! What an instance printed: `GetConsoleOutput`.

use serde_json::json;

use super::{Place, errors, params};
use crate::range::call::Answer;

pub fn output(place: &mut Place<'_>) -> Answer {
    let id = params::required(place.params, "InstanceId")?;
    if !place.store.instances.contains_key(id) {
        return Err(errors::no_such("i", id));
    }
    params::stop_if_dry_run(place.params)?;
    let mut answer = json!({"instanceId": id, "timestamp": place.now.to_string()});
    // An instance that has printed nothing has no output in the answer.
    if let Some(output) = place.store.console.get(id) {
        answer["output"] = output.as_str().into();
    }
    Ok(answer)
}
