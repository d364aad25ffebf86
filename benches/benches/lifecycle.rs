//! What a change costs beside few and beside many grants that it does not concern, how many uses
//! one core decides, and what a live grant takes.

use glasskey::{Applied, Bundle, Command, Facts, Instant, Lifecycle, Sources};
use serde_json::{Value, json};
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant as Clock};

/// Grants on each incident.
const EACH: usize = 100;
const ROUNDS: usize = 9;
const USES: usize = 1_000;

const MANIFEST: &str = "name = \"crowd\"\nversion = \"1\"\n\
     [freshness]\nincident = \"2d\"\nshift = \"2d\"\nentities = \"2d\"\n";
const SCHEMA: &str = "namespace Ops { action restart in [Glasskey::Action::\"privileged\"] appliesTo {\n\
     principal: Glasskey::Person, resource: Glasskey::System, context: Glasskey::Context }; }";
const POLICIES: &str = "@id(\"oncall\") @ttl(\"4h\") @max_ttl(\"4h\") @quorum(\"none\")\n\
     permit (principal is Glasskey::Person, action == Ops::Action::\"restart\", resource)\n\
     when { context has incident && context.incident.covers && context has shift && context.shift.covers };";

type Outcome<T> = Result<T, Box<dyn Error>>;

fn system(id: &str) -> String {
    format!("Glasskey::System::\"{id}\"")
}

fn person(i: usize) -> String {
    format!("Glasskey::Person::\"p{i}\"")
}

struct Crowd {
    life: Lifecycle,
    now: Instant,
}

impl Crowd {
    /// As many incidents, a hundred grants on each, of a hundred people with shifts of their own.
    fn of(incidents: usize) -> Outcome<Self> {
        let sources = Sources::new()
            .with("bundle.toml", MANIFEST)
            .with("a.cedarschema", SCHEMA)
            .with("a.cedar", POLICIES);
        let bundle = Bundle::compile(&sources)?;
        let entity = |kind: &str, id: String| json!({"uid": {"type": format!("Glasskey::{kind}"), "id": id}, "attrs": {}, "parents": []});
        let mut entities: Vec<Value> = (0..EACH).map(|i| entity("Person", format!("p{i}"))).collect();
        entities.push(entity("System", "db".to_owned()));
        let open =
            |i: usize| json!({"id": format!("INC-{i}"), "status": "open", "resources": [system("db")]});
        let shift = |i: usize| {
            json!({"id": format!("S-{i}"), "person": person(i), "start": "2026-03-01T00:00:00Z",
                "end": "2026-03-01T08:00:00Z", "resources": [system("db")]})
        };
        let world = json!({"observed_at": "2026-03-01T00:00:00Z", "entities": entities,
            "incidents": (0..incidents).map(open).collect::<Vec<_>>(), "shifts": (0..EACH).map(shift).collect::<Vec<_>>()});
        let facts = Facts::from_json(&bundle, world.to_string().as_bytes())?;
        let mut out =
            Self { life: Lifecycle::new(bundle, facts), now: Instant::parse("2026-03-01T02:00:00Z")? };
        for incident in 0..incidents {
            for who in 0..EACH {
                out.grant(incident, who)?;
            }
        }
        Ok(out)
    }

    fn grant(&mut self, incident: usize, who: usize) -> Outcome<()> {
        let request = json!({"principal": person(who), "purpose": "mend it",
            "scope": [{"action": "Ops::Action::\"restart\"", "resource": system("db")}],
            "supports": [{"incident": format!("INC-{incident}")}, {"shift": format!("S-{who}")}]});
        let request = self.act(json!({"submit": {"request": request}}))?.1.request.clone();
        let grant = self.act(json!({"activate": {"request": request}}))?.1.grant.clone();
        self.act(json!({"issued": {"grant": grant, "points": ["vault"]}}))?;
        Ok(())
    }

