//! iPXE's side: the menu of UEFI clients, `uefi.ipxe`, as far as it must be understood to know what a
//! label needs and to choose it.

use std::collections::HashMap;

use super::need::{Need, Resolver};

/// iPXE's name for the machine under trial (`buildarch`).
const MACHINE: &str = "x86_64";

/// What the label needs by the script `text`; `boot_cfg` reads a file below the web root. `None` if the
/// label starts nothing, or is not there.
pub fn needs(
    text: &str,
    label: &str,
    resolver: Resolver<'_>,
    boot_cfg: impl Fn(&str) -> Option<Vec<u8>>,
) -> Option<Vec<Need>> {
    let mut variables: HashMap<&str, String> = HashMap::new();
    let mut within = false;
    let mut needs: Vec<Need> = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix(':') {
            within = name.trim() == label;
            continue;
        }
        let expanded = expand(line, &variables);
        // What follows a failure is another command.
        let command = expanded.split("||").next().unwrap_or_default();
        let mut words = command.split_whitespace();
        let verb = words.next().unwrap_or_default();
        let rest: Vec<&str> = words.collect();
        if verb == "set" {
            let name = line.split_whitespace().nth(1).and_then(|name| name.split(':').next());
            if let Some(name) = name {
                variables.insert(name, rest.get(1..).unwrap_or_default().join(" "));
            }
        }
        if within && let Some((at, target)) = target(&rest) {
            let stage = match verb {
                "kernel" | "imgexec" => "kernel",
                "chain" => "loader",
                "initrd" | "module" | "imgfetch" => "initrd",
                _ => continue,
            };
            let path = resolver.path(target);
            needs.push(Need::new(stage, path));
            let args = rest.get(at..).unwrap_or_default();
            let cfg = args.iter().position(|arg| *arg == "-c").and_then(|c| args.get(c + 1));
            if let Some(cfg) = cfg.filter(|_| matches!(stage, "kernel" | "loader")) {
                let path = resolver.path(cfg);
                let modules = boot_cfg(&path).map(|text| resolver.modules(&text, &path));
                needs.push(Need::new("boot.cfg", path));
                needs.extend(modules.unwrap_or_default());
            }
        }
    }
    (!needs.is_empty()).then_some(needs)
}

/// The labels that the menu offers, in its order.
pub fn items(text: &str) -> Vec<&str> {
    let item = |line: &'_ str| -> Option<String> {
        let mut words = line.split_whitespace();
        (words.next() == Some("item")).then_some(())?;
        let rest: Vec<&str> = words.collect();
        let (_, label) = target(&rest)?;
        (!rest.iter().any(|word| matches!(*word, "--gap" | "-g"))).then(|| label.to_owned())
    };
    // Those of other machines (`:items-arm64`) are left out.
    let mut ours = true;
    let labels = text.lines().map(str::trim).filter_map(|line| {
        if let Some(section) = line.strip_prefix(':') {
            ours = section.strip_prefix("items-").is_none_or(|machine| machine == MACHINE);
        }
        let label = item(line).filter(|_| ours)?;
        line.split_whitespace().find(|word| *word == label)
    });
    labels.collect()
}

/// The script made to choose `label` after a second; `None` if it offers no choice.
pub fn straight(text: &str, label: &str) -> Option<String> {
    let mut chosen = false;
    let lines = text.lines().map(|line| {
        let mut words = line.split_whitespace();
        if words.next() != Some("choose") {
            return format!("{line}\n");
        }
        chosen = true;
        let mut out = format!("choose --default {label} --timeout 1000");
        let mut skip = false;
        for word in words {
            if std::mem::take(&mut skip) {
                continue;
            }
            match word {
                "--default" | "-d" | "--timeout" | "-t" => skip = true,
                _ if word.starts_with("--default=") || word.starts_with("--timeout=") => {}
                _ => out = format!("{out} {word}"),
            }
        }
        out + "\n"
    });
    let script: String = lines.collect();
    chosen.then_some(script)
}

