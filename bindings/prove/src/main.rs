//! `glasskey-prove`: proofs, comparisons and advice for packs.

use glasskey_prove::{Change, Diff, Finding, Limit, Pack, Prover, Report, Verdict, Wanted, Witness};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

const HELP: &str = "\
glasskey-prove PACK                   prove what must hold of every request at once
glasskey-prove diff OLD NEW           what opens that did not, and the other way round
glasskey-prove lint PACK              what is legal but unwise
glasskey-prove coverage PACK          which controls the pack supports

  --json               the answer as JSON
  --limit SECONDS      for one question to the solver (20)
  --only PROPERTY      prove this one; may be given again
  --framework NAME     coverage of one framework, like NIST-CSF-2.0

exit code: 0 all proved, nothing wider, no advice
           1 something is refuted, the change widens access, or there is advice
           2 something is not known, and so it is not proved
          64 the command line is wrong     65 the pack is malformed
          69 there is no solver
";

struct Args {
    words: Vec<String>,
    json: bool,
    limit: Limit,
    framework: Option<String>,
    wanted: Wanted,
}

fn main() -> ExitCode {
    match arguments() {
        Ok(args) => ExitCode::from(run(&args).unwrap_or_else(|(code, why)| {
            eprintln!("glasskey-prove: {why}");
            code
        })),
        Err(why) => {
            eprintln!("glasskey-prove: {why}\n\n{HELP}");
            ExitCode::from(64)
        }
    }
}

fn arguments() -> Result<Args, String> {
    let mut args = Args {
        words: Vec::new(),
        json: false,
        limit: Limit::default(),
        framework: None,
        wanted: Wanted::default(),
    };
    let mut given = std::env::args().skip(1);
    while let Some(word) = given.next() {
        match word.as_str() {
            "--json" => args.json = true,
            "--help" | "-h" => {
                print!("{HELP}");
                std::process::exit(0);
            }
            "--limit" => {
                let seconds = given.next().and_then(|s| s.parse::<u64>().ok()).filter(|s| *s > 0);
                args.limit = Limit(Duration::from_secs(seconds.ok_or("`--limit` takes whole seconds")?));
            }
            "--only" => args.wanted.only.push(given.next().ok_or("`--only` takes a property")?),
            "--framework" => args.framework = Some(given.next().ok_or("`--framework` takes a name")?),
            other if other.starts_with('-') => return Err(format!("unknown option `{other}`")),
            _ => args.words.push(word),
        }
    }
    Ok(args)
}

type Done = Result<u8, (u8, String)>;

fn run(args: &Args) -> Done {
    let words: Vec<&str> = args.words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["diff", old, new] => diff(args, old, new),
        ["lint", pack] => lint(args, pack),
        ["coverage", pack] => coverage(args, pack),
        [pack] => prove(args, pack),
        _ => Err((64, format!("give a pack, or a command\n\n{HELP}"))),
    }
}

fn read(folder: &str) -> Result<Pack, (u8, String)> {
    Pack::read(Path::new(folder)).map_err(|e| (65, e))
}

fn prover(args: &Args) -> Result<Prover, (u8, String)> {
    Prover::new(args.limit).map_err(|e| (69, e))
}

fn prove(args: &Args, folder: &str) -> Done {
    let pack = read(folder)?;
    let mut prover = prover(args)?;
    let mut since = Instant::now();
    let mut wall = |finding: &Finding| {
        if !args.json {
            println!("{}", line(finding, since.elapsed()));
            finding.witnesses.iter().take(3).for_each(|w| print!("{}", indented(w)));
        }
        since = Instant::now();
    };
    let report = glasskey_prove::prove(&pack, &mut prover, &args.wanted, &mut wall).map_err(|e| (65, e))?;
    if args.json {
        println!("{}", glasskey::canonical::to_text(&report));
    } else {
        println!("\n{}", summary(&report));
    }
    Ok(if report.refuted() { 1 } else { u8::from(!report.all_proved()) * 2 })
}

