//! quell: a terminal console for incident response on AWS.

pub mod action;
pub mod app;
pub mod domain;
pub mod findings;
pub mod journal;
pub mod range;
pub mod tui;
