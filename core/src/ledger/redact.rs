//! Personal data that can be shown later, or forgotten, without touching a proof.
//!
//! A redacted field stands in the entry as `{"$redacted":"sha256:…"}`: the digest of the
//! value and a secret salt. The entry's hash covers the digest, so every proof holds
//! whether or not the value is ever shown. Whoever has the field's [`Disclosure`] can open
//! it and prove that this value was meant; without it the value can't be guessed, not even
//! a short one, because of the salt. Deleting the disclosure is forgetting the value.

use crate::canonical::Digest;
use crate::error::{Code, Error};
use crate::prelude::*;
use crate::wire::clip;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The one member of an object that stands for a redacted value.
pub const REDACTED: &str = "$redacted";

/// What opens one redacted field. The host keeps it apart from the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    /// Where in the body: a JSON pointer (RFC 6901), `/request/purpose`.
    pub path: String,
    /// The field's own salt.
    pub salt: Digest,
    /// The value.
    pub value: Value,
}

/// 32 random bytes from the host's cryptographic source: new ones for every body.
///
/// Each field's salt is derived from them, so that showing one field says nothing about
/// the others. The host need not keep the seed.
#[derive(Clone, Copy)]
pub struct Seed(pub [u8; 32]);

impl Seed {
    fn salt(self, path: &str) -> Digest {
        Digest::of_canonical(&json!({ "path": path, "seed": Digest::from_bytes(self.0).to_string() }))
    }
}

impl Disclosure {
    /// The digest that stands in the entry: SHA-256 of the RFC 8785 text of
    /// `{"salt":"sha256:…","value":…}`.
    #[must_use]
    pub fn commitment(&self) -> Digest {
        Digest::of_canonical(&json!({ "salt": self.salt.to_string(), "value": self.value }))
    }
}

/// Takes the values at `paths` out of a body, before it is appended. Of two paths, one
/// inside the other, the inner one comes first.
///
/// # Errors
/// `missing_member` if there is nothing at a path: a slip must not leave a name in the
/// ledger. `bad_value` if the body already has a member `$redacted` that is none of ours,
/// or a path names what is redacted already.
pub fn redact(mut body: Value, paths: &[&str], seed: Seed) -> Result<(Value, Vec<Disclosure>), Error> {
    check(&body)?;
    let mut disclosures = Vec::new();
    for path in paths {
        let place = body.pointer_mut(path).ok_or_else(|| {
            Error::new(Code::MissingMember, format!("there is nothing at `{}`", clip(path)))
                .help("name a field of this body by its JSON pointer, like `/request/purpose`")
                .at(*path)
        })?;
        if commitment_in(place).is_some() {
            return Err(Error::new(Code::BadValue, format!("`{}` is redacted already", clip(path)))
                .help("name each field once")
                .at(*path));
        }
        let disclosure = Disclosure { path: (*path).to_owned(), salt: seed.salt(path), value: place.take() };
        *place = json!({ REDACTED: disclosure.commitment().to_string() });
        disclosures.push(disclosure);
    }
    Ok((body, disclosures))
}

/// Where members of these names stand in a body, as paths for [`redact`]: `purpose`, `notes`.
#[must_use]
pub fn find(body: &Value, names: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    look(body, names, &mut String::new(), &mut found);
    found
}

fn look(value: &Value, names: &[&str], path: &mut String, found: &mut Vec<String>) {
    let length = path.len();
    let mut step = |name: &str, inner: &Value, wanted: bool| {
        path.push('/');
        path.push_str(&name.replace('~', "~0").replace('/', "~1"));
        if wanted {
            found.push(path.clone());
        } else {
            look(inner, names, path, found);
        }
        path.truncate(length);
    };
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, inner)| step(&i.to_string(), inner, false));
        }
        Value::Object(members) => {
            members.iter().for_each(|(name, inner)| step(name, inner, names.contains(&name.as_str())));
        }
        _ => {}
    }
}

/// Puts a text in the place of what is redacted, so that the rest can be read; tells whether
/// anything was.
pub(super) fn withhold(body: &mut Value) -> bool {
    if let Some(digest) = commitment_in(body) {
        *body = Value::String(format!("redacted:{digest}"));
        return true;
    }
    match body {
        Value::Array(items) => items.iter_mut().map(withhold).filter(|any| *any).count() > 0,
        Value::Object(members) => members.values_mut().map(withhold).filter(|any| *any).count() > 0,
        _ => false,
    }
}

/// Puts disclosed values back where their digests stand: all that [`redact`] gave, or
/// some, in the same order.
///
/// # Errors
/// `bad_disclosure` for one that opens nothing here: another value, another place, another
/// entry.
pub fn disclose(mut body: Value, disclosures: &[Disclosure]) -> Result<Value, Error> {
    for disclosure in disclosures.iter().rev() {
        let place = body
            .pointer_mut(&disclosure.path)
            .filter(|place| commitment_in(place) == Some(disclosure.commitment()));
        let Some(place) = place else {
            return Err(Error::new(
                Code::BadDisclosure,
                format!("the disclosure does not open what stands at `{}`", clip(&disclosure.path)),
            )
            .help("give the disclosures that were made for this entry")
            .at(disclosure.path.clone()));
        };
        *place = disclosure.value.clone();
    }
    Ok(body)
}

