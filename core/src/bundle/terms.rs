//! A rule's terms: its annotations, read.

use crate::bundle::extend::Overlay;
use crate::bundle::manifest::Manifest;
use crate::bundle::quorum::Quorum;
use crate::cedar::{Effect, Policy};
use crate::error::{Code, Error, Label, nearest};
use crate::limits::OBLIGATIONS_MAX;
use crate::model::Obligation;
use crate::prelude::*;
use crate::time::Span;
use core::fmt;
use serde::Serialize;

/// What happens to a grant when the shift that supports it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Handover {
    /// It ends with the shift.
    Cut,
    /// Actions in `Glasskey::Action::"handover"` stay allowed for this long.
    Grace(Span),
}

/// What a rule offers, and on which terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Terms {
    /// `@ttl`: the lifetime when none is asked for.
    pub ttl: Span,
    /// `@max_ttl`: the longest lifetime.
    pub max_ttl: Span,
    /// `@quorum`: the seats to be filled.
    pub quorum: Quorum,
    /// `@priority`: higher is tried first.
    pub priority: i32,
    /// `@pending`: time to gather approvals.
    pub pending: Span,
    /// `@approval_ttl`: how long an approval counts.
    pub approval_ttl: Span,
    /// `@idle`: how long a grant may go unused.
    pub idle: Option<Span>,
    /// `@uses`: how often a grant may be used.
    pub uses: Option<u32>,
    /// `@extensions`: how often a grant may be extended.
    pub extensions: u32,
    /// `@extension_ttl`: how long one extension lasts, from its activation.
    pub extension_ttl: Span,
    /// `@extension_quorum`: the seats by ordinal; the last repeats.
    pub extension_quorum: Vec<Quorum>,
    /// `@chain_max`: how long a chain of grants and extensions may last in all.
    pub chain_max: Option<Span>,
    /// `@handover`.
    pub handover: Handover,
    /// `@obligations`.
    pub obligations: Vec<Obligation>,
    /// `@review`: until when after the end a review is due.
    pub review: Option<Span>,
}

impl fmt::Display for Handover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut => f.write_str("cut"),
            Self::Grace(span) => write!(f, "grace:{span}"),
        }
    }
}

impl Terms {
    /// The grace after a shift's end, if the rule gives any.
    pub(crate) const fn grace(&self) -> Option<Span> {
        match self.handover {
            Handover::Cut => None,
            Handover::Grace(span) => Some(span),
        }
    }

    /// The seats of the extension with this ordinal, from 1.
    #[must_use]
    pub fn quorum_of_extension(&self, ordinal: u32) -> &Quorum {
        let index = usize::try_from(ordinal.saturating_sub(1)).unwrap_or(usize::MAX);
        self.extension_quorum.get(index).or_else(|| self.extension_quorum.last()).unwrap_or(&self.quorum)
    }
}

/// What annotations mean, and where they may stand: the reference that `glasskey schema` prints.
pub const ANNOTATIONS: &[(&str, &str, &str)] = &[
    ("id", "every policy", "names the policy; unique in the bundle"),
    ("title", "every policy", "a line for people"),
    ("advice", "every policy", "what a refused person should do next"),
    ("controls", "every policy", "control ids that it supports, like `NIST-CSF-2.0:PR.AA-05`"),
    ("max_ttl", "privileged permits, required", "the longest lifetime, like `2h`"),
    ("quorum", "privileged permits, required", "`none`, or seats like `owner=1, security=1`"),
    ("ttl", "privileged permits", "the lifetime when none is asked for"),
    ("priority", "privileged permits", "a whole number; higher is tried first"),
    ("pending", "privileged permits", "time to gather approvals"),
    ("approval_ttl", "privileged permits", "how long an approval counts"),
    ("idle", "privileged permits", "how long a grant may go unused"),
    ("uses", "privileged permits", "how often a grant may be used"),
    ("extensions", "privileged permits", "how often a grant may be extended"),
    ("extension_ttl", "privileged permits", "how long one extension lasts"),
    ("extension_quorum", "privileged permits", "seats by ordinal, like `owner=1 | owner=1, security=1`"),
    ("chain_max", "privileged permits", "how long a chain of grants may last in all"),
    ("handover", "privileged permits", "`cut` or `grace:10m`, at the end of the shift"),
    ("obligations", "permits", "duties of the enforcement point, like `record_session, notify:secops`"),
    ("review", "privileged permits", "until when after the end a review is due"),
];

const EVERYWHERE: [&str; 4] = ["id", "title", "advice", "controls"];

