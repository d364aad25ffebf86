//! Names of entity types, read without a grammar.
//!
//! Cedar reads a name by its parser, which is most of what Cedar weighs; a name in its normal
//! writing needs none. What is let in is what Cedar lets in; the tests hold it to that.

use crate::prelude::*;
use cedar_policy_core::ast::{EntityType, Id, InternalName, Name};
use cedar_policy_core::parser::{Node, cst};

/// Words that are no names in Cedar, and the namespace that it keeps for itself.
const RESERVED: [&str; 10] = ["true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar"];

/// The entity type of this name, such as `Glasskey::Person`; `None` if it is no name.
pub(super) fn entity_type(text: &str) -> Option<EntityType> {
    let mut parts = text.split("::").map(id).collect::<Option<Vec<Id>>>()?;
    let base = parts.pop()?;
    Name::try_from(InternalName::new(base, parts, None)).ok().map(EntityType::from)
}

fn id(text: &str) -> Option<Id> {
    let letter = |b: u8| b.is_ascii_alphabetic() || b == b'_';
    let fits = text.bytes().next().is_some_and(letter)
        && text.bytes().all(|b| letter(b) || b.is_ascii_digit())
        && !RESERVED.contains(&text);
    let word = || Node::new(Some(cst::Ident::Ident(text.into()))).to_valid_ident().ok();
    fits.then(word).flatten()
}

/// The text between the quotes of a uid, with its escapes undone; `None` where an escape is none
/// of Rust's, which are Cedar's.
pub(super) fn unescape(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        out.push(match rest.next()? {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '0' => '\0',
            c @ ('\\' | '\'' | '"') => c,
            'u' => {
                let (hex, after) = rest.as_str().strip_prefix('{')?.split_once('}')?;
                rest = after.chars();
                char::from_u32(u32::from_str_radix(hex, 16).ok()?)?
            }
            _ => return None,
        });
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_cedar_says_they_are() {
        for text in [
            "A",
            "A::B",
            "A::B::C",
            "_a9",
            "principal::permit",
            "Action",
            "Glasskey::Person",
            "",
            "::",
            "A::",
            "::A",
            "A::::B",
            "A:B",
            "1A",
            "A1::2B",
            "a b",
            " A",
            "A ",
            "in",
            "A::in",
            "if::A",
            "isx",
            "true::B",
            "__cedar",
            "A::__cedar",
            "__cedar::A",
            "__cedarx",
            "ä",
            "A::ä",
            "A//x",
            "A::\nB",
            "Like",
            "A\u{0}",
        ] {
            let cedars = EntityType::from_normalized_str(text).ok();
            assert_eq!(entity_type(text), cedars, "{text:?}");
        }
    }
}
