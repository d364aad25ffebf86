//! The core is a tower: a module may name only those below it. `lib.rs` only
//! re-exports, only `cedar` names Cedar, and no file is long.

use super::source::{File, core, idents};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// From the ground up; what shares a floor does not know of each other.
const TOWER: &[&[&str]] = &[
    &["prelude"],
    &["secret"],
    &["error"],
    &["limits", "report"],
    &["wire"],
    &["time"],
    &["canonical"],
    &["cedar", "signing"],
    &["model"],
    &["bundle"],
    &["facts"],
    &["decide"],
    &["lifecycle"],
    &["ledger"],
    &["intake", "interop"],
];

const LINES_MAX: usize = 500;

pub fn check() -> Result<Vec<String>, String> {
    Ok(core()?.iter().flat_map(faults).collect())
}

fn faults(file: &File) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |line: usize, what: String| faults.push(format!("core/src/{}:{line}: {what}", file.path));

    if file.lines > LINES_MAX {
        fault(file.lines, format!("more than {LINES_MAX} lines; give each concept its own file"));
    }
    for (name, line) in idents(&file.tokens) {
        if name.starts_with("cedar_policy") && !file.path.starts_with("cedar/") {
            fault(line, format!("`{name}` is named outside `cedar`, the only module that knows Cedar"));
        }
        let purity = name.starts_with("disallowed_") || name == "unsafe_code";
        if purity && file.path != "lib.rs" {
            fault(line, format!("no exception to `{name}` in the core: purity has none"));
        }
    }
    let module = file.module();
    match module.first() {
        None => story(&file.tokens, &mut fault),
        Some(own) => match floor(own) {
            None => fault(1, format!("`{own}` has no floor in the tower; give it one in xtask, `TOWER`")),
            Some(floor_own) => {
                for (name, line) in roots(&file.tokens, &module) {
                    let below = floor(&name).is_some_and(|floor| floor < floor_own);
                    if floor(&name).is_none() {
                        fault(
                            line,
                            format!("`crate::{name}` goes through `lib.rs`; name the module it is from"),
                        );
                    } else if name != *own && !below {
                        fault(line, format!("`{own}` names `{name}`, which does not stand below it"));
                    }
                }
            }
        },
    }
    if links_std(&file.tokens) && !file.path.starts_with("cedar/") {
        fault(1, "only `cedar` links `std`, because Cedar does; tests may in `lib.rs`".to_owned());
    }
    faults
}

fn floor(module: &str) -> Option<usize> {
    TOWER.iter().position(|floor| floor.contains(&module))
}

/// `lib.rs` is `no_std` and holds nothing but modules and re-exports.
fn story(tokens: &TokenStream, fault: &mut impl FnMut(usize, String)) {
    if !tokens.to_string().replace(' ', "").contains("#![no_std]") {
        fault(1, "the core is `#![no_std]`".to_owned());
    }
    let mut starts = true;
    for token in tokens.clone() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ';' => starts = true,
            TokenTree::Ident(ident) if starts && ident != "pub" => {
                starts = false;
                if !["mod", "use", "extern"].iter().any(|word| ident == word) {
                    fault(
                        ident.span().start().line,
                        format!("`lib.rs` only re-exports, `{ident}` does more"),
                    );
                }
            }
            _ => {}
        }
    }
}

/// Whether it says `extern crate std` for more than tests.
fn links_std(tokens: &TokenStream) -> bool {
    let text = tokens.to_string().replace([' ', '\n'], "");
    text.replace("#[cfg(test)]externcratestd;", "").contains("externcratestd")
}

/// The top-level module of every path into this crate, with its line. A path may start
/// with `crate`, or climb there by `super`.
fn roots(tokens: &TokenStream, module: &[String]) -> Vec<(String, usize)> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token {
            TokenTree::Ident(ident) if ident == "mod" => {
                if let (Some(name), Some(TokenTree::Group(body))) = (tokens.get(at), tokens.get(at + 1)) {
                    let inner = [module, &[name.to_string()]].concat();
                    found.extend(roots(&body.stream(), &inner));
                    at += 2;
                }
            }
            TokenTree::Ident(ident) if ident == "crate" || ident == "super" => {
                let mut here = if ident == "crate" { Vec::new() } else { climb(module) };
                while let Some(next) = after_colons(&tokens, at) {
                    at = next;
                    match tokens.get(at) {
                        Some(TokenTree::Ident(word)) if word == "super" => here = climb(&here),
                        Some(end) => {
                            if here.is_empty() {
                                found.extend(heads(end));
                            }
                            break;
                        }
                        None => break,
                    }
                    at += 1;
                }
            }
            TokenTree::Group(group) => found.extend(roots(&group.stream(), module)),
            _ => {}
        }
    }
    found
}

fn climb(module: &[String]) -> Vec<String> {
    module.split_last().map(|(_, above)| above.to_vec()).unwrap_or_default()
}

/// The index after `::`, when that is what stands at `at`.
fn after_colons(tokens: &[TokenTree], at: usize) -> Option<usize> {
    let colon = |i: usize| matches!(tokens.get(i), Some(TokenTree::Punct(p)) if p.as_char() == ':');
    (colon(at) && colon(at + 1)).then_some(at + 2)
}

