//! The command line's rooms: one file a command, each a function from typed arguments to an exit.
//!
//! Owns: arguments, exit codes, printing, and the commands that need neither AWS nor a screen. Must never: decide what an
//! action does or print outside `out`.

pub mod args;
pub mod exit;
pub mod out;

pub use args::{Cli, Command, Globals};
pub use exit::{Exit, Failure};
