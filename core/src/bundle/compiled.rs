//! The compiled form of a bundle: what decides, and nothing that was only needed to get there.
//!
//! It is small, it loads without a parser, and it decides to the byte as the bundle from its
//! files does. The same bundle always has the same form. What it leaves out is the text of the
//! policies and the schema: an explanation by a bundle that was loaded from it points at no place
//! in a text, and it cannot be extended.

use crate::bundle::extend::Extends;
use crate::bundle::rule::{Guard, Notes, Rule};
use crate::bundle::{Bundle, Defaults, Freshness, Handover, Inner, Manifest, Quorum, Terms};
use crate::canonical::Digest;
use crate::cedar::{Form, Policy};
use crate::error::{Code, Error, Errors};
use crate::limits::COMPILED_BYTES_MAX;
use crate::model::{ActorKind, Obligation};
use crate::prelude::*;
use crate::signing::{Envelope, Statement, VerifierKey};
use crate::time::Span;
use serde::{Deserialize, Serialize};

/// By custom the name of the file with a compiled bundle; its signature is over this name.
pub const COMPILED: &str = "bundle.compiled";

/// What the bytes begin with. Another engine that decides otherwise has another number.
const MAGIC: &[u8] = b"glasskey.compiled/1\n";

/// All that a bundle holds.
#[derive(Serialize, Deserialize)]
struct Whole {
    digest: [u8; 32],
    schema_digest: [u8; 32],
    manifest: ManifestForm,
    signals: Vec<String>,
    host: bool,
    rules: Vec<RuleForm>,
    guards: Vec<NotesForm>,
    /// Its policies are the rules' and then the guardrails', in order.
    form: Form,
}

#[derive(Serialize, Deserialize)]
struct ManifestForm {
    name: String,
    version: String,
    description: String,
    extends: Option<ExtendsForm>,
    actors: Vec<(String, u8)>,
    seats: BTreeMap<String, String>,
    freshness: [i64; 8],
    locks: Option<i64>,
    defaults: [i64; 9],
}

#[derive(Serialize, Deserialize)]
struct ExtendsForm {
    pack: String,
    drop: Vec<String>,
    terms: BTreeMap<String, BTreeMap<String, String>>,
    weaken: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
struct NotesForm {
    title: Option<String>,
    advice: Option<String>,
    controls: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct RuleForm {
    notes: NotesForm,
    kinds: Vec<u8>,
    obligations: Vec<(String, Option<String>)>,
    terms: Option<TermsForm>,
}

#[derive(Serialize, Deserialize)]
struct TermsForm {
    /// ttl, max_ttl, pending, approval_ttl, extension_ttl.
    spans: [i64; 5],
    /// idle, chain_max, grace, review.
    maybe: [Option<i64>; 4],
    quorum: BTreeMap<String, u32>,
    extension_quorum: Vec<BTreeMap<String, u32>>,
    priority: i32,
    uses: Option<u32>,
    extensions: u32,
}

impl Bundle {
    /// The bundle in its compiled form, for [`Bundle::from_compiled`].
    ///
    /// # Errors
    /// `not_compilable` if its schema or one of its policies takes Cedar itself to be read or
    /// evaluated, and for a bundle that was loaded compiled.
    pub fn to_compiled(&self) -> Result<Vec<u8>, Error> {
        if self.is_loaded() {
            return Err(Error::new(Code::NotCompilable, "the bundle was loaded compiled")
                .help("keep the bytes that it was loaded from"));
        }
        let policies: Vec<&Policy> = (self.rules().iter().map(|rule| &rule.policy))
            .chain(self.guards().iter().map(|guard| &guard.policy))
            .collect();
        let whole = Whole {
            digest: *self.digest().as_bytes(),
            schema_digest: *self.schema_digest().as_bytes(),
            manifest: ManifestForm::of(self.manifest()),
            signals: self.0.signals.clone(),
            host: self.0.host,
            rules: self.rules().iter().map(RuleForm::of).collect(),
            guards: self.guards().iter().map(|guard| NotesForm::of(&guard.notes)).collect(),
            form: Form::of(&self.0.schema, self.0.policies.program(), &policies)?,
        };
        let mut out = MAGIC.to_vec();
        out.extend(postcard::to_allocvec(&whole).map_err(|_| {
            Error::new(Code::NotCompilable, "the bundle cannot be written").help("report this as a bug")
        })?);
        Ok(out)
    }

