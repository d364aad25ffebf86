//! Enforcement points: where privileges are really in force, each by a clock of its own.

use glasskey::Instant;
use glasskey::lifecycle::What;
use glasskey::model::Pair;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What the host tells a point: an effect, numbered by the record that it stands in.
#[derive(Clone, Debug)]
pub struct Order {
    pub key: String,
    pub token: u64,
    /// Who holds the grant that it is about.
    pub principal: String,
    pub what: What,
    /// For what is retained: until when, and for which grant.
    pub keeper: Option<(String, Instant, Vec<Pair>)>,
}

type Held = (String, Pair);

#[derive(Clone, Copy, Debug)]
struct Hold {
    until: Instant,
    token: u64,
}

/// A place where entitlements are in force.
#[derive(Debug)]
pub struct Point {
    pub name: &'static str,
    /// How far its clock is ahead of the true time.
    pub skew_ms: i64,
    /// Nothing reaches it, and nothing comes from it.
    pub dead: bool,
    /// Who may do what, on behalf of which grants.
    holds: BTreeMap<Held, BTreeMap<String, Hold>>,
    /// Orders about a grant that are older than this are void; after its end, all are.
    floors: BTreeMap<String, u64>,
}

impl Point {
    pub fn new(name: &'static str, skew_ms: i64) -> Self {
        Self { name, skew_ms, dead: false, holds: BTreeMap::new(), floors: BTreeMap::new() }
    }

    fn clock(&self, now_ms: i64) -> Instant {
        Instant::from_ms(now_ms + self.skew_ms).unwrap()
    }

    /// Everything that is in force now, with the grants on whose behalf, and until when.
    pub fn in_force(&self, now_ms: i64) -> impl Iterator<Item = (&Held, &str, Instant)> {
        let clock = self.clock(now_ms);
        self.holds.iter().flat_map(move |(held, by)| {
            let lasting = by.iter().filter(move |(_, hold)| clock < hold.until);
            lasting.map(move |(grant, hold)| (held, grant.as_str(), hold.until))
        })
    }

    fn drop_all_of(&mut self, grant: &str) {
        self.holds.values_mut().for_each(|by| _ = by.remove(grant));
    }

    fn fence(&mut self, grant: &str, floor: u64) {
        let known = self.floors.entry(grant.to_owned()).or_default();
        *known = floor.max(*known);
    }

    /// Carries an order out; doing it twice does no more than once. Gives what to report.
    pub fn carry_out(&mut self, order: &Order, now_ms: i64) -> Option<Value> {
        let Order { token, what, .. } = order;
        match what {
            What::Issue { grant, principal, scope, credential_expires_by: until, .. } => {
                let void = self.floors.get(grant).is_some_and(|floor| token <= floor);
                if void || self.clock(now_ms) >= *until {
                    return None;
                }
                self.fence(grant, token - 1);
                for pair in scope {
                    let by = self.holds.entry((principal.to_string(), pair.clone())).or_default();
                    let hold = Hold { until: *until, token: *token };
                    by.entry(grant.clone())
                        .and_modify(|h| {
                            if h.token <= *token {
                                *h = hold
                            }
                        })
                        .or_insert(hold);
                }
                Some(json!({"issued": {"grant": grant, "points": [self.name], "expires_at": until}}))
            }
            What::Revoke { grant, scope, .. } => {
                self.fence(grant, u64::MAX);
                for ((holder, pair), by) in &mut self.holds {
                    if *holder == order.principal && scope.contains(pair) {
                        // Nobody else covered it then; what was put in force since is another matter.
                        by.retain(|other, hold| other != grant && hold.token > *token);
                    }
                }
                Some(json!({"revoked": {"grant": grant, "point": self.name}}))
            }
            What::Compensate { grant, .. } => {
                self.fence(grant, *token);
                self.drop_all_of(grant);
                Some(json!({"revoked": {"grant": grant, "point": self.name}}))
            }
            What::Retain { grant, .. } => {
                self.fence(grant, u64::MAX);
                let (by, until, scope) = order.keeper.as_ref()?;
                let over = self.floors.get(by).is_some_and(|floor| *floor == u64::MAX);
                for ((_, pair), holders) in &mut self.holds {
                    if let Some(hold) = holders.get(grant).copied().filter(|_| scope.contains(pair)) {
                        holders.remove(grant);
                        if !over {
                            let hold = Hold { until: hold.until.min(*until), token: *token };
                            holders.entry(by.clone()).or_insert(hold);
                        }
                    }
                }
                None
            }
            What::Rotate { grant, .. } => Some(json!({"revoked": {"grant": grant, "point": self.name}})),
            _ => None,
        }
    }
}
