use cudarc::driver::{DriverError, result, sys};

use crate::fault::said;

/// The oldest version of CUDA whose drivers are used: what this program calls is in all of them.
const OLDEST: i32 = 13_000;

/// Why there is no device to use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Missing {
    /// No driver library on this machine.
    #[error(
        "no CUDA driver on this machine (libcuda is not installed): use --device cpu, or install \
         NVIDIA driver 580 or newer"
    )]
    Driver,
    /// A driver that lacks what this program calls.
    #[error(
        "the CUDA driver of this machine knows CUDA {}.{}, and CUDA 13.0 is needed: install NVIDIA \
         driver 580 or newer, or use --device cpu",
        version / 1000,
        version % 1000 / 10
    )]
    Old {
        /// 1000 times the major plus 10 times the minor version.
        version: i32,
    },
    /// A driver, but no such device.
    #[error("no CUDA device {index}: {}", there_are(*count))]
    Device {
        /// The device asked for.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// The driver refused.
    #[error("the CUDA driver refused to start: {}", said(*.0))]
    Refused(DriverError),
}

fn there_are(count: usize) -> String {
    match count {
        0 => "the driver finds none here (CUDA_VISIBLE_DEVICES counts)".to_owned(),
        1 => "this machine has device 0 alone (CUDA_VISIBLE_DEVICES counts)".to_owned(),
        count => format!(
            "this machine has devices 0 to {} (CUDA_VISIBLE_DEVICES counts)",
            count - 1
        ),
    }
}

/// How many devices the driver finds, which is new enough.
pub(crate) fn count() -> Result<usize, Missing> {
    // Asked before any other call: without the library, the others panic.
    // SAFETY: looks for the library and calls nothing in it.
    if !unsafe { sys::is_culib_present() } {
        return Err(Missing::Driver);
    }
    let mut version = 0;
    // SAFETY: writes one number to where it may; every driver has this function, and it may be
    // called before all others.
    unsafe { sys::cuDriverGetVersion(&raw mut version) }
        .result()
        .map_err(Missing::Refused)?;
    if version < OLDEST {
        return Err(Missing::Old { version });
    }
    match result::init().and_then(|()| result::device::get_count()) {
        Ok(count) => Ok(usize::try_from(count).unwrap_or(0)),
        Err(DriverError(sys::CUresult::CUDA_ERROR_NO_DEVICE)) => Ok(0),
        Err(error) => Err(Missing::Refused(error)),
    }
}
