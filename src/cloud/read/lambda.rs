//! What Lambda is asked, by query.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::ProvideErrorMetadata as _;
use aws_sdk_lambda::operation::RequestId as _;
use tokio::task::JoinSet;

use super::convert::missing;
use super::{Found, circle};
use crate::action::{
    Answer, EventSource, Function, FunctionUrl, LambdaQuery, Provisioned, QualifiedPolicies, ReadFailure,
};
use crate::cloud::errors::CallError;
use crate::cloud::pages::Pages;
use crate::cloud::session::Session;
use crate::domain::{FunctionName, Region, Untrusted};

/// Of so many aliases and versions the policies are read, so many at once. AWS allows fifteen such calls a second (Lambda Developer
/// Guide, "Lambda quotas").
const QUALIFIERS: usize = 50;
const AT_ONCE: usize = 10;

/// Every page of a Lambda list: they go on by `Marker` and `NextMarker`.
macro_rules! every_page {
    ($call:expr, $request:expr, |$page:ident| $take:block) => {{
        let (mut pages, mut marker) = (Pages::default(), None);
        loop {
            let $page = $request
                .set_marker(marker)
                .send()
                .await
                .map_err(|e| CallError::from_sdk($call, &e))?;
            $take
            marker = pages.next($page.next_marker()).map_err(circle($call))?;
            if marker.is_none() {
                break $page.request_id().map(str::to_owned);
            }
        }
    }};
}

pub(super) async fn ask(session: &Session, region: &Region, query: &LambdaQuery) -> Found {
    let client = &Client::new(&session.at(region));
    match query {
        LambdaQuery::Function { name } => function(client, name).await,
        LambdaQuery::ReservedConcurrency { name } => reserved(client, name).await,
        LambdaQuery::ProvisionedConcurrency { name } => provisioned(client, name).await,
        LambdaQuery::EventSources { name } => sources(client, name).await,
        LambdaQuery::FunctionUrls { name } => urls(client, name).await,
        LambdaQuery::FunctionPolicy { name } => policy(client, name).await,
        LambdaQuery::QualifiedPolicies { name } => qualified_policies(client, name).await,
    }
}

fn said(text: Option<&str>) -> Untrusted {
    Untrusted::new(text.unwrap_or_default())
}

/// `GetFunctionConfiguration`. Its environment, which may hold secrets, is not kept.
async fn function(client: &Client, name: &FunctionName) -> Found {
    const CALL: &str = "lambda:GetFunctionConfiguration";
    let answer = client
        .get_function_configuration()
        .function_name(name.as_str())
        .send()
        .await
        .map_err(|e| CallError::from_sdk(CALL, &e))?;
    let must = |what: &'static str, text: Option<&str>| text.map(str::to_owned).ok_or_else(|| missing(CALL, what));
    let found = Function {
        arn: must("FunctionArn", answer.function_arn())?,
        role: must("Role", answer.role())?,
        runtime: answer.runtime().map(|r| Untrusted::new(r.as_str())),
        main: answer.master_arn().filter(|arn| !arn.is_empty()).map(str::to_owned),
    };
    Ok((Answer::Function(found), answer.request_id().map(str::to_owned)))
}

/// `GetFunctionConcurrency`.
async fn reserved(client: &Client, name: &FunctionName) -> Found {
    let answer = client
        .get_function_concurrency()
        .function_name(name.as_str())
        .send()
        .await
        .map_err(|e| CallError::from_sdk("lambda:GetFunctionConcurrency", &e))?;
    let reserved = Answer::ReservedConcurrency(answer.reserved_concurrent_executions());
    Ok((reserved, answer.request_id().map(str::to_owned)))
}

/// `ListProvisionedConcurrencyConfigs`.
async fn provisioned(client: &Client, name: &FunctionName) -> Found {
    const CALL: &str = "lambda:ListProvisionedConcurrencyConfigs";
    let mut found = Vec::new();
    let request_id = every_page!(
        CALL,
        client
            .list_provisioned_concurrency_configs()
            .function_name(name.as_str()),
        |page| {
            for one in page.provisioned_concurrency_configs() {
                found.push(Provisioned {
                    arn: said(one.function_arn()),
                    requested: one
                        .requested_provisioned_concurrent_executions()
                        .ok_or_else(|| missing(CALL, "RequestedProvisionedConcurrentExecutions"))?,
                });
            }
        }
    );
    found.sort();
    Ok((Answer::Provisioned(found), request_id))
}

