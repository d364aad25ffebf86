//! `glasskey fmt`: policies in the one shape that Cedar's own formatter gives them.

use crate::fault::Fault;
use crate::outcome::{Exit, Outcome, line};
use crate::pack::Pack;
use crate::screen::Screen;
use cedar_policy_formatter::{Config, policies_str_to_pretty};
use serde_json::json;
use std::path::Path;

const CONFIG: Config = Config { line_width: 100, indent_width: 2 };

pub(super) fn run(root: &Path, check: bool, screen: &Screen) -> Result<Outcome, Vec<Fault>> {
    let pack = Pack::read(root).map_err(|f| vec![f])?;
    let mut changed: Vec<(String, String)> = Vec::new();
    let mut faults = Vec::new();
    let mut count = 0_usize;
    for (name, content) in pack.own().filter(|(name, _)| name.ends_with(".cedar")) {
        count += 1;
        let path = pack.path_of(name);
        match std::str::from_utf8(content).map_err(|_| "it is not UTF-8 text".to_owned()).and_then(pretty) {
            Ok(text) if text.as_bytes() != content => changed.push((path.display().to_string(), text)),
            Ok(_) => {}
            Err(why) => {
                let message = format!("`{}` cannot be formatted: {why}", path.display());
                faults.push(Fault::new(
                    "not_formatted",
                    message,
                    "`glasskey check` shows what is wrong, and where",
                ));
            }
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    if !check {
        for (path, text) in &changed {
            let path = Path::new(path);
            std::fs::write(path, text).map_err(|e| vec![Fault::of_io(path, &e, true)])?;
        }
    }
    let exit = if check && !changed.is_empty() { Exit::Deny } else { Exit::Ok };
    let names: Vec<&str> = changed.iter().map(|(path, _)| path.as_str()).collect();
    if screen.json {
        return Ok(Outcome::new(line(&json!({ "files": count, "changed": names, "written": !check })), exit));
    }
    let verb = if check { "not formatted" } else { "formatted" };
    let mut out: String = names.iter().map(|name| format!("{verb}: {name}\n")).collect();
    match (names.len(), check) {
        (0, _) => out.push_str(&format!("{count} files, all formatted\n")),
        (n, true) => {
            out.push_str(&format!("{n} of {count} files; mend them with `glasskey fmt {}`\n", root.display()))
        }
        (n, false) => out.push_str(&format!("{n} of {count} files\n")),
    }
    Ok(Outcome::new(out, exit))
}

/// The formatted text. The formatter compares both texts and fails rather than change what a
/// policy means.
fn pretty(text: &str) -> Result<String, String> {
    // A file of comments alone is no policy, and the formatter would drop it.
    if !text.lines().any(|l| !l.trim().is_empty() && !l.trim_start().starts_with("//")) {
        return Ok(text.to_owned());
    }
    let text = text.replace("\r\n", "\n");
    let mut out = policies_str_to_pretty(&text, &CONFIG).map_err(|e| format!("{e:#}"))?;
    out.truncate(out.trim_end().len());
    out.push('\n');
    Ok(out)
}