/// Reads the annotations of a policy; every fault is reported.
pub(super) fn read(
    policy: &Policy,
    privileged: bool,
    manifest: &Manifest,
    overlay: &Overlay<'_>,
) -> Result<Option<Terms>, Vec<Error>> {
    let given = overlay.terms(&policy.id);
    let mut all = policy.annotations();
    all.extend(given.clone());
    let place = overlay.label(&policy.id);
    let mut reader = Reader { policy, manifest, all, given, place, faults: Vec::new() };
    reader.check_given();
    reader.check_names(privileged);
    let terms = (privileged && policy.effect == Effect::Permit).then(|| reader.terms());
    if !privileged && policy.effect == Effect::Permit {
        reader.obligations();
    }
    reader.controls();
    if reader.faults.is_empty() { Ok(terms) } else { Err(reader.faults) }
}

/// The obligations of a permit without terms.
pub(super) fn obligations(policy: &Policy) -> Vec<Obligation> {
    let text = policy.annotation("obligations").unwrap_or_default();
    list(text).filter_map(|o| Obligation::parse(o).ok()).collect()
}

/// The control ids that a policy names.
pub(super) fn controls(policy: &Policy) -> Vec<String> {
    let text = policy.annotation("controls").unwrap_or_default();
    list(text).map(ToOwned::to_owned).collect()
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|t| !t.is_empty())
}

struct Reader<'a> {
    policy: &'a Policy,
    manifest: &'a Manifest,
    all: BTreeMap<String, String>,
    /// Those that a pack above has given, and where.
    given: BTreeMap<String, String>,
    place: Option<Label>,
    faults: Vec<Error>,
}

