use std::ffi::OsString;

use clap::CommandFactory;

use super::*;

fn inserted(line: &str) -> Vec<String> {
    let args = line.split_whitespace().map(OsString::from).collect();
    let args = insert_import(&Cli::command(), args).expect("a good command line");
    args.into_iter().map(|word| word.to_string_lossy().into_owned()).collect()
}

#[test]
fn the_definitions_hold_together() {
    Cli::command().debug_assert();
}

#[test]
fn a_name_and_an_image_are_an_import() {
    assert_eq!(inserted("pxe-import centos6.8 a.iso")[1], "import");
    assert_eq!(inserted("pxe-import --root list centos6.8 a.iso")[1], "import");
    assert_eq!(inserted("pxe-import --answer list -q centos6.8 a.iso")[1], "import");
}

#[test]
fn a_command_stays_what_it_is_wherever_options_stand() {
    assert_eq!(inserted("pxe-import --root /x inspect a.iso")[1], "--root");
    assert_eq!(inserted("pxe-import inspect a.iso --json")[1], "inspect");
    assert_eq!(inserted("pxe-import --help")[1], "--help");
}

#[test]
fn a_lone_unknown_word_is_answered_with_what_was_meant() {
    let error = |line: &str| {
        let args = line.split_whitespace().map(OsString::from).collect();
        insert_import(&Cli::command(), args).expect_err("nothing to do").to_string()
    };
    assert!(error("pxe-import inspcet").contains("did you mean 'inspect'"));
    assert!(error("pxe-import centos6.8").contains("pxe-import centos6.8 ISO..."));
    assert!(error("pxe-import a.ISO").contains("needs a NAME"));
    assert!(error("pxe-import serve a.iso").contains("reserved"));
    assert!(error("pxe-import help centos6.8").contains("no command 'centos6.8'"));
}

#[test]
fn a_forgotten_name_does_not_make_the_first_image_one() {
    let args = ["pxe-import", "DVD1.iso", "DVD2.iso"].map(OsString::from);
    let error = insert_import(&Cli::command(), args.into()).expect_err("no NAME").to_string();
    assert!(error.contains("needs a NAME before it"), "{error}");
}

#[test]
fn help_takes_only_its_own_word_away() {
    let line = inserted("pxe-import --root help help import");
    assert_eq!(line, ["pxe-import", "--root", "help", "import", "--help"]);
    assert_eq!(inserted("pxe-import help"), ["pxe-import", "--help"]);
}

#[test]
fn every_command_is_a_reserved_word() {
    for command in Cli::command().get_subcommands() {
        assert!(RESERVED.contains(&command.get_name()), "{}", command.get_name());
    }
}
