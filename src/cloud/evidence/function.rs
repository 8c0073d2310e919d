//! What Lambda says of a function. Its environment, which may hold secrets, is part of it; its code is not read.

use aws_sdk_lambda::Client;

use super::{Asked, Kit, take, take_pages};

/// Lambda says so of a function without a policy.
const NONE: &[&str] = &["ResourceNotFoundException"];

pub(super) async fn settings(kit: &Kit<'_>, name: &str) {
    let client = &Client::new(&kit.session.at(kit.region));
    let asked = |call| Asked {
        call,
        of: name,
        region: kit.region,
    };
    let configuration = client.get_function_configuration().function_name(name);
    take!(kit, asked("lambda:GetFunctionConfiguration"), configuration);
    take!(
        kit,
        asked("lambda:GetPolicy"),
        client.get_policy().function_name(name),
        NONE
    );
    let sources = asked("lambda:ListEventSourceMappings");
    let request = || client.list_event_source_mappings().function_name(name);
    take_pages!(kit, sources, request(), set_marker, next_marker);
}
