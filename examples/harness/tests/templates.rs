//! Every case of the templates in `tests/templates` is one test.

fn main() -> std::process::ExitCode {
    aei_runner::harness::main("tests/templates")
}
