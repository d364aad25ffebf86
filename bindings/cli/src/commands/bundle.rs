//! `glasskey bundle sign`, `glasskey bundle compile` and `glasskey bundle verify`.

use crate::args::BundleCommand;
use crate::fault::Fault;
use crate::key::Secret;
use crate::outcome::{Exit, Outcome, line};
use crate::pack::Pack;
use crate::screen::{Ink, Screen};
use glasskey::bundle::SIGNATURE;
use glasskey::signing::{Envelope, VerifierKey};
use glasskey::{Bundle, Code, Error};
use serde_json::json;
use std::path::Path;

pub(super) fn run(command: &BundleCommand, screen: &Screen) -> Result<Outcome, Vec<Fault>> {
    match command {
        BundleCommand::Sign { pack, sign, name, signature } => {
            let to = signature.clone().unwrap_or_else(|| pack.join(SIGNATURE));
            self::sign(pack, sign, name, &to, screen)
        }
        BundleCommand::Compile { pack, to, sign, name } => {
            let signer = sign.as_deref().zip(name.as_deref());
            compile(pack, to, signer, screen)
        }
        BundleCommand::Verify { pack, keys, signature } => {
            let from = signature.clone().unwrap_or_else(|| pack.join(SIGNATURE));
            verify(pack, keys, &from, screen)
        }
    }
}

fn sign(root: &Path, key: &Path, name: &str, to: &Path, screen: &Screen) -> Result<Outcome, Vec<Fault>> {
    let one = |fault| vec![fault];
    let secret = Secret::read(key, name).map_err(one)?;
    let pack = Pack::read(root).map_err(one)?;
    let bundle = pack.compile()?;
    let mut envelope = bundle.statement(&pack.sources).to_envelope();
    // Whoever signed exactly this before goes on vouching for it; older statements are dropped.
    if let Ok(text) = std::fs::read(to)
        && let Ok(before) = Envelope::parse(&text)
        && before.to_be_signed() == envelope.to_be_signed()
    {
        envelope = before;
    }
    let signature = secret.sign(&envelope.to_be_signed());
    let signed = envelope.signed(secret.public(), &signature).map_err(|e| one(Fault::about(to, e)))?;
    std::fs::write(to, signed.to_json() + "\n").map_err(|e| one(Fault::of_io(to, &e, true)))?;
    let manifest = bundle.manifest();
    if screen.json {
        let json = json!({ "bundle": bundle.digest(), "key": secret.public(), "signature": to.display().to_string() });
        return Ok(Outcome::new(line(&json), Exit::Ok));
    }
    let out = format!(
        "signed {} {}, {} files, to `{}`\n{}\nverify with --key {}\n",
        manifest.name,
        manifest.version,
        pack.sources.iter().count(),
        to.display(),
        bundle.digest(),
        secret.public()
    );
    Ok(Outcome::new(out, Exit::Ok))
}

fn compile(
    root: &Path,
    to: &Path,
    signer: Option<(&Path, &str)>,
    screen: &Screen,
) -> Result<Outcome, Vec<Fault>> {
    let one = |fault| vec![fault];
    let secret = signer.map(|(key, name)| Secret::read(key, name)).transpose().map_err(one)?;
    let pack = Pack::read(root).map_err(one)?;
    let bundle = pack.compile()?;
    let form = bundle.to_compiled().map_err(|error| pack.faults(vec![error]))?;
    let write =
        |to: &Path, bytes: &[u8]| std::fs::write(to, bytes).map_err(|e| one(Fault::of_io(to, &e, true)));
    write(to, &form)?;
    let mut beside = None;
    if let Some(secret) = &secret {
        let envelope = bundle.compiled_statement(&form).to_envelope();
        let signature = secret.sign(&envelope.to_be_signed());
        let signed = envelope.signed(secret.public(), &signature);
        let file = std::path::PathBuf::from(format!("{}.dsse.json", to.display()));
        let signed = signed.map_err(|e| one(Fault::about(&file, e)))?;
        write(&file, (signed.to_json() + "\n").as_bytes())?;
        beside = Some(file.display().to_string());
    }
    let manifest = bundle.manifest();
    if screen.json {
        let json = json!({ "bundle": bundle.digest(), "to": to.display().to_string(), "bytes": form.len(), "signature": beside });
        return Ok(Outcome::new(line(&json), Exit::Ok));
    }
    let mut out = format!(
        "compiled {} {} to `{}`, {} bytes\n{}\n",
        manifest.name,
        manifest.version,
        to.display(),
        form.len(),
        bundle.digest()
    );
    if let (Some(beside), Some(secret)) = (beside, secret) {
        out += &format!("signed in `{beside}`; verify with {}\n", secret.public());
    }
    Ok(Outcome::new(out, Exit::Ok))
}

fn verify(root: &Path, keys: &[VerifierKey], from: &Path, screen: &Screen) -> Result<Outcome, Vec<Fault>> {
    let pack = Pack::read(root).map_err(|f| vec![f])?;
    let envelope = match std::fs::read(from) {
        Ok(text) => Some(text),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
        Err(e) => return Err(vec![Fault::of_io(from, &e, false)]),
    };
    let bundle = Bundle::compile_signed(&pack.sources, envelope.as_deref(), keys).map_err(|errors| {
        // What does not hold is one thing, a pack that does not compile another.
        let denies = |e: &Error| {
            matches!(
                e.code,
                Code::Unsigned
                    | Code::UnknownSigner
                    | Code::SubjectMismatch
                    | Code::BadStatement
                    | Code::BadEnvelope
            )
        };
        let denied = errors.0.iter().all(denies);
        let faults = pack.faults(errors.0).into_iter();
        faults.map(|f| if denied { f.denied() } else { f }).collect::<Vec<_>>()
    })?;
    let manifest = bundle.manifest();
    if screen.json {
        let json = json!({ "bundle": bundle.digest(), "name": manifest.name, "version": manifest.version, "signed_by": bundle.signed_by() });
        return Ok(Outcome::new(line(&json), Exit::Ok));
    }
    let word = screen.pen().write(Ink::Green, "SIGNED");
    let by: String = bundle.signed_by().iter().map(|s| format!("  by {s}\n")).collect();
    let out = format!("{word}  {} {}\n{by}  {}\n", manifest.name, manifest.version, bundle.digest());
    Ok(Outcome::new(out, Exit::Ok))
}
