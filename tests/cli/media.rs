//! `[[media]]` in the settings.

use pxe_import_fixtures::family::esxi;

use crate::site::Site;

#[test]
fn a_mistake_in_media_is_an_error_of_every_command_that_reads_the_settings() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    let text =
        "server = \"a\"\n\n[[media]]\nname = \"esxi5.5\"\nimages = [\"*.iso\"]\nanser = \"x\"\n";
    site.write("root/pxe-import.toml", text);
    for line in [&["refresh"][..], &["refresh", "--prune"], &["esxi5.5", iso]] {
        let error = site.fails(1, line);
        let start = "error: root/pxe-import.toml: line 6: unknown key 'anser': there are name, ";
        assert!(error.starts_with(start), "{error}");
    }
    assert_eq!(site.names("root"), ["pxe-import.toml"]);
}

#[test]
fn a_list_that_is_no_toml_is_an_error_with_its_line() {
    let site = Site::new();
    site.write("root/pxe-import.toml", "[[media]]\nname = \"a\"\nimages = [\"a\"\nforce = true\n");
    let error = site.fails(1, &["refresh"]);
    assert!(error.starts_with("error: root/pxe-import.toml: line "), "{error}");
}