/// `ListEventSourceMappings`.
async fn sources(client: &Client, name: &FunctionName) -> Found {
    let mut found = Vec::new();
    let request_id = every_page!(
        "lambda:ListEventSourceMappings",
        client.list_event_source_mappings().function_name(name.as_str()),
        |page| {
            found.extend(page.event_source_mappings().iter().map(|one| EventSource {
                from: said(one.event_source_arn()),
                state: said(one.state()),
            }));
        }
    );
    found.sort();
    Ok((Answer::EventSources(found), request_id))
}

/// `ListFunctionUrlConfigs`.
async fn urls(client: &Client, name: &FunctionName) -> Found {
    let mut found = Vec::new();
    let request_id = every_page!(
        "lambda:ListFunctionUrlConfigs",
        client.list_function_url_configs().function_name(name.as_str()),
        |page| {
            found.extend(page.function_url_configs().iter().map(|one| FunctionUrl {
                url: Untrusted::new(one.function_url()),
                auth: Untrusted::new(one.auth_type().as_str()),
            }));
        }
    );
    found.sort();
    Ok((Answer::FunctionUrls(found), request_id))
}

/// `GetPolicy`. A function without a policy answers as if it were not there, so that it is there must be asked beside it.
async fn policy(client: &Client, name: &FunctionName) -> Found {
    let (text, request_id) = policy_of(client, name, None).await?;
    Ok((Answer::FunctionPolicy(text), request_id))
}

/// The policy of the function, or of a version or alias of it.
async fn policy_of(
    client: &Client,
    name: &FunctionName,
    qualifier: Option<&str>,
) -> Result<(Option<String>, Option<String>), ReadFailure> {
    let asked = client
        .get_policy()
        .function_name(name.as_str())
        .set_qualifier(qualifier.map(str::to_owned));
    match asked.send().await {
        Ok(answer) => Ok((
            answer.policy().map(str::to_owned),
            answer.request_id().map(str::to_owned),
        )),
        Err(error) if error.as_service_error().and_then(|e| e.code()) == Some("ResourceNotFoundException") => {
            Ok((None, None))
        }
        Err(error) => Err(CallError::from_sdk("lambda:GetPolicy", &error).into()),
    }
}

/// `ListAliases` and `ListVersionsByFunction`, then `GetPolicy` of each, some side by side.
async fn qualified_policies(client: &Client, name: &FunctionName) -> Found {
    let (aliases, versions) = tokio::join!(aliases(client, name), versions(client, name));
    let mut qualifiers = aliases?;
    qualifiers.extend(versions?);
    let mut found = QualifiedPolicies {
        left_out: qualifiers.len().saturating_sub(QUALIFIERS),
        ..QualifiedPolicies::default()
    };
    qualifiers.truncate(QUALIFIERS);
    for some in qualifiers.chunks(AT_ONCE) {
        let mut asked = JoinSet::new();
        for (number, qualifier) in some.iter().cloned().enumerate() {
            let (client, name) = (client.clone(), name.clone());
            asked.spawn(async move {
                let policy = policy_of(&client, &name, Some(&qualifier)).await;
                (number, qualifier, policy)
            });
        }
        let mut answers = asked.join_all().await;
        answers.sort_by_key(|(number, ..)| *number);
        for (_, qualifier, policy) in answers {
            match policy {
                Ok((Some(text), _)) => found.policies.push((Untrusted::new(qualifier), text)),
                Ok((None, _)) => {}
                Err(failure) => found.unread.push((Untrusted::new(qualifier), failure.message)),
            }
        }
    }
    Ok((Answer::QualifiedPolicies(found), None))
}

/// `ListAliases`.
async fn aliases(client: &Client, name: &FunctionName) -> Result<Vec<String>, ReadFailure> {
    const CALL: &str = "lambda:ListAliases";
    let mut found = Vec::new();
    every_page!(CALL, client.list_aliases().function_name(name.as_str()), |page| {
        for alias in page.aliases() {
            found.push(alias.name().ok_or_else(|| missing(CALL, "Name"))?.to_owned());
        }
    });
    Ok(found)
}

/// `ListVersionsByFunction`, the newest first. `$LATEST` is the function itself.
async fn versions(client: &Client, name: &FunctionName) -> Result<Vec<String>, ReadFailure> {
    const CALL: &str = "lambda:ListVersionsByFunction";
    let mut found: Vec<String> = Vec::new();
    every_page!(
        CALL,
        client.list_versions_by_function().function_name(name.as_str()),
        |page| {
            for version in page.versions() {
                found.push(version.version().ok_or_else(|| missing(CALL, "Version"))?.to_owned());
            }
        }
    );
    found.retain(|version| version != "$LATEST");
    found.sort_by_key(|version| std::cmp::Reverse(version.parse::<u64>().unwrap_or(u64::MAX)));
    Ok(found)
}
