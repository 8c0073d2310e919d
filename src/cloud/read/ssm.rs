//! What Systems Manager is asked, by query.

use aws_sdk_ssm::Client;
use aws_sdk_ssm::operation::RequestId as _;
use aws_sdk_ssm::operation::get_command_invocation::GetCommandInvocationOutput;
use aws_sdk_ssm::types::{
    CommandFilter, CommandFilterKey, CommandInvocation, InstanceInformation, InstanceInformationStringFilter,
};

use super::convert::missing;
use super::{Found, circle, missing_attribute, only};
use crate::action::{Agent, Answer, Invocation, MemoryCapture, ReadFailure, SsmQuery};
use crate::cloud::errors::CallError;
use crate::cloud::pages::Pages;
use crate::cloud::session::Session;
use crate::domain::{InstanceId, Region, Time, Untrusted};

const AGENTS: &str = "ssm:DescribeInstanceInformation";
const LIST: &str = "ssm:ListCommandInvocations";
const GET: &str = "ssm:GetCommandInvocation";

pub(super) async fn ask(session: &Session, region: &Region, query: &SsmQuery) -> Found {
    let client = Client::new(&session.at(region));
    match query {
        SsmQuery::Agent { of } => agent(&client, of).await,
        SsmQuery::Captures { of, since } | SsmQuery::CapturesNearby { of, since } => {
            captures(&client, of, *since).await
        }
        SsmQuery::CommandInvocation { command, instance } => invocation(&client, command, instance).await,
    }
}

async fn agent(client: &Client, of: &InstanceId) -> Found {
    let filter = InstanceInformationStringFilter::builder()
        .key("InstanceIds")
        .values(of.as_str());
    let filter = filter.build().map_err(|_| missing_attribute(AGENTS))?;
    let (mut found, mut pages, mut token) = (Vec::new(), Pages::default(), None);
    loop {
        let page = client
            .describe_instance_information()
            .filters(filter.clone())
            .set_next_token(token)
            .send()
            .await;
        let page = page.map_err(|e| CallError::from_sdk(AGENTS, &e))?;
        for one in page.instance_information_list() {
            found.push(convert_agent(of, one)?);
        }
        token = pages.next(page.next_token()).map_err(circle(AGENTS))?;
        if token.is_none() {
            let request_id = page.request_id().map(str::to_owned);
            let found = if found.is_empty() {
                None
            } else {
                Some(only(AGENTS, of.as_str(), found)?)
            };
            return Ok((Answer::Agent(found), request_id));
        }
    }
}

fn convert_agent(of: &InstanceId, from: &InstanceInformation) -> Result<Agent, ReadFailure> {
    // Another machine's agent would say that this one can be reached.
    if from.instance_id() != Some(of.as_str()) {
        return Err(missing(AGENTS, of.as_str()));
    }
    let ping = from.ping_status().ok_or_else(|| missing(AGENTS, "PingStatus"))?;
    let system = [from.platform_name(), from.platform_version()];
    let system: Vec<&str> = system.into_iter().flatten().collect();
    Ok(Agent {
        ping: ping.as_str().to_owned(),
        platform: from.platform_type().map(|platform| platform.as_str().to_owned()),
        system: Untrusted::new(system.join(" ")),
    })
}

async fn captures(client: &Client, of: &InstanceId, since: Time) -> Found {
    let after = CommandFilter::builder()
        .key(CommandFilterKey::InvokedAfter)
        .value(format!("{since:.0}"));
    let after = after.build().map_err(|_| missing_attribute(LIST))?;
    let (mut found, mut pages, mut token) = (Vec::new(), Pages::default(), None);
    loop {
        let page = client
            .list_command_invocations()
            .instance_id(of.as_str())
            .filters(after.clone())
            .details(true)
            .set_next_token(token)
            .send()
            .await;
        let page = page.map_err(|e| CallError::from_sdk(LIST, &e))?;
        for one in page.command_invocations() {
            if one
                .comment()
                .is_some_and(|comment| comment.starts_with(MemoryCapture::MARK))
            {
                found.push(listed(one)?);
            }
        }
        token = pages.next(page.next_token()).map_err(circle(LIST))?;
        if token.is_none() {
            return Ok((Answer::Invocations(found), page.request_id().map(str::to_owned)));
        }
    }
}

fn listed(from: &CommandInvocation) -> Result<Invocation, ReadFailure> {
    let said = from.command_plugins().iter().filter_map(|plugin| plugin.output());
    let said: Vec<&str> = said.collect();
    let said = said.join("\n");
    Ok(Invocation {
        command: from.command_id().ok_or_else(|| missing(LIST, "CommandId"))?.to_owned(),
        comment: Untrusted::new(from.comment().unwrap_or_default()),
        status: from
            .status()
            .ok_or_else(|| missing(LIST, "Status"))?
            .as_str()
            .to_owned(),
        details: Untrusted::new(from.status_details().unwrap_or_default()),
        // A list has both in one.
        output: Untrusted::new(said.as_str()),
        errors: Untrusted::new(said.as_str()),
    })
}

async fn invocation(client: &Client, command: &str, instance: &InstanceId) -> Found {
    let sent = client
        .get_command_invocation()
        .command_id(command)
        .instance_id(instance.as_str())
        .send();
    match sent.await.map_err(|e| CallError::from_sdk(GET, &e)) {
        Ok(answer) => Ok((
            Answer::Invocations(vec![convert(&answer)?]),
            answer.request_id().map(str::to_owned),
        )),
        // In the first seconds after a command was sent.
        Err(error) if error.code.as_deref() == Some("InvocationDoesNotExist") => {
            Ok((Answer::Invocations(Vec::new()), error.request_id))
        }
        Err(error) => Err(error.into()),
    }
}

fn convert(from: &GetCommandInvocationOutput) -> Result<Invocation, ReadFailure> {
    Ok(Invocation {
        command: from.command_id().ok_or_else(|| missing(GET, "CommandId"))?.to_owned(),
        comment: Untrusted::new(from.comment().unwrap_or_default()),
        status: from.status().ok_or_else(|| missing(GET, "Status"))?.as_str().to_owned(),
        details: Untrusted::new(from.status_details().unwrap_or_default()),
        output: Untrusted::new(from.standard_output_content().unwrap_or_default()),
        errors: Untrusted::new(from.standard_error_content().unwrap_or_default()),
    })
}
