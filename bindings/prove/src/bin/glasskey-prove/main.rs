//! The program `glasskey-prove`: see `glasskey prove --help`, and docs/POLICIES.md.

mod args;
mod show;

use args::{Args, Command};
use clap::Parser;
use glasskey_prove::{Cache, Counterexample, Finding, Limits, Pack, Prover, Report, Step, Wanted};
use std::cell::Cell;
use std::io::{IsTerminal, Write};
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;
use std::time::{Duration, Instant};

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // If nobody reads it, there is nobody to tell.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 64 } else { 0 });
        }
    };
    ExitCode::from(run(&args).unwrap_or_else(|(code, why)| {
        eprintln!("glasskey-prove: {why}");
        code
    }))
}

type Done = Result<u8, (u8, String)>;

fn run(args: &Args) -> Done {
    match &args.command {
        Command::Prove { pack, only, out, cache, limits } => {
            let wanted = Wanted {
                only: only.clone(),
                first: false,
                runnable: false,
                cache: cache.as_deref().map(Cache::at),
            };
            prove(args.json, pack, &wanted, out.as_deref(), *limits)
        }
        Command::Diff { old, new, limits } => diff(args.json, old, new, *limits),
        Command::Lint { pack } => lint(args.json, pack),
        Command::Coverage { pack, framework } => coverage(args.json, pack, framework.as_deref()),
    }
}

fn read(folder: &Path) -> Result<Pack, (u8, String)> {
    if !folder.is_dir() {
        return Err((66, format!("there is no folder `{}`", folder.display())));
    }
    Pack::read(folder).map_err(|e| (65, e))
}

fn prover(limits: args::Limits) -> Result<Prover, (u8, String)> {
    let limits = Limits {
        question: Duration::from_secs(limits.limit),
        property: Duration::from_secs(limits.property_limit),
    };
    Prover::new(limits).map_err(|e| (69, e))
}

fn print(text: &str) {
    // A reader that goes away early (`| head`) is no failure.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

fn prove(json: bool, folder: &Path, wanted: &Wanted, out: Option<&Path>, limits: args::Limits) -> Done {
    let pack = read(folder)?;
    let mut prover = prover(limits)?;
    let bar = Bar::new(!json);
    bar.watch(&mut prover);
    let mut since = Instant::now();
    let mut seen = |step: Step<'_>| match step {
        Step::Begun { id, number, of } => {
            since = Instant::now();
            bar.begin(id, number, of);
        }
        Step::Found(found) => {
            bar.clear();
            if !json {
                print(&show::finding(found, since.elapsed()));
            }
        }
    };
    let report = glasskey_prove::prove(&pack, &mut prover, wanted, &mut seen).map_err(|e| (65, e))?;
    bar.clear();
    if json {
        print(&(glasskey::canonical::to_text(&report) + "\n"));
    } else {
        print(&show::summary(&report));
    }
    if let Some(out) = out {
        let told = write(&pack, folder, &report, out).map_err(|e| (66, e))?;
        if !json {
            print(&told);
        }
    }
    Ok(if report.refuted() { 1 } else { u8::from(!report.all_proved()) * 2 })
}

/// Writes for each property the first counterexample that can be run.
fn write(pack: &Pack, folder: &Path, report: &Report, out: &Path) -> Result<String, String> {
    let mut told = String::new();
    for finding in report.findings.iter().filter(|f| !f.witnesses.is_empty()) {
        let (made, whys) = runnable(pack, finding);
        let Some(example) = made else {
            let why = whys.first().map_or("", String::as_str);
            told.push_str(&format!("{}: no scenario: {why}\n", finding.id));
            continue;
        };
        let to = out.join(&finding.id);
        std::fs::create_dir_all(&to).map_err(|e| format!("cannot make `{}`: {e}", to.display()))?;
        example.write(&to, &way(&to, folder)?)?;
        told.push_str(&format!("{}: glasskey test {}\n", finding.id, to.display()));
    }
    Ok(told)
}

