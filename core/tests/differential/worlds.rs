//! Generated entities, requests and policies. Names are few, so that they meet often; types are
//! mostly as the names promise, so that most conditions get far; and some things are missing.

use crate::conditions::{Kind, condition};
use crate::dice::Dice;
use cedar_policy::{EntityUid, PolicyId, PolicySet, SlotId};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::str::FromStr;

pub const USERS: usize = 5;
pub const GROUPS: usize = 4;
pub const DOCS: usize = 5;
pub const FOLDERS: usize = 3;
const ACTIONS: [&str; 4] = ["view", "edit", "own", "other"];

/// Some uid; now and then of an entity that does not exist.
pub fn uid(dice: &mut Dice) -> (String, String) {
    let (kind, count) =
        [("User", USERS), ("Group", GROUPS), ("Doc", DOCS), ("App::Folder", FOLDERS)][dice.below(4)];
    let id = if dice.chance(4) { 9 } else { dice.below(count) };
    (kind.to_owned(), format!("x{id}"))
}

pub fn uid_text(dice: &mut Dice) -> String {
    if dice.chance(5) {
        return format!("Action::\"{}\"", dice.pick(&ACTIONS));
    }
    let (kind, id) = uid(dice);
    format!("{kind}::\"{id}\"")
}

pub fn request(dice: &mut Dice) -> (String, String, String) {
    let principal =
        if dice.chance(90) { format!("User::\"x{}\"", dice.below(USERS + 1)) } else { uid_text(dice) };
    let resource =
        if dice.chance(80) { format!("Doc::\"x{}\"", dice.below(DOCS + 1)) } else { uid_text(dice) };
    (principal, format!("Action::\"{}\"", dice.pick(&ACTIONS)), resource)
}

pub fn entities(dice: &mut Dice) -> Value {
    let mut all = Vec::new();
    let mut add = |dice: &mut Dice, kind: &str, id: usize, above: Vec<(&str, usize)>| {
        let parents: Vec<Value> =
            above.iter().map(|(k, i)| json!({"type": k, "id": format!("x{i}")})).collect();
        let mut tags = Map::new();
        for name in ["k1", "k2", "s1"] {
            if dice.chance(60) {
                tags.insert(name.to_owned(), any_value(dice));
            }
        }
        all.push(json!({"uid": {"type": kind, "id": format!("x{id}")}, "attrs": attributes(dice), "parents": parents, "tags": tags}));
    };
    for id in 0..USERS {
        let above = (0..GROUPS).filter(|_| dice.chance(35)).map(|g| ("Group", g)).collect();
        add(dice, "User", id, above);
    }
    for id in 0..GROUPS {
        // Only towards higher numbers: no circles. The last parent does not exist.
        let above = (id + 1..=GROUPS).filter(|_| dice.chance(35)).map(|g| ("Group", g)).collect();
        add(dice, "Group", id, above);
    }
    for id in 0..DOCS {
        let mut above: Vec<_> =
            (0..FOLDERS).filter(|_| dice.chance(40)).map(|f| ("App::Folder", f)).collect();
        if dice.chance(10) {
            above.push(("Group", dice.below(GROUPS)));
        }
        add(dice, "Doc", id, above);
    }
    for id in 0..FOLDERS {
        let above = (id + 1..FOLDERS).filter(|_| dice.chance(50)).map(|f| ("App::Folder", f)).collect();
        add(dice, "App::Folder", id, above);
    }
    for (id, parents) in [
        ("view", vec!["read", "all"]),
        ("edit", vec!["all"]),
        ("own", vec![]),
        ("read", vec!["all"]),
        ("all", vec![]),
    ] {
        let parents: Vec<Value> = parents.iter().map(|p| json!({"type": "Action", "id": p})).collect();
        all.push(json!({"uid": {"type": "Action", "id": id}, "attrs": {}, "parents": parents}));
    }
    Value::Array(all)
}

pub fn context(dice: &mut Dice) -> Value {
    Value::Object(attributes(dice))
}

/// Attributes by name: the name promises a kind, and mostly keeps it.
fn attributes(dice: &mut Dice) -> Map<String, Value> {
    let mut out = Map::new();
    for (name, kind) in crate::conditions::ATTRIBUTES {
        if dice.chance(85) {
            let kind = if dice.chance(4) { Kind::any(dice) } else { *kind };
            out.insert((*name).to_owned(), value(dice, kind, 0));
        }
    }
    out
}

fn any_value(dice: &mut Dice) -> Value {
    let kind = Kind::any(dice);
    value(dice, kind, 0)
}

/// A value in Cedar's JSON.
pub fn value(dice: &mut Dice, kind: Kind, depth: usize) -> Value {
    let set = |dice: &mut Dice, of: fn(&mut Dice) -> Value| {
        Value::Array((0..dice.below(4)).map(|_| of(dice)).collect())
    };
    let call = |function: &str, text: &str| json!({"__extn": {"fn": function, "arg": text}});
    match kind {
        Kind::Bool => json!(dice.chance(60)),
        Kind::Long => json!(long(dice)),
        Kind::Text => json!(dice.pick(TEXTS)),
        Kind::Entity => {
            let (kind, id) = uid(dice);
            json!({"__entity": {"type": kind, "id": id}})
        }
        Kind::Longs => set(dice, |d| json!(long(d))),
        Kind::Texts => set(dice, |d| json!(d.pick(TEXTS))),
        Kind::Entities => set(dice, |d| value(d, Kind::Entity, 1)),
        Kind::Mixed => set(dice, |d| {
            let kind = Kind::any(d);
            value(d, if matches!(kind, Kind::Mixed | Kind::Record) { Kind::Time } else { kind }, 1)
        }),
        Kind::Record if depth > 2 => json!({}),
        Kind::Record => {
            let mut out = Map::new();
            for (name, kind) in crate::conditions::MEMBERS {
                if dice.chance(85) {
                    out.insert((*name).to_owned(), value(dice, *kind, depth + 1));
                }
            }
            Value::Object(out)
        }
        Kind::Decimal => call("decimal", dice.pick(DECIMALS)),
        Kind::Ip => call("ip", dice.pick(IPS)),
        Kind::Time => call("datetime", dice.pick(TIMES)),
        Kind::Span => call("duration", dice.pick(SPANS)),
    }
}

