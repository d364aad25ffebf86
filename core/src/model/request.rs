//! What is asked for.

use crate::canonical::{self, Digest};
use crate::cedar::Uid;
use crate::error::{Code, Error};
use crate::limits::{APPROVALS_MAX, SCOPE_PAIRS_MAX, SUPPORTS_MAX, VIA_MAX};
use crate::model::Support;
use crate::prelude::*;
use crate::secret;
use crate::time::{Instant, Span};
use crate::wire::{refuse_secret_texts, secret_at};
use alloc::borrow::Cow;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One action on one target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// The action, such as `Ops::Action::"restart"`.
    pub action: Uid,
    /// The target, such as `Glasskey::System::"pay-db"`.
    pub resource: Uid,
}

/// An approval that was given, as the host recorded it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// Who approved: a uid, or an alias that the facts know.
    pub by: String,
    /// When.
    pub at: Instant,
    /// The digest of exactly the ask that was approved; an approval bound to none does not count.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ask: Option<Digest>,
    /// The one seat that is meant; else any that the approver may fill.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seat: Option<String>,
    /// The longest lifetime that the approver agrees to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max_ttl: Option<Span>,
    /// When the approval stops counting, if before the rule's `@approval_ttl`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<Instant>,
}

/// A request for privilege, or for any other action that a bundle decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Who would hold the privilege.
    pub principal: Uid,
    /// Who asked, if not the principal; may not approve either.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub requested_by: Option<Uid>,
    /// The delegation chain, root first, that the principal acts for.
    #[serde(default)]
    pub via: Vec<Uid>,
    /// What is asked for; every pair must be open under one and the same rule.
    pub scope: Vec<Pair>,
    /// Why, in the requester's words.
    #[serde(default)]
    pub purpose: String,
    /// For how long; omitted means the rule's default, never its maximum.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ttl: Option<Span>,
    /// The requester says that it is an emergency; a signal, not an authority.
    #[serde(default)]
    pub emergency: bool,
    /// What makes the request valid.
    #[serde(default)]
    pub supports: Vec<Support>,
    /// The one rule to be used; else the best open one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rule: Option<String>,
    /// Where the request came in, such as `console` or `slack`.
    #[serde(default)]
    pub channel: String,
    /// What the pack's `Glasskey::HostContext` asks for.
    #[serde(skip_serializing_if = "Map::is_empty", default)]
    pub host: Map<String, Value>,
    /// The approvals given so far.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub approvals: Vec<Approval>,
}

impl Request {
    /// A request of typed parts: who asks, and for what. All else is set in its members, and no
    /// JSON is on the way.
    ///
    /// ```
    /// use glasskey::model::{Pair, Support, SupportKind};
    /// use glasskey::{Request, Span, Uid};
    ///
    /// let action = Uid::parse("Ops::Action::\"restart\"")?;
    /// let resource = Uid::parse("Glasskey::System::\"pay-db\"")?;
    /// let mut request = Request::new(Uid::parse("Glasskey::Person::\"asha\"")?, [Pair { action, resource }]);
    /// request.ttl = Some(Span::from_minutes(30));
    /// request.supports = vec![Support { kind: SupportKind::Shift, id: "S-7".to_owned(), epoch: None }];
    /// request.check()?;
    /// # Ok::<(), glasskey::Error>(())
    /// ```
    #[must_use]
    pub fn new(principal: Uid, scope: impl IntoIterator<Item = Pair>) -> Self {
        Self {
            principal,
            requested_by: None,
            via: Vec::new(),
            scope: scope.into_iter().collect(),
            purpose: String::new(),
            ttl: None,
            emergency: false,
            supports: Vec::new(),
            rule: None,
            channel: String::new(),
            host: Map::new(),
            approvals: Vec::new(),
        }
    }

    /// Reads a request.
    ///
    /// # Errors
    /// Those of [`canonical::read`] and [`Request::check`].
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        let request: Self = canonical::read(json)?;
        request.check()?;
        Ok(request)
    }

    /// Reads a request from a strictly read value.
    ///
    /// # Errors
    /// Those of [`canonical::from_value`] and [`Request::check`].
    pub fn from_value(value: Value) -> Result<Self, Error> {
        let request: Self = canonical::from_value(value)?;
        request.check()?;
        Ok(request)
    }

    /// Checks the bounds that a shape alone does not show.
    ///
    /// # Errors
    /// `empty` without scope; `too_many` over a limit; `bad_duration` for a zero `ttl`;
    /// `secret_in_input`.
    pub fn check(&self) -> Result<(), Error> {
        if self.scope.is_empty() {
            return Err(Error::new(Code::Empty, "the scope names nothing")
                .help("ask for at least one action on one resource")
                .at("scope"));
        }
        for (path, count, limit) in [
            ("scope", self.scope.len(), SCOPE_PAIRS_MAX),
            ("supports", self.supports.len(), SUPPORTS_MAX),
            ("via", self.via.len(), VIA_MAX),
            ("approvals", self.approvals.len(), APPROVALS_MAX),
        ] {
            if count > limit {
                return Err(Error::new(Code::TooMany, format!("{count} elements; the limit is {limit}"))
                    .help("split the request")
                    .at(path));
            }
        }
        self.refuse_secrets()?;
        if self.ttl == Some(Span::ZERO) {
            return Err(Error::new(Code::BadDuration, "a lifetime of zero asks for nothing")
                .help("omit `ttl` for the rule's default")
                .at("ttl"));
        }
        Ok(())
    }

    /// What a request says is recorded with the decision on it.
    fn refuse_secrets(&self) -> Result<(), Error> {
        let pairs = self.scope.iter().flat_map(|p| [("scope", p.action.id()), ("scope", p.resource.id())]);
        let approvals = self.approvals.iter().flat_map(|a| [Some(a.by.as_str()), a.seat.as_deref()]);
        refuse_secret_texts(
            [("principal", self.principal.id()), ("purpose", &self.purpose), ("channel", &self.channel)]
                .into_iter()
                .chain(self.requested_by.iter().map(|uid| ("requested_by", uid.id())))
                .chain(self.via.iter().map(|uid| ("via", uid.id())))
                .chain(pairs)
                .chain(self.supports.iter().map(|s| ("supports", s.id.as_str())))
                .chain(self.rule.iter().map(|rule| ("rule", rule.as_str())))
                .chain(approvals.flatten().map(|text| ("approvals", text))),
        )?;
        secret::find_in(&self.host).map_or(Ok(()), |path| Err(secret_at(format!("host.{path}"))))
    }

    /// The same request with its sets in their fixed order and without doubles, so that equal
    /// asks have equal bytes.
    #[must_use]
    pub fn normalised(mut self) -> Self {
        self.scope.sort();
        self.scope.dedup();
        self.supports.sort();
        self.supports.dedup();
        self.approvals.sort();
        self.approvals.dedup();
        self
    }

    /// As [`Request::normalised`]; a copy is made only where something is out of order.
    pub(crate) fn in_order(&self) -> Cow<'_, Self> {
        fn strictly<T: Ord>(list: &[T]) -> bool {
            list.is_sorted_by(|a, b| a < b)
        }
        if strictly(&self.scope) && strictly(&self.supports) && strictly(&self.approvals) {
            Cow::Borrowed(self)
        } else {
            Cow::Owned(self.clone().normalised())
        }
    }
}
