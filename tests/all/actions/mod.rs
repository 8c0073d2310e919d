//! Each action through one checker, in the five cases that every action ships: it applies, refuses, refuses stale facts, fails half
//! way, and is undone.

mod checker;
mod confirmation;
mod contain_role;
mod contain_user;
mod detach_user_policies;
mod disable_access_key;
mod groups;
mod half_done;
mod isolate_instance;
mod note_findings;
mod notify_sns;
mod prediction;
mod revoke_role_sessions;
mod snapshot_instance;
