//! Each action through one checker, in the five cases that every action ships: it applies, refuses, refuses stale facts, fails half
//! way, and is undone.

mod checker;
mod confirmation;
mod disable_access_key;
mod disable_kms_key;
mod groups;
mod half_done;
mod isolate_database;
mod isolate_instance;
mod note_findings;
mod notify_sns;
mod rotate_secret;
mod snapshot_instance;
