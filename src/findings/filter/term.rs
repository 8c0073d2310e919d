//! One term of a filter and whether a finding meets it.

use crate::domain::{ResourceKind, Severity, SeverityLabel, Time};
use crate::findings::Finding;

use super::net::Net;
use super::text::Needle;
use super::{Asked, Context};

/// A comparison of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

impl Compare {
    fn holds<T: PartialOrd>(self, a: &T, b: &T) -> bool {
        match self {
            Self::Less => a < b,
            Self::AtMost => a <= b,
            Self::Equal => a == b,
            Self::AtLeast => a >= b,
            Self::More => a > b,
        }
    }
}

/// Fields that hold text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextField {
    Account,
    Region,
    Source,
    Type,
    Resource,
    Title,
    User,
    Key,
    Ip,
}

/// States of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Is {
    /// Somebody works on it.
    Claimed,
    /// Nobody works on it.
    Unclaimed,
    /// Somebody responded to it: claimed, classified or acted.
    Responded,
    /// Nobody responded in time.
    Overdue,
    /// It has more than one finding.
    Grouped,
}

impl Is {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Claimed,
        Self::Unclaimed,
        Self::Responded,
        Self::Overdue,
        Self::Grouped,
    ];

    /// The word to type.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Unclaimed => "unclaimed",
            Self::Responded => "responded",
            Self::Overdue => "overdue",
            Self::Grouped => "grouped",
        }
    }
}

/// What is asked of a finding.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// The band.
    Band(Compare, SeverityLabel),
    /// The score, on GuardDuty's scale.
    Score(Compare, Severity),
    /// A part of a field's text.
    Holds(TextField, Needle),
    /// The whole of a field's text.
    Is(TextField, Needle),
    /// Seconds since the last update.
    Age(Compare, i64),
    /// Seconds since it was first seen.
    First(Compare, i64),
    Count(Compare, u32),
    Archived(bool),
    /// The address, in a network.
    Net(Net),
    /// A state of its incident.
    State(Is),
    /// Whoever has its incident.
    Owner(String),
    /// A name of its incident.
    Incident(String),
    /// Anywhere in what the list shows.
    Free(Needle),
}

/// A test, maybe turned round.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    pub negated: bool,
    pub test: Test,
}

impl Term {
    /// Whether the answer changes as time passes.
    pub fn asks_age(&self) -> bool {
        matches!(self.test, Test::Age(..) | Test::First(..) | Test::State(Is::Overdue))
    }

    /// Whether the answer depends on the finding's incident.
    pub fn asks_incident(&self) -> bool {
        matches!(self.test, Test::State(_) | Test::Owner(_) | Test::Incident(_))
    }

    /// Whether the finding meets it.
    pub fn matches(&self, finding: &Finding, context: &Context<'_>) -> bool {
        self.negated != self.test.holds(finding, context)
    }
}

impl Test {
    fn holds(&self, finding: &Finding, context: &Context<'_>) -> bool {
        match self {
            Self::Band(compare, label) => compare.holds(&finding.severity.label(), label),
            Self::Score(compare, score) => compare.holds(&finding.severity, score),
            Self::Holds(field, needle) => any_text(*field, finding, context, |text| needle.is_in(text)),
            Self::Is(field, needle) => any_text(*field, finding, context, |text| needle.is(text)),
            Self::Age(compare, seconds) => since(*compare, *seconds, finding.updated_at, context),
            Self::First(compare, seconds) => since(*compare, *seconds, finding.first_seen, context),
            Self::Count(compare, count) => compare.holds(&finding.count, count),
            Self::Archived(wanted) => finding.archived == *wanted,
            Self::Net(net) => finding
                .principal
                .remote_ip
                .as_ref()
                .is_some_and(|ip| net.holds(ip.raw())),
            Self::State(state) => (context.incident)(finding, Asked::Is(*state)),
            Self::Owner(name) => (context.incident)(finding, Asked::Owner(name)),
            Self::Incident(id) => (context.incident)(finding, Asked::Named(id)),
            Self::Free(needle) => [
                TextField::Title,
                TextField::Type,
                TextField::Resource,
                TextField::User,
                TextField::Account,
            ]
            .into_iter()
            .any(|field| any_text(field, finding, context, |text| needle.is_in(text))),
        }
    }
}

/// A finding without the time is neither younger nor older than anything.
fn since(compare: Compare, seconds: i64, time: Option<Time>, context: &Context<'_>) -> bool {
    time.is_some_and(|time| compare.holds(&(context.now.as_second() - time.as_second()), &seconds))
}

/// Whether one of the texts that a field stands for passes.
fn any_text(field: TextField, finding: &Finding, context: &Context<'_>, pass: impl Fn(&str) -> bool) -> bool {
    match field {
        TextField::Account => {
            pass(finding.account.as_str()) || (context.account_name)(&finding.account).is_some_and(pass)
        }
        TextField::Region => pass(finding.region.as_str()) || pass(&finding.region.short()),
        TextField::Source => pass(finding.source.word()) || pass(finding.source.name()) || pass(finding.product.raw()),
        TextField::Type => pass(finding.kind.raw()) || finding.control.as_ref().is_some_and(|c| pass(c.raw())),
        TextField::Resource => {
            let mut all = std::iter::once(&finding.resource).chain(&finding.others);
            all.any(|resource| pass(resource.id.raw())) || pass(finding.resource.kind.word())
        }
        TextField::Title => pass(finding.title.raw()),
        TextField::User => {
            let who = &finding.principal;
            let mut all = who.name.iter().chain(&who.access_key).chain(&who.kind);
            all.any(|text| pass(text.raw()))
        }
        TextField::Key => {
            let named = std::iter::once(&finding.resource).chain(&finding.others);
            let keys = named.filter(|r| r.kind == ResourceKind::AccessKey).map(|r| &r.id);
            finding
                .principal
                .access_key
                .iter()
                .chain(keys)
                .any(|key| pass(key.raw()))
        }
        TextField::Ip => finding.principal.remote_ip.as_ref().is_some_and(|ip| pass(ip.raw())),
    }
}
