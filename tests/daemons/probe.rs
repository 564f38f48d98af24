//! dnsmasq asked for an address as each kind of client, plain and as iPXE.
//!
//! Inside the namespace this binary is started again with [`ASK`] set: one of the tests below is then the
//! client, and prints what it was offered.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::{Ipv4Addr, UdpSocket};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{Made, said, tool};

/// Set for the client inside: whom it asks.
const ASK: &str = "PXE_IMPORT_TEST_ASK";
/// The server inside, and the client.
const SERVER: Ipv4Addr = Ipv4Addr::new(192, 168, 4, 6);
const OWN: Ipv4Addr = Ipv4Addr::new(192, 168, 4, 250);
/// The kinds of clients asked as: option 93, and whether the firmware asks for HTTP boot.
const CLIENTS: [(u16, bool); 7] =
    [(0, false), (6, false), (7, false), (9, false), (11, false), (16, true), (19, true)];

/// How a client introduces itself: option 93, HTTP boot, iPXE; `None` for one that boots nothing, an
/// installed system.
type Kind = Option<(u16, bool, bool)>;

/// What a client sends (RFC 2131, RFC 4578): a DHCPDISCOVER, or, to a boot server, the request for the
/// `item` of its menu; an empty one where it gave none. All have one hardware address, which is why dnsmasq, who pings an address
/// before it offers it, does so once.
fn packet(xid: u32, kind: Kind, item: Option<&[u8]>) -> Vec<u8> {
    let mut packet = vec![0; 240];
    packet[..4].copy_from_slice(&[1, 1, 6, 0]);
    packet[4..8].copy_from_slice(&xid.to_be_bytes());
    if item.is_some() {
        packet[12..16].copy_from_slice(&OWN.octets());
    } else {
        packet[10] = 0x80;
    }
    packet[28..34].copy_from_slice(&[2, 0, 0, 1, 2, 3]);
    packet[236..].copy_from_slice(&[0x63, 0x82, 0x53, 0x63]);
    let mut option = |code: u8, value: &[u8]| {
        packet.extend([code, u8::try_from(value.len()).expect("short")]);
        packet.extend(value);
    };
    option(53, &[if item.is_some() { 3 } else { 1 }]);
    option(55, &[1, 3, 6, 43, 60, 66, 67]);
    if let Some(item) = item.filter(|item| !item.is_empty()) {
        // PXE 2.1: the boot item, its type and layer 0.
        option(43, &[&[71, 4], item, &[0, 0, 255]].concat());
    }
    if let Some((arch, http, ipxe)) = kind {
        let class = if http { "HTTPClient" } else { "PXEClient" };
        option(60, format!("{class}:Arch:{arch:05}:UNDI:003001").as_bytes());
        option(93, &arch.to_be_bytes());
        option(94, &[1, 3, 1]);
        option(97, &[&[0][..], &[7; 16]].concat());
        if ipxe {
            option(77, b"iPXE");
            option(175, &[0xb1, 1, 0]);
        }
    }
    packet.push(255);
    packet
}

/// Codes with their values, up to the end option.
fn options(mut rest: &[u8]) -> BTreeMap<u8, Vec<u8>> {
    let mut found = BTreeMap::new();
    while let [code, len, more @ ..] = rest {
        if *code == 255 {
            break;
        }
        let (value, behind) = more.split_at(usize::from(*len));
        found.insert(*code, value.to_vec());
        rest = behind;
    }
    found
}

/// The type of the first item in an offer's boot menu (PXE 2.1, option 43, tag 9).
fn first_item(offer: &[u8]) -> Option<Vec<u8>> {
    let menu = options(options(&offer[240..]).get(&43)?);
    menu.get(&9)?.get(..2).map(<[u8]>::to_vec)
}

/// The file that an answer names, in its field or its option.
fn file(answer: &[u8]) -> String {
    let text = |bytes: &[u8]| {
        let end = bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len());
        String::from_utf8_lossy(&bytes[..end]).into_owned()
    };
    let option = options(&answer[240..]).get(&67).map(|name| text(name));
    option.filter(|name| !name.is_empty()).unwrap_or_else(|| text(&answer[108..236]))
}

