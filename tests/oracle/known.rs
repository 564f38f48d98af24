//! In what other readers are known to differ from ours, and why.

use crate::difference::How::{Bytes, Extra, Missing, Size, Target};
use crate::judge::Differs::{Paths, Unreadable, UpperCase};
use crate::judge::{Differs, Known};

const fn known(
    reader: &'static str,
    images: &'static [&'static str],
    differs: Differs,
    why: &'static str,
) -> Known {
    Known { reader, images, differs, why }
}

const AS_RECORDED: &str = "shows plain names as they are recorded, Linux in lower case";
const BLOCKS: &str = "reads plain ISO 9660 in blocks of 2048 bytes only";
const CATALOG: &str =
    "the boot catalog is described as zeros, and filled in when the disc is written";
const DOUBLE_SLASH: &str = "drops an empty component of a link's target, which Linux keeps";
const EMPTY_RR_MOVED: &str = "hides rr_moved once it is empty, which Linux shows";
const HIDDEN: &str = "a hidden file of UDF, which Linux does not show";
const STORED: &str = "gives the compressed bytes of a file, Linux the file";

/// The fixtures' own descriptions of the odd images.
pub(crate) const DESCRIBED: &[Known] =
    &[known("description", &["*:udf"], Paths(Extra, &["hidden"]), HIDDEN)];

/// The fixtures' own descriptions of the families' discs.
pub(crate) const DESCRIBED_FAMILY: &[Known] = &[
    known(
        "description",
        &["centos6.8-dvd1:*", "ubuntu16.04:*", "ubuntu18.04-live:*", "ubuntu20.04-live:*"],
        Paths(Bytes, &["isolinux/boot.cat"]),
        CATALOG,
    ),
    known("description", &["esxi*:*"], Paths(Bytes, &["boot.cat"]), CATALOG),
    known(
        "description",
        &["ubuntu22.04-live:*", "ubuntu24.04-live:*"],
        Paths(Bytes, &["boot.catalog"]),
        CATALOG,
    ),
];

/// Other readers on the odd images.
pub(crate) const ODD: &[Known] = &[
    known("bsdtar", &["*:iso9660"], UpperCase, AS_RECORDED),
    known("xorriso", &["*:iso9660"], UpperCase, AS_RECORDED),
    known("hadris", &["*:iso9660"], UpperCase, AS_RECORDED),
    known(
        "bsdtar",
        &["plain-no-version:iso9660"],
        Paths(Missing, &["empty."]),
        "takes the dot at the end off a name without version, Linux only where ;1 follows",
    ),
    known("bsdtar", &["plain-no-version:iso9660"], Paths(Extra, &["empty"]), "as above"),
    known(
        "bsdtar",
        &["rock-ridge*:rock-ridge", "tf-long:*", "nm-dots:*", "rr-moved-empty:*", "all:rock-ridge"],
        Paths(Missing, &["rr_moved"]),
        EMPTY_RR_MOVED,
    ),
    known(
        "bsdtar",
        &["continued:rock-ridge", "ce-chain:rock-ridge"],
        Paths(Missing, &["a/b/c/d/e/f/g/h*"]),
        "does not find CL and RE in continuation areas, and leaves directories in rr_moved",
    ),
    known(
        "bsdtar",
        &["continued:rock-ridge", "ce-chain:rock-ridge"],
        Paths(Extra, &["rr_moved/*"]),
        "as above",
    ),
    known(
        "bsdtar",
        &["continued:rock-ridge"],
        Paths(Target, &["links/inner"]),
        "forgets the slash between two SL fields",
    ),
    known(
        "bsdtar",
        &["st:rock-ridge", "xa:rock-ridge"],
        Paths(Missing, &["*"]),
        "takes an ST for the end of all Rock Ridge fields of the disc, and looks for none behind \
         CD-ROM XA records: plain names",
    ),
    known("bsdtar", &["st:rock-ridge", "xa:rock-ridge"], Paths(Extra, &["*"]), "as above"),
    known(
        "bsdtar",
        &["skip:rock-ridge", "hidden-associated-xattr:rock-ridge"],
        Unreadable,
        "gives up where a record has no Rock Ridge field at its start, be it behind skipped bytes \
         or an associated file's",
    ),
    known("bsdtar", &["block-*:iso9660", "rock-ridge-512:*"], Unreadable, BLOCKS),
    known(
        "bsdtar",
        &["hidden-associated-xattr:iso9660"],
        Paths(Size, &["forked.txt"]),
        "takes the associated file for the file",
    ),
    known(
        "bsdtar",
        &["hidden-associated-xattr:iso9660"],
        Paths(Bytes, &["xattr.bin"]),
        "takes the extended attribute record for the beginning of the file",
    ),
    known("xorriso", &["*:rock-ridge"], Paths(Target, &["links/empty-component"]), DOUBLE_SLASH),
    known(
        "xorriso",
        &["xa:rock-ridge"],
        Paths(Missing, &["*"]),
        "looks for no Rock Ridge behind CD-ROM XA records: plain names",
    ),
    known("xorriso", &["xa:rock-ridge"], Paths(Extra, &["*"]), "as above"),
    known("xorriso", &["block-*:iso9660", "rock-ridge-512:*"], Unreadable, BLOCKS),
    known(
        "xorriso",
        &["hidden-associated-xattr:*"],
        Paths(Extra, &["FORKED.TXT", "forked_.txt"]),
        "shows an associated file beside its file",
    ),
    known("hadris", &["*:rock-ridge"], Paths(Target, &["links/empty-component"]), DOUBLE_SLASH),
    known(
        "hadris",
        &[
            "rock-ridge*:rock-ridge",
            "tf-long:*",
            "continued:*",
            "ce-chain:*",
            "st:*",
            "nm-dots:*",
            "all:rock-ridge",
        ],
        Paths(Missing, &["rr_moved"]),
        EMPTY_RR_MOVED,
    ),
    known("hadris", &["zisofs*:rock-ridge"], Paths(Size, &["z/*"]), STORED),
    known(
        "hadris",
        &["skip:rock-ridge"],
        Unreadable,
        "takes the bytes that SP says to skip for a field",
    ),
    known(
        "hadris",
        &["xa:rock-ridge"],
        Unreadable,
        "looks for no Rock Ridge behind CD-ROM XA records",
    ),
    known(
        "hadris",
        &["block-*:iso9660", "rock-ridge-512:*"],
        Unreadable,
        "lets no record cross a logical block, where ECMA-119 6.8.1.1 speaks of logical sectors",
    ),
    known(
        "hadris",
        &["byte-orders-disagree:*"],
        Unreadable,
        "holds both byte orders of a number against each other, Linux takes the first",
    ),
    known("hadris", &["*:udf"], Paths(Extra, &["hidden"]), HIDDEN),
    known(
        "hadris",
        &["sparable*:udf", "vat*:udf", "metadata*:udf"],
        Unreadable,
        "reads no partitions but type 1",
    ),
    known(
        "hadris",
        &["strategy4096-rewritten:udf"],
        Paths(Missing, &["*"]),
        "takes the first entry of a chain, though a later one holds",
    ),
];

