//! The starter pack, to be broken on purpose.

use glasskey::Sources;
use glasskey_prove::{Finding, Limits, Pack, Prover, Verdict, Wanted, prove};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/starter")
}

/// The files of the pack, and what it states of itself.
#[derive(Clone)]
pub struct Broken {
    files: BTreeMap<String, String>,
    stated: String,
}

impl Broken {
    pub fn starter() -> Self {
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(folder()).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name == "bundle.toml" || name.ends_with(".cedar") || name.ends_with(".cedarschema") {
                files.insert(name, fs::read_to_string(path).unwrap());
            }
        }
        Self { files, stated: fs::read_to_string(folder().join("properties.toml")).unwrap() }
    }

    /// The pack with a text replaced, which must stand in it once.
    pub fn with(mut self, old: &str, new: &str) -> Self {
        let mut count = 0;
        for text in self.files.values_mut().chain([&mut self.stated]) {
            count += text.matches(old).count();
            *text = text.replacen(old, new, 1);
        }
        assert_eq!(count, 1, "`{old}` does not stand there once");
        self
    }

    /// The pack with more policies.
    pub fn and(mut self, policies: &str) -> Self {
        self.files.insert("more.cedar".to_owned(), policies.to_owned());
        self
    }

    /// The pack without a policy.
    pub fn without(self, id: &str) -> Self {
        let pack = self.pack().unwrap();
        let guards = pack.bundle.guards().iter().map(|g| (g.id(), g.text()));
        let rules = pack.bundle.rules().iter().map(|r| (r.id(), r.text()));
        let text = rules.chain(guards).find(|(own, _)| *own == id).unwrap().1.to_owned();
        self.with(&text, "")
    }

    /// The files by name.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// Writes the files into a folder, in the place of what was there.
    pub fn write(&self, folder: &Path) {
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder).unwrap();
        for (name, text) in &self.files {
            fs::write(folder.join(name), text).unwrap();
        }
        fs::write(folder.join("properties.toml"), &self.stated).unwrap();
    }

    pub fn pack(&self) -> Result<Pack, String> {
        let mut sources = Sources::new();
        for (name, text) in &self.files {
            sources = sources.with(name.clone(), text.as_bytes());
        }
        Pack::from_sources(&sources, Some(&self.stated))
    }
}

pub fn prover() -> Prover {
    Prover::new(Limits::default()).expect("the tests need the solver")
}

/// One finding about a pack.
pub fn finding(pack: &Pack, prover: &mut Prover, id: &str) -> Finding {
    find(pack, prover, id, false)
}

/// One finding about a pack, with a counterexample that can be run.
pub fn finding_to_run(pack: &Pack, prover: &mut Prover, id: &str) -> Finding {
    find(pack, prover, id, true)
}

fn find(pack: &Pack, prover: &mut Prover, id: &str, runnable: bool) -> Finding {
    let wanted = Wanted { only: vec![id.to_owned()], first: true, runnable, cache: None };
    let mut report = prove(pack, prover, &wanted, &mut |_| {}).unwrap();
    report.findings.remove(0)
}

pub fn is_refuted(finding: &Finding) -> bool {
    matches!(finding.verdict, Verdict::Refuted)
}