/// What an offer says, in one line.
fn told(offer: &[u8], file: &str) -> String {
    let options = options(&offer[240..]);
    let class = options.get(&60).map(|class| String::from_utf8_lossy(class).into_owned());
    let yours = Ipv4Addr::new(offer[16], offer[17], offer[18], offer[19]);
    let router = if options.contains_key(&3) { " router" } else { "" };
    let has = if yours.is_unspecified() { "none" } else { "address" };
    format!("{has} file={file} class={}{router}", class.unwrap_or_default())
}

/// The next answer to one of these; `None` if none comes for long.
fn receive(socket: &UdpSocket, xids: &[u32]) -> Option<(u32, Vec<u8>)> {
    let end = Instant::now() + Duration::from_secs(30);
    let mut buffer = [0; 2048];
    while Instant::now() < end {
        let Ok(len) = socket.recv(&mut buffer) else { continue };
        let xid = u32::from_be_bytes([buffer[4], buffer[5], buffer[6], buffer[7]]);
        if len > 240 && buffer[0] == 2 && xids.contains(&xid) {
            return Some((xid, buffer[..len].to_vec()));
        }
    }
    None
}

/// Asks as one kind of client, and after that as one that is answered always: requests are answered in
/// their order, so that no answer before that one's is none at all.
fn ask(socket: &UdpSocket, xid: u32, kind: Kind) -> String {
    let broadcast = |xid, kind| {
        socket.send_to(&packet(xid, kind, None), "255.255.255.255:67").expect("sent");
    };
    broadcast(xid, kind);
    broadcast(xid + 1, Some((0, false, true)));
    let (first, offer) = receive(socket, &[xid, xid + 1]).expect("an answer");
    if first != xid {
        return "no offer".to_owned();
    }
    receive(socket, &[xid + 1]).expect("an answer");
    let mut name = file(&offer);
    if name.is_empty() && kind.is_some() {
        let item = first_item(&offer).unwrap_or_default();
        let request = packet(xid + 2, kind, Some(&item));
        socket.send_to(&request, (SERVER, 4011)).expect("sent");
        name = receive(socket, &[xid + 2]).map(|(_, answer)| file(&answer)).unwrap_or_default();
    }
    told(&offer, &name)
}

/// Inside the namespace.
fn client() {
    let mut kinds = vec![None];
    for (arch, http) in CLIENTS {
        kinds.extend([Some((arch, http, false)), Some((arch, http, true))]);
    }
    let socket = UdpSocket::bind("0.0.0.0:68").expect("inside a namespace");
    socket.set_broadcast(true).expect("set");
    socket.set_read_timeout(Some(Duration::from_millis(200))).expect("set");
    let mut all = String::new();
    for (kind, xid) in kinds.into_iter().zip((0x0900_0000..).step_by(16)) {
        let name = match kind {
            None => "system".to_owned(),
            Some((arch, _, ipxe)) => format!("{arch}{}", if ipxe { " iPXE" } else { "" }),
        };
        let _ = writeln!(all, "offer {name}: {}", ask(&socket, xid, kind));
    }
    println!("{all}");
}

/// The network inside: a bridge with the server's address, which hears its own broadcasts through a pair
/// of interfaces, of which the client has the other end.
const SETUP: &str = "
ip link set lo up
ip link add s0 type veth peer name c0
ip addr add 192.168.4.6/24 dev s0
ip link set s0 up
unshare -n sh -c 'echo $$ > ns; exec sleep 120' & N=$!
while [ ! -s ns ]; do sleep 0.05; done
ip link set c0 netns $(cat ns)
IN=\"nsenter -t $(cat ns) -n\"
$IN ip link set c0 up
$IN ip addr add 192.168.4.250/24 dev c0
$IN ip route add 255.255.255.255 dev c0
\"$DNSMASQ\" -d --user=root --conf-file=\"$CONF\" > dnsmasq.log 2>&1 & D=$!
for i in $(seq 100); do grep -q 'started' dnsmasq.log && break; sleep 0.1; done
$IN \"$CLIENT\" --exact --nocapture probe::the_client_inside
kill $D $N
";

