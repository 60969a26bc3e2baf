//! A crash names the files that were open: most often one of them is damaged, and a library
//! stumbled over it.

use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, Ordering};

use libc::{SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, c_int, c_void, siginfo_t};

/// The signals of a crash.
const CRASHES: [c_int; 5] = [SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL];

/// Files that are named, at most.
const MOST: usize = 16;

/// What the signals did before, to be done after.
static mut BEFORE: [MaybeUninit<libc::sigaction>; CRASHES.len()] =
    [const { MaybeUninit::uninit() }; CRASHES.len()];

static HAS_SPOKEN: AtomicBool = AtomicBool::new(false);

/// From now on a crash of this process names the files that it has open on standard error, and then
/// takes its course. Called once, before there are threads that could crash.
pub(crate) fn name_files_on_crash() {
    for (place, signal) in CRASHES.into_iter().enumerate() {
        // SAFETY: the structure is all zeros and then filled; the handler calls only functions that
        // may be called in a handler; `BEFORE` is written here alone, before the handler can run,
        // as the signal's handler is set by the call that writes it.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = on_crash as *const () as usize;
            // The stack may be what overflowed: Rust gives each of its threads another one for
            // signals.
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            libc::sigemptyset(&raw mut action.sa_mask);
            let before = (&raw mut BEFORE[place]).cast::<libc::sigaction>();
            let _ = libc::sigaction(signal, &raw const action, before);
        }
    }
}

extern "C" fn on_crash(signal: c_int, info: *mut siginfo_t, _: *mut c_void) {
    if !HAS_SPOKEN.swap(true, Ordering::SeqCst) {
        name_open_files(signal);
    }
    let place = CRASHES.iter().position(|&crash| crash == signal);
    // SAFETY: `BEFORE` was filled when this handler was set; `info` is the kernel's and lives until
    // the handler returns; all calls may be made in a handler.
    unsafe {
        let is_sent = info.is_null() || (*info).si_code <= 0;
        match place {
            // What the processor met, it meets again when the handler returns.
            Some(place) if !is_sent => {
                let before = (&raw const BEFORE[place]).cast::<libc::sigaction>();
                libc::sigaction(signal, before, std::ptr::null_mut());
            }
            // What was sent is sent again, to nobody: Rust's own handler would pass over it.
            _ => {
                libc::signal(signal, libc::SIG_DFL);
                libc::raise(signal);
            }
        }
    }
}

/// What the handler writes with. Stacks for signals are too small for it; only the first crash
/// writes.
static mut LINE: Line = Line {
    bytes: [0; 8192],
    length: 0,
    path: [0; 1024],
};

/// A line of text in a fixed place.
struct Line {
    bytes: [u8; 8192],
    length: usize,
    path: [u8; 1024],
}

/// Writes one line. No memory is taken and no lock: either may be what the crash left in disorder.
fn name_open_files(signal: c_int) {
    let name: &[u8] = match signal {
        SIGSEGV => b"SIGSEGV",
        SIGBUS => b"SIGBUS",
        SIGABRT => b"SIGABRT",
        SIGFPE => b"SIGFPE",
        _ => b"SIGILL",
    };
    let place = &raw mut LINE;
    // SAFETY: `HAS_SPOKEN` lets one thread in, once.
    let line = unsafe { &mut *place };
    line.add(b"crashed (");
    line.add(name);
    line.add(b")");
    let mut named = 0;
    for file in 3..1024 {
        let Some(length) = line.find(file) else {
            continue;
        };
        if named == MOST {
            line.add(b", and more");
            break;
        }
        line.add(if named == 0 {
            b"; files that were open, of which one may be damaged: "
        } else {
            b", "
        });
        line.add_path(length);
        named += 1;
    }
    line.add(b"\n");
    // SAFETY: the bytes are there; a write may be made in a handler. Nobody is left to hear that it
    // fails.
    unsafe { libc::write(2, line.bytes.as_ptr().cast(), line.length) };
}

impl Line {
    /// Adds what fits.
    fn add(&mut self, text: &[u8]) {
        let text = &text[..text.len().min(self.bytes.len() - self.length)];
        self.bytes[self.length..self.length + text.len()].copy_from_slice(text);
        self.length += text.len();
    }

    fn add_path(&mut self, length: usize) {
        let path = &self.path[..length.min(self.bytes.len() - self.length)];
        self.bytes[self.length..self.length + path.len()].copy_from_slice(path);
        self.length += path.len();
    }

    /// Finds the path of an open file that is a file on a disk; its length.
    fn find(&mut self, file: c_int) -> Option<usize> {
        let mut link = *b"/proc/self/fd/0000\0";
        let mut rest = file;
        for digit in link[14..18].iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        // The kernel knows no zeros before a number.
        let zeros = link[14..17]
            .iter()
            .take_while(|&&digit| digit == b'0')
            .count();
        link.copy_within(14 + zeros.., 14);
        let mut found = MaybeUninit::<libc::stat>::uninit();
        // SAFETY: `found`, `link` (which holds a NUL) and the path live until the calls return,
        // with the lengths given; all calls may be made in a handler.
        unsafe {
            if libc::fstat(file, found.as_mut_ptr()) != 0
                || found.assume_init().st_mode & libc::S_IFMT != libc::S_IFREG
            {
                return None;
            }
            let (room, path) = (self.path.len(), self.path.as_mut_ptr());
            let length = libc::readlink(link.as_ptr().cast(), path.cast(), room);
            usize::try_from(length).ok().filter(|&length| length > 0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;

    const CHILD: &str = "JOBWISE_CRASHES";

    /// What the processor meets, not what is sent: another way through the handler.
    #[test]
    fn a_crash_names_the_open_files_and_takes_its_course() {
        if let Some(path) = std::env::var_os(CHILD) {
            let _open = std::fs::File::open(path).unwrap();
            name_files_on_crash();
            let nowhere = std::hint::black_box(64_usize) as *mut u8;
            // SAFETY: none: nothing lies at that address, and the process ends here.
            unsafe { nowhere.write_volatile(1) };
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        let ended = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--nocapture"])
            .arg("crash::tests::a_crash_names_the_open_files_and_takes_its_course")
            .env(CHILD, file.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.signal(), Some(SIGSEGV), "{said}");
        let name = file.path().to_string_lossy();
        assert!(
            said.contains("crashed (SIGSEGV)") && said.contains(&*name),
            "{said}"
        );
    }
}
