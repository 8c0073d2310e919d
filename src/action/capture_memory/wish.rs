//! What was chosen: where the image goes, whose bucket that is, and with which tool it is made.

use super::super::mutation::{CaptureTool, MemoryCapture};
use super::super::plan::Request;
use super::super::refusal::{Refusal, RefusalKind, Stop};
use super::super::{Choice, Takes};
use crate::domain::{AccountId, BucketName, InstanceId, ToolUrl, Untrusted};

pub const BUCKET: &str = "bucket";
pub const BUCKET_ACCOUNT: &str = "bucket-account";

pub const CHOICES: &[Choice] = &[
    Choice {
        name: BUCKET,
        takes: Takes::Text("the name of a bucket of yours"),
        about: "Where the image goes, under quell/; needed. Best one that the account of the instance may write to and not read.",
    },
    Choice {
        name: BUCKET_ACCOUNT,
        takes: Takes::Text("an account's 12 digits"),
        about: "Whose bucket it is, where it is not the account's of the instance: one of the organisation, with quell's reader role.",
    },
    Choice {
        name: "tool",
        takes: Takes::OneOf(&["avml", "lime"]),
        about: "What reads the memory: avml, a program, which is the default; or lime, a module for the very kernel that runs.",
    },
    Choice {
        name: "source",
        takes: Takes::Text("s3://bucket/key, or https://host/path without a query"),
        about: "Where the tool is downloaded from; without it s3://BUCKET/quell/tools/avml or lime.ko.",
    },
    Choice {
        name: "sha256",
        takes: Takes::Text("64 hex digits"),
        about: "The tool's SHA-256: on the machine it is not run if its own is another.",
    },
];

/// Characters of the incident's name in a key and a comment.
const ROOM: usize = 60;

/// Everything that was chosen, each part of its shape.
#[derive(Debug)]
pub struct Wish {
    pub bucket: BucketName,
    /// Whose bucket it is, where that was said.
    pub owner: Option<AccountId>,
    pub capture: MemoryCapture,
}

impl Wish {
    /// What the request chooses, or what is wrong with it.
    pub fn of(request: &Request, id: &InstanceId) -> Result<Self, Stop> {
        let Some(name) = request.choice(BUCKET) else {
            return Err(bad(
                "It is not said which bucket the image goes to.".to_owned(),
                "Choose it with bucket=NAME, or once for all in the config's [forensic].",
            ));
        };
        let bucket: BucketName = name
            .parse()
            .map_err(|error| bad(shown(&error), "Give the bucket's name alone."))?;
        let owner = request.choice(BUCKET_ACCOUNT).map(str::parse::<AccountId>).transpose();
        let owner = owner.map_err(|wrong| {
            bad(
                format!("{BUCKET_ACCOUNT}: {wrong}."),
                "Give the twelve digits of the account whose bucket it is.",
            )
        })?;
        let capture = capture(request, id, &bucket)?;
        Ok(Self { bucket, owner, capture })
    }
}

/// What the machine is told.
fn capture(request: &Request, id: &InstanceId, bucket: &BucketName) -> Result<MemoryCapture, Stop> {
    let tool = match request.choice("tool") {
        Some("lime") => CaptureTool::Lime,
        _ => CaptureTool::Avml,
    };
    let at = format!("{:.0}", request.at).replace(['-', ':'], "");
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "._-".contains(c) {
            c
        } else {
            '-'
        }
    };
    let incident: String = request.incident.chars().take(ROOM).map(plain).collect();
    let image = format!("s3://{bucket}/quell/{incident}/{id}/{at}.lime");
    let source = request
        .choice("source")
        .map_or_else(|| format!("s3://{bucket}/quell/tools/{}", tool.file()), str::to_owned);
    let source: ToolUrl = source.parse().map_err(|error| {
        bad(
            shown(&error),
            "Give an object of a bucket of yours, or an https:// address of letters, digits and / . _ - alone. An address with a signature would stand in the journal.",
        )
    })?;
    let sha256 = request.choice("sha256").map(|text| text.to_ascii_lowercase().parse());
    let sha256 = sha256
        .transpose()
        .map_err(|error| bad(shown(&error), "sha256sum prints it."))?;
    let image = image
        .parse()
        .map_err(|error| bad(shown(&error), "Choose another bucket."))?;
    let comment = format!("{}{at} {incident}", MemoryCapture::MARK);
    Ok(MemoryCapture {
        tool,
        source,
        sha256,
        image,
        comment,
    })
}

fn shown(error: &dyn std::fmt::Display) -> String {
    format!("{}.", Untrusted::new(error.to_string()))
}

fn bad(why: String, instead: &str) -> Stop {
    Refusal::new(RefusalKind::BadChoice, why, instead).into()
}
