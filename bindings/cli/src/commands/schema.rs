//! `glasskey schema`: what policies are written against.

use crate::fault::Fault;
use crate::outcome::{Exit, Outcome, line};
use crate::pack::Pack;
use crate::screen::{Ink, Screen};
use glasskey::Bundle;
use glasskey::bundle::ANNOTATIONS;
use serde_json::{Value, json};
use std::path::Path;

pub(super) fn run(pack: Option<&Path>, screen: &Screen) -> Result<Outcome, Vec<Fault>> {
    let schema = match pack {
        Some(root) => Pack::read(root).map_err(|f| vec![f])?.compile()?.schema_text().to_owned(),
        None => Bundle::base_schema(),
    };
    if screen.json {
        let annotations: Vec<Value> = ANNOTATIONS
            .iter()
            .map(|(name, place, meaning)| json!({ "name": name, "stands_on": place, "means": meaning }))
            .collect();
        return Ok(Outcome::new(line(&json!({ "schema": schema, "annotations": annotations })), Exit::Ok));
    }
    // The reference stands in comments, so that the whole is a schema that other tools read.
    let pen = screen.pen();
    let mut out = "// Annotations:\n".to_owned();
    let mut places: Vec<&str> = Vec::new();
    for (_, place, _) in ANNOTATIONS {
        if places.contains(place) {
            continue;
        }
        places.push(place);
        out.push_str(&format!("{}\n", pen.write(Ink::Dim, &format!("//   on {place}:"))));
        for (name, _, meaning) in ANNOTATIONS.iter().filter(|(_, p, _)| p == place) {
            out.push_str(&format!("//     {} {meaning}\n", pen.write(Ink::Cyan, &format!("@{name:<16}"))));
        }
    }
    out.push_str("//   and your own, on every policy: @x_…\n\n");
    out.push_str(schema.trim_end());
    out.push('\n');
    Ok(Outcome::new(out, Exit::Ok))
}
