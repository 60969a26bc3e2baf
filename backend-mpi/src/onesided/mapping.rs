use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::available;

/// Zeroed pages in the memory of this process, private or shared through a file without a name.
/// Unmapped when dropped.
pub(super) struct Mapping {
    start: NonNull<u8>,
    len: usize,
}

// SAFETY: pages belong to the process, not to a thread. What shares them through `start` says how
// it keeps readers and writers apart.
unsafe impl Send for Mapping {}
// SAFETY: as for Send; a shared Mapping gives its address alone.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// How much is reserved before the system is asked again what it has left: others may take
    /// memory at the same time.
    const STEP: usize = 64 << 20;

    /// Pages of this process alone.
    pub(super) fn private(len: usize) -> io::Result<Mapping> {
        spare(len)?;
        let mapping = Self::map(len, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1)?;
        if len >= 4 << 20 {
            // SAFETY: advice about pages of our own mapping; it is no error when it is not taken.
            unsafe { libc::madvise(mapping.start.as_ptr().cast(), len, libc::MADV_HUGEPAGE) };
        }
        Ok(mapping)
    }

    /// Pages that other processes can map too, while they or this one keep the file. All of it is
    /// reserved: nobody is killed later for touching it.
    pub(super) fn shared(len: usize) -> io::Result<(Mapping, File)> {
        spare(len)?;
        within_file_limit(len)?;
        // SAFETY: the name is a string with a zero at its end.
        let fd = unsafe {
            libc::memfd_create(
                c"jobwise".as_ptr(),
                libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING,
            )
        };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: memfd_create gave us this open file, and nobody else has its number.
        let file = unsafe { File::from_raw_fd(fd) };
        let mut reserved = 0;
        while reserved < len {
            let step = Self::STEP.min(len - reserved);
            // A quarter more, for the pages that other things need meanwhile.
            spare(step + step / 4)?;
            // SAFETY: a system call on a file of ours.
            let code =
                unsafe { libc::fallocate(fd, 0, reserved as libc::off_t, step as libc::off_t) };
            if code == 0 {
                reserved += step;
                continue;
            }
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
        }
        // Nobody can cut it off under a reader any more.
        // SAFETY: a system call on a file of ours.
        unsafe {
            libc::fcntl(
                fd,
                libc::F_ADD_SEALS,
                libc::F_SEAL_SHRINK | libc::F_SEAL_GROW,
            )
        };
        Ok((Self::of(&file, len)?, file))
    }

    /// The `len` bytes of such a file, which has so many.
    pub(super) fn of(file: &File, len: usize) -> io::Result<Mapping> {
        Self::map(len, libc::MAP_SHARED | libc::MAP_POPULATE, file.as_raw_fd())
    }

    fn map(len: usize, flags: libc::c_int, fd: libc::c_int) -> io::Result<Mapping> {
        // SAFETY: a new mapping at a place that the system chooses: it changes nothing that exists.
        let start = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                len,
                libc::PROT_READ | libc::PROT_WRITE,
                flags,
                fd,
                0,
            )
        };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let start = NonNull::new(start.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Mapping { start, len })
    }

    /// The first byte; `len` bytes from there can be read and written while this lives.
    pub(super) fn start(&self) -> NonNull<u8> {
        self.start
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, and whoever borrowed from it is gone.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.len) };
    }
}

/// Memory that the system said it has, and that was not used since: it is not asked for each of ten
/// thousand small arrays.
static CREDIT: AtomicUsize = AtomicUsize::new(0);
const LOAN: usize = 16 << 20;

/// Whether the node has `bytes` left.
fn spare(bytes: usize) -> io::Result<()> {
    let used = CREDIT.try_update(Ordering::SeqCst, Ordering::SeqCst, |credit| {
        credit.checked_sub(bytes)
    });
    let (false, Some(there)) = (used.is_ok(), available()) else {
        return Ok(());
    };
    if there < bytes as u64 {
        return Err(io::Error::new(
            io::ErrorKind::OutOfMemory,
            format!("{there} bytes of memory are available"),
        ));
    }
    if there - bytes as u64 >= LOAN as u64 {
        CREDIT.store(LOAN, Ordering::SeqCst);
    }
    Ok(())
}

/// A limit of the size of files holds for shared memory too, and passing it would end the process.
fn within_file_limit(len: usize) -> io::Result<()> {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limit` is ours and lives through the call.
    let code = unsafe { libc::getrlimit(libc::RLIMIT_FSIZE, &raw mut limit) };
    if code == 0 && limit.rlim_cur != libc::RLIM_INFINITY && limit.rlim_cur < len as u64 {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!(
                "files of this process are limited to {} bytes (ulimit -f), and shared memory is \
                 one",
                limit.rlim_cur
            ),
        ));
    }
    Ok(())
}
