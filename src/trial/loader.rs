//! What boot loaders and firmware say, so that it is not taken for what they have started.

/// Agents of boot loaders and firmware, as their names begin.
const AGENTS: [&str; 6] = ["ipxe", "gpxe", "syslinux", "pxelinux", "uefihttpboot", "esx"];

/// What a loader, firmware or a kernel says when there is no way on. A text that a menu may show is
/// none.
const COMPLAINTS: [&str; 24] = [
    "Invalid or corrupt kernel image",
    "Could not find kernel image",
    "Could not find ramdisk image",
    "Kernel panic - not syncing",
    "Initramfs unpacking failed",
    "Failed to load COM32 file",
    "is not a COM32R image",
    "is not an ELF",
    "Unknown keyword in",
    "Exec format error",
    "ipxe.org/",
    "Could not boot",
    "Could not select",
    "No more network devices",
    "No bootable device",
    "Boot failed",
    "Booting from Hard Disk",
    "Boot Failed",
    "No bootable option or device",
    "UEFI Interactive Shell",
    "Not enough memory to load",
    "Operating system load error",
    "EFI stub: ERROR",
    "End of file reading",
];

/// Whether `agent` (`User-Agent`) is a loader's or firmware's. One that does not say what it is may be.
pub fn is_loader(agent: &str) -> bool {
    let agent = agent.to_ascii_lowercase();
    agent.is_empty() || AGENTS.iter().any(|name| agent.starts_with(name))
}

/// The line of `text` in which a loader gives up.
pub fn complaint(text: &str) -> Option<&str> {
    let gives_up = |line: &&str| {
        *line == "boot:"
            || COMPLAINTS.iter().any(|complaint| line.contains(complaint)) && !is_absence(line)
    };
    text.lines().map(str::trim).find(gives_up)
}

/// Whether iPXE says that a file is not there (its ENOENT). Its menus ask for scripts that need not be: one
/// for this machine (`host/MAC.ipxe`), one of the site's own (`site.ipxe`). What an entry cannot do
/// without is told by the access log, and what iPXE does next is heard.
fn is_absence(line: &str) -> bool {
    line.contains("No such file or directory (http")
}

/// The first line of `text` that no loader prints: what was started has begun to speak.
pub fn life(text: &str) -> Option<&str> {
    text.lines().map(str::trim).find(|line| {
        let letters = line.chars().filter(char::is_ascii_alphabetic).count();
        letters >= 4 && !is_progress(line)
    })
}

/// The lines of `console` that are none of the menu's, whose source is `menu`: a menu is drawn with a
/// frame, and its texts may be cut.
pub fn without_menu(console: &str, menu: &str) -> String {
    let drawn = |line: &str| {
        let line = line.trim_matches(|c: char| c.is_whitespace() || "xqlkmjtu?|".contains(c));
        menu.contains(line) || ["Automatic boot in", "Press [Tab]"].iter().any(|t| line.contains(t))
    };
    let whole = |line: &&str| !line.trim().is_empty() && !drawn(line);
    console.lines().filter(whole).flat_map(|line| [line, "\n"]).collect()
}

/// Whether a line is a loader's word on what it is doing, whole or cut by the width of the screen.
fn is_progress(line: &str) -> bool {
    let begins =
        ["Loading ", "Ready", "BdsDxe:", "EFI stub:", "iPXE", "PXELINUX", "Booting ", "boot:"];
    let begins = begins.iter().any(|word| line.starts_with(word));
    let ends = ["ok", "...", "%", "failed"].iter().any(|word| line.ends_with(word));
    begins || ends || line.contains("://") || line.contains("...") || !line.contains(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_loaders_print_is_no_sign_of_life() {
        let said = "\nLoading /yum/c/vmlinuz... ok\nLoading /yum/c/initrd.img...ok\n\
            http://192.168.4.6/yum/c/vmlinuz... 45%\nimages/pxeboot/initrd.img\n 12%\n\
            BdsDxe: loading Boot0001 \"UEFI PXEv4\" from PciRoot(0x0)\nReady.\n";
        assert_eq!(life(said), None);
        assert_eq!(complaint(said), None);
        let more = format!("{said}[    0.000000] Linux version 6.1.0\n");
        assert_eq!(life(&more), Some("[    0.000000] Linux version 6.1.0"));
    }

    #[test]
    fn what_a_menu_draws_is_no_sign_of_life() {
        let menu =
            "menu title Welcome to PXE\nlabel a\nmenu label Install CentOS 6.8 (minimal install)\n";
        let drawn = "lqqqqqqk\nx Welcome to PXE   x\nx Install CentOS 6.8 (min  x\n Press [Tab] to edit options\n\
                     Automatic boot in 29 seconds...\n";
        assert_eq!(life(&without_menu(drawn, menu)), None);
        let more = format!("{drawn}[ 0.0] Linux version 6.1\n");
        assert_eq!(without_menu(&more, menu), "[ 0.0] Linux version 6.1\n");
    }

    #[test]
    fn a_loader_that_gives_up_is_heard() {
        for said in [
            "Loading /yum/c/vmlinuz... ok\nboot: \n",
            "Invalid or corrupt kernel image.\n",
            "http://192.168.4.6/a... Exec format error (http://ipxe.org/2e008081)\n",
            "[    1.0] Kernel panic - not syncing: VFS: Unable to mount root fs\n",
        ] {
            assert!(complaint(said).is_some(), "{said}");
        }
    }

    #[test]
    fn a_script_that_need_not_be_there_is_no_way_to_give_up() {
        for said in [
            "http://192.168.4.6/pxefiles/host/52-54-00-12-34-56.ipxe... No such file or directory \
             (http://ipxe.org/2d0c618e)\n",
            "http://192.168.4.6/pxefiles/site.ipxe...\nNo such file or directory \
             (https://ipxe.org/2d0c613b)\n",
        ] {
            assert_eq!(complaint(said), None);
            let more =
                format!("{said}Could not boot: Exec format error (http://ipxe.org/2e008081)\n");
            assert!(complaint(&more).is_some(), "{more}");
        }
    }

    #[test]
    fn installers_are_no_loaders() {
        for agent in ["iPXE/1.0.0+git", "Syslinux/6.04", "UefiHttpBoot/1.0", ""] {
            assert!(is_loader(agent), "{agent}");
        }
        for agent in ["anaconda/13.21.239", "curl/7.19", "Wget/1.16", "debian-installer"] {
            assert!(!is_loader(agent), "{agent}");
        }
    }
}