    /// Loads a bundle from its compiled form. Only load what you would run: the form says what is
    /// permitted, as the policies do. [`Bundle::from_compiled_signed`] checks who made it.
    ///
    /// # Errors
    /// `too_large` over [`COMPILED_BYTES_MAX`]; `bad_compiled` for bytes that are none, or are
    /// those of another version.
    pub fn from_compiled(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > COMPILED_BYTES_MAX {
            return Err(Error::new(
                Code::TooLarge,
                format!("a compiled bundle has {} bytes; the limit is {COMPILED_BYTES_MAX}", bytes.len()),
            )
            .help("part the pack"));
        }
        let bad = || {
            Error::new(Code::BadCompiled, "this is no compiled bundle that this version reads")
                .help("compile the pack again, with the version that loads it (`glasskey compile`)")
        };
        let body = bytes.strip_prefix(MAGIC).ok_or_else(bad)?;
        let (whole, rest) = postcard::take_from_bytes::<Whole>(body).map_err(|_| bad())?;
        if !rest.is_empty() {
            return Err(bad());
        }
        whole.read().ok_or_else(bad)
    }

    /// As [`Bundle::from_compiled`], if one of `keys` signed just these bytes, under the name
    /// [`COMPILED`]. Its decisions name the signers.
    ///
    /// # Errors
    /// Those of [`Bundle::compile_signed`] and of [`Bundle::from_compiled`].
    pub fn from_compiled_signed(
        bytes: &[u8],
        envelope: Option<&[u8]>,
        keys: &[VerifierKey],
    ) -> Result<Self, Errors> {
        let envelope = Envelope::parse(Self::demanded(envelope)?)?;
        let (statement, signers) = Statement::open(&envelope, keys)?;
        statement.check([(COMPILED, bytes)])?;
        Self::from_compiled(bytes)?.signed_as(&statement, &signers)
    }

    /// What a publisher signs of the compiled form: that these bytes are this bundle.
    #[must_use]
    pub fn compiled_statement(&self, bytes: &[u8]) -> Statement {
        Statement::new(self.predicate(), [(COMPILED, bytes)])
    }

    /// Whether it was loaded from its compiled form.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.0.schema.is_loaded()
    }
}

impl Whole {
    fn read(self) -> Option<Bundle> {
        let read = self.form.read()?;
        let mut policies = read.all.into_iter();
        let rules = self.rules.into_iter().map(|form| form.read(policies.next()?));
        let rules = rules.collect::<Option<Vec<Rule>>>()?;
        let guards =
            self.guards.into_iter().map(|form| Some(Guard { policy: policies.next()?, notes: form.read() }));
        let guards = guards.collect::<Option<Vec<Guard>>>()?;
        if policies.next().is_some() {
            return None;
        }
        let mut inner = Inner::of(self.manifest.read()?, read.schema, read.policies, rules, guards);
        inner.signals = self.signals;
        inner.host = self.host;
        inner.digest = Digest::from_bytes(self.digest);
        inner.schema_digest = Digest::from_bytes(self.schema_digest);
        Some(Bundle::new(inner))
    }
}

fn kind_at(at: u8) -> Option<ActorKind> {
    ActorKind::ALL.get(usize::from(at)).copied()
}

fn place_of(kind: ActorKind) -> u8 {
    let at = ActorKind::ALL.iter().position(|k| *k == kind);
    at.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
}

impl ManifestForm {
    fn of(of: &Manifest) -> Self {
        let Freshness { skew, incident, shift, window, task, signal, history, entities, locks } =
            of.freshness;
        let d = &of.defaults;
        let extends = of.extends.as_ref().map(|e| ExtendsForm {
            pack: e.pack.clone(),
            drop: e.drop.clone(),
            terms: e.terms.clone(),
            weaken: e.weaken.clone(),
        });
        Self {
            name: of.name.clone(),
            version: of.version.clone(),
            description: of.description.clone(),
            extends,
            actors: of.actors.iter().map(|(name, kind)| (name.clone(), place_of(*kind))).collect(),
            seats: of.seats.clone(),
            freshness: [skew, incident, shift, window, task, signal, history, entities].map(Span::ms),
            locks: locks.map(Span::ms),
            defaults: [
                d.ttl,
                d.pending,
                d.approval_ttl,
                d.extension_ttl,
                d.extension_window,
                d.cooldown,
                d.revocation_slo,
                d.issue_deadline,
                d.revoke_deadline,
            ]
            .map(Span::ms),
        }
    }

