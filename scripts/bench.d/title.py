"""How things are called in tables and plots."""

OURS = {
    "import": "`pxe-import NAME ISO...` (hashed, durable), `--no-media-check`",
    "import-checked": "`pxe-import NAME ISO...`, implanted MD5 checked",
    "import-cached": "`pxe-import NAME ISO...` through the page cache, `--no-media-check`",
    "extract": "`pxe-import extract`",
    "refresh-unchanged": "`refresh`, nothing changed",
    "refresh-unchanged-checked": "`refresh`, nothing changed, MD5 checked",
    "again": "import of the same images again",
    "again-checked": "import of the same images again, MD5 checked",
    "refresh-one": "`refresh` after one file has changed",
    "refresh-one-checked": "`refresh` after one file has changed, MD5 checked",
    "check": "`check`",
    "inspect": "`inspect` of the first image",
}
PEERS = {
    "7zz": "`7zz x`",
    "bsdtar": "`bsdtar -xf`",
    "xorriso": "`xorriso -osirrox`",
    "cp": "`cp` of the raw images",
    "read": "`cat` of the images to nowhere",
    "b3sum-images": "`b3sum` of the images",
    "b3sum-tree": "`b3sum` of the tree's files",
}
# What each is compared with, and the order of the tables.
BASE = {
    "import": "7zz+sync",
    "import-checked": "7zz+sync",
    "import-cached": "7zz+sync",
    "7zz+sync": "7zz+sync",
    "bsdtar+sync": "7zz+sync",
    "xorriso+sync": "7zz+sync",
    "cp+sync": "7zz+sync",
    "extract": "7zz",
    "7zz": "7zz",
    "bsdtar": "7zz",
    "xorriso": "7zz",
    "cp": "7zz",
    "read": "7zz",
    "refresh-unchanged": "import",
    "again": "import",
    "refresh-one": "import",
    "refresh-unchanged-checked": "import-checked",
    "again-checked": "import-checked",
    "refresh-one-checked": "import-checked",
    "check": "b3sum-tree",
    "b3sum-tree": "b3sum-tree",
    "inspect": None,
    "b3sum-images": None,
}


def what(name):
    """A contestant."""
    plain = name.removesuffix("+sync")
    if plain != name:
        return f"{PEERS[plain]}, then `sync -f`"
    return OURS.get(name) or PEERS[name]


def size(number):
    """Bytes in words."""
    for unit, shift in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if number >= 1 << shift:
            return f"{number / (1 << shift):g} {unit}"
    return f"{number} bytes"


def workload(name):
    """The images."""
    if name == "pair":
        return "The DVD pair (3.6 GiB with 3,900 files, 2.0 GiB with 2,600 files)"
    files, each = map(int, name.split("x"))
    return f"{files:,} files of {size(each)}" if files > 1 else f"One file of {size(each)}"


def files(name):
    """Files of a workload, at least."""
    return 6500 if name == "pair" else int(name.split("x")[0])
