//! A pack that extends another: it adds, and it tightens. What it weakens it must name, with
//! the reason.
//!
//! The base's files stand among the sources under the name by which the pack extends it: for
//! `pack = "../starter"` that is `../starter/bundle.toml` and so on. The host reads them; the
//! core only says which are missing, with [`Sources::missing_base`].

use crate::bundle::source::{MANIFEST, Sorted, Sources};
use crate::bundle::{Bundle, Guard, Manifest, Rule};
use crate::cedar::{File, Policy};
use crate::error::{Code, Error, Errors, nearest};
use crate::limits::EXTENDS_MAX;
use crate::prelude::*;
use crate::time::Span;
use serde::{Deserialize, Serialize};

/// What a manifest says of the pack that it extends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extends {
    /// Where the base's files stand, relative to the pack: `../starter`.
    pub pack: String,
    /// Policies of the base that the pack does without.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drop: Vec<String>,
    /// Terms of the base's rules, by rule: annotations, as they would stand in the policy.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub terms: BTreeMap<String, BTreeMap<String, String>>,
    /// What is weaker than in the base, each with the reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub weaken: BTreeMap<String, String>,
}

impl Extends {
    /// What a manifest that was read before says of the pack that it extends.
    pub(super) fn of(file: &File) -> Option<Self> {
        #[derive(Deserialize)]
        struct Peek {
            extends: Option<Extends>,
        }
        toml::from_str::<Peek>(&file.text).ok()?.extends
    }
}

/// The terms that packs above have given to the rules of those below, and where.
#[derive(Clone, Debug, Default)]
pub(super) struct Overlay<'a>(BTreeMap<String, (BTreeMap<String, String>, Option<&'a File>)>);

impl Overlay<'_> {
    /// The terms given to a rule.
    pub(super) fn terms(&self, id: &str) -> BTreeMap<String, String> {
        self.0.get(id).map(|(terms, _)| terms.clone()).unwrap_or_default()
    }

    /// Where they are given.
    pub(super) fn label(&self, id: &str) -> Option<crate::error::Label> {
        let (_, file) = self.0.get(id)?;
        file.map(|file| place(file, id))
    }
}

fn place(file: &File, name: &str) -> crate::error::Label {
    file.text.find(name).map_or_else(|| file.label(0, 0), |at| file.label(at, name.len()))
}

/// The name that a manifest gives to the pack it extends, if it can be read that far.
pub(super) fn named(manifest: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Peek {
        extends: Option<Named>,
    }
    #[derive(Deserialize)]
    struct Named {
        pack: String,
    }
    let text = core::str::from_utf8(manifest).ok()?;
    let pack = toml::from_str::<Peek>(text).ok()?.extends?.pack;
    is_path(&pack).then_some(pack)
}

/// A way from folder to folder that means the same on every machine.
fn is_path(text: &str) -> bool {
    !text.is_empty()
        && !text.contains(['\\', ':', '\0'])
        && text.split('/').all(|step| !step.is_empty() && step != ".")
}

/// Takes the sources apart: the pack's own files first, then those of the pack below, and so on.
pub(super) fn layers(sources: &Sources) -> Result<Vec<Sorted>, Errors> {
    let mut faults = sources.over_limits();
    if faults.is_empty() {
        faults = sources.secrets();
    }
    if !faults.is_empty() {
        return Err(Errors(faults));
    }
    let mut layers: Vec<Sorted> = Vec::new();
    let (mut rest, mut prefix) = (sources.clone(), String::new());
    loop {
        let base = rest.manifest().and_then(named);
        let Some(base) = base else {
            layers.push(rest.sort(&prefix));
            return Ok(layers);
        };
        let (below, own) = rest.split(&format!("{base}/"));
        let own = own.sort(&prefix);
        let label = own.manifest.as_ref().map(|file| place(file, &base));
        let fault = |code, message, help: String| {
            let fault = Error::new(code, message).help(help);
            Err(Errors(vec![match label.clone() {
                Some(label) => fault.label(label),
                None => fault,
            }]))
        };
        if layers.len() >= EXTENDS_MAX {
            let message = format!("more than {EXTENDS_MAX} packs stand one upon the other");
            return fault(Code::TooDeep, message, "extend a pack that stands lower".to_owned());
        }
        if below.manifest().is_none() {
            let message = format!("the pack extends `{base}`, whose files are not here");
            return fault(
                Code::MissingBase,
                message,
                format!("hand over `{prefix}{base}/{MANIFEST}` and the pack's other files with it"),
            );
        }
        prefix = format!("{prefix}{base}/");
        layers.push(own);
        rest = below;
    }
}

