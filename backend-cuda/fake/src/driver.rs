use std::ffi::{CString, OsString, c_char, c_int, c_long};
use std::sync::LazyLock;

use libloading::Library;

use crate::library_dir;

/// The fake driver of this process.
#[derive(Debug)]
pub struct Driver {
    /// And its compiler. None where tests are to run on a device that is there.
    libraries: Option<[Library; 2]>,
}

/// Set to `real` where tests are to run on the devices of the machine: those that ask for no fault.
const GPU: &str = "JOBWISE_GPU";

/// Makes the fake driver and the fake compiler those of this process, before anything asks for
/// others. Options as in `cpp/options.h`; they are added to those that are there.
///
/// With `JOBWISE_GPU=real` in the environment the driver of the machine is left in its place, and
/// options do nothing.
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
        let is_real = std::env::var_os(GPU).is_some_and(|value| value == "real");
        let libraries = (!is_real).then(|| ["libcuda.so", "libnvrtc.so"].map(load));
        Driver { libraries }
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
        if let Some(add) = unsafe { self.function::<Options>("fake_cuda_options") } {
            // SAFETY: as before.
            unsafe { add(text.as_ptr()) };
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
        // SAFETY: the function has this type, and counts.
        let count = unsafe { self.function::<Count>("fake_cuda_launches") };
        // SAFETY: as before.
        let count = count.map_or(0, |count| unsafe { count(device as c_int) });
        usize::try_from(count).unwrap_or(0)
    }

    /// Bytes that are allocated on `device`.
    pub fn used(&self, device: usize) -> usize {
        // SAFETY: the function has this type, and counts.
        let bytes = unsafe { self.function::<Bytes>("fake_cuda_used") };
        // SAFETY: as before.
        bytes.map_or(0, |bytes| unsafe { bytes(device as c_int) })
    }

    fn tell(&self, name: &str, device: usize) {
        // SAFETY: the functions that are called so have this type.
        if let Some(tell) = unsafe { self.function::<Told>(name) } {
            // SAFETY: as before.
            unsafe { tell(device as c_int) };
        }
    }

    /// # Safety
    /// The function of this name has this type.
    unsafe fn function<F: Copy>(&self, name: &str) -> Option<F> {
        let [driver, _] = self.libraries.as_ref()?;
        // SAFETY: as the caller says.
        let function = unsafe { driver.get::<F>(name.as_bytes()) };
        Some(*function.unwrap_or_else(|error| panic!("{name}: {error}")))
    }
}

type Options = unsafe extern "C" fn(*const c_char);
type Told = unsafe extern "C" fn(c_int);
type Count = unsafe extern "C" fn(c_int) -> c_long;
type Bytes = unsafe extern "C" fn(c_int) -> usize;
