//! In what Linux is known to differ from us. Each case has its row in DESIGN.md's table of what differs,
//! with what Linux does, what we do, and why.

use crate::difference::How::{self, Extra, Missing, Mode, Time};
use crate::judge::Differs::{Paths, Refused, Unreadable};
use crate::judge::{Differs, Known};
use crate::linux::READER;

const fn known(images: &'static [&'static str], differs: Differs, case: &'static str) -> Known {
    Known { reader: READER, images, differs, why: case }
}

const NAME: &str = "a name that is empty, `.`, `..`, over-long, or holds `/` or NUL";
const LONG_NAME: &str = "Rock Ridge names of 254 and 255 bytes";
const LONG_TF: &str = "TF in the long form";
const NO_DATE: &str = "TF with a date that is none";
const NO_SP: &str = "Rock Ridge that SP does not announce";
const TWICE: &str = "a directory where another one lies, or within itself";
const OUTSIDE: &str = "something that lies beyond the end of the image";
const LENGTHS: &str = "a directory record or field that is longer than what holds it, or too short";
const LIMITS: &str = "directories deeper than 255, paths above 4,095 bytes";
const LOST: &str = "loops of CE fields, unfinished multi-extent files, empty link targets";
const ZISOFS: &str = "damaged zisofs headers, block pointers and data";
const ZISOFS_BLOCKS: &str = "zisofs version 2, or blocks of a size that is none";
const SPANNING: &str = "a link whose record lies in two blocks of 512 bytes";
const CROSSING: &str = "a directory in two extents of a metadata partition";
const EXTENDED: &str = "extended allocation descriptors (20 bytes)";

/// On our own odd images.
pub(crate) const ODD: &[Known] = &[
    known(&["*:iso9660"], Paths(Extra, &["long/nnn*"]), LONG_NAME),
    known(&["*:iso9660"], Paths(Missing, &["long/nnn*"]), LONG_NAME),
    known(&["tf-long:iso9660"], Paths(Time, &["*"]), LONG_TF),
    known(&["tf-month-0:iso9660"], Paths(Time, &["boot.cfg"]), NO_DATE),
    known(&["sp-missing:iso9660"], Paths(Mode, &[""]), NO_SP),
    known(
        &["directory-loop:*", "directory-twice:*", "cl-loop:*"],
        Refused("corrupt *: directories that contain each other have no end"),
        TWICE,
    ),
    known(
        &[
            "directory-beyond-end:*",
            "directory-huge:*",
            "extent-*-end:*",
            "ce-beyond-end:*",
            "cl-beyond-end:*",
        ],
        Refused("corrupt *beyond the end of the image*"),
        OUTSIDE,
    ),
    known(
        &["ce-offset:*", "ce-huge:*"],
        Refused("corrupt *: system use entries go on in bytes * of a block of 2048"),
        OUTSIDE,
    ),
    known(
        &["volume-large:*", "cut-in-data:*", "cut-in-directory:*"],
        Refused("corrupt *: * the download is incomplete*"),
        OUTSIDE,
    ),
    known(
        &["record-length-12:*", "identifier-over-record:*", "cl-to-file:*"],
        Refused("corrupt * directory record*"),
        LENGTHS,
    ),
    known(
        &["sl-component:*"],
        Refused("corrupt *: a component of a symbolic link reaches beyond its entry"),
        LENGTHS,
    ),
    known(&["deep:*"], Refused("corrupt *: directories nested deeper than 255*"), LIMITS),
    known(&["long-path:*"], Refused("corrupt *: a path of 4266 bytes, above the limit*"), LIMITS),
    known(
        &["nm-*:*", "identifier-slash:*", "identifier-dotdot:*", "joliet-*:*"],
        Refused("corrupt *: a file name that *"),
        NAME,
    ),
    known(&["identifier-empty:*"], Refused("corrupt *: an empty file name*"), NAME),
    known(
        &["sections-*:*"],
        Refused("corrupt *: the file * is said to go on, but its next section does not follow"),
        LOST,
    ),
    known(&["ce-loop:*"], Refused("corrupt *: system use entries in more than 31 areas"), LOST),
    known(&["px-link:*"], Refused("corrupt *: a symbolic link without a target"), LOST),
    known(&["zisofs-*:*", "zf-size:*"], Refused("corrupt *zisofs*"), ZISOFS),
    known(
        &["zf-blocks:*"],
        Refused("unsupported *: the file 'mixed' is compressed *"),
        ZISOFS_BLOCKS,
    ),
    known(&["rock-ridge-512:iso9660"], Paths(How::Unreadable, &["links/self"]), SPANNING),
    known(&["metadata250-crossing:udf"], Unreadable, CROSSING),
    known(&["extended-descriptors:udf"], Unreadable, EXTENDED),
];

/// On the discs of the families.
pub(crate) const FAMILIES: &[Known] = &[];

/// On volumes that Linux wrote.
pub(crate) const VOLUMES: &[Known] = &[];

/// On images of other projects.
pub(crate) const CORPORA: &[Known] = &[
    known(&["libarchive/test_fuzz_1.iso:iso9660"], Paths(Extra, &["AAA*"]), LONG_NAME),
    known(&["libarchive/test_fuzz_1.iso:iso9660"], Paths(Missing, &["AAA*"]), LONG_NAME),
];

#[test]
fn each_case_has_its_row_in_the_design() {
    let design = include_str!("../../DESIGN.md");
    for known in [ODD, FAMILIES, VOLUMES, CORPORA].into_iter().flatten() {
        let row = format!("| {} |", known.why);
        assert!(design.contains(&row), "DESIGN.md has no row {row}");
    }
}