    fn act(&mut self, mut act: Value) -> Outcome<(Duration, Arc<Applied>)> {
        act["command_id"] = json!(format!("c-{}", self.life.seq()));
        let command = Command::from_value(act)?;
        let start = Clock::now();
        let applied = self.life.apply(&command, self.now)?;
        Ok((start.elapsed(), applied))
    }

    /// How many uses one core decides in a second.
    fn uses_a_second(&mut self) -> Outcome<f64> {
        let grants: Vec<String> =
            self.life.grants().filter(|g| g.phase.is_live()).take(USES).map(|g| g.id.clone()).collect();
        let mut spent = Duration::ZERO;
        for grant in &grants {
            let pair =
                json!({"grant": grant, "action": "Ops::Action::\"restart\"", "resource": system("db")});
            let (took, used) = self.act(json!({"use": pair}))?;
            if !used.decision.as_ref().is_some_and(glasskey::Decision::is_permit) {
                return Err("a use was refused".into());
            }
            spent += took;
        }
        Ok(grants.len() as f64 / spent.as_secs_f64())
    }

    /// Apart, so that its instructions can be counted (`--toggle-collect=*Crowd*close*`).
    #[inline(never)]
    fn close(&mut self, incident: usize) -> Outcome<Duration> {
        let closed = json!([{"id": format!("INC-{incident}"), "status": "closed"}]);
        Ok(self.act(json!({"observe": {"incidents": closed}}))?.0)
    }

    fn tick(&mut self) -> Outcome<Duration> {
        Ok(self.act(json!({"tick": {}}))?.0)
    }
}

/// Median times of one change in each crowd. The crowds take turns, so that each finds the machine
/// and its caches as the others left them.
fn medians(
    crowds: &mut [Crowd],
    change: impl Fn(&mut Crowd, usize) -> Outcome<Duration>,
) -> Outcome<Vec<Duration>> {
    let mut times = vec![Vec::new(); crowds.len()];
    for round in 0..ROUNDS {
        for (crowd, times) in crowds.iter_mut().zip(&mut times) {
            times.push(change(crowd, round)?);
        }
    }
    times.iter_mut().for_each(|t| t.sort());
    Ok(times.iter().map(|t| t[t.len() / 2]).collect())
}

/// The memory that this process holds, in bytes, where the system tells.
fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text.split_whitespace().nth(1).and_then(|p| p.parse::<usize>().ok()).unwrap_or(0);
    pages * 4_096
}

fn main() -> Outcome<()> {
    // `cargo bench -- --test` and `cargo test --benches` want to see it run, not how fast.
    let quick = std::env::args().any(|a| a == "--test");
    // Incidents, a hundred grants on each.
    let sizes: Vec<usize> = match std::env::var("GLASSKEY_INCIDENTS") {
        Ok(sizes) => sizes.split(',').map(str::parse).collect::<Result<_, _>>()?,
        Err(_) if quick => vec![10, 20],
        Err(_) => vec![10, 100, 1_000],
    };
    let (mut crowds, mut memory) = (Vec::new(), Vec::new());
    for incidents in &sizes {
        let before = resident();
        crowds.push(Crowd::of(*incidents)?);
        memory.push(resident().saturating_sub(before) / (incidents * EACH));
    }
    let ticks = medians(&mut crowds, |crowd, _| crowd.tick())?;
    let closes = medians(&mut crowds, Crowd::close)?;
    for (i, incidents) in sizes.iter().enumerate() {
        let ratio = |of: &[Duration]| of[i].as_secs_f64() / of[0].as_secs_f64();
        println!(
            "{:>7} live grants: closing an incident with {EACH} {:>10.2?} ({:.2} of the first), a tick {:.2?} ({:.2}), \
             {:.0} uses a second, {} bytes a grant with its records",
            incidents * EACH,
            closes[i],
            ratio(&closes),
            ticks[i],
            ratio(&ticks),
            crowds[i].uses_a_second()?,
            memory[i],
        );
    }
    Ok(())
}
