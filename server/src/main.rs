//! The binary `doorstep`: the server and its administration.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