fn line(finding: &Finding, took: Duration) -> String {
    let word = match finding.verdict {
        Verdict::Proved => "proved ",
        Verdict::Refuted => "REFUTED",
        Verdict::Unknown => "unknown",
        Verdict::Engine => "engine ",
    };
    let mut text = format!(
        "{word}  {:<30} {} ({} questions, {:.1} s)",
        finding.id,
        finding.title,
        finding.questions,
        took.as_secs_f32()
    );
    finding.notes.iter().for_each(|note| text.push_str(&format!("\n         {note}")));
    text
}

fn indented(witness: &Witness) -> String {
    let mut text = String::from("         for example:\n");
    witness.words.iter().for_each(|w| text.push_str(&format!("           {w}\n")));
    text
}

fn summary(report: &Report) -> String {
    let count = |is: &dyn Fn(&Verdict) -> bool| report.findings.iter().filter(|f| is(&f.verdict)).count();
    format!(
        "{}: {} proved, {} refuted, {} not known",
        report.pack,
        count(&|v| matches!(v, Verdict::Proved)),
        count(&|v| matches!(v, Verdict::Refuted)),
        count(&|v| matches!(v, Verdict::Unknown)),
    )
}

fn diff(args: &Args, old: &str, new: &str) -> Done {
    let (old, new) = (read(old)?, read(new)?);
    let mut prover = prover(args)?;
    let diff = glasskey_prove::diff(&old, &new, &mut prover).map_err(|e| (65, e))?;
    if args.json {
        println!("{}", glasskey::canonical::to_text(&diff));
    } else {
        print!("{}", told(&diff));
    }
    Ok(if diff.widens() { 1 } else { u8::from(diff.unknown()) * 2 })
}

fn told(diff: &Diff) -> String {
    let mut out = String::new();
    for row in &diff.rows {
        let word = match row.change {
            Change::Equal => "equal",
            Change::MorePermissive => "MORE PERMISSIVE",
            Change::Stricter => "stricter",
            Change::Incomparable => "MORE AND LESS",
            Change::Unknown => "not known",
        };
        out.push_str(&format!("{word}: {}\n", row.about));
        row.why.iter().for_each(|why| out.push_str(&format!("  {why}\n")));
        for (what, witness) in [("opens now", &row.opened), ("opens no more", &row.closed)] {
            let Some(witness) = witness else { continue };
            out.push_str(&format!("  {what}, for example:\n"));
            witness.words.iter().for_each(|w| out.push_str(&format!("    {w}\n")));
        }
    }
    for term in &diff.terms {
        let word = if term.wider { "WIDER" } else { "narrower" };
        out.push_str(&format!("{word}: `{}`: {}\n", term.rule, term.words));
    }
    diff.added.iter().for_each(|id| out.push_str(&format!("new policy: `{id}`\n")));
    diff.removed.iter().for_each(|id| out.push_str(&format!("gone: `{id}`\n")));
    let verdict = if diff.widens() {
        "this change widens access"
    } else if diff.unknown() {
        "whether this change widens access is not known"
    } else {
        "this change widens nothing"
    };
    out.push_str(&format!("{} equal; {verdict}\n", diff.equal));
    out
}

fn lint(args: &Args, folder: &str) -> Done {
    let advice = glasskey_prove::lint(&read(folder)?);
    if args.json {
        println!("{}", glasskey::canonical::to_text(&advice));
    } else {
        advice.iter().for_each(|a| println!("{}: `{}`: {}", a.lint, a.policy, a.words));
    }
    Ok(u8::from(!advice.is_empty()))
}

fn coverage(args: &Args, folder: &str) -> Done {
    let found = glasskey_prove::coverage(&read(folder)?, args.framework.as_deref()).map_err(|e| (65, e))?;
    if args.json {
        println!("{}", glasskey::canonical::to_text(&found));
    } else {
        print!("{}", found.markdown());
    }
    Ok(0)
}
