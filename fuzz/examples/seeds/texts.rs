//! Texts of the kinds that the parsers of texts are for.

/// For `guess`: isolinux's config, one that it includes, GRUB's, systemd-boot's, and an entry of that.
pub const CONFIGS: [[&str; 5]; 4] = [
    [
        "include a.cfg\ndefault vesamenu.c32\n",
        "label a\nmenu label ^A\nkernel /k\nappend initrd=/i boot=live -- q\n",
        "",
        "",
        "",
    ],
    [
        "",
        "",
        "set default=1\nset x=\"a b\"\nsubmenu 's' {\nmenuentry \"t\" --id u {\n\
         linux ($root)/k $x ${y}\ninitrd /i\n}\n}\n",
        "",
        "",
    ],
    ["", "", "menuentry a {\nlinux /x\ninitrd i= A\nlinux /k\n}\n", "", ""],
    ["", "", "", "default a*\n", "title A\nlinux /k\ninitrd /i\noptions root=live:LABEL=x\n"],
];

/// For `boot_cfg`.
pub const BOOT_CFG: [&str; 4] = [
    "bootstate=0\ntitle=Loading ESXi installer\nkernel=/tboot.b00\nkernelopt=runweasel\n\
     modules=/b.b00 --- /jumpstrt.gz --- /useropts.gz\nbuild=\nupdated=0\n",
    "prefix=/esxi/5.5/\nkernel=tboot.b00\nmodules=b.b00\n",
    "title=x\r\nprefix=\r\nkernel=/b.b00\r\nkernelopt=cdromBoot runweasel cdromBoot\r\nmodules=\r\n",
    "kernel=http://192.0.2.1/b.b00\nPREFIX=a\nprefix=b\nmodules=/a --- --- //b",
];

/// For `menu`.
pub const MENUS: [&str; 5] = [
    "default vesamenu.c32\ntimeout 300\n\nlabel local\n    localboot 0xffff\n    menu default\n",
    "DEFAULT x\r\nMENU BEGIN\r\nLABEL local\r\nMENU END\r\nTEXT HELP\r\nlabel a\r\nENDTEXT\r\n",
    "# pxe-import begin a\nlabel a\n    kernel /k\n# pxe-import end a\n\nlabel local",
    "# pxe-import begin b\r\nlabel b\r\n# pxe-import end b\r\n# pxe-import begin a",
    "",
];

/// For `treeinfo`: the volume identifier and one of the files, by its place among those of the target.
pub const MARKED: [(&str, usize, &str); 9] = [
    (
        "CentOS_6.8_Final",
        0,
        "[general]\nversion = 6.8\narch = x86_64\nfamily = CentOS\nvariant = \n\
         [checksums]\nimages/pxeboot/vmlinuz = sha256:00\n",
    ),
    (
        "Rocky-9-0-x86_64-dvd",
        0,
        "[general]\n; WARNING.0 = x\nfamily = Old\nversion = 1\nvariant = BaseOS\n\
         [release]\nname = Rocky Linux\nversion = 9.0\n[tree]\narch = aarch64\n",
    ),
    ("", 1, "1209597827.29\nRed Hat Enterprise Linux Server 5.2\ni386\n1\n"),
    ("", 2, "Ubuntu-Server 16.04.4 LTS \"Xenial Xerus\" - Release amd64 (20180228)\n"),
    ("", 2, "Debian GNU/Linux 12.0.0 \"Bookworm\" - Official amd64 DVD Binary-1 20230610\n"),
    ("", 3, "/ openSUSE-Leap 15.6-1\n"),
    ("ESXI-5.5U3", 4, "title=Loading ESXi installer\nkernel=/k\nmodules=/i\nbuild=5.5.0-3029944\n"),
    ("", 6, "label a\nkernel /k\nappend initrd=/i boot=live\n"),
    ("PVE", 7, "product='pve'\nproductlong='Proxmox VE'\nrelease='8.2'\nisorelease='1'\n"),
];

/// For `wim`: the XML of an image.
pub const WIMS: [&str; 3] = [
    "<WIM><TOTALBYTES>99</TOTALBYTES><IMAGE INDEX=\"1\"><WINDOWS><ARCH>9</ARCH>\
     <EDITIONID>ServerStandard</EDITIONID><VERSION><MAJOR>6</MAJOR><MINOR>1</MINOR>\
     <BUILD>7601</BUILD><SPBUILD>17514</SPBUILD></VERSION><LANGUAGES><LANGUAGE>en-US</LANGUAGE>\
     </LANGUAGES></WINDOWS><NAME>Windows Server 2008 R2 SERVERSTANDARD</NAME>\
     <DISPLAYNAME>A &amp; B &#67;</DISPLAYNAME></IMAGE></WIM>",
    "\u{feff}<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"b\">]><WIM><!-- c --><IMAGE INDEX='-1'>\
     <NAME><![CDATA[x]]>&a;&#x10ffff;</NAME></IMAGE><IMAGE/></WIM>",
    "<a:WIM xmlns:a='x'><a:IMAGE><WINDOWS/></a:IMAGE></a:WIM>",
];