/// The digest in an object that stands for a redacted value.
fn commitment_in(value: &Value) -> Option<Digest> {
    let members = value.as_object().filter(|members| members.len() == 1)?;
    Digest::parse(members.get(REDACTED)?.as_str()?).ok()
}

fn check(value: &Value) -> Result<(), Error> {
    match value {
        Value::Array(items) => items.iter().try_for_each(check),
        Value::Object(members) if members.contains_key(REDACTED) && commitment_in(value).is_none() => Err(
            Error::new(Code::BadValue, format!("a member `{REDACTED}` is not a digest that stands alone"))
                .help("give the member another name: this one marks what was redacted"),
        ),
        Value::Object(members) => members.values().try_for_each(check),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Entry, Kind, Ledger};
    use super::*;
    use crate::time::Instant;

    const SEED: Seed = Seed([7; 32]);

    fn body() -> Value {
        json!({"by": "ann", "why": {"text": "pager", "to": ["bob", "eve"]}})
    }

    #[test]
    fn redacted_fields_can_be_shown_one_by_one() {
        let paths = ["/why/to/1", "/by", "/why"];
        let (hidden, disclosures) = redact(body(), &paths, SEED).unwrap();
        let text = hidden.to_string();
        assert!(["ann", "pager", "eve"].iter().all(|word| !text.contains(word)), "{text}");
        assert_eq!(disclose(hidden.clone(), &disclosures).unwrap(), body());
        let why = disclose(hidden.clone(), &disclosures[2..]).unwrap();
        assert_eq!((&why["why"]["to"][0], why["by"].as_str()), (&json!("bob"), None));
        assert!(why["why"]["to"][1][REDACTED].is_string());
        let by = disclose(hidden, &disclosures[1..2]).unwrap();
        assert_eq!((by["by"].as_str(), by["why"]["text"].as_str()), (Some("ann"), None));
    }

    #[test]
    fn the_entry_is_the_same_whatever_is_shown() {
        let at = Instant::parse("2026-03-01T02:05:00Z").unwrap();
        let (mut ledger, _) = Ledger::begin("example.com/pam", at).unwrap();
        let (hidden, disclosures) = redact(body(), &["/by"], SEED).unwrap();
        let entry = ledger.append(Kind::INTENT, hidden, at).unwrap();
        let read = Entry::parse(entry.to_line().as_bytes()).unwrap();
        assert_eq!(disclose(read.body, &disclosures).unwrap(), body());
    }

    #[test]
    fn the_commitment_is_as_documented() {
        let (hidden, disclosures) = redact(body(), &["/by"], SEED).unwrap();
        let seed = "sha256:".to_owned() + &"07".repeat(32);
        let salt = Digest::of(format!(r#"{{"path":"/by","seed":"{seed}"}}"#).as_bytes());
        assert_eq!(disclosures[0].salt, salt);
        let digest = Digest::of(format!(r#"{{"salt":"{salt}","value":"ann"}}"#).as_bytes());
        assert_eq!(hidden["by"], json!({"$redacted": digest.to_string()}));
    }

    #[test]
    fn a_disclosure_opens_its_own_field_only() {
        let (hidden, good) = redact(body(), &["/by", "/why"], SEED).unwrap();
        let code = |change: fn(&mut Disclosure)| {
            let mut bent = good[0].clone();
            change(&mut bent);
            disclose(hidden.clone(), &[bent]).unwrap_err().code
        };
        assert_eq!(code(|d| d.value = json!("eve")), Code::BadDisclosure);
        assert_eq!(code(|d| d.salt = Digest::of(b"")), Code::BadDisclosure);
        assert_eq!(code(|d| d.path = "/why".to_owned()), Code::BadDisclosure);
        assert_eq!(code(|d| d.path = "/none".to_owned()), Code::BadDisclosure);
        let (other, _) = redact(body(), &["/by"], Seed([8; 32])).unwrap();
        assert_eq!(disclose(other, &good[..1]).unwrap_err().code, Code::BadDisclosure);
        assert_eq!(disclose(body(), &good[..1]).unwrap_err().code, Code::BadDisclosure);
    }

    #[test]
    fn equal_values_do_not_look_equal() {
        let twins = json!({"a": "ann", "b": "ann"});
        let (hidden, _) = redact(twins.clone(), &["/a", "/b"], SEED).unwrap();
        assert_ne!(hidden["a"], hidden["b"]);
        let (other, _) = redact(twins, &["/a"], Seed([8; 32])).unwrap();
        assert_ne!(hidden["a"], other["a"]);
    }

    #[test]
    fn a_slip_leaves_no_name_in_the_ledger() {
        let code = |body, paths: &[&str]| redact(body, paths, SEED).unwrap_err().code;
        assert_eq!(code(body(), &["/who"]), Code::MissingMember);
        assert_eq!(code(body(), &["by"]), Code::MissingMember);
        assert_eq!(code(body(), &["/why", "/why/text"]), Code::MissingMember);
        assert_eq!(code(body(), &["/by", "/by"]), Code::BadValue);
        assert_eq!(code(json!({"x": [{"$redacted": "ann"}]}), &[]), Code::BadValue);
    }
}
