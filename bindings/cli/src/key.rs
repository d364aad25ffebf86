//! Private keys, as files. They stay in this program: the core signs nothing.

use crate::fault::Fault;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, KeypairBytes};
use ed25519_dalek::{Signer as _, SigningKey};
use glasskey::Error;
use glasskey::signing::{KeyUse, VerifierKey};
use std::io::Write as _;
use std::path::Path;

/// A private key with its name.
pub(crate) struct Secret {
    key: SigningKey,
    public: VerifierKey,
}

impl Secret {
    /// Reads a key as `openssl genpkey -algorithm ed25519` writes it.
    pub(crate) fn read(path: &Path, name: &str) -> Result<Self, Fault> {
        let text = std::fs::read_to_string(path).map_err(|e| Fault::of_io(path, &e, false))?;
        let key = SigningKey::from_pkcs8_pem(&text).map_err(|_| {
            let message = format!("`{}` holds no Ed25519 private key", path.display());
            let help =
                "make one with `glasskey key NAME FILE --new`, or with `openssl genpkey -algorithm ed25519`";
            Fault::new("bad_private_key", message, help)
        })?;
        Self::named(key, name).map_err(|e| Fault::about(path, e))
    }

    /// Makes a key, and writes it to a file that only its owner may read.
    pub(crate) fn make(path: &Path, name: &str) -> Result<Self, Fault> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)
            .map_err(|e| Fault::of_io(path, &std::io::Error::other(e.to_string()), true))?;
        let out = Self::named(SigningKey::from_bytes(&seed), name).map_err(|e| Fault::about(path, e))?;
        // Without the public key: not every reader of PKCS#8 takes it.
        let pem = KeypairBytes { secret_key: seed, public_key: None }
            .to_pkcs8_pem(LineEnding::LF)
            .map_err(|e| Fault::of_io(path, &std::io::Error::other(e.to_string()), true))?;
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(path).and_then(|mut file| file.write_all(pem.as_bytes()));
        written.map_err(|e| Fault::of_io(path, &e, true))?;
        Ok(out)
    }

    fn named(key: SigningKey, name: &str) -> Result<Self, Error> {
        let public = VerifierKey::new(name, KeyUse::Text, key.verifying_key().as_bytes())?;
        Ok(Self { key, public })
    }

    /// The verifier key, for everybody.
    pub(crate) const fn public(&self) -> &VerifierKey {
        &self.public
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}
