//! What was proved before of just the same pack, by just the same prover and solver. Only
//! proofs are kept: what was refuted or not known is asked again.

use crate::pack::Pack;
use crate::prove::{Finding, Verdict};
use glasskey::canonical::{Digest, to_text};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder of proofs.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    prover: String,
}

impl Cache {
    /// The proofs in a folder, which is made when the first one is kept.
    #[must_use]
    pub fn at(folder: &Path) -> Self {
        let solver = std::env::var_os("CVC5").unwrap_or_else(|| "cvc5".into());
        let version = Command::new(solver).arg("--version").output().map(|o| o.stdout).unwrap_or_default();
        // A prover that was built anew may ask other questions.
        let build = std::env::current_exe().and_then(std::fs::metadata);
        let build = build.map_or_else(|_| String::new(), |m| format!("{} {:?}", m.len(), m.modified().ok()));
        let prover = to_text(&json!({ "solver": Digest::of(&version), "build": build }));
        Self { folder: folder.to_owned(), prover }
    }

    fn file(&self, pack: &Pack, property: &str) -> PathBuf {
        let key = json!({ "prover": self.prover, "bundle": pack.bundle.digest(), "stated": pack.stated_digest, "property": property });
        let name = Digest::of(to_text(&key).as_bytes()).to_string();
        self.folder.join(format!("{}.json", name.trim_start_matches("sha256:")))
    }

    /// The proof of a property, if it was kept.
    pub(crate) fn known(&self, pack: &Pack, property: &str) -> Option<Finding> {
        let text = std::fs::read(self.file(pack, property)).ok()?;
        let finding: Finding = serde_json::from_slice(&text).ok()?;
        let proved = matches!(finding.verdict, Verdict::Proved) && finding.id == property;
        proved.then_some(Finding { known: true, ..finding })
    }

    /// Keeps a proof. A folder that cannot be written only costs time.
    pub(crate) fn keep(&self, pack: &Pack, finding: &Finding) {
        if matches!(finding.verdict, Verdict::Proved) {
            let _ = std::fs::create_dir_all(&self.folder)
                .and_then(|()| std::fs::write(self.file(pack, &finding.id), to_text(finding)));
        }
    }
}
