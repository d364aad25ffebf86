//! The shapes as Python's `TypedDict`.

use super::model::{Kind, Member, Shapes, Type};

const HEAD: &str = r#""""The shapes of Glasskey's plain data, as they stand on the wire.

What goes in may be looser than what comes out: an instant is RFC 3339 text or an aware
`datetime`, a duration is text like `1h30m` or a `timedelta`. What comes out is always text.

Made by `cargo xtask shapes` from the types of the core.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias, TypedDict, final

if sys.version_info >= (3, 11):
    from typing import NotRequired
else:
    from typing_extensions import NotRequired

Instant: TypeAlias = str | datetime
"""RFC 3339 text with a zone, or an aware `datetime`."""
Span: TypeAlias = str | timedelta
"""Text as Cedar writes durations, like `1h30m`, or a `timedelta`."""
"#;

const TAIL: &str = r#"

@final
class Decided(TypedDict):
    """An item of a batch that was decided."""

    ok: Decision


@final
class Refused(TypedDict):
    """An item of a batch that is malformed."""

    error: ErrorData


@final
class CommandApplied(TypedDict):
    """A command of several that was applied."""

    command_id: str
    ok: Applied


@final
class CommandRefused(TypedDict):
    """A command of several that is an error."""

    command_id: str
    error: ErrorData


class Catalogue(TypedDict):
    """Every code, and when it is given."""

    errors: dict[ErrorCode, str]
    reasons: dict[ReasonCode, str]
"#;

/// How long a line may be.
const WIDTH: usize = 110;

/// Names that Python keeps for itself.
const KEYWORDS: &[&str] = &["as", "class", "def", "from", "in", "is", "not", "or", "with"];

pub fn write(shapes: &Shapes) -> String {
    let mut out = HEAD.to_owned();
    let is_class = |kind: &Kind| matches!(kind, Kind::Record(members) if !calls(members));
    let mut after_class = false;
    for (name, shape) in shapes {
        let lines = if after_class || is_class(&shape.kind) { 2 } else { 1 };
        after_class = is_class(&shape.kind);
        out.truncate(out.trim_end().len());
        out.push_str(&"\n".repeat(lines + 1));
        match &shape.kind {
            Kind::Text => alias(&mut out, name, "str", &shape.doc),
            Kind::Words(words) => {
                let words: String = words.iter().map(|w| format!("    \"{w}\",\n")).collect();
                alias(&mut out, name, &format!("Literal[\n{words}]"), &shape.doc);
            }
            Kind::Union(types) => {
                let types: Vec<String> = types.iter().map(shown).collect();
                let (short, long) = (types.join(" | "), format!("(\n    {}\n)", types.join("\n    | ")));
                let fits = name.len() + ": TypeAlias = ".len() + short.len() <= WIDTH;
                alias(&mut out, name, if fits { &short } else { &long }, &shape.doc);
            }
            Kind::Record(members) if calls(members) => {
                call(&mut out, name, members, &shape.doc);
            }
            Kind::Record(members) => class(&mut out, name, members, &shape.doc),
        }
    }
    out.truncate(out.trim_end().len());
    out + "\n" + TAIL
}

/// Whether a member has a name that only the functional form can have.
fn calls(members: &[Member]) -> bool {
    members.iter().any(|m| KEYWORDS.contains(&m.name.as_str()))
}

fn alias(out: &mut String, name: &str, is: &str, doc: &str) {
    out.push_str(&format!("{name}: TypeAlias = {is}\n"));
    out.push_str(&documented("", doc));
}

fn class(out: &mut String, name: &str, members: &[Member], doc: &str) {
    out.push_str(&format!("class {name}(TypedDict):\n{}", documented("    ", doc)));
    if !members.is_empty() {
        out.push('\n');
    }
    for member in members {
        out.push_str(&format!(
            "    {}: {}\n{}",
            member.name,
            required(member),
            documented("    ", &member.doc)
        ));
    }
    out.push('\n');
}

/// The form for members whose names Python keeps for itself.
fn call(out: &mut String, name: &str, members: &[Member], doc: &str) {
    out.push_str(&format!("{name} = TypedDict(\n    \"{name}\",\n    {{\n"));
    for member in members {
        let is = shown(&member.is);
        let quoted = if is.contains('"') { format!("'{is}'") } else { format!("\"{is}\"") };
        let is = if member.optional { format!("NotRequired[{quoted}]") } else { quoted };
        out.push_str(&format!("        \"{}\": {is},\n", member.name));
    }
    out.push_str(&format!("    }},\n)\n{}", documented("", doc)));
}

fn documented(indent: &str, doc: &str) -> String {
    match doc.split_once('\n') {
        _ if doc.is_empty() => String::new(),
        None => format!("{indent}\"\"\"{doc}\"\"\"\n"),
        Some((first, rest)) => {
            let rest: String = rest
                .lines()
                .map(|l| format!("{indent}{l}\n").replace(&format!("{indent}\n"), "\n"))
                .collect();
            format!("{indent}\"\"\"{first}\n{rest}{indent}\"\"\"\n")
        }
    }
}

fn required(member: &Member) -> String {
    if member.optional { format!("NotRequired[{}]", shown(&member.is)) } else { shown(&member.is) }
}

fn shown(is: &Type) -> String {
    match is {
        Type::Text => "str".to_owned(),
        Type::Int => "int".to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::Any => "Any".to_owned(),
        Type::Word(word) => format!("Literal[\"{word}\"]"),
        Type::Named(name) => name.clone(),
        Type::List(of) => format!("list[{}]", shown(of)),
        Type::Map(of) => format!("dict[str, {}]", shown(of)),
        Type::Maybe(of) => format!("{} | None", shown(of)),
    }
}
