//! Which controls a pack supports, by which policy, with which evidence.

use crate::pack::Pack;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;

const MAP: &str = include_str!("../../../policies/controls.json");

#[derive(Deserialize)]
struct Map {
    frameworks: BTreeMap<String, Framework>,
    fields: BTreeMap<String, String>,
    controls: Vec<Control>,
}

#[derive(Deserialize)]
struct Framework {
    title: String,
    version: String,
}

#[derive(Deserialize)]
struct Control {
    framework: String,
    id: String,
    title: String,
    relation: String,
    mechanism: String,
    evidence_fields: Vec<String>,
}

/// One control that a pack supports.
#[derive(Clone, Debug, Serialize)]
pub struct Supported {
    /// `FRAMEWORK:ID`.
    pub control: String,
    /// Its title.
    pub title: String,
    /// `supports`, `evidences` or `partially`; never more.
    pub relation: String,
    /// By what means.
    pub mechanism: String,
    /// The policies that name it.
    pub policies: Vec<String>,
    /// Where the evidence stands, each with what it says.
    pub evidence: BTreeMap<String, String>,
}

/// The controls that a pack supports.
#[derive(Clone, Debug, Serialize)]
pub struct Coverage {
    /// The pack.
    pub pack: String,
    /// The bundle.
    pub bundle: String,
    /// The controls, framework by framework.
    pub frameworks: BTreeMap<String, Vec<Supported>>,
    titles: BTreeMap<String, String>,
}

/// Finds the controls that the pack's policies name; of one framework, if one is asked for.
///
/// # Errors
/// A framework or a control that the map does not have.
pub fn coverage(pack: &Pack, framework: Option<&str>) -> Result<Coverage, String> {
    let map: Map = serde_json::from_str(MAP).map_err(|e| format!("policies/controls.json: {e}"))?;
    if let Some(asked) = framework.filter(|f| !map.frameworks.contains_key(*f)) {
        let known: Vec<&str> = map.frameworks.keys().map(String::as_str).collect();
        return Err(format!("no framework `{asked}`; there are {}", known.join(", ")));
    }
    let mut named: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let rules = pack.bundle.rules().iter().map(|r| (r.id(), r.controls()));
    let guards = pack.bundle.guards().iter().map(|g| (g.id(), g.controls()));
    for (id, controls) in rules.chain(guards) {
        controls.iter().for_each(|c| named.entry(c).or_default().push(id.to_owned()));
    }
    let mut out: BTreeMap<String, Vec<Supported>> = BTreeMap::new();
    for control in map.controls {
        let name = format!("{}:{}", control.framework, control.id);
        let Some(mut policies) = named.remove(name.as_str()) else { continue };
        policies.sort();
        if framework.is_some_and(|f| f != control.framework) {
            continue;
        }
        let evidence = control.evidence_fields.iter().map(|f| (f.clone(), map.fields[f].clone())).collect();
        out.entry(control.framework).or_default().push(Supported {
            control: name,
            title: control.title,
            relation: control.relation,
            mechanism: control.mechanism,
            policies,
            evidence,
        });
    }
    if let Some((unknown, by)) = named.into_iter().next() {
        return Err(format!(
            "`{}` names the control `{unknown}`, which the map does not have",
            by.join("`, `")
        ));
    }
    let titles =
        map.frameworks.into_iter().map(|(k, f)| (k, format!("{}, {}", f.title, f.version))).collect();
    Ok(Coverage {
        pack: pack.bundle.manifest().name.clone(),
        bundle: pack.bundle.digest().to_string(),
        frameworks: out,
        titles,
    })
}

impl Coverage {
    /// As a page of Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut out = format!(
            "# Controls that the pack `{}` supports\n\nBundle `{}`. To support a control is to give it means and \
             evidence; what else it asks for is up to the organisation.\n",
            self.pack, self.bundle
        );
        for (framework, controls) in &self.frameworks {
            let title = self.titles.get(framework).map_or("", String::as_str);
            let _ = write!(
                out,
                "\n## {framework}\n\n{title}\n\n| control | title | relation | by which means | policies | evidence |\n|---|---|---|---|---|---|\n"
            );
            for c in controls {
                let ticks =
                    |all: Vec<&String>| all.iter().map(|t| format!("`{t}`")).collect::<Vec<_>>().join(", ");
                let _ = writeln!(
                    out,
                    "| {} | {} | {} | {} | {} | {} |",
                    c.control.split_once(':').map_or("", |(_, id)| id),
                    c.title,
                    c.relation,
                    c.mechanism,
                    ticks(c.policies.iter().collect()),
                    ticks(c.evidence.keys().collect()),
                );
            }
        }
        out
    }
}