impl Reader<'_> {
    fn fault(&mut self, name: &str, code: Code, message: String, help: impl Into<String>) {
        let place = self.place.clone().filter(|_| self.given.contains_key(name));
        let label = place.unwrap_or_else(|| self.policy.annotation_label(name));
        self.faults.push(Error::new(code, message).help(help).label(label));
    }

    /// A pack above gives terms; who a policy is and what it is for stand in the policy.
    fn check_given(&mut self) {
        let names: Vec<String> = self.given.keys().cloned().collect();
        for name in names.iter().filter(|n| n.starts_with("x_") || EVERYWHERE.contains(&n.as_str())) {
            let help = "give terms such as `max_ttl` or `quorum`; for the rest, write a policy of your own";
            self.fault(name, Code::MisplacedAnnotation, format!("`{name}` is no term"), help);
        }
    }

    fn check_names(&mut self, privileged: bool) {
        let names: Vec<String> = self.all.keys().cloned().collect();
        for name in names {
            if name.starts_with("x_") || EVERYWHERE.contains(&name.as_str()) {
                continue;
            }
            let Some((_, place, _)) = ANNOTATIONS.iter().find(|(known, ..)| *known == name) else {
                let help = match nearest(&name, ANNOTATIONS.iter().map(|(known, ..)| *known)) {
                    Some(near) => format!("did you mean `@{near}`? annotations of your own start with `x_`"),
                    None => "`glasskey schema` lists the known ones; your own start with `x_`".to_owned(),
                };
                self.fault(&name, Code::UnknownAnnotation, format!("unknown annotation `@{name}`"), help);
                continue;
            };
            let permit = self.policy.effect == Effect::Permit;
            if !(permit && (privileged || *place == "permits")) {
                let message = format!("`@{name}` has no meaning here");
                self.fault(&name, Code::MisplacedAnnotation, message, format!("it stands on {place} only"));
            }
        }
    }

    fn terms(&mut self) -> Terms {
        let defaults = self.manifest.defaults.clone();
        let max_ttl = self.required("max_ttl").and_then(|t| self.span("max_ttl", &t)).unwrap_or_default();
        let quorum = self.required("quorum").and_then(|t| self.quorum("quorum", &t)).unwrap_or_default();
        let ttl = self.optional_span("ttl").unwrap_or(defaults.ttl).min(max_ttl);
        let extension_quorum = self.extension_quorum(&quorum);
        Terms {
            ttl,
            max_ttl,
            priority: self.number("priority", i32::MIN, i32::MAX).unwrap_or(0),
            pending: self.optional_span("pending").unwrap_or(defaults.pending),
            approval_ttl: self.optional_span("approval_ttl").unwrap_or(defaults.approval_ttl),
            idle: self.optional_span("idle"),
            uses: self.number("uses", 1, u32::MAX),
            extensions: self.number("extensions", 0, 1_000).unwrap_or(0),
            extension_ttl: self.optional_span("extension_ttl").unwrap_or(defaults.extension_ttl),
            extension_quorum,
            chain_max: self.optional_span("chain_max"),
            handover: self.handover(),
            obligations: self.obligations(),
            review: self.optional_span("review"),
            quorum,
        }
    }

    fn required(&mut self, name: &str) -> Option<String> {
        let found = self.all.get(name).cloned();
        if found.is_none() {
            let id = self.policy.id.clone();
            self.fault(
                name,
                Code::MissingTerm,
                format!("privileged permit `{id}` has no `@{name}`"),
                match name {
                    "quorum" => "add `@quorum(\"none\")`, or the seats that must approve",
                    _ => "add `@max_ttl(\"…\")`: no privilege without an end",
                },
            );
        }
        found
    }

    fn bad(&mut self, name: &str, text: &str, why: &str, help: &str) {
        self.fault(name, Code::BadAnnotation, format!("`@{name}(\"{text}\")`: {why}"), help);
    }

    fn span(&mut self, name: &str, text: &str) -> Option<Span> {
        match Span::parse(text) {
            Ok(span) if span > Span::ZERO => Some(span),
            Ok(_) => {
                self.bad(name, text, "no time at all", "give it some time, like `30m`");
                None
            }
            Err(e) => {
                self.bad(name, text, &e.message, e.help.as_deref().unwrap_or(""));
                None
            }
        }
    }

    fn optional_span(&mut self, name: &str) -> Option<Span> {
        let text = self.all.get(name).cloned()?;
        self.span(name, &text)
    }

    fn number<T: core::str::FromStr + PartialOrd + core::fmt::Display>(
        &mut self,
        name: &str,
        least: T,
        most: T,
    ) -> Option<T> {
        let text = self.all.get(name).cloned()?;
        match text.trim().parse::<T>() {
            Ok(n) if n >= least && n <= most => Some(n),
            _ => {
                self.bad(
                    name,
                    &text,
                    "not a number here",
                    &format!("give a whole number from {least} to {most}"),
                );
                None
            }
        }
    }

    fn quorum(&mut self, name: &str, text: &str) -> Option<Quorum> {
        let quorum = match Quorum::parse(text) {
            Ok(quorum) => quorum,
            Err(e) => {
                self.bad(name, text, &e.message, e.help.as_deref().unwrap_or(""));
                return None;
            }
        };
        for seat in quorum.seats.keys() {
            if !self.manifest.seats.contains_key(seat) {
                let help = match nearest(seat, self.manifest.seats.keys().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("define `{seat}` under [seats] in bundle.toml"),
                };
                self.fault(name, Code::UnknownSeat, format!("nobody defines the seat `{seat}`"), help);
            }
        }
        Some(quorum)
    }

    fn extension_quorum(&mut self, first: &Quorum) -> Vec<Quorum> {
        let Some(text) = self.all.get("extension_quorum").cloned() else { return Vec::new() };
        let mut out: Vec<Quorum> = Vec::new();
        for part in text.split('|') {
            let Some(quorum) = self.quorum("extension_quorum", part.trim()) else { continue };
            let before = out.last().unwrap_or(first);
            if !quorum.covers(before) && (!out.is_empty() || !first.seats.is_empty()) {
                self.fault(
                    "extension_quorum",
                    Code::QuorumDecreases,
                    format!("`{quorum}` asks for less than `{before}` before it"),
                    "each extension asks for at least the seats of the one before it",
                );
            }
            out.push(quorum);
        }
        out
    }

    fn handover(&mut self) -> Handover {
        let Some(text) = self.all.get("handover").cloned() else { return Handover::Cut };
        if text == "cut" {
            return Handover::Cut;
        }
        match text.strip_prefix("grace:").map(Span::parse) {
            Some(Ok(span)) if span > Span::ZERO && span <= Span::from_minutes(15) => Handover::Grace(span),
            _ => {
                self.bad("handover", &text, "no way to hand over", "write `cut`, or `grace:10m` up to 15m");
                Handover::Cut
            }
        }
    }

    fn obligations(&mut self) -> Vec<Obligation> {
        let Some(text) = self.all.get("obligations").cloned() else { return Vec::new() };
        let mut out = Vec::new();
        for part in list(&text) {
            match Obligation::parse(part) {
                Ok(o) if !out.contains(&o) => out.push(o),
                Ok(_) => self.bad("obligations", &text, &format!("`{part}` stands twice"), "keep one"),
                Err(e) => self.bad("obligations", &text, &e.message, e.help.as_deref().unwrap_or("")),
            }
        }
        if out.len() > OBLIGATIONS_MAX {
            self.bad("obligations", &text, "too many", &format!("at most {OBLIGATIONS_MAX}"));
        }
        out
    }

    fn controls(&mut self) {
        let Some(text) = self.all.get("controls").cloned() else { return };
        // Ids hold commas in no framework; parentheses as in `AC-3(10)` are common.
        for part in list(&text) {
            if !part.split_once(':').is_some_and(|(f, id)| !f.trim().is_empty() && !id.trim().is_empty()) {
                self.bad("controls", &text, &format!("`{part}` names no framework"), "write `FRAMEWORK:ID`");
            }
        }
    }
}
