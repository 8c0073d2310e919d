//! The script that captures memory: fixed but for four variables, each of a shape that means nothing to a shell.
//!
//! Must never: take anything into the script that was not parsed to one of these types.

use serde::{Deserialize, Serialize};

use crate::domain::{ObjectUrl, Sha256Hex, ToolUrl};

/// The script, which is the same for everybody.
const BODY: &str = include_str!("capture_memory.sh");

/// What the script is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemoryCapture {
    pub tool: CaptureTool,
    pub source: ToolUrl,
    /// The tool is not run if its own is another.
    pub sha256: Option<Sha256Hex>,
    /// Where the image goes.
    pub image: ObjectUrl,
    /// What stands beside the command in AWS's lists: at most 100 characters, by which it is known again.
    pub comment: String,
}

/// What reads the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaptureTool {
    /// A program that reads `/dev/crash`, `/proc/kcore` or `/dev/mem`, and needs no module (AVML's own page).
    Avml,
    /// A kernel module, built for the very kernel that runs.
    Lime,
}

impl CaptureTool {
    /// As it is typed.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Avml => "avml",
            Self::Lime => "lime",
        }
    }

    /// The file's name where none is given.
    #[must_use]
    pub fn file(self) -> &'static str {
        match self {
            Self::Avml => "avml",
            Self::Lime => "lime.ko",
        }
    }
}

impl MemoryCapture {
    /// What the comment of every capture begins with.
    pub const MARK: &str = "quell memory ";
    /// Seconds in which the agent must take the command.
    pub const DELIVERY: i32 = 600;
    /// Seconds after which the agent ends the script: two hours, for the memory of a large machine.
    pub const EXECUTION: u64 = 7200;

    /// What a script that was killed may leave: the agent kills with SIGKILL, which no trap of a shell sees.
    pub const LEFT: &str =
        "/var/tmp/quell.* may still hold memory (and the module lime may be loaded): remove it after the snapshot.";

    /// The script, line by line.
    #[must_use]
    pub fn script(&self) -> Vec<String> {
        let sha256 = self.sha256.as_ref().map_or("", Sha256Hex::as_str);
        let variables = [
            ("QUELL_TOOL", self.tool.word()),
            ("QUELL_SOURCE", self.source.as_str()),
            ("QUELL_SHA256", sha256),
            ("QUELL_IMAGE", self.image.as_str()),
        ];
        let variables = variables.iter().map(|(name, value)| format!("{name}='{value}'"));
        variables.chain(BODY.lines().map(str::to_owned)).collect()
    }
}
