//! The shapes as TypeScript's interfaces.

use super::model::{Kind, Shapes, Type};

const HEAD: &str = "\
/**
 * The shapes of Glasskey's plain data, as they stand on the wire.
 *
 * What goes in may be looser than what comes out: an instant may be a `Date`. What comes out is
 * always text.
 *
 * Made by `cargo xtask shapes` from the types of the core.
 */

/** RFC 3339 text with a zone, or a `Date`. */
export type Instant = string | Date

/** Text as Cedar writes durations, like `1h30m`. */
export type Span = string
";

const TAIL: &str = "
/** An item of a batch: decided, or malformed. */
export type Item = { ok: Decision; error?: never } | { error: ErrorData; ok?: never }

/** A command of several: applied, or an error. */
export type CommandItem =
  | { command_id: string; ok: Applied; error?: never }
  | { command_id: string; error: ErrorData; ok?: never }

/** Every code, and when it is given. */
export interface Catalogue {
  errors: Record<ErrorCode, string>
  reasons: Record<ReasonCode, string>
}
";

pub fn write(shapes: &Shapes) -> String {
    let mut out = HEAD.to_owned();
    for (name, shape) in shapes {
        out.push('\n');
        out.push_str(&documented("", &shape.doc));
        match &shape.kind {
            Kind::Text => out.push_str(&format!("export type {name} = string\n")),
            Kind::Words(words) => union(&mut out, name, words.iter().map(|w| format!("'{w}'")).collect()),
            Kind::Union(types) => union(&mut out, name, types.iter().map(shown).collect()),
            Kind::Record(members) if members.is_empty() => {
                out.push_str(&format!("export type {name} = Record<string, never>\n"));
            }
            Kind::Record(members) => {
                out.push_str(&format!("export interface {name} {{\n"));
                for member in members {
                    let mark = if member.optional { "?" } else { "" };
                    out.push_str(&documented("  ", &member.doc));
                    out.push_str(&format!("  {}{mark}: {}\n", member.name, shown(&member.is)));
                }
                out.push_str("}\n");
            }
        }
    }
    out + TAIL
}

fn union(out: &mut String, name: &str, parts: Vec<String>) {
    let short = format!("export type {name} = {}", parts.join(" | "));
    let long = format!("export type {name} =\n  | {}", parts.join("\n  | "));
    out.push_str(if short.len() <= 110 { &short } else { &long });
    out.push('\n');
}

fn documented(indent: &str, doc: &str) -> String {
    match doc.lines().count() {
        0 => String::new(),
        1 => format!("{indent}/** {doc} */\n"),
        _ => {
            let lines: String =
                doc.lines().map(|l| format!("{indent} * {l}").trim_end().to_owned() + "\n").collect();
            format!("{indent}/**\n{lines}{indent} */\n")
        }
    }
}

fn shown(is: &Type) -> String {
    match is {
        Type::Text => "string".to_owned(),
        Type::Int => "number".to_owned(),
        Type::Bool => "boolean".to_owned(),
        Type::Any => "unknown".to_owned(),
        Type::Word(word) => format!("'{word}'"),
        Type::Named(name) => name.clone(),
        Type::List(of) => match of.as_ref() {
            Type::Maybe(_) => format!("({})[]", shown(of)),
            _ => format!("{}[]", shown(of)),
        },
        Type::Map(of) => format!("Record<string, {}>", shown(of)),
        Type::Maybe(of) => format!("{} | null", shown(of)),
    }
}