/// The manifest's own members over those of the packs below, given from the lowest up.
pub(super) fn merged(own: &Manifest, texts: &[&File]) -> Option<Manifest> {
    let mut all = toml::Table::new();
    for file in texts {
        all.remove("description");
        for (name, value) in toml::from_str::<toml::Table>(&file.text).ok()? {
            match (all.get_mut(&name), value) {
                (Some(toml::Value::Table(there)), toml::Value::Table(more)) if name != "extends" => {
                    there.extend(more);
                }
                (_, value) => drop(all.insert(name, value)),
            }
        }
    }
    let mut manifest = Manifest::deserialize(toml::Value::Table(all)).ok()?;
    manifest.actors.extend(own.actors.iter().map(|(name, kind)| (name.clone(), *kind)));
    manifest.extends.clone_from(&own.extends);
    Some(manifest)
}

/// One pack of a pile: what its manifest says of the one below, and its own policies.
pub(super) struct Layer<'a> {
    pub(super) file: &'a File,
    pub(super) extends: Option<Extends>,
    pub(super) policies: Vec<Policy>,
}

/// The policies that are left when each pack, from the lowest up, has dropped, replaced and
/// added; and the terms that were changed.
pub(super) fn pile<'a>(layers: Vec<Layer<'a>>) -> (Vec<Policy>, Overlay<'a>, Vec<Error>) {
    let (mut all, mut overlay, mut faults) = (Vec::<Policy>::new(), Overlay::default(), Vec::new());
    for layer in layers {
        if let Some(extends) = &layer.extends {
            let known: Vec<String> = all.iter().map(|p| p.id.to_string()).collect();
            for id in extends.drop.iter().chain(extends.terms.keys()) {
                if !known.contains(id) {
                    let near = nearest(id, known.iter().map(String::as_str));
                    let help = near.map_or_else(
                        || "`glasskey check` on the base lists its policies".to_owned(),
                        |near| format!("did you mean `{near}`?"),
                    );
                    let message = format!("the pack that is extended has no policy `{id}`");
                    faults.push(
                        Error::new(Code::UnknownPolicy, message).help(help).label(place(layer.file, id)),
                    );
                }
            }
            all.retain(|p| !extends.drop.iter().any(|id| **id == *p.id));
            for (id, terms) in &extends.terms {
                let (there, file) = overlay.0.entry(id.clone()).or_default();
                there.extend(terms.clone());
                *file = Some(layer.file);
            }
        }
        let own: BTreeSet<_> = layer.policies.iter().map(|p| p.id.clone()).collect();
        all.retain(|p| !own.contains(&p.id));
        let replaced = |id: &str| own.iter().any(|o| **o == *id);
        let given = |id: &str| layer.extends.as_ref().is_some_and(|e| e.terms.contains_key(id));
        overlay.0.retain(|id, _| !replaced(id) || given(id));
        all.extend(layer.policies);
    }
    (all, overlay, faults)
}

/// Something that is weaker than in the base.
struct Weaker {
    /// The policy or the member of the manifest.
    name: String,
    words: String,
}

/// The faults of a pack that weakens its base without saying so, or says so without need.
pub(super) fn faults(
    base: &Bundle,
    manifest: &Manifest,
    rules: &[Rule],
    guards: &[Guard],
    file: &File,
) -> Vec<Error> {
    let Some(extends) = &manifest.extends else { return Vec::new() };
    let mut found = policies(base, rules, guards);
    found.extend(members(base.manifest(), manifest));
    let mut out = Vec::new();
    for weaker in &found {
        let reason = extends.weaken.get(&weaker.name).map(|r| r.trim());
        if reason.is_none_or(str::is_empty) {
            let named = rules.iter().map(|r| &r.policy).chain(guards.iter().map(|g| &g.policy));
            let own =
                named.filter(|p| p.file_name() != base_file(base, &p.id)).find(|p| *p.id == *weaker.name);
            let message = format!("`{}` is weaker than in `{}`: {}", weaker.name, extends.pack, weaker.words);
            let help = "leave it as the base has it, or give the reason under `[extends.weaken]`";
            let label = own.map_or_else(|| place(file, &weaker.name), Policy::label);
            out.push(Error::new(Code::WeakensBase, message).help(help).label(label));
        }
    }
    for name in extends.weaken.keys().filter(|name| found.iter().all(|w| w.name != **name)) {
        let message = format!("`{name}` is not weaker than in `{}`", extends.pack);
        let help = "take it out of `[extends.weaken]`: the reason has outlived its cause";
        out.push(Error::new(Code::BadManifest, message).help(help).label(place(file, name)));
    }
    out
}