/// What each kind of client is offered by the dnsmasq of this root; `None` where that cannot be tried.
fn offers(made: &Made, root: &std::path::Path) -> Option<BTreeMap<String, String>> {
    let dnsmasq = tool("dnsmasq")?;
    for needed in ["unshare", "nsenter", "ip"] {
        tool(needed)?;
    }
    let may = Command::new("unshare").args(["-Urn", "true"]).stderr(Stdio::null()).status();
    if !may.is_ok_and(|status| status.success()) {
        println!("skipped: needs user namespaces");
        return None;
    }
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    let output = Command::new("unshare")
        .args(["-Urn", "sh", "-c", SETUP])
        .current_dir(made.path(""))
        .env("PATH", path)
        .env("DNSMASQ", dnsmasq)
        .env("CONF", root.join("etc/dnsmasq.conf"))
        .env("CLIENT", std::env::current_exe().expect("this test"))
        .env(ASK, "1")
        .output()
        .expect("it runs");
    let all = said(&output);
    let log = std::fs::read_to_string(made.path("dnsmasq.log")).unwrap_or_default();
    let found: BTreeMap<String, String> = all
        .lines()
        .filter_map(|line| line.strip_prefix("offer ")?.split_once(": "))
        .map(|(who, what)| (who.to_owned(), what.to_owned()))
        .collect();
    assert_eq!(found.len(), 1 + 2 * CLIENTS.len(), "{all}\n{log}");
    Some(found)
}

#[test]
fn the_client_inside() {
    if std::env::var_os(ASK).is_some() {
        client();
    }
}

#[test]
fn a_dhcp_server_gives_each_client_its_first_stage_and_ipxe_the_menu() {
    let made = Made::new();
    let options = [
        "--server",
        "http://192.168.4.6:8080/boot",
        "--interface",
        "s0",
        "--dhcp-range",
        "192.168.4.10,192.168.4.200",
    ];
    let root = made.init("root", &options);
    let Some(offers) = offers(&made, &root) else { return };
    let get = |who: &str| offers[who].as_str();
    let by_tftp = |file: &str| format!("address file={file} class=");
    assert_eq!(get("system"), by_tftp(""), "an installed system gets an address, and no router");
    assert_eq!(get("0"), by_tftp("undionly.kpxe"));
    assert_eq!(get("7"), by_tftp("snponly.efi"));
    assert_eq!(get("9"), by_tftp("snponly.efi"));
    let http = get("16");
    assert!(http.contains(" file=http://192.168.4.6:8080/boot/ipxe.efi "), "{http}");
    assert!(http.contains(" class=HTTPClient"), "{http}");
    for without in ["6", "11", "19"] {
        assert_eq!(get(without), "no offer", "{without}");
    }
    for (arch, _) in CLIENTS {
        assert_eq!(get(&format!("{arch} iPXE")), by_tftp("menu.ipxe"), "{arch}");
    }
}

#[test]
fn a_deployed_config_finds_its_interface_by_the_servers_address() {
    let made = Made::new();
    let root = made.path("root");
    let deploy = root.to_str().expect("UTF-8").to_owned();
    let range = "192.168.4.10,192.168.4.200";
    let options = [
        "--server",
        "192.168.4.6",
        "--deploy-root",
        &deploy,
        "--dhcp-range",
        range,
        "--gateway",
        "192.168.4.254",
    ];
    made.init("root", &options);
    let Some(offers) = offers(&made, &root) else { return };
    assert_eq!(offers["0"], "address file=undionly.kpxe class= router");
}

#[test]
fn a_proxy_names_files_and_hands_out_no_address() {
    let made = Made::new();
    let options =
        ["--server", "192.168.4.6", "--interface", "s0", "--proxy-dhcp", "192.168.4.0/24"];
    let root = made.init("root", &options);
    let Some(offers) = offers(&made, &root) else { return };
    let get = |who: &str| offers[who].as_str();
    assert_eq!(get("system"), "no offer");
    for (who, file) in [("0", "undionly.kpxe"), ("7", "snponly.efi"), ("9", "snponly.efi")] {
        let offer = get(who);
        assert!(offer.starts_with("none "), "{who}: {offer}");
        assert!(offer.contains(&format!(" file={file} class=PXEClient")), "{who}: {offer}");
    }
    for without in ["6", "11", "16", "19"] {
        assert_eq!(get(without), "no offer", "{without}");
    }
    for who in ["0 iPXE", "7 iPXE", "9 iPXE", "11 iPXE"] {
        assert!(get(who).contains(" file=menu.ipxe "), "{who}: {}", get(who));
    }
}