    fn read(self) -> Option<Manifest> {
        let [skew, incident, shift, window, task, signal, history, entities] =
            self.freshness.map(Span::from_ms);
        let locks = self.locks.map(Span::from_ms);
        let [
            ttl,
            pending,
            approval_ttl,
            extension_ttl,
            extension_window,
            cooldown,
            revocation_slo,
            issue_deadline,
            revoke_deadline,
        ] = self.defaults.map(Span::from_ms);
        let actors = self.actors.into_iter().map(|(name, at)| Some((name, kind_at(at)?)));
        let extends =
            self.extends.map(|e| Extends { pack: e.pack, drop: e.drop, terms: e.terms, weaken: e.weaken });
        Some(Manifest {
            name: self.name,
            version: self.version,
            description: self.description,
            extends,
            actors: actors.collect::<Option<_>>()?,
            seats: self.seats,
            freshness: Freshness { skew, incident, shift, window, task, signal, history, entities, locks },
            defaults: Defaults {
                ttl,
                pending,
                approval_ttl,
                extension_ttl,
                extension_window,
                cooldown,
                revocation_slo,
                issue_deadline,
                revoke_deadline,
            },
        })
    }
}

impl NotesForm {
    fn of(of: &Notes) -> Self {
        Self { title: of.title.clone(), advice: of.advice.clone(), controls: of.controls.clone() }
    }

    fn read(self) -> Notes {
        Notes { title: self.title, advice: self.advice, controls: self.controls }
    }
}

impl RuleForm {
    fn of(of: &Rule) -> Self {
        Self {
            notes: NotesForm::of(&of.notes),
            kinds: of.kinds().map(place_of).collect(),
            obligations: of.obligations.iter().map(|o| (o.kind.clone(), o.to.clone())).collect(),
            terms: of.terms().map(TermsForm::of),
        }
    }

    fn read(self, policy: Policy) -> Option<Rule> {
        let obligations: Vec<Obligation> =
            self.obligations.into_iter().map(|(kind, to)| Obligation { kind, to }).collect();
        let kinds = self.kinds.into_iter().map(kind_at).collect::<Option<_>>()?;
        let terms = self.terms.map(|form| form.read(obligations.clone()));
        Some(Rule { policy, terms, kinds, obligations, notes: self.notes.read() })
    }
}

impl TermsForm {
    fn of(of: &Terms) -> Self {
        Self {
            spans: [of.ttl, of.max_ttl, of.pending, of.approval_ttl, of.extension_ttl].map(Span::ms),
            maybe: [of.idle, of.chain_max, of.grace(), of.review].map(|span| span.map(Span::ms)),
            quorum: of.quorum.seats.clone(),
            extension_quorum: of.extension_quorum.iter().map(|quorum| quorum.seats.clone()).collect(),
            priority: of.priority,
            uses: of.uses,
            extensions: of.extensions,
        }
    }

    fn read(self, obligations: Vec<Obligation>) -> Terms {
        let [ttl, max_ttl, pending, approval_ttl, extension_ttl] = self.spans.map(Span::from_ms);
        let [idle, chain_max, grace, review] = self.maybe.map(|ms| ms.map(Span::from_ms));
        let quorum = |seats| Quorum { seats };
        Terms {
            ttl,
            max_ttl,
            quorum: quorum(self.quorum),
            priority: self.priority,
            pending,
            approval_ttl,
            idle,
            uses: self.uses,
            extensions: self.extensions,
            extension_ttl,
            extension_quorum: self.extension_quorum.into_iter().map(quorum).collect(),
            chain_max,
            handover: grace.map_or(Handover::Cut, Handover::Grace),
            obligations,
            review,
        }
    }
}
