//! quell: a terminal console for incident response on AWS.

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
