//! Plan files: JSON with the plan and its digest, written by `plan` and `undo`, read by `apply`.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::exit::{Exit, Failure};
use super::out;
use crate::action::{Digest, PLAN_VERSION, Plan};
use crate::domain::{Untrusted, visible_json};
use crate::journal;

/// A plan file larger than this is not one, in bytes.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// The file: the digest first, where a person looks for it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    digest: Digest,
    /// Every call in one line, for people; not part of the digest.
    summary: Vec<String>,
    plan: Plan,
}

/// Prints a plan, or writes it to a file that only its owner can read, and says how to apply it.
pub fn give(plan: &Plan, to: Option<&Path>) -> Result<Exit, Failure> {
    let digest = plan.digest();
    let file = File {
        digest,
        summary: summary(plan),
        plan: plan.clone(),
    };
    // Names in it were written by others, and a person looks at it, on a terminal or in an editor.
    let mut text = visible_json(&serde_json::to_string_pretty(&file).map_err(Failure::new)?);
    text.push('\n');
    match to {
        None => out::result(text)?,
        Some(path) => {
            journal::write_private(path, text.as_bytes())
                .map_err(|e| Failure::new(format!("{} could not be written: {e}", path.display())))?;
            for line in &file.summary {
                out::note(line);
            }
            let draft = &plan.draft;
            for (mark, sentences) in [("!", &draft.warnings), ("~", &draft.neighbours), ("-", &draft.lost)] {
                for sentence in sentences {
                    out::note(&format!("{mark} {}", Untrusted::new(sentence.as_str())));
                }
            }
            // Where there is no call, there is nothing to apply: the warnings say what to do instead.
            if !draft.calls.is_empty() {
                out::note(&format!(
                    "Read it, then: quell apply {} --confirm {}   (until {})",
                    path.display(),
                    digest.short(),
                    plan.expires_at
                ));
            }
        }
    }
    Ok(Exit::Done)
}

/// Reads a plan file and checks that the plan is the one that its digest names.
pub fn read(path: &Path) -> Result<Plan, Failure> {
    let shown = path.display().to_string();
    let size = std::fs::metadata(path)
        .map_err(|e| Failure::new(format!("{shown} cannot be read: {e}")))?
        .len();
    if size > MAX_BYTES {
        return Err(Failure::new(format!(
            "{shown} is {size} bytes long; a plan is never larger than {MAX_BYTES}"
        )));
    }
    let text = std::fs::read_to_string(path).map_err(|e| Failure::new(format!("{shown} cannot be read: {e}")))?;
    let file: File = serde_json::from_str(&text).map_err(|e| {
        // What the parser says repeats what stands in the file, whoever wrote that; it ends with the place, which is named already.
        let (why, place) = (e.to_string(), format!(" at line {} column {}", e.line(), e.column()));
        let why = Untrusted::new(why.strip_suffix(&place).unwrap_or(&why));
        Failure::new(format!(
            "{shown}:{}:{}: it is not a plan of quell: {why}",
            e.line(),
            e.column(),
        ))
    })?;
    if file.plan.version != PLAN_VERSION {
        let version = file.plan.version;
        return Err(Failure::new(format!(
            "{shown} is a plan of version {version}; this quell reads {PLAN_VERSION}"
        )));
    }
    let found = file.plan.digest();
    if found != file.digest {
        return Err(Failure::with(
            Exit::Refused,
            format!(
                "{shown} was changed after it was made: it says digest {}, and its plan has {}",
                file.digest.short(),
                found.short()
            ),
        )
        .hint("Make the plan again; nothing was changed."));
    }
    Ok(file.plan)
}

/// The calls, numbered, in one line each.
pub fn summary(plan: &Plan) -> Vec<String> {
    let request = &plan.request;
    let undo = if request.undoes.is_some() { "undo " } else { "" };
    let head = format!(
        "{undo}{} {} in {} {}",
        request.action, request.target, request.account, request.region
    );
    let calls = plan.draft.calls.iter().enumerate().map(|(number, call)| {
        let line = format!("{:>3}  {}", number + 1, Untrusted::new(call.phrase()));
        // What an undo does is not undone again, which needs no word on every line.
        if request.undoes.is_some() {
            line
        } else {
            format!("{line}  [{}]", call.undo.word())
        }
    });
    std::iter::once(head).chain(calls).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_in_a_plan_file_is_shown_not_obeyed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("plan.json");
        std::fs::write(&path, "{\"\\u001b]0;owned\\u0007\": 1}").unwrap();
        let failure = read(&path).unwrap_err();
        assert!(failure.what.contains("␛]0;owned␇"), "{}", failure.what);
        assert!(!failure.what.contains('\u{1b}'), "{}", failure.what);
        assert!(failure.what.contains("plan.json:1:"), "{}", failure.what);
        assert!(
            !failure.what.contains(" line 1"),
            "the place is named once: {}",
            failure.what
        );
    }
}
