//! `quell undo`: a plan that undoes what a record of the journal did. It is applied like any other.

use super::args::UndoArgs;
use super::desk::{self, Desk};
use super::exit::{Exit, Failure};
use super::plan::no_plan;
use super::planfile;
use crate::app::steps::undo_request;
use crate::journal;
use crate::runtime;

/// Prints or writes the plan.
pub fn run(desk: &Desk, args: &UndoArgs) -> Result<Exit, Failure> {
    let path = desk.directory()?.join(journal::FILE_NAME);
    let done = journal::done(&journal::read(&path)?, args.seq)?;
    desk::runtime()?.block_on(async {
        let cloud = desk::connect(desk.options()).await?;
        let request = undo_request(&done, cloud.identity().arn.to_string(), cloud.now());
        let plan = runtime::gather(&cloud, &request, Some(&done)).await.map_err(no_plan)?;
        planfile::give(&plan, args.out.as_deref())
    })
}
