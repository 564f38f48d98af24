use super::*;

fn server(text: &str) -> Server {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn an_address_a_name_and_a_url_are_understood() {
    for (text, url) in [
        ("192.168.4.6", "http://192.168.4.6"),
        ("192.168.4.6:8080", "http://192.168.4.6:8080"),
        ("192.168.4.6:80", "http://192.168.4.6"),
        ("boot", "http://boot"),
        ("Boot-1.example.org", "http://boot-1.example.org"),
        ("boot.example.org.", "http://boot.example.org."),
        ("fd00::6", "http://[fd00::6]"),
        ("[fd00:0:0::6]", "http://[fd00::6]"),
        ("[fd00::6]:8080", "http://[fd00::6]:8080"),
        ("http://192.168.4.6/", "http://192.168.4.6"),
        ("HTTP://boot:80/", "http://boot"),
        ("http://boot:8080/pxe//", "http://boot:8080/pxe"),
        ("http://boot//a/b%20c/", "http://boot/a/b%20c"),
        ("http://[fd00::6]/pxe", "http://[fd00::6]/pxe"),
        ("127.0.0.1", "http://127.0.0.1"),
    ] {
        assert_eq!(server(text).to_string(), url, "{text}");
        assert_eq!(server(url), server(text), "{text}");
    }
}

#[test]
fn what_clients_cannot_use_is_refused_with_the_reason() {
    for (text, why) in [
        ("", "no host"),
        ("http://", "no host"),
        ("http:///pxe", "no host"),
        (":80", "no host"),
        ("https://boot", "cannot do https"),
        ("ftp://boot", "ftp is not http"),
        ("tftp://boot", "tftp is not http"),
        ("http://me:secret@boot", "a user has no place"),
        ("http://boot/?a", "a query"),
        ("http://boot/#a", "a fragment"),
        ("boot/pxe", "needs http://"),
        ("http://boot/a b", "' '"),
        ("http://boot/a\n", "'\\n'"),
        ("http://boot/../x", "'..'"),
        ("http://boot/a%2", "'%' must be percent-encoded"),
        ("http://boot/a%zz", "'%' must be percent-encoded"),
        ("http://boot/a'b", "'\\'' must be percent-encoded"),
        ("bücher.example", "'ü'"),
        ("boot:", "no port"),
        ("boot:0", "no port"),
        ("boot:65536", "no port"),
        ("boot:+80", "no port"),
        ("192.168.4.300", "no IPv4 address"),
        ("192.168.4", "no IPv4 address"),
        ("0.0.0.0", "client can reach"),
        ("255.255.255.255", "client can reach"),
        ("[::]", "client can reach"),
        ("fe80::1%eth0", "no port number"),
        ("[fe80::1%eth0]", "neither an IP address"),
        ("[boot]", "neither an IP address"),
        ("-boot", "neither an IP address"),
        ("a..b", "neither an IP address"),
    ] {
        let error = text.parse::<Server>().expect_err(text);
        assert!(matches!(error, Error::Usage(_)), "{error:?}");
        let error = error.to_string();
        assert!(error.contains(why), "{text}: {error}");
        assert!(error.contains("give an IP address, a host name, or a URL"), "{error}");
    }
}

#[test]
fn a_url_carries_port_and_path_and_encodes_the_rest() {
    assert_eq!(server("192.168.4.6").url("yum/CentOS6.8"), "http://192.168.4.6/yum/CentOS6.8");
    let with_path = server("http://boot:8080/pxe/");
    assert_eq!(with_path.url("/yum/CentOS6.8/"), "http://boot:8080/pxe/yum/CentOS6.8/");
    assert_eq!(with_path.url("a b/c%#?,"), "http://boot:8080/pxe/a%20b/c%25%23%3F%2C");
    assert_eq!(with_path.url("libstdc++~1"), "http://boot:8080/pxe/libstdc++~1");
    assert_eq!(with_path.url(b"\xff\xc3\xa9"), "http://boot:8080/pxe/%FF%C3%A9");
    assert_eq!(with_path.url(""), "http://boot:8080/pxe/");
}

#[test]
fn the_prefix_of_boot_cfg_is_a_path_unless_the_web_root_has_one() {
    assert_eq!(server("192.168.4.6").esxi_prefix("esxi/5.5"), "/esxi/5.5/");
    assert_eq!(server("192.168.4.6:8080").esxi_prefix("/esxi/5.5/"), "/esxi/5.5/");
    assert_eq!(server("http://h:8080/pxe").esxi_prefix("esxi/5.5"), "http://h:8080/pxe/esxi/5.5/");
}

#[test]
fn host_port_and_path_can_be_asked_for() {
    let server = server("http://[fd00::6]:8080/pxe");
    assert_eq!((server.host(), server.port(), server.path()), ("[fd00::6]", 8080, "/pxe"));
    assert_eq!("boot".parse::<Server>().expect("a name").port(), 80);
}

#[test]
fn a_missing_address_names_both_ways_to_give_it() {
    let error = Server::missing(&Root::new("/data"), "the repo= argument").to_string();
    assert_eq!(
        error,
        "the server address is needed for the repo= argument: give --server ADDRESS, or write \
         server = \"ADDRESS\" into /data/pxe-import.toml"
    );
}

#[test]
fn a_unc_path_has_no_colons() {
    for (text, host) in [
        ("http://192.168.4.6:8080/boot", "192.168.4.6"),
        ("Boot.example.org", "boot.example.org"),
        ("[fd00::6]:8080", "fd00--6.ipv6-literal.net"),
        ("fd00::", "fd00--0.ipv6-literal.net"),
        ("::1", "0--1.ipv6-literal.net"),
    ] {
        assert_eq!(server(text).unc_host(), host, "{text}");
    }
}
