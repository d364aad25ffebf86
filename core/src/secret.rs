//! What credentials look like. They are named by reference: a value that looks like one is refused
//! at every door, so that none can reach a record, and is masked wherever a fault repeats its input.

use crate::prelude::*;
use alloc::borrow::Cow;
use core::ops::Range;
use serde_json::{Map, Value};

/// Starts of well-known credentials; at least twelve characters follow.
const STARTS: [&str; 21] = [
    "ghp_",
    "gho_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "xoxa-",
    "sk-",
    "sk_live_",
    "rk_live_",
    "AKIA",
    "ASIA",
    "AIza",
    "hvs.",
    "hvb.",
    "eyJhbGciOi",
    "eyJ0eXAiOi",
    "npm_",
    "pypi-",
];
const LEAST: usize = 12;
const PEM: &str = "-----BEGIN ";

/// Members whose very name says that a secret is inside.
const NAMES: [&str; 7] = ["password", "passwd", "secret", "token", "private_key", "api_key", "apikey"];

/// Whether something in a text looks like a credential.
#[must_use]
pub fn looks_secret(text: &str) -> bool {
    text.len() >= LEAST && found(text).next().is_some()
}

/// The text with whatever looks like a credential masked, character by character, so that places in
/// it stay where they are.
#[must_use]
pub fn masked(text: &str) -> Cow<'_, str> {
    if !looks_secret(text) {
        return Cow::Borrowed(text);
    }
    let mut hidden = vec![false; text.len()];
    for range in found(text) {
        hidden.get_mut(range).into_iter().flatten().for_each(|byte| *byte = true);
    }
    let shown = |(at, c): (usize, char)| {
        let inside = c != '\n' && hidden.get(at).copied().unwrap_or(false);
        if inside { '*' } else { c }
    };
    Cow::Owned(text.char_indices().map(shown).collect())
}

/// Where in a document something looks like a credential, as a path such as `issued.credential_ref`.
pub(crate) fn find(value: &Value) -> Option<String> {
    within(value, "")
}

/// The same, among the members of an object.
pub(crate) fn find_in(members: &Map<String, Value>) -> Option<String> {
    within_members(members, "")
}

fn within(value: &Value, path: &str) -> Option<String> {
    match value {
        Value::String(text) => looks_secret(text).then(|| path.to_owned()),
        Value::Array(list) => list.iter().enumerate().find_map(|(i, v)| within(v, &format!("{path}[{i}]"))),
        Value::Object(members) => within_members(members, path),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn within_members(members: &Map<String, Value>, path: &str) -> Option<String> {
    members.iter().find_map(|(name, v)| {
        if looks_secret(name) {
            return Some(path.to_owned());
        }
        let here = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let named =
            NAMES.contains(&name.to_lowercase().as_str()) && v.as_str().is_some_and(|t| !t.is_empty());
        if named { Some(here) } else { within(v, &here) }
    })
}

fn found(text: &str) -> impl Iterator<Item = Range<usize>> {
    words(text).chain(keys(text)).chain(logins(text))
}

/// Words that begin as a credential does, to the end of what may belong to them.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let within = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let mut at = 0_usize;
    core::iter::from_fn(move || {
        loop {
            let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
            if STARTS.iter().any(|start| rest.starts_with(*start)) {
                let length = rest.find(|c: char| !within(c) && c != '.').unwrap_or(rest.len());
                let known =
                    |start: &str| rest.starts_with(start) && length >= start.len().saturating_add(LEAST);
                if STARTS.iter().any(|start| known(start)) {
                    let end = at.saturating_add(length);
                    let found = at..end;
                    at = end;
                    return Some(found);
                }
            }
            let word = rest.find(|c: char| !within(c)).unwrap_or(rest.len());
            let behind = rest.get(word..).unwrap_or("");
            let gap = behind.find(within).unwrap_or(behind.len());
            at = at.saturating_add(word).saturating_add(gap);
        }
    })
}

/// A PEM block, and whatever follows it.
fn keys(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.find(PEM).map(|at| at..text.len()).into_iter()
}

/// The name and password of `scheme://user:password@host`.
fn logins(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.split("://").skip(1).filter_map(move |rest| {
        let authority = rest.split(['/', '?', '#', ' ', '\n']).next().unwrap_or("");
        let (login, _) = authority.rsplit_once('@')?;
        let secret = login.split_once(':').is_some_and(|(_, password)| !password.is_empty());
        let at = place(text, rest);
        secret.then(|| at..at.saturating_add(login.len()))
    })
}

/// Where a part of a text begins in it.
fn place(text: &str, part: &str) -> usize {
    part.as_ptr().addr().saturating_sub(text.as_ptr().addr())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_seen_and_references_are_not() {
        for text in [
            "-----BEGIN OPENSSH PRIVATE KEY-----",
            "use ghp_abcdefghijklmnopqrstuvwxyz0123",
            "(`ghp_abcdefghijklmnopqrstuvwxyz0123`)",
            "postgres://app:hunter2@db/prod",
            "hvs.CAESIJabcdefghijkl",
            "AKIAIOSFODNN7EXAMPLE",
        ] {
            assert!(looks_secret(text), "{text}");
        }
        for text in
            ["vault:db/creds/restart", "https://vault.corp/v1/db", "restore payments", "sk-ops", "user@corp"]
        {
            assert!(!looks_secret(text), "{text}");
        }
    }

    #[test]
    fn what_looks_secret_is_masked_and_nothing_else_moves() {
        assert_eq!(masked("use ghp_abcdefghijkl, ä"), "use ****************, ä");
        assert_eq!(masked("a://u:p4ss@h/x b"), "a://******@h/x b");
        assert_eq!(masked("x -----BEGIN KEY-----\nabc"), format!("x {}\n***", "*".repeat(19)));
        assert_eq!(masked("scope[0].ghp_abcdefghijkl"), "scope[0].****************");
        assert_eq!(masked("nothing here"), "nothing here");
    }
}
