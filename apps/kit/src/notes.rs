//! Short texts beside the bytes of a file, in its extended attributes.
//!
//! They go with the file when it is renamed, and are lost where a file system has none or a copy
//! leaves them out: what they say must be dispensable.

use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Most bytes of a note: no system takes more. File systems may take less.
const MOST: usize = 1 << 16;

/// Leaves a note of that name (without blanks) at a file; one of before is replaced.
///
/// # Errors
/// The file cannot be written, or its file system has no such notes.
pub fn write(path: &Path, name: &str, text: &str) -> io::Result<()> {
    let (path, name) = names(path, name)?;
    // SAFETY: both names end with a NUL; the text has the length given.
    let done = unsafe {
        libc::setxattr(
            path.as_ptr(),
            name.as_ptr(),
            text.as_ptr().cast(),
            text.len(),
            0,
        )
    };
    if done == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// The note of that name at a file; `None` where there is none, or none that can be read.
pub fn read(path: &Path, name: &str) -> Option<String> {
    let (path, name) = names(path, name).ok()?;
    let mut text = vec![0_u8; MOST];
    // SAFETY: both names end with a NUL; there is room for as many bytes as given.
    let length = unsafe {
        libc::getxattr(
            path.as_ptr(),
            name.as_ptr(),
            text.as_mut_ptr().cast(),
            text.len(),
        )
    };
    text.truncate(usize::try_from(length).ok()?);
    String::from_utf8(text).ok()
}

fn names(path: &Path, name: &str) -> io::Result<(CString, CString)> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    Ok((path, CString::new(format!("user.jobwise.{name}"))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_comes_back() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        assert!(write(&path, "source", "x").is_err());
        assert_eq!(read(&path, "source"), None);
        std::fs::write(&path, "content").unwrap();
        assert_eq!(read(&path, "source"), None);
        if let Err(error) = write(&path, "source", "first") {
            let why = format!("this file system takes no notes ({error})");
            return jobwise_testing::impossible_here(&why).unwrap_or_default();
        }
        write(&path, "source", "second").unwrap();
        let moved = directory.path().join("moved");
        std::fs::rename(&path, &moved).unwrap();
        assert_eq!(read(&moved, "source").as_deref(), Some("second"));
        assert_eq!(std::fs::read(&moved).unwrap(), b"content");
    }
}