/// What directly follows `crate::`: one name, a glob, or a group of names.
fn heads(token: &TokenTree) -> Vec<(String, usize)> {
    let line = token.span().start().line;
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
            let mut starts = true;
            let mut found = Vec::new();
            for token in group.stream() {
                let comma = matches!(&token, TokenTree::Punct(p) if p.as_char() == ',');
                if starts && !comma {
                    found.extend(heads(&token));
                }
                starts = comma;
            }
            found
        }
        other => vec![(other.to_string(), line)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The faults of one made-up file.
    fn found(path: &str, text: &str) -> Vec<String> {
        File::parse(path, text).map_or_else(|e| vec![e], |file| faults(&file))
    }

    fn one(path: &str, text: &str, what: &str) {
        let found = found(path, text);
        assert!(found.len() == 1 && found.iter().all(|f| f.contains(what)), "{text}: {found:?}");
    }

    #[test]
    fn naming_a_lower_floor_passes() {
        let text =
            "use crate::error::Error; use crate::{time::Instant, canonical}; fn f() { crate::limits::g() }";
        assert_eq!(found("facts/merge.rs", text), [""; 0]);
    }

    #[test]
    fn naming_a_higher_floor_is_a_fault_however_it_is_written() {
        for text in [
            "use crate::decide::Decision;",
            "use crate::{error::Error, decide};",
            "use super::super::decide::Decision;",
            "fn f() { let x = crate::decide::g(); }",
            "fn f() { format!(\"{}\", crate::decide::g()); }",
            "#[cfg(test)] mod tests { use crate::decide::Decision; }",
            "#[cfg(test)] mod tests { use super::super::super::decide::Decision; }",
        ] {
            one("facts/merge.rs", text, "`facts` names `decide`");
        }
        one("time.rs", "use super::facts::Facts;", "`time` names `facts`");
        one("error.rs", "use crate::limits::X;", "`error` names `limits`");
    }

    #[test]
    fn neighbours_on_a_floor_do_not_know_of_each_other() {
        one("intake/jira.rs", "use crate::interop::caep;", "`intake` names `interop`");
    }

    #[test]
    fn paths_inside_a_module_pass() {
        let text =
            "use super::fresh; use crate::facts::store; mod tests { use super::*; use super::super::store; }";
        assert_eq!(found("facts/merge.rs", text), [""; 0]);
    }

    #[test]
    fn comments_and_strings_are_not_imports() {
        let text = "//! See `crate::decide::decide`.\nconst S: &str = \"crate::decide::x cedar_policy\";";
        assert_eq!(found("facts/mod.rs", text), [""; 0]);
    }

    #[test]
    fn a_way_round_through_the_re_exports_is_a_fault() {
        one("facts/mod.rs", "use crate::Digest;", "goes through `lib.rs`");
        one("facts/mod.rs", "use crate::*;", "goes through `lib.rs`");
    }

    #[test]
    fn a_module_without_a_floor_is_a_fault() {
        one("misc.rs", "", "`misc` has no floor");
    }

    #[test]
    fn only_cedar_names_cedar_and_links_std() {
        assert_eq!(found("cedar/eval.rs", "extern crate std; use cedar_policy_core::ast;"), [""; 0]);
        one("facts/mod.rs", "use cedar_policy::Entities;", "outside `cedar`");
        one("facts/mod.rs", "fn f() -> ::cedar_policy_core::ast::Value {}", "outside `cedar`");
        one("facts/mod.rs", "extern crate std;", "only `cedar` links `std`");
    }

    #[test]
    fn lib_only_re_exports() {
        let good = "//! Story.\n#![no_std]\nextern crate alloc;\n#[cfg(test)]\nextern crate std;\npub mod time;\nmod wire;\npub use time::{Instant, Span};";
        assert_eq!(found("lib.rs", good), [""; 0]);
        one("lib.rs", "#![no_std] mod time; pub struct Digest; pub use time::Span;", "`struct` does more");
        one("lib.rs", "#![no_std] pub fn decide() {}", "`fn` does more");
        one("lib.rs", "pub mod time;", "`#![no_std]`");
        one("lib.rs", "#![no_std] extern crate std;", "only `cedar` links `std`");
    }

    #[test]
    fn purity_knows_no_exception() {
        one(
            "cedar/eval.rs",
            "#[expect(clippy::disallowed_types, reason = \"fast\")] fn f() {}",
            "no exception",
        );
        one("time.rs", "#[allow(unsafe_code)] fn f() {}", "no exception");
    }

    #[test]
    fn the_map_shows_every_floor() {
        let map = include_str!("../../../docs/ARCHITECTURE.md");
        // The drawing starts at the roof, so it is read from its last line up.
        let drawn: Vec<&str> =
            map.lines().skip_while(|l| !l.contains("lib.rs   ")).take_while(|l| *l != "```").collect();
        let floors = drawn.iter().skip(1).rev().map(|line| line.split_whitespace());
        assert_eq!(drawn.len(), TOWER.len() + 1);
        for (floor, words) in TOWER.iter().zip(floors) {
            assert_eq!(words.take(floor.len()).collect::<Vec<_>>(), *floor);
        }
    }

    #[test]
    fn a_long_file_is_a_fault() {
        assert_eq!(found("time.rs", &"\n".repeat(LINES_MAX)), [""; 0]);
        one("time.rs", &"\n".repeat(LINES_MAX + 1), "more than 500 lines");
    }
}
