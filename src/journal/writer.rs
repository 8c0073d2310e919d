//! The one writer of a journal file.
//!
//! Several processes may write to the same file (a console and a command beside it), so each record is appended under the
//! file's lock, after reading what others appended since. A write or sync that fails poisons the writer: what the disk holds is then
//! not known, so nothing more is sent to AWS.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::chain::{self, Head};
use super::error::JournalError;
use super::permit::{Permit, Receipt, State, Underway};
use super::record::{RECORD_VERSION, Record, What, World};
use super::told::Told;
use super::{lock, open};
use crate::action::{Confirmed, Digest, Outcome};
use crate::domain::{IncidentId, Time};

/// Appends records, each synced before it counts.
#[derive(Debug)]
pub struct Writer {
    file: File,
    path: PathBuf,
    head: Head,
    len: u64,
    who: String,
    poisoned: Option<String>,
    /// How the time is spent until another process gives the file free.
    wait: fn(Duration),
    /// Whether it is the journal of a drill, once a record has said so.
    world: Option<World>,
    /// The plans that were confirmed, with their records: each is applied once at most, by whichever process.
    confirmed: BTreeMap<Digest, u64>,
    /// The incidents that rules told of, by whichever process.
    told: Told,
}

impl Writer {
    /// Opens the journal in a data directory, making both if they are not there, and checks the whole chain. A line that was cut
    /// off by a crash is set aside and named in a record of its own.
    pub fn open(directory: &Path, who: &str, now: Time) -> Result<Self, JournalError> {
        let (path, mut file) = open::journal(directory)?;
        let io = |what, source| JournalError::Io {
            path: path.display().to_string(),
            what,
            source,
        };
        lock::exclusive(&file, &path, std::thread::sleep)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|e| io("read", e))?;
        let found = chain::verify(&bytes);
        if let Some(problem) = found.problems.first() {
            return Err(JournalError::Broken {
                path: path.display().to_string(),
                problem: problem.to_string(),
            });
        }
        let whole = bytes.len() - found.torn;
        let mut set_aside = None;
        if found.torn > 0 {
            let name = open::set_aside(directory, found.head.seq + 1, &bytes[whole..])?;
            file.set_len(whole as u64)
                .and_then(|()| file.sync_all())
                .map_err(|e| io("repaired", e))?;
            set_aside = Some(name);
        }
        file.unlock().map_err(|e| io("unlocked", e))?;
        let mut writer = Self {
            file,
            path,
            head: found.head,
            len: whole as u64,
            who: who.to_owned(),
            poisoned: None,
            wait: std::thread::sleep,
            world: None,
            confirmed: BTreeMap::new(),
            told: Told::default(),
        };
        found.records.iter().for_each(|record| writer.learn(record));
        if let Some(name) = set_aside {
            writer.append(
                now,
                None,
                What::Recovered {
                    set_aside: name,
                    bytes: found.torn,
                },
            )?;
        }
        Ok(writer)
    }

    /// Every record that is in the file now, whoever wrote it.
    pub fn records(&self) -> Result<Vec<Record>, JournalError> {
        super::file::read(&self.path)
    }

    /// Does not wait for others, for tests.
    #[cfg(test)]
    pub(super) fn impatient(mut self) -> Self {
        self.wait = |_| {};
        self
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends a record that is not part of a plan. What belongs to a plan goes through `begin`, `intent` and `outcome`.
    pub fn note(&mut self, now: Time, incident: Option<IncidentId>, what: What) -> Result<Record, JournalError> {
        match what {
            What::Confirmed { .. } | What::Intent { .. } | What::Outcome { .. } => Err(JournalError::OutOfTurn(
                "a plan, an intent and an outcome are written by applying a plan",
            )),
            What::Opened { .. }
            | What::Incident { .. }
            | What::Classified { .. }
            | What::Claimed { .. }
            | What::Released {}
            | What::Checked { .. }
            | What::Split { .. }
            | What::Merged { .. }
            | What::PlaybookChosen { .. }
            | What::Ticked { .. }
            | What::Evidence(_)
            | What::Noted { .. }
            | What::Reported { .. }
            | What::Recovered { .. } => self.append(now, incident, what),
        }
    }

    /// Writes down that a plan was confirmed, with the state before.
    pub fn begin(&mut self, confirmed: Confirmed, now: Time) -> Result<(Underway, Record), JournalError> {
        let what = What::Confirmed {
            plan: Box::new(confirmed.plan().clone()),
            digest: confirmed.digest(),
            rule: confirmed.rule().cloned(),
        };
        let incident = Some(confirmed.plan().request.incident.clone());
        let record = self.append(now, incident, what)?;
        Ok((Underway::new(confirmed, record.seq), record))
    }

    /// Writes and syncs the intent of the plan's next call, and only then gives out its permit. A call that only the moment of sending
    /// completes is dated with `at_aws`, the time at AWS, here and nowhere else: so what the intent says is what the permit sends.
    pub fn intent(
        &mut self,
        underway: &mut Underway,
        now: Time,
        at_aws: Time,
    ) -> Result<(Permit, Record), JournalError> {
        let State::Ready(call) = underway.state else {
            return Err(JournalError::OutOfTurn(
                "the plan has stopped, or a call of it has no outcome yet",
            ));
        };
        let plan = underway.plan();
        let Some(planned) = plan.draft.calls.get(call) else {
            return Err(JournalError::OutOfTurn("the plan has no further call"));
        };
        let resolved = planned.mutation.resolved(&underway.made).map(|call| call.dated(at_aws));
        let incident = Some(plan.request.incident.clone());
        let mutation = match resolved {
            Ok(mutation) => mutation,
            Err(not_made) => {
                underway.state = State::Stopped;
                return Err(not_made.into());
            }
        };
        let target_arn = mutation.target_arn(&plan.request);
        let what = What::Intent {
            plan: underway.seq,
            call,
            mutation: mutation.clone(),
            target_arn,
        };
        let record = self
            .append(now, incident, what)
            .inspect_err(|_| underway.state = State::Stopped)?;
        underway.state = State::Awaiting {
            call,
            intent: record.seq,
        };
        Ok((Permit::new(mutation, record.seq, call), record))
    }

    /// Writes down what became of the call.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a receipt is used up by the outcome that it is written for"
    )]
    pub fn outcome(
        &mut self,
        underway: &mut Underway,
        receipt: Receipt,
        outcome: Outcome,
        now: Time,
    ) -> Result<Record, JournalError> {
        let Receipt { intent, call } = receipt;
        if underway.state != (State::Awaiting { call, intent }) {
            return Err(JournalError::OutOfTurn("the receipt is not of this plan's last call"));
        }
        underway.settle(call, &outcome);
        let incident = Some(underway.plan().request.incident.clone());
        self.append(now, incident, What::Outcome { intent, outcome })
            .inspect_err(|_| underway.state = State::Stopped)
    }

    fn append(&mut self, now: Time, incident: Option<IncidentId>, what: What) -> Result<Record, JournalError> {
        let path = self.path.display().to_string();
        if let Some(since) = &self.poisoned {
            return Err(JournalError::Poisoned {
                path,
                since: since.clone(),
            });
        }
        let io = |what, source| JournalError::Io {
            path: path.clone(),
            what,
            source,
        };
        let appended = lock::exclusive(&self.file, &self.path, self.wait).and_then(|()| {
            let appended = self.append_locked(now, incident, what);
            // Another console beside this one waits for the lock, also when this append failed.
            let unlocked = self.file.unlock().map_err(|e| io("unlocked", e));
            appended.and_then(|record| unlocked.map(|()| record))
        });
        appended.inspect_err(|error| {
            if !error.is_refusal() {
                self.poisoned = Some(error.to_string());
            }
        })
    }

    fn append_locked(&mut self, now: Time, incident: Option<IncidentId>, what: What) -> Result<Record, JournalError> {
        let path = self.path.display().to_string();
        let io = |what, source| JournalError::Io {
            path: path.clone(),
            what,
            source,
        };
        self.catch_up()?;
        // Under the lock and after catching up, so that two processes cannot both be let through.
        self.may_follow(&what)?;
        let record = Record {
            v: RECORD_VERSION,
            seq: self.head.seq + 1,
            time: now,
            prev: self.head.hash.clone(),
            who: self.who.clone(),
            incident,
            what,
        };
        let mut line = serde_json::to_vec(&record).map_err(|e| io("written", std::io::Error::other(e)))?;
        let hash = chain::hash(&line);
        line.push(b'\n');
        self.file
            .seek(SeekFrom::Start(self.len))
            .map_err(|e| io("written", e))?;
        self.file.write_all(&line).map_err(|e| io("written", e))?;
        self.file.sync_data().map_err(|e| io("synced", e))?;
        self.len += line.len() as u64;
        self.head = Head { seq: record.seq, hash };
        self.learn(&record);
        Ok(record)
    }

    /// Keeps what later records must agree with.
    fn learn(&mut self, record: &Record) {
        self.told.learn(record);
        match &record.what {
            What::Opened { mode, endpoint, .. } => {
                self.world.get_or_insert_with(|| World::new(*mode, endpoint.as_deref()));
            }
            What::Confirmed { digest, .. } => {
                self.confirmed.entry(*digest).or_insert(record.seq);
            }
            What::Incident { .. }
            | What::Classified { .. }
            | What::Claimed { .. }
            | What::Released {}
            | What::Intent { .. }
            | What::Outcome { .. }
            | What::Checked { .. }
            | What::Split { .. }
            | What::Merged { .. }
            | What::PlaybookChosen { .. }
            | What::Ticked { .. }
            | What::Evidence(_)
            | What::Noted { .. }
            | What::Reported { .. }
            | What::Recovered { .. } => {}
        }
    }

    /// Refuses a record that contradicts the ones before it: a drill among real changes, or a plan that was confirmed already.
    fn may_follow(&self, what: &What) -> Result<(), JournalError> {
        match what {
            What::Opened { mode, endpoint, .. } => {
                let wanted = World::new(*mode, endpoint.as_deref());
                match &self.world {
                    Some(is) if *is != wanted => Err(JournalError::OtherWorld {
                        path: self.path.display().to_string(),
                        is: is.clone(),
                        wanted,
                    }),
                    _ => Ok(()),
                }
            }
            What::Confirmed { digest, rule, .. } => {
                if let Some(seq) = self.confirmed.get(digest) {
                    return Err(JournalError::AlreadyConfirmed { seq: *seq });
                }
                let Some(rule) = rule else { return Ok(()) };
                match self.told.forbids(rule) {
                    Some((incident, seq)) => Err(JournalError::AlreadyTold { incident, seq }),
                    None => Ok(()),
                }
            }
            What::Incident { .. }
            | What::Classified { .. }
            | What::Claimed { .. }
            | What::Released {}
            | What::Intent { .. }
            | What::Outcome { .. }
            | What::Checked { .. }
            | What::Split { .. }
            | What::Merged { .. }
            | What::PlaybookChosen { .. }
            | What::Ticked { .. }
            | What::Evidence(_)
            | What::Noted { .. }
            | What::Reported { .. }
            | What::Recovered { .. } => Ok(()),
        }
    }

    /// Takes in what another process appended since, so that the chain goes on from the true end.
    fn catch_up(&mut self) -> Result<(), JournalError> {
        let path = self.path.display().to_string();
        let io = |source| JournalError::Io {
            path: path.clone(),
            what: "read",
            source,
        };
        let broken = |problem: String| JournalError::Broken {
            path: path.clone(),
            problem,
        };
        let len = self.file.metadata().map_err(io)?.len();
        if len == self.len {
            return Ok(());
        }
        if len < self.len {
            return Err(broken(format!("it was {} bytes long and is now {len}", self.len)));
        }
        let mut added = Vec::new();
        self.file.seek(SeekFrom::Start(self.len)).map_err(io)?;
        self.file.read_to_end(&mut added).map_err(io)?;
        let found = chain::verify_from(&self.head, &added);
        if let Some(problem) = found.problems.first() {
            return Err(broken(problem.to_string()));
        }
        if found.torn > 0 {
            return Err(broken(
                "another process left an unfinished record; open it again to set that aside".to_owned(),
            ));
        }
        found.records.iter().for_each(|record| self.learn(record));
        self.head = found.head;
        self.len = len;
        Ok(())
    }
}
