//! Properties as data: what must hold whenever something opens.

use glasskey::model::ActorKind;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Over which permits a property must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// The guardrails alone see to it, whatever rule is ever added, with whatever terms.
    #[default]
    AnyRule,
    /// The rules of today, each with its own terms, together with the guardrails.
    EachRule,
}

/// What must hold whenever something opens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Property {
    /// Its name.
    pub id: String,
    /// What it says, in words.
    pub title: String,
    /// The kinds of principals that it is about; all, if none is named.
    #[serde(default)]
    pub principals: Vec<ActorKind>,
    /// The actions that it is about, or groups of them; all privileged ones, if none is named.
    #[serde(default)]
    pub actions: Vec<String>,
    /// Over which permits it must hold.
    #[serde(default)]
    pub by: By,
    /// A Cedar condition over `principal`, `action`, `resource` and `context`, offer included.
    pub must: String,
    /// The guardrails that are there for it: they refuse nothing that it allows.
    #[serde(default)]
    pub guards: Vec<String>,
}

/// What a pack's emergencies are.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Emergency {
    /// The actions that break the glass, or groups of them.
    #[serde(default)]
    pub actions: Vec<String>,
    /// The guardrails that bind everything else and do not bind these.
    #[serde(default)]
    pub relaxes: Vec<String>,
}

/// The strictest tier's limits.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierZero {
    /// The longest lifetime.
    pub max_ttl: String,
    /// The fewest seats outside an emergency.
    pub seats: u32,
}

/// The doors that were made for people.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HumanDoors {
    /// The actions, or groups of them.
    #[serde(default)]
    pub actions: Vec<String>,
}

/// `properties.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stated {
    /// What its emergencies are.
    #[serde(default)]
    pub emergency: Emergency,
    /// The doors that were made for people.
    #[serde(default)]
    pub human_doors: HumanDoors,
    /// By built-in property, the guardrails that are there for it and refuse nothing else.
    #[serde(default)]
    pub guards: BTreeMap<String, Vec<String>>,
    /// The limits of tier 0, if the pack has tiers.
    pub tier_0: Option<TierZero>,
    /// The pack's own properties.
    #[serde(default, rename = "property")]
    pub properties: Vec<Property>,
}

impl Stated {
    /// Reads the text of `properties.toml`.
    ///
    /// # Errors
    /// Where and why it cannot be read.
    pub fn read(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|e| format!("properties.toml: {e}"))
    }

    /// What a pack states over what the pack that it extends states: it is held to both.
    ///
    /// # Errors
    /// A property that has the name of one of the base.
    pub(crate) fn over(mut self, base: Self) -> Result<Self, String> {
        if let Some(twice) = self.properties.iter().find(|p| base.properties.iter().any(|b| b.id == p.id)) {
            return Err(format!(
                "properties.toml: `{}` is a property of the pack that is extended",
                twice.id
            ));
        }
        for (own, lower) in [
            (&mut self.emergency.actions, base.emergency.actions),
            (&mut self.emergency.relaxes, base.emergency.relaxes),
            (&mut self.human_doors.actions, base.human_doors.actions),
        ] {
            own.extend(lower.into_iter().filter(|l| !own.contains(l)).collect::<Vec<_>>());
        }
        for (id, guards) in base.guards {
            self.guards.entry(id).or_default().extend(guards);
        }
        self.tier_0 = self.tier_0.or(base.tier_0);
        self.properties = base.properties.into_iter().chain(self.properties).collect();
        Ok(self)
    }
}
