//! What a service of the range is given and what it answers: plain values, whatever protocol carried them.

use std::cell::RefCell;

use serde_json::Value;

use crate::domain::{AccountId, Region, Time};

/// One request, decoded. Query and EC2 parameters arrive nested: `Filter.1.Name=x` is `{"Filter": [{"Name": "x"}]}`,
/// `Tags.member.1.Key=k` is `{"Tags": [{"Key": "k"}]}`; their leaves are strings. JSON protocols arrive as sent, with path and query
/// parameters of REST-JSON merged in under the names that AWS's API reference gives them.
#[derive(Debug)]
pub struct Call<'a> {
    /// The API's name for the operation, such as `DescribeInstances`.
    pub operation: &'a str,
    /// The parameters.
    pub params: &'a Value,
    /// Bytes that are no parameter: an object's content. The log does not keep them.
    pub body: &'a [u8],
    /// Who asks.
    pub caller: &'a Caller,
    /// The region the request was signed for.
    pub region: &'a Region,
    /// The range's own clock.
    pub now: Time,
    /// What the answer lists, where that is long.
    pub long: &'a LongList,
}

/// A list of an answer whose items are large and many: each is JSON already, because to copy values and to write them takes longer
/// than all else that a call does. Only REST-JSON sends it, beside the members of the answer itself.
#[derive(Debug, Default)]
pub struct LongList(RefCell<Option<Items>>);

/// A list's name in the answer, and its items, each as JSON.
#[derive(Clone, Debug)]
pub struct Items {
    pub name: &'static str,
    pub items: Vec<String>,
}

impl LongList {
    /// Answers with a list of this name, whose items are JSON.
    pub fn set<'t>(&self, name: &'static str, items: impl Iterator<Item = &'t str>) {
        let items = items.map(str::to_owned).collect();
        self.0.replace(Some(Items { name, items }));
    }

    /// Leaves out so many of the last items.
    pub fn shorten(&self, by: usize) {
        if let Some(list) = self.0.borrow_mut().as_mut() {
            list.items.truncate(list.items.len().saturating_sub(by));
        }
    }

    /// What was set.
    pub fn take(self) -> Option<Items> {
        self.0.into_inner()
    }
}

impl Call<'_> {
    /// A parameter that is text, where it is there and is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.params.get(name).and_then(Value::as_str)
    }

    /// A parameter that is a number, written as one or as text.
    pub fn number(&self, name: &str) -> Option<i64> {
        let value = self.params.get(name)?;
        value.as_i64().or_else(|| value.as_str()?.parse().ok())
    }

    /// A parameter that is a list of texts; empty where it is missing.
    pub fn texts(&self, name: &str) -> Vec<&str> {
        let list = self.params.get(name).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).collect()
    }
}

/// The identity behind a request's access key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub account: AccountId,
    /// As `GetCallerIdentity` would say.
    pub arn: String,
    /// As `GetCallerIdentity` would say: `AIDA…`, `AROA…:session`.
    pub user_id: String,
    /// The key that signed the request.
    pub access_key: String,
}

/// Where a request comes from, as its service sees it. Kept among a request's extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    pub address: String,
    pub user_agent: String,
}

impl Origin {
    /// The address of those who ask from within this process: the made-up organisation's office (RFC 5737).
    pub const OFFICE: &str = "203.0.113.10";
    /// Characters of a user agent that CloudTrail keeps ("CloudTrail record contents").
    const AGENT: usize = 1024;

    /// What a request says of itself, and what the way in says of it.
    pub fn of(request: &http::Request<bytes::Bytes>) -> Self {
        let address = request.extensions().get::<std::net::IpAddr>();
        let agent = request.headers().get(http::header::USER_AGENT);
        let agent = agent.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        Self {
            address: address.map_or_else(|| Self::OFFICE.to_owned(), ToString::to_string),
            user_agent: agent.unwrap_or_default().chars().take(Self::AGENT).collect(),
        }
    }
}

/// What a service answers. An object: JSON protocols send it as it is; XML protocols send keys as elements, in order of the
/// keys, arrays as `item` (EC2) or `member` (query) lists, and leave out what is null. An object whose one key is `entry`
/// and holds an array repeats that element, as SNS's maps do. A key that begins with `*` and holds an array repeats the element of
/// the name behind the star, as RDS's lists do.
pub type Answer = Result<Value, ApiError>;

/// An error in AWS's own words: the HTTP status, the code that clients match on, and the sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    pub status: u16,
    pub code: String,
    pub message: String,
}

impl ApiError {
    /// An error with a code and a sentence.
    pub fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
        }
    }
}
