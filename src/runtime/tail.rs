//! Follows the journal's file, so that a console shows what another process writes.

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;

use crate::app::Event;
use crate::journal;

/// Between two looks at the file's length.
const LOOK: Duration = Duration::from_secs(1);

/// Tells every record that is in the file, and every one that is added. A file that is not there yet is waited for.
pub async fn follow(path: PathBuf, tell: UnboundedSender<Event>) {
    let mut known = 0;
    let mut complained = false;
    loop {
        let len = tokio::fs::metadata(&path).await.map_or(0, |meta| meta.len());
        if len != known {
            let file = path.clone();
            match tokio::task::spawn_blocking(move || journal::read(&file)).await {
                Ok(Ok(records)) => {
                    known = len;
                    for record in records {
                        if tell.send(Event::Recorded(Box::new(record))).is_err() {
                            return;
                        }
                    }
                }
                Ok(Err(error)) if !complained => {
                    complained = true;
                    if tell.send(Event::Failed(error.to_string())).is_err() {
                        return;
                    }
                }
                Ok(Err(_)) | Err(_) => {}
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}
