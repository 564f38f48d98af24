//! nginx and Samba serve what `init` has laid out, as ordinary users.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use pxe_import_fixtures::family::{Size, windows};

use super::{Made, said, tool};

/// A user who is nobody in particular.
const NOBODY: u32 = 65534;

/// A daemon that ends with its test.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        // Its workers end with their master, which must hear of it.
        let id = i32::try_from(self.0.id()).ok().and_then(rustix::process::Pid::from_raw);
        if let Some(id) = id {
            let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
        }
        let _ = self.0.wait();
    }
}

/// A port that nobody listens on.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("bound").port()
}

/// Waits until somebody listens.
fn wait_for(port: u16) -> bool {
    let end = Instant::now() + Duration::from_secs(120);
    while Instant::now() < end {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    false
}

/// Status, head and body of one request.
fn request(port: u16, method: &str, path: &str, more: &str) -> (u16, String, Vec<u8>) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("connected");
    let text = format!("{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{more}\r\n");
    stream.write_all(text.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("read");
    let at = answer.windows(4).position(|part| part == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8_lossy(&answer[..at]).into_owned();
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
    (status, head, answer[at + 4..].to_vec())
}

/// A command that runs as an ordinary user, where this one is root.
fn as_user(program: &Path) -> Command {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new(program);
    if rustix::process::geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// Gives everything below `top` to that user.
fn hand_over(top: &Path) {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let mut todo = vec![top.to_owned()];
    while let Some(path) = todo.pop() {
        if path.is_symlink() {
            continue;
        }
        chown(&path, Some(NOBODY), Some(NOBODY)).expect("handed over");
        if path.is_dir() {
            todo.extend(fs::read_dir(&path).expect("listed").map(|e| e.expect("one").path()));
        }
    }
}

#[test]
fn nginx_serves_a_tree_as_an_ordinary_user() {
    let Some(nginx) = tool("nginx") else { return };
    let made = Made::new();
    let port = free_port();
    let server = format!("http://127.0.0.1:{port}/boot");
    let root = made.init("root", &["--server", &server]);
    made.write("root/wwwroot/yum/X/.treeinfo", "0123456789");
    made.write("root/wwwroot/yum/.pxe-import-half", "half");
    symlink("../yum", root.join("wwwroot/pxefiles/yum")).expect("linked");
    // A directory of mode 0700 is on the way otherwise.
    let mode = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o755);
    fs::set_permissions(made.path(""), mode).expect("set");
    hand_over(&root);
    let _daemon = Daemon(
        as_user(&nginx)
            .arg("-e")
            .arg(root.join(".pxe-import/run/nginx-error.log"))
            .arg("-c")
            .arg(root.join("etc/nginx.conf"))
            .args(["-g", "daemon off;"])
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts"),
    );
    assert!(wait_for(port), "nobody listens");
    let tree = "/boot/pxefiles//yum/X/.treeinfo";
    assert_eq!(request(port, "GET", tree, "").2, b"0123456789", "as pxelinux asks");
    assert_eq!(request(port, "GET", "/boot/yum/X/.treeinfo", "").0, 200);
    let (status, head, body) = request(port, "GET", tree, "Range: bytes=2-4\r\n");
    assert_eq!((status, &body[..]), (206, &b"234"[..]), "{head}");
    let (status, head, body) = request(port, "HEAD", tree, "");
    assert!(status == 200 && body.is_empty() && head.contains("Content-Length: 10"), "{head}");
    let list = String::from_utf8_lossy(&request(port, "GET", "/boot/yum/", "").2).into_owned();
    assert!(list.contains("href=\"X/\""), "{list}");
    assert_eq!(request(port, "GET", "/boot/pxefiles/pxelinux.cfg/default", "").0, 200);
    for never in [
        "/.pxe-import",
        "/.pxe-import/_site.json",
        "/boot/.pxe-import/_site.json",
        "/boot/yum/.pxe-import-half",
        "/boot../.pxe-import/_site.json",
        "/boot/%2e%2e/.pxe-import/_site.json",
        "/pxefiles/pxelinux.0",
        "/boot/yum/none",
    ] {
        let status = request(port, "GET", never, "").0;
        assert!(matches!(status, 400 | 404), "{never}: {status}");
    }
}

/// Runs smbclient on the share.
fn smb(client: &Path, port: u16, command: &str) -> (bool, String) {
    let output = Command::new(client)
        .args(["//127.0.0.1/public", "-N", "-p", &port.to_string(), "-c", command])
        .output()
        .expect("it runs");
    (output.status.success(), said(&output))
}

/// smbd on `port` with the config of the root, that of `init` but for the port; says so where a program is
/// missing.
fn share(made: &Made, root: &Path, port: u16) -> Option<(Daemon, PathBuf)> {
    let (Some(smbd), Some(client)) = (tool("smbd"), tool("smbclient")) else { return None };
    let setsid = tool("setsid")?;
    let config = root.join("etc/smb.conf");
    let text = fs::read_to_string(&config).expect("there");
    let text = text.replace(
        "smb ports = 445",
        &format!("smb ports = {port}\n    interfaces = lo\n    bind interfaces only = yes"),
    );
    fs::write(&config, text).expect("written");
    let mode = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o755);
    fs::set_permissions(made.path(""), mode).expect("set");
    hand_over(root);
    let daemon = Daemon(
        as_user(&setsid)
            .arg(smbd)
            .args(["--foreground", "--no-process-group"])
            .arg(format!("--configfile={}", config.display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts"),
    );
    assert!(wait_for(port), "nobody listens: {}", log(root));
    Some((daemon, client))
}

/// What smbd has written.
fn log(root: &Path) -> String {
    fs::read_to_string(root.join(".pxe-import/run/samba/log.smbd")).unwrap_or_default()
}

#[test]
fn samba_lets_guests_read_and_start_setup_and_never_write() {
    let made = Made::new();
    let port = free_port();
    let root = made.init("root", &["--server", "192.168.4.6"]);
    let setup: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
    made.write("root/wwwroot/windows/win/setup.exe", &setup);
    let Some((_daemon, client)) = share(&made, &root, port) else { return };
    let (done, text) = smb(&client, port, "ls win\\*");
    assert!(done && text.contains("setup.exe"), "{text}{}", log(&root));
    let fetched = made.path("fetched");
    let (done, text) = smb(&client, port, &format!("get win\\setup.exe {}", fetched.display()));
    assert!(done, "{text}");
    assert!(fs::read(&fetched).expect("fetched") == setup, "byte for byte");
    // FILE_EXECUTE with FILE_READ_DATA: how Windows opens what it is going to start.
    let (done, text) = smb(&client, port, "open win\\setup.exe 0x21");
    assert!(done && !text.contains("NT_STATUS_"), "{text}");
    let (_, text) = smb(&client, port, &format!("put {} win\\mine.exe", fetched.display()));
    assert!(text.contains("NT_STATUS_ACCESS_DENIED"), "{text}");
    assert!(!root.join("wwwroot/windows/win/mine.exe").exists());
    let (_, text) = smb(&client, port, "del win\\setup.exe");
    assert!(text.contains("NT_STATUS_"), "{text}");
    assert!(root.join("wwwroot/windows/win/setup.exe").exists());
}

/// What startnet.cmd says between `set "NAME=` and `"`.
fn set<'s>(script: &'s str, name: &str) -> &'s str {
    let begin = format!("set \"{name}=");
    let value = script.lines().find_map(|line| line.strip_prefix(&begin)).expect("a line");
    value.trim_end_matches('"')
}

#[test]
fn what_startnet_names_is_on_the_share_for_guests() {
    let made = Made::new();
    let port = free_port();
    let root = made.init("root", &["--server", "192.168.4.6"]);
    made.write("root/wwwroot/pxefiles/wimboot", "MZ");
    made.write("unattend.xml", "<?xml version=\"1.0\"?>\n<unattend/>\n");
    let disc = windows::windows_11(Size::Small);
    let iso = made.path(disc.file_name);
    disc.image().create(&iso, true).expect("an image");
    let output = Command::new(env!("CARGO_BIN_EXE_pxe-import"))
        .arg("--root")
        .arg(&root)
        .args(["import", "w11", "--dir", "windows/a/w11", "--boot", "setup", "--answer"])
        .args([&made.path("unattend.xml"), &iso])
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{}", said(&output));
    let tree = root.join("wwwroot/windows/a/w11");
    let script = fs::read_to_string(tree.join("pxe-import/w11/startnet.cmd")).expect("made");
    assert_eq!(set(&script, "share"), r"\\192.168.4.6\public");
    let below = set(&script, "tree").strip_prefix(set(&script, "share")).expect("on the share");
    let below = below.trim_start_matches('\\').to_owned();
    let answer = format!(r"{below}\{}", set(&script, "answer"));
    let setup = r#""%tree%\setup.exe""#;
    assert!(
        script.contains(setup) && script.contains(r#"/unattend:"%tree%\%answer%""#),
        "{script}"
    );
    let Some((_daemon, client)) = share(&made, &root, port) else { return };
    let fetched = made.path("fetched");
    for (there, own) in [(format!(r"{below}\setup.exe"), "setup.exe"), (answer, "unattend.xml")] {
        let (done, text) = smb(&client, port, &format!("get {there} {}", fetched.display()));
        assert!(done, "{there}: {text}{}", log(&root));
        let expected = fs::read(tree.join(own)).expect("published");
        assert!(fs::read(&fetched).expect("fetched") == expected, "{there}");
    }
    // As startnet.cmd says who it is; nobody of that name is known, which lets it in as a guest.
    let output = Command::new(&client)
        .args(["//127.0.0.1/public", "-U", "guest%", "-p", &port.to_string(), "-c", "ls"])
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{}", said(&output));
}
