//! Bundles whose publisher signed them: verified before anything in them is read.

use crate::bundle::{Bundle, Sources};
use crate::error::{Code, Error, Errors};
use crate::prelude::*;
use crate::signing::{Envelope, Predicate, Statement, VerifierKey};

/// By custom the name of the file beside the pack that holds its signatures.
pub const SIGNATURE: &str = "bundle.dsse.json";

impl Bundle {
    /// Compiles a pack that one of `keys` must have signed: exactly these files, byte for byte.
    /// Its decisions name the signers.
    ///
    /// # Errors
    /// `unsigned` without an envelope; `unknown_signer` if nobody signed whom the host trusts;
    /// `bad_envelope`, `bad_statement`; `subject_mismatch` for each file that is changed, missing
    /// or not mentioned; then those of [`Bundle::compile`].
    #[cfg(feature = "full")]
    pub fn compile_signed(
        sources: &Sources,
        envelope: Option<&[u8]>,
        keys: &[VerifierKey],
    ) -> Result<Self, Errors> {
        let envelope = Envelope::parse(Self::demanded(envelope)?)?;
        let (statement, signers) = Statement::open(&envelope, keys)?;
        statement.check(sources.iter())?;
        Self::compile(sources)?.signed_as(&statement, &signers)
    }

    /// The envelope, which must be there.
    pub(super) fn demanded(envelope: Option<&[u8]>) -> Result<&[u8], Error> {
        envelope.ok_or_else(|| {
            Error::new(Code::Unsigned, "the bundle has no signature, and one is demanded")
                .help(format!("get `{SIGNATURE}` from the publisher, or sign the pack yourself"))
        })
    }

    /// The bundle with its signers, if it is the one that they signed.
    pub(super) fn signed_as(self, statement: &Statement, signers: &[&VerifierKey]) -> Result<Self, Errors> {
        let (said, is) = (statement.predicate(), self.predicate());
        if *said != is {
            return Err(Error::new(
                Code::BadStatement,
                format!("the statement names the bundle {}, and the files are {}", said.bundle, is.bundle),
            )
            .help("have it signed again; another version of the engine may name the same files otherwise")
            .into());
        }
        let mut signed_by: Vec<String> = signers.iter().map(|key| key.label()).collect();
        signed_by.sort();
        signed_by.dedup();
        Ok(self.with_signers(signed_by))
    }

    /// What a publisher signs: that these files are this bundle. The host's signer signs
    /// [`Envelope::to_be_signed`]; see [`Envelope::signed`].
    #[must_use]
    pub fn statement(&self, sources: &Sources) -> Statement {
        Statement::new(self.predicate(), sources.iter())
    }

    /// Who signed its files, by name and key id: those of the keys that it was loaded with; none
    /// if no signature was asked for.
    #[must_use]
    pub fn signed_by(&self) -> &[String] {
        &self.0.signed_by
    }

    pub(super) fn predicate(&self) -> Predicate {
        let manifest = self.manifest();
        Predicate { name: manifest.name.clone(), version: manifest.version.clone(), bundle: self.digest() }
    }

    /// Just compiled, so nobody else holds it yet.
    fn with_signers(mut self, signed_by: Vec<String>) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.signed_by = signed_by;
        }
        self
    }
}
