//! The binary: reads the command line and hands over.

use std::process::ExitCode;

use clap::Parser;
use quell::cli::{self, Cli};

fn main() -> ExitCode {
    no_core_dump();
    cli::finish(cli::run(Cli::parse()))
}

/// Credentials are in this process's memory; a crash must not write them to the disk. Where the limit cannot be lowered, which no
/// system is known to refuse, there is nothing better to do than to go on.
fn no_core_dump() {
    let none = rustix::process::Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let _ = rustix::process::setrlimit(rustix::process::Resource::Core, none);
}

#[cfg(test)]
mod tests {
    use super::no_core_dump;

    #[test]
    fn a_crash_writes_no_memory_to_the_disk() {
        no_core_dump();
        let limit = rustix::process::getrlimit(rustix::process::Resource::Core);
        assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
    }
}