/// The first word that is neither an option nor its value, and where it stands.
fn target<'a>(words: &[&'a str]) -> Option<(usize, &'a str)> {
    let mut skip = false;
    for (at, word) in words.iter().enumerate() {
        if std::mem::take(&mut skip) {
            continue;
        }
        match *word {
            "--name" | "-n" | "--timeout" | "-t" | "--key" | "-k" | "--menu" | "-m" => skip = true,
            _ if word.starts_with('-') => {}
            _ => return Some((at, word)),
        }
    }
    None
}

/// With the variables that are known put in.
fn expand(line: &str, variables: &HashMap<&str, String>) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let Some((name, behind)) = after.split_once('}') else {
            rest = &rest[before.len()..];
            break;
        };
        match variables.get(name.split(':').next().unwrap_or_default()) {
            Some(value) => out.push_str(value),
            None => out.push_str(&format!("${{{name}}}")),
        }
        rest = behind;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::Server;

    const SCRIPT: &str = "#!ipxe\nset base http://192.168.4.6\nmenu T\nitem --gap -- Linux\n\
        item c Install C\nitem --key e e Install E\nitem local Local\n\
        choose --default local --timeout 30000 sel || goto local\ngoto ${sel}\n\
        :c\nkernel ${base}/yum/c/vmlinuz initrd=initrd.img BOOTIF=01-${netX/mac:hexhyp} || goto failed\n\
        initrd --name initrd.img ${base}/yum/c/initrd.img || goto failed\nboot || goto failed\n\
        :e\nchain ${base}/esxi/e/mboot.efi -c ${base}/esxi/e/boot.cfg || goto failed\n\
        :local\nexit 1\n";

    fn of(label: &str) -> Option<Vec<(&'static str, String)>> {
        let server: Server = "192.168.4.6".parse().expect("a server");
        let resolver = Resolver { server: &server, prefix: "" };
        let cfg = |path: &str| {
            (path == "esxi/e/boot.cfg").then(|| b"prefix=/esxi/e/\nkernel=k\n".to_vec())
        };
        let needs = needs(SCRIPT, label, resolver, cfg)?;
        Some(needs.into_iter().map(|need| (need.stage, need.path)).collect())
    }

    #[test]
    fn a_label_needs_what_its_commands_fetch() {
        let own = |list: &[(&'static str, &str)]| -> Vec<_> {
            list.iter().map(|&(stage, path)| (stage, path.to_owned())).collect()
        };
        let linux = own(&[("kernel", "yum/c/vmlinuz"), ("initrd", "yum/c/initrd.img")]);
        assert_eq!(of("c"), Some(linux));
        let esxi = [("loader", "esxi/e/mboot.efi"), ("boot.cfg", "esxi/e/boot.cfg")];
        let esxi = [&esxi[..], &[("module", "esxi/e/k")]].concat();
        assert_eq!(of("e"), Some(own(&esxi)));
        assert_eq!(of("local"), None);
        assert_eq!(of("none"), None);
    }

    #[test]
    fn gaps_are_no_items() {
        assert_eq!(items(SCRIPT), ["c", "e", "local"]);
    }

    #[test]
    fn items_of_other_machines_are_not_shown() {
        let script = "menu T\n:items-arm64\nitem a A\ngoto items\n:items-x86_64\nitem b B\n\
                      goto items\n:items\nitem local L\nchoose x\n";
        assert_eq!(items(script), ["b", "local"]);
    }

    #[test]
    fn the_straight_script_chooses_by_itself() {
        let script = straight(SCRIPT, "c").expect("a choice");
        assert!(
            script.contains("\nchoose --default c --timeout 1000 sel || goto local\n"),
            "{script}"
        );
        assert_eq!(script.lines().count(), SCRIPT.lines().count());
        assert_eq!(straight("#!ipxe\nexit\n", "c"), None);
    }
}
