use std::ffi::{CStr, CString, c_char};
use std::path::{Path, PathBuf};

use cudarc::driver::sys::cuDriverGetVersion;
use cudarc::nvrtc::result::{self, NvrtcError};
use cudarc::nvrtc::sys;

use super::{ImageError, Source};

/// NVRTC, the compiler that is a library.
#[derive(Clone, Copy, Debug)]
pub(super) struct Compiler {
    version: (i32, i32),
}

impl Compiler {
    /// Finds the library, where the dynamic linker looks or where toolkits put it.
    pub(super) fn find() -> Result<Compiler, ImageError> {
        // SAFETY: looks for the library and calls nothing in it.
        if !unsafe { sys::is_culib_present() } {
            load_from_toolkit();
            // SAFETY: as before.
            if !unsafe { sys::is_culib_present() } {
                return Err(ImageError::NoCompiler);
            }
        }
        let (mut major, mut minor, mut driver) = (0, 0, 0);
        // SAFETY: both functions write numbers to where they may; a device is open, so the driver
        // is there.
        let asked = unsafe {
            let _ = cuDriverGetVersion(&raw mut driver);
            sys::nvrtcVersion(&raw mut major, &raw mut minor)
        };
        asked.result().map_err(|_| ImageError::NoCompiler)?;
        let driver = driver / 1000;
        if major > driver {
            return Err(ImageError::Newer {
                compiler: major,
                driver,
            });
        }
        Ok(Compiler {
            version: (major, minor),
        })
    }

    pub(super) fn version(self) -> String {
        let (major, minor) = self.version;
        format!("nvrtc-{major}.{minor}")
    }

    /// The image of `source` for `architecture`, by the library that [`find`](Self::find) found.
    pub(super) fn compile(source: &Source, architecture: &str) -> Result<Vec<u8>, ImageError> {
        let refused = |log: String| ImageError::Refused {
            name: source.name,
            architecture: architecture.to_owned(),
            log,
        };
        let program = Program::new(source).map_err(&refused)?;
        let mut options = vec![
            format!("--gpu-architecture={architecture}"),
            "--std=c++17".to_owned(),
            // So that tools which watch kernels can name lines.
            "--generate-line-info".to_owned(),
        ];
        options.extend(source.options.iter().cloned());
        // SAFETY: the program was made and is not destroyed yet.
        if let Err(error) = unsafe { result::compile_program(program.0, &options) } {
            return Err(refused(format!("{error}: {}", program.log().trim())));
        }
        program.binary().map_err(|error| refused(error.to_string()))
    }
}

/// A program of the library, destroyed when it goes.
struct Program(sys::nvrtcProgram);

impl Program {
    fn new(source: &Source) -> Result<Program, String> {
        let text = CString::new(source.text).map_err(|error| error.to_string())?;
        let name = CString::new(source.name).map_err(|error| error.to_string())?;
        // The library copies both.
        let program = result::create_program(&text, Some(&name));
        program.map(Program).map_err(|error| error.to_string())
    }

    fn log(&self) -> String {
        // SAFETY: the program was made and is not destroyed yet.
        match unsafe { result::get_program_log(self.0) } {
            Ok(log) => text_of(&log),
            Err(error) => error.to_string(),
        }
    }

    fn binary(&self) -> Result<Vec<u8>, NvrtcError> {
        let mut size = 0;
        // SAFETY: the program is compiled; a number is written to where it may.
        unsafe { sys::nvrtcGetCUBINSize(self.0, &raw mut size) }.result()?;
        let mut binary = vec![0_u8; size];
        // SAFETY: as many bytes are there as the library said that it writes.
        unsafe { sys::nvrtcGetCUBIN(self.0, binary.as_mut_ptr().cast()) }.result()?;
        Ok(binary)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // SAFETY: destroyed once, here.
        let _ = unsafe { result::destroy_program(self.0) };
    }
}

fn text_of(bytes: &[c_char]) -> String {
    let bytes: Vec<u8> = bytes.iter().map(|&byte| byte as u8).collect();
    match CStr::from_bytes_until_nul(&bytes) {
        Ok(text) => text.to_string_lossy().into_owned(),
        Err(_) => String::from_utf8_lossy(&bytes).into_owned(),
    }
}

/// Loads the library from where toolkits put it; afterwards it is found by its name.
fn load_from_toolkit() {
    let named = ["CUDA_HOME", "CUDA_PATH"].map(|name| std::env::var_os(name).map(PathBuf::from));
    let homes = named
        .into_iter()
        .flatten()
        .chain([PathBuf::from("/usr/local/cuda")]);
    for folder in homes.map(|home| home.join("lib64")) {
        if load_from(&folder) {
            return;
        }
    }
}

/// Loads the library and its second half, which it looks for by name.
fn load_from(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return false;
    };
    let entries = entries.flatten().map(|entry| entry.path());
    let begins = |path: &PathBuf, with: &str| {
        let name = path.file_name().map(|name| name.to_string_lossy());
        name.is_some_and(|name| name.starts_with(with))
    };
    let builtins = entries.filter(|path| begins(path, "libnvrtc-builtins.so."));
    let compilers = ["libnvrtc.so.13", "libnvrtc.so.12"].map(|name| folder.join(name));
    let mut is_loaded = false;
    for path in builtins.chain(compilers) {
        // SAFETY: the libraries are NVIDIA's, whose initialisers may run at any time.
        if let Ok(library) = unsafe { libloading::Library::new(&path) } {
            is_loaded |= begins(&path, "libnvrtc.so.");
            // It stays for as long as the process.
            std::mem::forget(library);
        }
    }
    is_loaded
}