/// For `repodata`: repomd.xml, primary.xml, .treeinfo.
pub const REPODATA: [[&str; 3]; 3] = [
    [
        "<repomd><data type=\"primary\"><checksum type=\"sha256\">00</checksum>\
         <location href=\"repodata/primary.xml.gz\"/></data></repomd>",
        "<metadata><package><location xml:base=\"media://7.5#1\" href=\"Packages/a.rpm\"/>\
         <size package=\"1\"/></package></metadata>\n",
        "[checksums]\nrepodata/repomd.xml = sha256:00\nimages/boot.iso = sha256:00\n",
    ],
    [
        "<?xml version=\"1.0\"?><repomd xmlns=\"x\"><revision>1</revision><data type='primary'>\
         <checksum type='sha'>00</checksum><open-checksum type='sha'>00</open-checksum>\
         <location xml:base='media://1#1' href='repodata/primary.xml.gz'/><size>1</size>\
         <open-size>2</open-size></data><data type='primary_db'><location href='x'/></data>\
         <data type='modules'/></repomd>",
        "<metadata packages=\"1\"><package type=\"rpm\"><name>&lt;a</name>\
         <checksum type=\"sha256\" pkgid=\"YES\">00</checksum>\
         <location href='../Packages/a.rpm' xml:base='media://x#2'/></package></metadata>",
        "[general]\nrepository = .\n[variant-A]\nrepository = .\npackages = Packages\n",
    ],
    ["<repomd/>", "<metadata/>", ""],
];

/// For `debian`: Release, Packages, a translation and md5sum.txt of two discs.
pub const DEBIAN: [[&str; 8]; 2] = [
    [
        "Origin: Debian\nSuite: stable\nCodename: x\nComponents: main\nArchitectures: amd64\nMD5Sum:\n \
         00 9 main/binary-amd64/Packages\nSHA256:\n 00 9 main/binary-amd64/Packages\n",
        "Package: a\nVersion: 1\nFilename: pool/main/a/a_1_amd64.deb\nSize: 1\n\nPackage: b\n\n",
        "Package: a\nDescription-md5: 00\nDescription-en: x\n .\n y\n",
        "00000000000000000000000000000000  ./pool/main/a/a_1_amd64.deb\n",
        "Codename: x\nSHA256:\n 00 9 main/binary-amd64/Packages\n",
        "Package: c\nFilename: pool/c.deb\n\nPackage: a\nVersion: 1\n",
        "Package: c\nDescription-en: z\n",
        "00000000000000000000000000000000 *./pool/c.deb\n",
    ],
    [
        "Codename: x\n",
        "",
        "",
        "",
        "Codename: y\nAcquire-By-Hash: yes\n",
        "Package: a\n\n\n",
        "",
        "x\n",
    ],
];

/// For `entry`: label, title, kernel, initial ramdisk, two arguments, another program, flags.
pub const ENTRIES: [[&str; 8]; 4] = [
    [
        "a",
        "Install A",
        "/a/vmlinuz",
        "/a/initrd",
        "ks=http://192.0.2.1/ks",
        "--- quiet",
        "",
        "\x04",
    ],
    ["esxi5.5", "^ESXi", "/esxi/5.5/mboot.c32", "", "-c /esxi/5.5/boot.cfg", "x", "/e.efi", "-c"],
    ["w", "Windows || x", "wimboot", "", "wimboot", "initrdfile=/a,/b", "/boot/bcd", "\x02bcd"],
    ["menu", "${x} \\", "memdisk", "/a.iso", "iso raw", "#", "", "\x03"],
];

/// For `profile`: those that are built in, and a small one with all that they have not.
pub const PROFILES: [&str; 12] = [
    include_str!("../../../profiles/debian.toml"),
    include_str!("../../../profiles/el.toml"),
    include_str!("../../../profiles/esxi.toml"),
    include_str!("../../../profiles/generic.toml"),
    include_str!("../../../profiles/proxmox.toml"),
    include_str!("../../../profiles/suse.toml"),
    include_str!("../../../profiles/ubuntu-di.toml"),
    include_str!("../../../profiles/ubuntu-live.toml"),
    include_str!("../../../profiles/windows.toml"),
    include_str!("../../../profiles/winpe.toml"),
    include_str!("../../../profiles/xenserver.toml"),
    SMALL,
];

const SMALL: &str = r#"name = "x"
title = "X"
target = "other/x{major.minor}"
[markers]
all = ["x"]
none = ["**/*.wim"]
[[fact]]
file = "x"
pattern = '^(?<product>X) (?<version>[0-9.]+) (?<arch>\w+)'
must = true
[[fact]]
identifier = "volume"
pattern = '^(?<variant>X)'
[[family]]
name = "x"
title = "X"
aliases = ["x"]
says = ["X"]
[[volume]]
pattern = '^X (?<version>.+)$'
family = "x"
[[entry]]
title = "Install {name} {arch}"
kernel = "/{dir}/k"
initrd = "/{dir}/i"
plain = ["ip=dhcp", "source={url}", { arg = "x", if-exists = "x" }]
ram = { mib = 2048, image = true }
[[check]]
any = ["x"]
otherwise = "y"
"#;
