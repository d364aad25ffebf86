//! `glasskey-bindgen MODULE NAME FOLDER`: writes a module that cargo built, without what only debuggers
//! read, and the JavaScript around it. A program of its own, because few chores need it and it
//! takes a minute to build.

use std::process::ExitCode;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let (Some(module), Some(name), Some(folder)) = (words.next(), words.next(), words.next()) else {
        eprintln!("usage: glasskey-bindgen MODULE NAME FOLDER");
        return ExitCode::from(2);
    };
    match bindgen(&module, &name, &folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("glasskey-bindgen: {why}");
            ExitCode::FAILURE
        }
    }
}

fn bindgen(module: &str, name: &str, folder: &str) -> Result<(), String> {
    let mut bindgen = Bindgen::new();
    // `debug` keeps the checks of arguments: an argument of another kind is an error, not nonsense.
    bindgen.input_path(module).out_name(name).typescript(false).demangle(false).debug(true);
    bindgen.remove_name_section(true).remove_producers_section(true);
    bindgen.web(true).and_then(|b| b.generate(folder)).map_err(|e| format!("{e:#}"))
}