pub fn long(dice: &mut Dice) -> i64 {
    match dice.below(12) {
        0 => i64::MAX,
        1 => i64::MIN,
        2 => 9_000_000_000_000_000_000,
        3 => -86_400_000,
        _ => dice.below(5) as i64 - 1,
    }
}

pub const TEXTS: &[&str] =
    &["", "a", "b", "abc", "a*c", "k1", "k2", "INC-7", "1.2.3.4", "2024-01-01", "1h", "1.50", "ä€😀"];
pub const DECIMALS: &[&str] = &["0.0", "1.5", "1.50", "-3.25", "922337203685477.5807"];
pub const IPS: &[&str] =
    &["127.0.0.1", "10.1.2.3", "10.0.0.0/8", "::1", "224.0.0.1", "ff02::1", "10.1.2.3/32"];
pub const TIMES: &[&str] = &[
    "2024-01-01",
    "2024-01-01T00:00:00Z",
    "2024-02-29T23:59:59.999Z",
    "1969-12-31T23:59:59Z",
    "2024-01-01T01:00:00+0100",
    "0000-01-01",
    "9999-12-31T23:59:59.999Z",
];
pub const SPANS: &[&str] = &[
    "0ms",
    "1h",
    "-1h",
    "90m",
    "1d1ms",
    "-1d",
    "9223372036854775807ms",
    "-9223372036854775808ms",
    "1d2h3m4s5ms",
];

/// A template's link.
#[derive(Debug)]
pub struct Link {
    template: String,
    id: String,
    principal: Option<String>,
    resource: Option<String>,
}

impl Link {
    pub fn add_to(&self, set: &mut PolicySet) {
        let uid = |text: &String| EntityUid::from_str(text).expect("a uid");
        let mut values = HashMap::new();
        values.extend(self.principal.as_ref().map(|p| (SlotId::principal(), uid(p))));
        values.extend(self.resource.as_ref().map(|r| (SlotId::resource(), uid(r))));
        set.link(PolicyId::new(&self.template), PolicyId::new(&self.id), values).expect("a link");
    }
}

/// Policies as text, and the links of those that are templates.
pub fn policies(dice: &mut Dice) -> (String, Vec<Link>) {
    let mut text = String::new();
    let mut links = Vec::new();
    // Shared between policies, as clauses of real packs are.
    let common: Vec<String> = (0..3).map(|_| condition(dice, 2)).collect();
    for nth in 0..4 + dice.below(6) {
        let (principal, slot_p) = bound(dice, "principal", &["User", "Group"]);
        let (resource, slot_r) = bound(dice, "resource", &["Doc", "App::Folder"]);
        let action = match dice.below(6) {
            0 => format!("action == Action::\"{}\"", dice.pick(&ACTIONS)),
            1 => format!("action in Action::\"{}\"", dice.pick(&["read", "all", "view"])),
            2 => format!("action in [Action::\"read\", Action::\"{}\"]", dice.pick(&ACTIONS)),
            _ => "action".to_owned(),
        };
        let effect = if dice.chance(75) { "permit" } else { "forbid" };
        text.push_str(&format!("{effect} ({principal}, {action}, {resource})"));
        for _ in 0..dice.below(3) {
            let clause =
                if dice.chance(30) { common[dice.below(common.len())].clone() } else { condition(dice, 3) };
            let clause = if dice.chance(30) { format!("{clause} && {}", condition(dice, 1)) } else { clause };
            text.push_str(&format!("\n{} {{ {clause} }}", if dice.chance(80) { "when" } else { "unless" }));
        }
        text.push_str(";\n");
        if slot_p || slot_r {
            for n in 0..2 {
                links.push(Link {
                    template: format!("policy{nth}"),
                    id: format!("link{nth}-{n}"),
                    principal: slot_p.then(|| format!("User::\"x{}\"", dice.below(USERS))).map(|p| {
                        if dice.chance(50) { p } else { format!("Group::\"x{}\"", dice.below(GROUPS)) }
                    }),
                    resource: slot_r.then(|| format!("Doc::\"x{}\"", dice.below(DOCS))).map(|r| {
                        if dice.chance(50) { r } else { format!("App::Folder::\"x{}\"", dice.below(FOLDERS)) }
                    }),
                });
            }
        }
    }
    (text, links)
}

/// One part of a scope, and whether it has a slot.
fn bound(dice: &mut Dice, var: &str, kinds: &[&str]) -> (String, bool) {
    let slot = dice.chance(10);
    let other = if slot { format!("?{var}") } else { uid_text(dice) };
    let kind = dice.pick(kinds);
    let text = match dice.below(8) {
        0 => format!("{var} == {other}"),
        1 => format!("{var} in {other}"),
        2 => format!("{var} is {kind}"),
        3 => format!("{var} is {kind} in {other}"),
        _ => var.to_owned(),
    };
    let has_slot = text.contains('?');
    (text, has_slot)
}
