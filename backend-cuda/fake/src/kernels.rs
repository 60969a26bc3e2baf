use std::ffi::{CString, c_char, c_int, c_void};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::ptr;
use std::sync::{LazyLock, Mutex, PoisonError};

use libloading::Library;
use tempfile::NamedTempFile;

use crate::libraries::{library_dir, portable_dir};

/// Kernels that are compiled for [`Run`].
#[derive(Debug)]
pub struct Compiled {
    image: NamedTempFile,
    is_watched: bool,
    is_portable: bool,
}

impl Compiled {
    /// Compiles CUDA C with options as for NVRTC (`-DK=10`); `is_watched` for `ThreadSanitizer`.
    ///
    /// # Errors
    /// What the compiler says.
    ///
    /// # Panics
    /// When the libraries cannot be built, or a temporary file not be written.
    pub fn new(text: &str, options: &[String], is_watched: bool) -> Result<Compiled, String> {
        Self::with(text, options, is_watched, false)
    }

    /// As [`new`](Self::new), on fibers that any processor has.
    ///
    /// # Errors
    /// As `new`.
    ///
    /// # Panics
    /// As `new`.
    pub fn portable(text: &str, options: &[String]) -> Result<Compiled, String> {
        Self::with(text, options, false, true)
    }

    fn with(
        text: &str,
        options: &[String],
        is_watched: bool,
        is_portable: bool,
    ) -> Result<Compiled, String> {
        let mut options = options.to_vec();
        options.push("--gpu-architecture=sm_90".to_owned());
        if is_watched {
            options.push("-fsanitize=thread".to_owned());
        }
        let mut image = NamedTempFile::new().expect("a temporary file");
        image
            .write_all(&compile(text, &options)?)
            .expect("room in the temporary directory");
        Ok(Compiled {
            image,
            is_watched,
            is_portable,
        })
    }

    fn folder(&self) -> &'static Path {
        if self.is_portable {
            portable_dir()
        } else {
            library_dir()
        }
    }
}

/// What a kernel gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// A buffer on the device, with these bytes; the kernel gets its address.
    Buffer(Vec<u8>),
    /// These bytes: of a number, or a structure.
    Value(Vec<u8>),
}

impl Argument {
    /// A number of the kernel's type.
    pub fn value<const N: usize>(bytes: [u8; N]) -> Argument {
        Argument::Value(bytes.to_vec())
    }

    /// A buffer of numbers, as bytes.
    pub fn buffer<const N: usize>(numbers: impl IntoIterator<Item = [u8; N]>) -> Argument {
        Argument::Buffer(numbers.into_iter().flatten().collect())
    }
}

/// One launch of a kernel, without a driver.
#[derive(Clone, Debug)]
pub struct Run<'c> {
    compiled: &'c Compiled,
    kernel: &'c str,
    grid: [u32; 3],
    block: [u32; 3],
    shared: u32,
    order: u64,
    arguments: Vec<Argument>,
}

/// What became of a launch.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The buffers, in the order of the arguments.
    pub buffers: Vec<Vec<u8>>,
    /// Why it did not end well: a barrier that not all threads reach, an illegal address.
    pub complaint: Option<String>,
    /// The reports of `ThreadSanitizer`.
    pub races: Vec<String>,
}

