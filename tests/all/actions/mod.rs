//! Each action through one checker, in the five cases that every action ships: it applies, refuses, refuses stale facts, fails half
//! way, and is undone.

mod block_bucket_public;
mod block_ip;
mod capture_elsewhere;
mod capture_memory;
mod capture_told;
mod checker;
mod collective;
mod confirmation;
pub mod contain_identity_user;
mod contain_role;
mod contain_user;
mod database_password;
mod database_ways;
mod detach_user_policies;
mod disable_access_key;
mod disable_kms_key;
mod fleet;
mod freeze_function;
mod groups;
mod half_done;
pub mod hand_over_snapshots;
mod history;
mod instance_power;
mod isolate_database;
mod isolate_instance;
mod lock_bucket;
mod lost_answers;
mod note_findings;
mod notify_sns;
mod prediction;
mod quarantine_account;
mod revoke_role_sessions;
mod rotate_secret;
mod snapshot_instance;
mod thief;
mod whose_doing;

pub use contain_identity_user::instance as identity_center;
