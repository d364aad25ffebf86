//! The program `glasskey`: see `glasskey --help`, and docs/CLI.md.

use clap::Parser;
use glasskey_cli::{Args, Exit, Screen, run};
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // What is asked for is no error: `--help` and `--version`.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Ok };
            // If nobody reads it, there is nobody to tell.
            let _ = error.print();
            return code(exit);
        }
    };
    let screen = Screen::of_process(args.json);
    let Ok(outcome) = std::panic::catch_unwind(|| run(&args, &screen)) else {
        eprintln!("this is a bug in glasskey: please report it with what you ran");
        return code(Exit::Internal);
    };
    // A reader that goes away early (`| head`) is no failure.
    let _ = std::io::stderr().write_all(outcome.err.as_bytes());
    let _ = std::io::stdout().write_all(outcome.out.as_bytes());
    code(outcome.exit)
}

fn code(exit: Exit) -> ExitCode {
    ExitCode::from(exit as u8)
}
