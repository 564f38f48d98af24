//! nginx's configs: one to start it with as an ordinary user, one for an nginx that runs already.
//!
//! Ranges and `//` for `/` (`merge_slashes`), which pxelinux asks for, are on by default; the second is
//! said all the same, for an http block of the system's may turn it off.

use std::fmt::Write;

use super::Boot;
use crate::http::web_path;

/// A whole config, for an nginx of our own; what it writes lies in the root and is not served.
pub fn standalone(boot: &Boot) -> String {
    let run = |file: &str| boot.root.quoted(&format!(".pxe-import/run/{file}"));
    let mut out = String::from("# nginx for network booting, written by pxe-import init.\n");
    let conf = boot.root.quoted("etc/nginx.conf");
    let _ = writeln!(
        out,
        "# Started as any user who may write {}:\n#   nginx -e {} -c {conf}\n# Before nginx 1.19.5 without \
         -e: it then complains of its own error log, and goes on.",
        run(""),
        run("nginx-error.log")
    );
    if boot.server.port() < 1024 {
        let _ = writeln!(
            out,
            "# Port {} needs root, or CAP_NET_BIND_SERVICE as the unit in etc/systemd gives it.",
            boot.server.port()
        );
    }
    let _ = write!(
        out,
        "\
worker_processes auto;
pid {pid};
error_log {error};
events {{
    worker_connections 1024;
}}
http {{
    types {{
        text/html html htm;
        text/plain cfg conf ipxe log seed txt;
        application/efi efi;
        image/png png;
    }}
    default_type application/octet-stream;
    access_log {access};
    client_body_temp_path {body};
    proxy_temp_path {proxy};
    fastcgi_temp_path {fastcgi};
    uwsgi_temp_path {uwsgi};
    scgi_temp_path {scgi};
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 65;
    server_tokens off;
",
        pid = run("nginx.pid"),
        error = run("nginx-error.log"),
        access = run("nginx-access.log"),
        body = run("nginx-body"),
        proxy = run("nginx-proxy"),
        fastcgi = run("nginx-fastcgi"),
        uwsgi = run("nginx-uwsgi"),
        scgi = run("nginx-scgi"),
    );
    for line in server(boot).lines() {
        let _ = writeln!(out, "    {line}");
    }
    out.push_str("}\n");
    out
}

/// A server block alone, for the directory of sites of the system's nginx.
pub fn site(boot: &Boot) -> String {
    format!(
        "# A site for the system's nginx, written by pxe-import init. Link it into its directory of \
         sites:\n#   ln -s {} /etc/nginx/conf.d/pxe-import.conf\n{}",
        boot.root.quoted("etc/nginx-site.conf"),
        server(boot)
    )
}

fn server(boot: &Boot) -> String {
    let port = boot.server.port();
    let listen = match boot.server.host().starts_with('[') {
        true => format!("[::]:{port}"),
        false => port.to_string(),
    };
    let name = boot.server.host().trim_end_matches('.');
    let www = boot.root.quoted("wwwroot");
    let path = boot.server.path();
    let tree = match path {
        "" => format!("    root {www};\n    location / {{\n        autoindex on;\n    }}\n"),
        path => format!(
            "    location {} {{\n        alias {};\n        autoindex on;\n    }}\n",
            location(path),
            boot.root.quoted("wwwroot/")
        ),
    };
    format!(
        "\
server {{
    listen {listen};
    server_name {name};
    merge_slashes on;
    sendfile on;
    # Half-written files, and what is no client's business.
    location ~ /\\.pxe-import {{
        return 404;
    }}
{tree}}}
"
    )
}

/// The path of a URL as nginx compares it: without percent-encoding; in quotes, where they are needed.
fn location(path: &str) -> String {
    let path = web_path(path, "").map_or_else(|| path.to_owned(), |path| format!("/{path}"));
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-._~+:@=".contains(c);
    match path.chars().all(plain) {
        true => format!("{path}/"),
        false => format!("\"{}/\"", path.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Place;
    use crate::config::sample::boot;

    #[test]
    fn the_web_root_is_served_on_the_port_of_the_address() {
        let text = standalone(&boot());
        assert!(text.contains("        listen 80;\n"), "{text}");
        assert!(text.contains("        root /data/wwwroot;\n"), "{text}");
        assert!(text.contains("\npid /data/.pxe-import/run/nginx.pid;\n"), "{text}");
        assert!(text.contains("# Port 80 needs root"), "{text}");
        assert!(!text.contains("\nuser "), "{text}");
    }

    #[test]
    fn a_path_of_the_address_is_that_of_the_web_root() {
        let server = "http://192.168.4.6:8080/boot".parse().expect("an address");
        let text = site(&Boot { server, ..boot() });
        assert!(text.contains("    listen 8080;\n"), "{text}");
        assert!(text.contains("    location /boot/ {\n        alias /data/wwwroot/;\n"), "{text}");
        assert!(!text.contains(" root "), "{text}");
    }

    #[test]
    fn an_ipv6_address_and_a_blank_are_written_as_nginx_reads_them() {
        let server = "fd00::1".parse().expect("an address");
        let root = Place::new("/srv/my pxe".as_ref()).expect("plain");
        let text = standalone(&Boot { server, root, ..boot() });
        assert!(text.contains("listen [::]:80;"), "{text}");
        assert!(text.contains("root \"/srv/my pxe/wwwroot\";"), "{text}");
    }

    #[test]
    fn a_location_is_what_a_urls_path_means() {
        assert_eq!(location("/a/b+c"), "/a/b+c/");
        assert_eq!(location("/a%20b"), "\"/a b/\"");
        assert_eq!(location("/a%22%5C%7B"), r#""/a\"\\{/""#);
    }
}
