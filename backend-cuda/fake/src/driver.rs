use std::ffi::{CString, OsString, c_char, c_int, c_long};
use std::sync::LazyLock;

use libloading::Library;

use crate::library_dir;

/// The fake driver of this process.
#[derive(Debug)]
pub struct Driver {
    library: Library,
    _compiler: Library,
}

/// Makes the fake driver and the fake compiler those of this process, before anything asks for
/// others. Options as in `cpp/options.h`; they are added to those that are there.
///
/// # Panics
/// When the libraries cannot be built or loaded.
pub fn install(options: &str) -> &'static Driver {
    static INSTALLED: LazyLock<Driver> = LazyLock::new(|| {
        // A library that is loaded is found by its name, wherever it came from.
        let load = |name: &str| {
            let path = library_dir().join(name);
            // SAFETY: the libraries are our own; loading them runs constructors of maps and locks.
            unsafe { Library::new(&path) }
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        Driver {
            library: load("libcuda.so"),
            _compiler: load("libnvrtc.so"),
        }
    });
    INSTALLED.options(options);
    &INSTALLED
}

/// What the environment of a program has to say, so that it finds the fake driver and compiler.
/// Images that it compiles are kept apart from the user's.
pub fn environment(options: &str) -> [(&'static str, OsString); 3] {
    [
        ("LD_LIBRARY_PATH", library_dir().into()),
        ("XDG_CACHE_HOME", library_dir().join("cache").into()),
        ("FAKE_CUDA", options.into()),
    ]
}

/// As [`environment`], with no compiler.
pub fn environment_without_compiler(options: &str) -> [(&'static str, OsString); 3] {
    let mut all = environment(options);
    all[0].1 = library_dir().join("driver").into();
    all
}

impl Driver {
    /// Adds options: `"1.fail_launch=5"`.
    ///
    /// # Panics
    /// When there is a zero byte in them.
    pub fn options(&self, options: &str) {
        let text = CString::new(options).expect("options without a zero byte");
        // SAFETY: the function has this type, and copies the text.
        unsafe {
            self.call::<unsafe extern "C" fn(*const c_char)>("fake_cuda_options")(text.as_ptr());
        }
    }

    /// Counts the calls of faults from now on: the next launch on `device` is the first.
    pub fn forget(&self, device: usize) {
        self.tell("fake_cuda_forget", device);
    }

    /// Ends what hangs on `device`, as a reset does.
    pub fn reset(&self, device: usize) {
        self.tell("fake_cuda_reset", device);
    }

    /// The launches on `device`, since they were forgotten.
    pub fn launches(&self, device: usize) -> usize {
        type Count = unsafe extern "C" fn(c_int) -> c_long;
        // SAFETY: the function has this type.
        let count = unsafe { self.call::<Count>("fake_cuda_launches")(device as c_int) };
        usize::try_from(count).unwrap_or(0)
    }

    /// Bytes that are allocated on `device`.
    pub fn used(&self, device: usize) -> usize {
        type Bytes = unsafe extern "C" fn(c_int) -> usize;
        // SAFETY: the function has this type.
        unsafe { self.call::<Bytes>("fake_cuda_used")(device as c_int) }
    }

    fn tell(&self, name: &str, device: usize) {
        // SAFETY: the functions that are called so have this type.
        unsafe { self.call::<unsafe extern "C" fn(c_int)>(name)(device as c_int) };
    }

    /// # Safety
    /// The function of this name has this type.
    unsafe fn call<F: Copy>(&self, name: &str) -> F {
        // SAFETY: as the caller says.
        *unsafe { self.library.get::<F>(name.as_bytes()) }
            .unwrap_or_else(|error| panic!("{name}: {error}"))
    }
}
