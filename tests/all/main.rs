//! The promises that take more than one room of the house: actions from plan to undo, other people's emulator and clients, and a
//! feed that never comes up short in silence. One binary, so that the AWS SDK is linked once.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "these are tests: a surprise is a failure, and counts and seeds are printed"
)]

mod actions;
mod binary;
mod boto3;
mod boto3_data;
mod capture_script;
mod discovery;
mod evidence;
mod feed;
mod journeys;
mod moto;
mod moto_organization;
mod offline;
mod playbooks;
mod proxy;
mod queue;
mod seeded;
mod support;
mod walk;