fn base_file<'a>(base: &'a Bundle, id: &str) -> &'a str {
    let rule = base.rule(id).map(Rule::file);
    rule.or_else(|| base.guards().iter().find(|g| g.id() == id).map(Guard::file)).unwrap_or("")
}

/// A guardrail is as it was; a rule is gone, or as it was, with terms that only ask for more.
fn policies(base: &Bundle, rules: &[Rule], guards: &[Guard]) -> Vec<Weaker> {
    let mut out = Vec::new();
    let mut say = |id: &str, words: String| out.push(Weaker { name: id.to_owned(), words });
    for old in base.guards() {
        match guards.iter().find(|g| g.id() == old.id()) {
            None => say(old.id(), "the guardrail is gone".to_owned()),
            Some(new) if new.text() != old.text() => say(old.id(), "the guardrail was changed".to_owned()),
            Some(_) => {}
        }
    }
    for old in base.rules() {
        let Some(new) = rules.iter().find(|r| r.id() == old.id()) else { continue };
        if new.text() != old.text() {
            say(old.id(), "the rule was changed".to_owned());
        } else if let (Some(before), Some(after)) = (old.terms(), new.terms()) {
            let changes = after.changes_since(before).into_iter().filter(|c| c.wider);
            let words: Vec<String> = changes.map(|c| c.words).collect();
            if !words.is_empty() {
                say(old.id(), words.join("; "));
            }
        }
    }
    out
}

/// Facts may be no older, and what the lifecycle allows no longer. What rules take from
/// `[defaults]` shows in their terms.
fn members(old: &Manifest, new: &Manifest) -> Vec<Weaker> {
    let mut out = Vec::new();
    let mut say = |name: &str, before: Option<Span>, after: Option<Span>, weaker: bool| {
        let text = |span: Option<Span>| span.map_or_else(|| "no limit".to_owned(), |s| s.to_string());
        if weaker {
            out.push(Weaker {
                name: name.to_owned(),
                words: format!("{} became {}", text(before), text(after)),
            });
        }
    };
    let (a, b) = (&old.freshness, &new.freshness);
    let (c, d) = (&old.defaults, &new.defaults);
    for (name, before, after) in [
        ("freshness.skew", a.skew, b.skew),
        ("freshness.incident", a.incident, b.incident),
        ("freshness.shift", a.shift, b.shift),
        ("freshness.window", a.window, b.window),
        ("freshness.task", a.task, b.task),
        ("freshness.signal", a.signal, b.signal),
        ("freshness.history", a.history, b.history),
        ("freshness.entities", a.entities, b.entities),
        ("defaults.extension_window", c.extension_window, d.extension_window),
        ("defaults.revocation_slo", c.revocation_slo, d.revocation_slo),
        ("defaults.issue_deadline", c.issue_deadline, d.issue_deadline),
        ("defaults.revoke_deadline", c.revoke_deadline, d.revoke_deadline),
    ] {
        say(name, Some(before), Some(after), after > before);
    }
    // Within the cooldown an ask joins the chain before it: a longer one is stricter.
    say("defaults.cooldown", Some(c.cooldown), Some(d.cooldown), d.cooldown < c.cooldown);
    let locks = match (a.locks, b.locks) {
        (Some(before), Some(after)) => after > before,
        (Some(_), None) => true,
        (None, _) => false,
    };
    say("freshness.locks", a.locks, b.locks, locks);
    for (name, kind) in &old.actors {
        if new.actors.get(name) != Some(kind) {
            out.push(Weaker { name: format!("actors.{name}"), words: format!("it was a {kind}") });
        }
    }
    out
}
