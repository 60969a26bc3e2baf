//! A crash names the files that were open: most often one of them is damaged, and a library stumbled over it.

use std::io;
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

/// From now on a crash of this process names the files that it has open on standard error, and then takes its course. Called once, before there
/// are threads that could crash.
pub(crate) fn name_files_on_crash() {
    for (place, signal) in CRASHES.into_iter().enumerate() {
        // SAFETY: the structure is all zeros and then filled; the handler calls only functions that may be called in a
        // handler; `BEFORE` is written here alone, before the handler can run, as the signal's handler is set by the
        // call that writes it.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = on_crash as *const () as usize;
            // The stack may be what overflowed: Rust gives each of its threads another one for signals.
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_NODEFER;
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
    // SAFETY: `BEFORE` was filled when this handler was set; `info` is the kernel's and lives until the handler returns;
    // all calls may be made in a handler.
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

/// Writes one line. No memory is taken and no lock: either may be what the crash left in disorder.
fn name_open_files(signal: c_int) {
    let name = match signal {
        SIGSEGV => "SIGSEGV",
        SIGBUS => "SIGBUS",
        SIGABRT => "SIGABRT",
        SIGFPE => "SIGFPE",
        _ => "SIGILL",
    };
    let mut line = Line::new();
    line.add(b"crashed (");
    line.add(name.as_bytes());
    line.add(b")");
    let (mut named, mut more) = (0, false);
    for file in 3..1024 {
        let mut path = [0_u8; 512];
        if let Some(length) = open_file(file, &mut path) {
            more = named == MOST;
            if more {
                break;
            }
            line.add(if named == 0 {
                b"; files that were open, of which one may be damaged: "
            } else {
                b", "
            });
            line.add(&path[..length]);
            named += 1;
        }
    }
    if more {
        line.add(b", and more");
    }
    line.add(b"\n");
    line.write();
}

/// The path of an open file that is a file on a disk.
fn open_file(file: c_int, path: &mut [u8; 512]) -> Option<usize> {
    let mut link = [0_u8; 32];
    let mut rest = io::Cursor::new(&mut link[..]);
    // Numbers are formatted without memory.
    io::Write::write_fmt(&mut rest, format_args!("/proc/self/fd/{file}\0")).ok()?;
    let mut found = MaybeUninit::<libc::stat>::uninit();
    // SAFETY: `found`, `link` (which ends with a NUL) and `path` live until the calls return, with the lengths given; all
    // calls may be made in a handler.
    unsafe {
        if libc::fstat(file, found.as_mut_ptr()) != 0
            || found.assume_init().st_mode & libc::S_IFMT != libc::S_IFREG
        {
            return None;
        }
        let length = libc::readlink(link.as_ptr().cast(), path.as_mut_ptr().cast(), path.len());
        usize::try_from(length).ok().filter(|&length| length > 0)
    }
}

/// A line of text in a fixed place.
struct Line {
    bytes: [u8; 8192],
    length: usize,
}

impl Line {
    fn new() -> Self {
        Line {
            bytes: [0; 8192],
            length: 0,
        }
    }

    /// Adds what fits; one byte is left for the end of the line.
    fn add(&mut self, text: &[u8]) {
        let room = self.bytes.len() - self.length;
        let text = &text[..text.len().min(room)];
        self.bytes[self.length..self.length + text.len()].copy_from_slice(text);
        self.length += text.len();
    }

    fn write(&self) {
        // SAFETY: the bytes are ours; a write may be made in a handler. Nobody is left to hear that it fails.
        unsafe { libc::write(2, self.bytes.as_ptr().cast(), self.length) };
    }
}