impl<'c> Run<'c> {
    /// A launch of `kernel` with so many blocks, threads in each, and bytes of dynamic shared
    /// memory.
    pub fn new(
        compiled: &'c Compiled,
        kernel: &'c str,
        grid: [u32; 3],
        block: [u32; 3],
        shared: u32,
    ) -> Run<'c> {
        Run {
            compiled,
            kernel,
            grid,
            block,
            shared,
            order: 0,
            arguments: Vec::new(),
        }
    }

    /// The order in which threads and blocks run: 0 ascending, 1 descending, else random.
    #[must_use]
    pub fn order(mut self, order: u64) -> Self {
        self.order = order;
        self
    }

    /// The next argument.
    #[must_use]
    pub fn arg(mut self, argument: Argument) -> Self {
        self.arguments.push(argument);
        self
    }

    /// Runs it.
    ///
    /// # Errors
    /// When the call is wrong: no such kernel, other parameters.
    ///
    /// # Panics
    /// When the program that runs it cannot be started.
    pub fn run(&self) -> Result<Outcome, String> {
        let folder = self.compiled.folder();
        let program = if self.compiled.is_watched {
            folder.join("watched/runner")
        } else {
            folder.join("runner")
        };
        let numbers = self.grid.iter().chain(&self.block).chain([&self.shared]);
        let mut child = Command::new(program)
            .arg(self.compiled.image.path())
            .arg(self.kernel)
            .args(numbers.map(u32::to_string))
            .arg(self.order.to_string())
            .env(
                "TSAN_OPTIONS",
                "exitcode=0:history_size=7:report_signal_unsafe=0:report_thread_leaks=0",
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the runner starts");
        let mut input = Vec::new();
        for argument in &self.arguments {
            let (kind, bytes) = match argument {
                Argument::Buffer(bytes) => (b'b', bytes),
                Argument::Value(bytes) => (b'v', bytes),
            };
            input.push(kind);
            input.extend((bytes.len() as u64).to_le_bytes());
            input.extend(bytes);
        }
        // A runner that ends early says why.
        let _ = child.stdin.take().map(|mut stdin| stdin.write_all(&input));
        let ended = child.wait_with_output().expect("the runner ends");
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        match ended.status.code() {
            Some(0) => Ok(self.outcome(&ended.stdout, &said, None)),
            Some(code) if code >= 10 => {
                let told = said.lines().last().unwrap_or("no message").to_owned();
                Ok(self.outcome(&ended.stdout, &said, Some(told)))
            }
            Some(_) => Err(said),
            None => Ok(self.outcome(&[], &said, Some(format!("{}: {said}", ended.status)))),
        }
    }

    fn outcome(&self, mut out: &[u8], said: &str, complaint: Option<String>) -> Outcome {
        let mut buffers = Vec::new();
        for argument in &self.arguments {
            if let Argument::Buffer(bytes) = argument
                && let Some((buffer, rest)) = out.split_at_checked(bytes.len())
            {
                buffers.push(buffer.to_vec());
                out = rest;
            }
        }
        let reports = said.split("==================");
        let races = reports.filter(|report| report.contains("WARNING: ThreadSanitizer"));
        Outcome {
            buffers,
            complaint,
            races: races.map(|report| report.trim().to_owned()).collect(),
        }
    }
}

/// The image of a source, by the fake compiler.
fn compile(text: &str, options: &[String]) -> Result<Vec<u8>, String> {
    type Create = unsafe extern "C" fn(
        *mut *mut c_void,
        *const c_char,
        *const c_char,
        c_int,
        *const *const c_char,
        *const *const c_char,
    ) -> c_int;
    type CompileProgram = unsafe extern "C" fn(*mut c_void, c_int, *const *const c_char) -> c_int;
    type Size = unsafe extern "C" fn(*mut c_void, *mut usize) -> c_int;
    type Copy = unsafe extern "C" fn(*mut c_void, *mut c_char) -> c_int;
    type Destroy = unsafe extern "C" fn(*mut *mut c_void) -> c_int;
    static COMPILER: LazyLock<Mutex<Library>> = LazyLock::new(|| {
        // SAFETY: the library is our own, without constructors of note.
        let library = unsafe { Library::new(library_dir().join("libnvrtc.so")) };
        Mutex::new(library.expect("the fake compiler loads"))
    });
    let library = COMPILER.lock().unwrap_or_else(PoisonError::into_inner);
    let c_string = |text: &str| CString::new(text).map_err(|error| error.to_string());
    let (text, name) = (c_string(text)?, c_string("kernel.cu")?);
    let options: Vec<CString> = options
        .iter()
        .map(|option| c_string(option))
        .collect::<Result<_, _>>()?;
    let pointers: Vec<*const c_char> = options.iter().map(|option| option.as_ptr()).collect();
    let symbol = |error: libloading::Error| error.to_string();
    // SAFETY: the functions have these types; the program is used between its creation and its
    // destruction; buffers are as long as the library says.
    unsafe {
        let create = library
            .get::<Create>(b"nvrtcCreateProgram")
            .map_err(symbol)?;
        let compile = library
            .get::<CompileProgram>(b"nvrtcCompileProgram")
            .map_err(symbol)?;
        let read = |size: &[u8], copy: &[u8], program: *mut c_void| {
            let mut length = 0;
            library.get::<Size>(size).map_err(symbol)?(program, &raw mut length);
            let mut bytes = vec![0_u8; length];
            library.get::<Copy>(copy).map_err(symbol)?(program, bytes.as_mut_ptr().cast());
            Ok::<Vec<u8>, String>(bytes)
        };
        let mut program = ptr::null_mut();
        create(
            &raw mut program,
            text.as_ptr(),
            name.as_ptr(),
            0,
            ptr::null(),
            ptr::null(),
        );
        let status = compile(program, pointers.len() as c_int, pointers.as_ptr());
        let made = if status == 0 {
            read(b"nvrtcGetCUBINSize", b"nvrtcGetCUBIN", program)
        } else {
            let log = read(b"nvrtcGetProgramLogSize", b"nvrtcGetProgramLog", program)?;
            Err(String::from_utf8_lossy(&log).into_owned())
        };
        let destroy = library
            .get::<Destroy>(b"nvrtcDestroyProgram")
            .map_err(symbol)?;
        destroy(&raw mut program);
        made
    }
}
