//! Kernels as text, compiled for the device at hand when they are needed, and kept.

mod cache;
mod compiler;

use std::sync::{Arc, Mutex, PoisonError};

use cudarc::driver::sys::CUresult;
use cudarc::driver::{CudaModule, DriverError};
use cudarc::nvrtc::Ptx;
use jobwise_core::Cause;
use sha2::{Digest, Sha256};

use crate::fault::said;
use crate::{Cuda, Fault, Function};
use cache::Cache;
use compiler::Compiler;

/// CUDA C, and the options that make it the kernels of one shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// For messages of the compiler.
    pub name: &'static str,
    /// The text; kernels are `extern "C"`.
    pub text: &'static str,
    /// `-DK=10` and the like.
    pub options: Vec<String>,
}

/// Why there is no image.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImageError {
    /// The compiler is not there.
    #[error(
        "no compiler for CUDA kernels (libnvrtc) is found: install the CUDA toolkit 13, or the \
         Python package nvidia-cuda-nvrtc, and name the folder of libnvrtc.so.13 in LD_LIBRARY_PATH"
    )]
    NoCompiler,
    /// The driver does not take what this compiler makes.
    #[error(
        "the compiler for CUDA kernels (NVRTC {compiler}) is newer than the driver, which knows \
         CUDA {driver}: update the driver, or name the folder of an older libnvrtc in \
         LD_LIBRARY_PATH"
    )]
    Newer {
        /// The major version of the compiler.
        compiler: i32,
        /// The major version that the driver knows.
        driver: i32,
    },
    /// The compiler refused the text.
    #[error("{name} does not compile for {architecture}: {log}")]
    Refused {
        /// The source.
        name: &'static str,
        /// Of the device.
        architecture: String,
        /// What the compiler says.
        log: String,
    },
    /// The driver refused the image.
    #[error("{name}: the driver refused the image: {}", said(*.error))]
    Load {
        /// The source.
        name: &'static str,
        /// Why.
        error: DriverError,
    },
}

impl From<ImageError> for Fault {
    fn from(error: ImageError) -> Fault {
        match error {
            ImageError::Load {
                error: error @ DriverError(CUresult::CUDA_ERROR_OUT_OF_MEMORY),
                ..
            } => Fault::Driver(error),
            error => Fault::Cause(Cause::from(error)),
        }
    }
}

/// Kernels on a device. Clones share them.
#[derive(Clone, Debug)]
pub struct Image {
    module: Arc<CudaModule>,
    name: &'static str,
}

impl Image {
    /// Compiles `source` for `device`, or takes what an earlier run compiled, and loads it.
    ///
    /// Compiled images are kept in `jobwise/cuda` of the user's cache directory
    /// (`$XDG_CACHE_HOME`, else `~/.cache`), under a digest of the source, its options and the
    /// device's architecture, and the compiler's version. One that is damaged is compiled anew.
    /// Without a compiler, any that is kept will do.
    ///
    /// # Errors
    /// When there is no compiler, it refuses the source, or the driver refuses the image.
    pub fn of(device: &Cuda, source: &Source) -> Result<Image, ImageError> {
        /// Lanes that want the same image at the same time have it compiled once.
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let (major, minor) = device.capability();
        let architecture = format!("sm_{major}{minor}");
        let digest = digest(source, &architecture);
        let cache = Cache::of_user();
        let load = |binary| Self::load(device, source.name, binary);
        let compiler = match Compiler::find() {
            Ok(compiler) => compiler,
            Err(error) => {
                // One that was compiled elsewhere will do.
                let mut kept = cache.iter().flat_map(|cache| cache.all(&digest));
                return kept.find_map(|binary| load(binary).ok()).ok_or(error);
            }
        };
        let name = format!("{digest}-{}", compiler.version());
        let kept = cache.as_ref().and_then(|cache| cache.get(&name));
        if let Some(Ok(image)) = kept.map(load) {
            return Ok(image);
        }
        let binary = Compiler::compile(source, &architecture)?;
        if let Some(cache) = cache {
            cache.put(&name, &binary);
        }
        load(binary)
    }

    fn load(device: &Cuda, name: &'static str, binary: Vec<u8>) -> Result<Image, ImageError> {
        let module = device.context().load_module(Ptx::from_binary(binary));
        let module = module.map_err(|error| ImageError::Load { name, error })?;
        Ok(Image { module, name })
    }

    /// The kernel of this name.
    ///
    /// # Errors
    /// When there is none.
    pub fn function(&self, name: &str) -> Result<Function, Fault> {
        match self.module.load_function(name) {
            Ok(function) => Ok(Function::new(function)),
            Err(DriverError(CUresult::CUDA_ERROR_NOT_FOUND)) => {
                Err(format!("{} has no kernel {name}", self.name).into())
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// What an image is made of, in hexadecimal.
fn digest(source: &Source, architecture: &str) -> String {
    let mut hash = Sha256::new();
    let parts = [source.text, source.name, architecture];
    let options = source.options.iter().map(String::as_str);
    for part in parts.into_iter().chain(options) {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    cache::hex(&hash.finalize())
}
