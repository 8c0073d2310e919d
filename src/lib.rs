//! quell: a terminal console for incident response on AWS.
//!
//! This page is the plan of the house. `tests/tidy.rs` checks it.
//!
//! # The way through the house
//!
//! 1. [`cloud::feed`] reads GuardDuty and Security Hub in every account and region, and keeps each finding's JSON byte for byte.
//!    [`cloud::feed::queue`] takes events from a queue, and deletes what it has stored.
//! 2. [`findings`] parses it into a [`findings::Finding`], keeps it in an index, and joins what belongs
//!    together to incidents; the JSON itself is in [`findings::cache`], from which the next start paints at once, before AWS has
//!    said who the caller is.
//! 3. [`app::update`]`(state, event) -> effects` changes the state. It is synchronous and pure. [`tui`] draws the state.
//! 4. An action is one function over facts. Where a fact is missing it stops with the queries it needs; [`cloud::answers`] reads
//!    them side by side, and it is called again, until there is a [`action::Plan`] or a [`action::Refusal`].
//! 5. The responder confirms by typing. That makes a [`action::Confirmed`], bound to the digest that was on the screen.
//! 6. [`runtime`] reads the facts again, makes the plan again, and refuses if anything differs. So a plan file that the action
//!    would not make now is never applied, whoever wrote it.
//! 7. For each call the [`journal::Writer`] writes and syncs the intent and only then gives out a [`journal::Permit`];
//!    [`cloud::write`] spends it; the outcome is written. It stops at the first failure or unknown outcome.
//! 8. The world is read back. *Applied* is what AWS answered; *verified* is what was read back. They are never shown as the same.
//! 9. [`report`] folds the journal into a timeline. The same journal always gives the same report.
//!
//! # Rooms, from the ground up
//!
//! | room | what lives there | may use |
//! |---|---|---|
//! | [`domain`] | accounts, regions, ids, severity, resources, text from outside | nothing |
//! | [`findings`] | one parser a format, pages, the index, which findings are one incident, the cache on the disk, the filter language, `quell findings`' shapes | domain |
//! | [`action`] | queries, facts, mutations, plans, confirmation, and one file an action | domain |
//! | [`playbook`] | playbook files with their branches and conditions, which one fits, CACAO, the classification table | domain, action |
//! | [`journal`] | records, the hash chain, the writer, the permit, what records add up to | domain, action |
//! | [`app`] | the state, one file a screen's logic, commands and keys | all above |
//! | [`cloud`] | sessions, accounts, the feed, reads, and in `write` alone the changes | domain, findings, action, journal |
//! | [`range`] | an AWS endpoint in this process: a world, a codec a protocol, a file a service | domain |
//! | [`drill`] | scenarios, and the worlds they describe | range, domain |
//! | [`report`] | the timeline as Markdown and JSON | domain, action, playbook, journal |
//! | [`runtime`] | runs effects; owns tokio, the clock and the channels; applies and verifies plans | app, cloud, journal |
//! | [`tui`] | draws the state; owns the terminal | app and what its state holds |
//! | [`cli`], [`config`] | one file a command; the only place where concrete parts meet | all |
//!
//! # What is never there
//!
//! - No IO, clock, randomness or async in `domain`, `findings` (its cache aside), `playbook`, `action`, `app`.
//! - No `aws_sdk_*` name outside `cloud` (and the range's tests); no mutating SDK call outside `cloud::write`.
//! - No message of quell's own queue is deleted without the cache's receipt ([`findings::cache::Stored`]) that its content is on the
//!   disk. It is the one thing that looking uses up, with a session that can do nothing else.
//! - No change without a `Permit`, no permit without a synced intent of a `Confirmed` plan. See the examples that do not compile
//!   in [`journal::Permit`] and [`action::Confirmed`].
//! - No hand in `watch` and `findings`: the type they run with has no values ([`runtime::Hand`]), and the sessions they hold
//!   carry a policy that only reads.
//! - No `if drill`: a drill is the same console with another HTTP connector under the same AWS SDK clients.
//! - No text from outside on the screen or in a report that did not go through [`domain::Untrusted`].

pub mod action;
pub mod app;
pub mod cli;
pub mod cloud;
pub mod config;
pub mod domain;
pub mod drill;
pub mod findings;
pub mod journal;
pub mod playbook;
pub mod range;
pub mod report;
pub mod runtime;
pub mod tui;