fn runnable(pack: &Pack, finding: &Finding) -> (Option<Counterexample>, Vec<String>) {
    let mut whys = Vec::new();
    for witness in &finding.witnesses {
        match Counterexample::of(pack, &format!("{}: {}", finding.id, finding.title), witness) {
            Ok(example) => return (Some(example), whys),
            Err(why) => whys.push(why),
        }
    }
    (None, whys)
}

/// The way from one folder to another, as manifests write it.
fn way(from: &Path, to: &Path) -> Result<String, String> {
    let real = |path: &Path| path.canonicalize().map_err(|e| format!("`{}`: {e}", path.display()));
    let (from, to) = (real(from)?, real(to)?);
    let (from, to): (Vec<Component<'_>>, Vec<Component<'_>>) =
        (from.components().collect(), to.components().collect());
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let mut steps: PathBuf = from.iter().skip(common).map(|_| "..").collect();
    steps.extend(to.iter().skip(common));
    if to.len() == common {
        return Err(
            "counterexamples cannot stand inside of the pack: it would take them for its own".to_owned()
        );
    }
    Ok(steps.to_string_lossy().replace('\\', "/"))
}

fn diff(json: bool, old: &Path, new: &Path, limits: args::Limits) -> Done {
    let (old, new) = (read(old)?, read(new)?);
    let mut prover = prover(limits)?;
    let bar = Bar::new(!json);
    bar.begin("comparing", 1, 1);
    bar.watch(&mut prover);
    let diff = glasskey_prove::diff(&old, &new, &mut prover).map_err(|e| (65, e))?;
    bar.clear();
    print(&if json { glasskey::canonical::to_text(&diff) + "\n" } else { show::diff(&diff) });
    Ok(if diff.widens() { 1 } else { u8::from(diff.unknown()) * 2 })
}

fn lint(json: bool, folder: &Path) -> Done {
    let advice = glasskey_prove::lint(&read(folder)?);
    if json {
        print(&(glasskey::canonical::to_text(&advice) + "\n"));
    } else {
        advice.iter().for_each(|a| print(&format!("{}: `{}`: {}\n", a.lint, a.policy, a.words)));
    }
    Ok(u8::from(!advice.is_empty()))
}

fn coverage(json: bool, folder: &Path, framework: Option<&str>) -> Done {
    let found = glasskey_prove::coverage(&read(folder)?, framework).map_err(|e| (65, e))?;
    print(&if json { glasskey::canonical::to_text(&found) + "\n" } else { found.markdown() });
    Ok(0)
}

/// A line on a terminal that says how far it is.
#[derive(Clone)]
struct Bar {
    on: bool,
    line: Rc<Cell<(usize, usize)>>,
    since: Rc<Cell<Instant>>,
    name: Rc<std::cell::RefCell<String>>,
}

impl Bar {
    fn new(wanted: bool) -> Self {
        let on = wanted && std::io::stderr().is_terminal();
        let since = Rc::new(Cell::new(Instant::now()));
        Self { on, line: Rc::default(), since, name: Rc::default() }
    }

    fn begin(&self, name: &str, number: usize, of: usize) {
        self.line.set((number, of));
        self.since.set(Instant::now());
        name.clone_into(&mut self.name.borrow_mut());
        self.draw();
    }

    fn watch(&self, prover: &mut Prover) {
        if self.on {
            let bar = self.clone();
            prover.watch(move |_| bar.draw());
        }
    }

    fn draw(&self) {
        if self.on {
            let (number, of) = self.line.get();
            eprint!("\r\x1b[2K[{number}/{of}] {} {:.0?}", self.name.borrow(), self.since.get().elapsed());
        }
    }

    fn clear(&self) {
        if self.on {
            eprint!("\r\x1b[2K");
        }
    }
}
