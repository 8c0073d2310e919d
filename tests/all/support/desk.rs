//! A responder with a journal in a directory of its own, whatever stands behind its endpoint.

use std::path::PathBuf;
use std::sync::Arc;

use quell::action::{ActionName, Check, Confirmed, Plan, Request};
use quell::cloud::{Cloud, ConnectOptions};
use quell::domain::{Resource, ResourceKind};
use quell::journal::{self, Record, Writer};
use quell::runtime::{NoPlan, NotApplied, Responder, Run, Told, gather};
use tempfile::TempDir;

pub struct Desk {
    pub cloud: Arc<Cloud>,
    responder: Responder,
    journal: PathBuf,
    _directory: TempDir,
}

impl Desk {
    pub async fn open(options: ConnectOptions) -> Self {
        let cloud = Cloud::connect(options).await.unwrap();
        let directory = tempfile::tempdir().unwrap();
        // The temporary directory itself is open to others where the umask says so; a journal's own must not be.
        let journal = directory.path().join("journal");
        let writer = Writer::open(&journal, &cloud.identity().arn.to_string(), cloud.now()).unwrap();
        Self {
            responder: Responder::new(Arc::clone(&cloud), writer, journal.clone()),
            cloud,
            journal,
            _directory: directory,
        }
    }

    pub fn request(
        &self,
        action: ActionName,
        account: &str,
        region: &str,
        kind: ResourceKind,
        target: &str,
    ) -> Request {
        Request {
            action,
            account: account.parse().unwrap(),
            region: region.parse().unwrap(),
            target: Resource::new(kind, target),
            incident: "INC-7".to_owned(),
            by: self.cloud.identity().arn.to_string(),
            at: self.cloud.now(),
            undoes: None,
            notice: None,
            others: Vec::new(),
            choices: quell::action::Choices::new(),
        }
    }

    pub async fn plan(&self, request: &Request) -> Result<Plan, NoPlan> {
        gather(&self.cloud, request, None).await
    }

    /// The plan that undoes what the journal's record says.
    pub async fn undo(&self, seq: u64) -> Result<Plan, NoPlan> {
        let done = journal::done(&self.records(), seq)?;
        let request = Request {
            undoes: Some(seq),
            at: self.cloud.now(),
            ..done.plan.request.clone()
        };
        gather(&self.cloud, &request, Some(&done)).await
    }

    /// Confirms a plan by the beginning of its digest, as a person would, and applies it.
    pub async fn apply(&self, plan: Plan, tell: &mut (dyn FnMut(Told<'_>) + Send)) -> Result<Run, NotApplied> {
        let digest = plan.digest().short();
        let confirmed = Confirmed::by_digest(plan, &digest, self.cloud.now()).unwrap();
        self.apply_confirmed(confirmed, tell).await
    }

    /// Applies what was confirmed, however it was.
    pub async fn apply_confirmed(
        &self,
        confirmed: Confirmed,
        tell: &mut (dyn FnMut(Told<'_>) + Send),
    ) -> Result<Run, NotApplied> {
        self.responder.run(confirmed, tell).await
    }

    /// Reads back until all is settled; `wait` is told each time that something takes longer. The last state, which stands in
    /// the journal, too.
    pub async fn verify(&self, run: &Run, wait: impl Fn() + Send + Sync) -> Vec<Check> {
        self.looks(run, wait).await.pop().unwrap_or_default()
    }

    /// The same, with every state that was told on the way.
    pub async fn looks(&self, run: &Run, wait: impl Fn() + Send + Sync) -> Vec<Vec<Check>> {
        let mut looks: Vec<Vec<Check>> = Vec::new();
        let tell = |now: &[Check], last: bool, record: Result<Record, journal::JournalError>| {
            record.expect("the reading back is journaled");
            looks.push(now.to_vec());
            if !last {
                wait();
            }
        };
        self.responder.verify(run, tell).await;
        let progress = journal::progress(&self.records(), run.seq).expect("the run is in the journal");
        assert_eq!(Some(&progress.checks), looks.last());
        looks
    }

    /// The journal as it is on the disk, its chain checked.
    pub fn records(&self) -> Vec<Record> {
        journal::read(&self.journal.join(journal::FILE_NAME)).unwrap()
    }
}
