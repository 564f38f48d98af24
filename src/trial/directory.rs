//! A run's own directory: what TFTP serves, overlays, console, screens.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::error::{Error, Result};
use crate::site::Server;

/// The script that clients are handed first.
pub const BOOTFILE: &str = "menu.ipxe";

/// It goes when this is dropped, unless [`Directory::keep`] is asked for.
#[derive(Debug)]
pub struct Directory {
    dir: TempDir,
}

impl Directory {
    /// A new one among the system's temporary files.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Conflict`] where its path is no UTF-8, which QEMU is not to be told.
    pub fn new() -> Result<Self> {
        let parent = std::env::temp_dir();
        let dir = tempfile::Builder::new().prefix("pxe-import-try-").tempdir_in(&parent);
        let dir = dir.map_err(|error| Error::io("create a directory in", &parent, error))?;
        if dir.path().to_str().is_none() {
            let what =
                "is not UTF-8, and QEMU cannot be told of it: set TMPDIR to another directory";
            return Err(Error::conflict(dir.path(), what));
        }
        fs::create_dir(dir.path().join("tftp"))
            .map_err(|error| Error::io("create a directory in", dir.path(), error))?;
        Ok(Self { dir })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// What is called `name` in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// What TFTP serves.
    pub fn tftp(&self) -> PathBuf {
        self.file("tftp")
    }

    /// Writes a file; its path.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(&self, name: &str, content: &[u8]) -> Result<PathBuf> {
        let path = self.file(name);
        fs::write(&path, content).map_err(|error| Error::io("write", &path, error))?;
        Ok(path)
    }

    /// Copies a file into it; the copy's path.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn copy(&self, from: &Path, name: &str) -> Result<PathBuf> {
        let content = fs::read(from).map_err(|error| Error::io("read", from, error))?;
        self.write(name, &content)
    }

    /// Leaves it where it is, which is told.
    pub fn keep(self) -> PathBuf {
        self.dir.keep()
    }
}

/// The first script where the root has none: pxelinux for BIOS with its prefix and config (DHCP options
/// 210 and 209), the script of UEFI clients else.
pub fn first_script(server: &Server) -> String {
    let pxefiles = server.url("pxefiles/");
    format!(
        "#!ipxe\niseq ${{platform}} efi && goto efi ||\nset 210:string {pxefiles}\n\
         set 209:string pxelinux.cfg/default\nchain ${{210:string}}pxelinux.0\n:efi\n\
         chain --autofree {pxefiles}uefi.ipxe\n"
    )
}
