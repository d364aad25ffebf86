//! Reading a ledger from its file: line by line, so that memory does not grow with it.

use crate::fault::Fault;
use crate::progress::Progress;
use crate::screen::Screen;
use glasskey::ledger::{
    Checkpoint, Entry, Fault as LedgerFault, Recorded, Records, Tail, Verifier, VerifyReport,
};
use glasskey::limits::JSON_BYTES_MAX;
use glasskey::signing::{Note, VerifierKey};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

const CHUNK: usize = 1 << 18;

/// The older checkpoints that a ledger is held to.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Against {
    /// A signed checkpoint that somebody kept; the ledger must agree with it. Only this finds a
    /// ledger that was rewritten and hashed anew, or cut at its end.
    #[arg(long = "checkpoint", value_name = "NOTE", requires = "keys")]
    pub notes: Vec<PathBuf>,
    /// The verifier key that checkpoints are signed by, like `example.com/pam+530d903a+Aek…`.
    #[arg(long = "key", value_name = "VKEY", value_parser = verifier_key)]
    pub keys: Vec<VerifierKey>,
}

pub(crate) fn verifier_key(text: &str) -> Result<VerifierKey, String> {
    VerifierKey::parse(text).map_err(|e| match e.help {
        Some(help) => format!("{}; {help}", e.message),
        None => e.message,
    })
}

impl Against {
    /// The checkpoints, their signatures verified.
    pub(crate) fn checkpoints(&self) -> Result<Vec<Checkpoint>, Vec<Fault>> {
        let read = |path: &PathBuf| {
            let text = text(path)?;
            Note::parse(&text)
                .and_then(|note| Checkpoint::verify(&note, &self.keys))
                .map_err(|e| Fault::about(path, e))
        };
        let (good, bad): (Vec<_>, Vec<_>) = self.notes.iter().map(read).partition(Result::is_ok);
        let faults: Vec<Fault> = bad.into_iter().filter_map(Result::err).collect();
        if faults.is_empty() { Ok(good.into_iter().filter_map(Result::ok).collect()) } else { Err(faults) }
    }
}

/// A small text file.
pub(crate) fn text(path: &Path) -> Result<String, Fault> {
    std::fs::read_to_string(path).map_err(|e| Fault::of_io(path, &e, false))
}

/// A ledger's file, and what it is held to.
pub(crate) struct Reader<'a> {
    path: &'a Path,
    checkpoints: Vec<Checkpoint>,
    screen: &'a Screen,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(path: &'a Path, against: &Against, screen: &'a Screen) -> Result<Self, Vec<Fault>> {
        Ok(Self { path, checkpoints: against.checkpoints()?, screen })
    }

    fn open(&self) -> Result<(Box<dyn Read>, Progress), Fault> {
        if self.path == Path::new("-") {
            return Ok((Box::new(std::io::stdin().lock()), Progress::none()));
        }
        let bad = |e: std::io::Error| Fault::of_io(self.path, &e, false);
        let about = std::fs::metadata(self.path).map_err(bad)?;
        if about.is_dir() {
            let message = format!("`{}` is a folder, not the file of a ledger", self.path.display());
            return Err(Fault::new("unreadable_file", message, "give the file; its lines are the entries"));
        }
        let file = File::open(self.path).map_err(bad)?;
        Ok((Box::new(file), Progress::over(about.len(), self.screen)))
    }

    fn bad_read(&self, error: &std::io::Error) -> Vec<Fault> {
        vec![Fault::of_io(self.path, error, false)]
    }

    /// Verifies, to the first fault, and gives what was found.
    pub(crate) fn verify(&self) -> Result<VerifyReport, Vec<Fault>> {
        let (mut file, mut progress) = self.open().map_err(|f| vec![f])?;
        let mut verifier = Verifier::new().against(self.checkpoints.iter().cloned());
        let mut chunk = vec![0; CHUNK];
        loop {
            let read = match file.read(&mut chunk) {
                Ok(0) => break,
                Ok(read) => read,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(self.bad_read(&e)),
            };
            progress.add(read);
            if verifier.feed(&chunk[..read]).is_err() {
                break;
            }
        }
        Ok(verifier.finish())
    }

    /// Verifies, and hands over each entry with its line as it goes by.
    ///
    /// An altered ledger is a fault here: what is read from it would prove nothing.
    pub(crate) fn entries(
        &self,
        mut each: impl FnMut(Entry, &[u8]) -> Result<(), Vec<Fault>>,
    ) -> Result<VerifyReport, Vec<Fault>> {
        let (file, mut progress) = self.open().map_err(|f| vec![f])?;
        let mut file = BufReader::with_capacity(CHUNK, file);
        let mut verifier = Verifier::new().against(self.checkpoints.iter().cloned());
        let mut line = Vec::new();
        let longest = u64::try_from(JSON_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(2);
        loop {
            line.clear();
            (&mut file).take(longest).read_until(b'\n', &mut line).map_err(|e| self.bad_read(&e))?;
            progress.add(line.len());
            let Some(whole) = line.strip_suffix(b"\n") else { break };
            let entry = verifier.line(whole).map_err(|f| vec![self.altered(&f)])?;
            each(entry, whole)?;
        }
        // What stands behind the last newline, if anything.
        let _ = verifier.feed(&line);
        let report = verifier.finish();
        if let Some(fault) = &report.fault {
            return Err(vec![self.altered(fault)]);
        }
        if report.tail == Tail::Unterminated {
            let entry = Entry::parse(&line).map_err(|e| vec![Fault::about(self.path, e)])?;
            each(entry, &line)?;
        }
        Ok(report)
    }

    /// Verifies, and hands over each whole record of a lifecycle.
    pub(crate) fn records(
        &self,
        mut each: impl FnMut(Recorded) -> Result<(), Vec<Fault>>,
    ) -> Result<VerifyReport, Vec<Fault>> {
        let mut records = Records::new();
        self.entries(|entry, _| {
            let recorded = records.push(&entry).map_err(|e| vec![Fault::about(self.path, e)])?;
            recorded.map_or(Ok(()), &mut each)
        })
    }

    /// The first thing that is wrong with the ledger.
    pub(crate) fn altered(&self, fault: &LedgerFault) -> Fault {
        let mut out = Fault::about(self.path, fault.error.clone());
        out.message = format!("`{}`: {fault}", self.path.display());
        out.denied()
    }
}