/// Other readers on the discs of the families.
pub(crate) const FAMILY: &[Known] = &[
    known("bsdtar", &["*:iso9660"], UpperCase, AS_RECORDED),
    known("xorriso", &["*:iso9660"], UpperCase, AS_RECORDED),
    known("hadris", &["*:iso9660"], UpperCase, AS_RECORDED),
    known("7zz", &["esxi*:iso9660"], UpperCase, AS_RECORDED),
    known("7zz", &["*"], Paths(Extra, &["[BOOT]*", "[boot]*"]), "shows the boot images as files"),
    known(
        "7zz",
        &["ubuntu*:rock-ridge"],
        Paths(Missing, &["dists/stable", "dists/unstable", "ubuntu"]),
        "takes Joliet, which has no links",
    ),
];

/// Other readers on the images of other writers.
pub(crate) const FOREIGN: &[Known] = &[
    known("bsdtar", &["*:iso9660"], UpperCase, AS_RECORDED),
    known("xorriso", &["*:iso9660"], UpperCase, AS_RECORDED),
    known("hadris", &["*:iso9660"], UpperCase, AS_RECORDED),
    known(
        "bsdtar",
        &["genisoimage-rock-ridge:rock-ridge", "bsdtar:rock-ridge"],
        Paths(Missing, &["rr_moved"]),
        EMPTY_RR_MOVED,
    ),
    known(
        "hadris",
        &["genisoimage-rock-ridge:rock-ridge", "bsdtar:rock-ridge"],
        Paths(Missing, &["rr_moved"]),
        EMPTY_RR_MOVED,
    ),
    known("hadris", &["*-zisofs:rock-ridge"], Paths(Size, &["sizes/*", "many/*"]), STORED),
];

/// On the images in Debian's packages.
pub(crate) const REAL: &[Known] = &[
    known("bsdtar", &["*:iso9660"], UpperCase, AS_RECORDED),
    known("xorriso", &["*:iso9660"], UpperCase, AS_RECORDED),
    known("hadris", &["*:iso9660"], UpperCase, AS_RECORDED),
];

/// On Debian's installer.
pub(crate) const INSTALLER: &[Known] = &[];
