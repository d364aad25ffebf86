//! Credentials are named by reference; a text that looks like one is refused at the door, so
//! that none can reach a record, a log or an error.

use crate::error::{Code, Error};
use crate::lifecycle::Command;
use crate::prelude::*;
use serde_json::Value;

/// Starts of well-known credentials.
const STARTS: [&str; 20] = [
    "-----BEGIN",
    "ghp_",
    "gho_",
    "ghs_",
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
    "npm_",
    "pypi-",
];

/// Members whose very name says that a secret is inside.
const NAMES: [&str; 7] = ["password", "passwd", "secret", "token", "private_key", "api_key", "apikey"];

/// Refuses a command that carries anything shaped like a secret. The text itself is never shown.
pub(super) fn refuse(command: &Command) -> Result<(), Error> {
    let value = serde_json::to_value(command).unwrap_or(Value::Null);
    match find(&value, "") {
        Some(path) => Err(Error::new(Code::SecretInInput, "a value here looks like a secret")
            .help("name the credential by a reference, such as `vault:db/creds/restart`")
            .at(path)),
        None => Ok(()),
    }
}

fn find(value: &Value, path: &str) -> Option<String> {
    match value {
        Value::String(text) => looks_secret(text).then(|| path.to_owned()),
        Value::Array(list) => list.iter().enumerate().find_map(|(i, v)| find(v, &format!("{path}[{i}]"))),
        Value::Object(members) => members.iter().find_map(|(name, v)| {
            let here = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            let named =
                NAMES.contains(&name.to_lowercase().as_str()) && v.as_str().is_some_and(|t| !t.is_empty());
            if named { Some(here) } else { find(v, &here) }
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn looks_secret(text: &str) -> bool {
    text.split(|c: char| c.is_whitespace() || matches!(c, '=' | ',' | ';' | '"' | '\'')).any(|word| {
        STARTS.iter().any(|start| word.starts_with(start) && word.len() >= start.len().saturating_add(12))
    }) || text.contains("-----BEGIN ")
        || credentials_in_url(text)
}

/// `scheme://user:password@host`.
fn credentials_in_url(text: &str) -> bool {
    text.split("://").skip(1).any(|rest| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
        authority
            .rsplit_once('@')
            .is_some_and(|(user, _)| user.split_once(':').is_some_and(|(_, p)| !p.is_empty()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_seen_and_references_are_not() {
        for text in [
            "-----BEGIN OPENSSH PRIVATE KEY-----",
            "use ghp_abcdefghijklmnopqrstuvwxyz0123",
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
}
