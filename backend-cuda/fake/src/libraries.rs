use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// What is built, and what images are built with.
const SOURCES: [(&str, &str); 13] = [
    ("fibers.h", include_str!("../cpp/fibers.h")),
    ("area.h", include_str!("../cpp/area.h")),
    ("faults.h", include_str!("../cpp/faults.h")),
    ("state.h", include_str!("../cpp/state.h")),
    ("switch.h", include_str!("../cpp/switch.h")),
    ("watched.h", include_str!("../cpp/watched.h")),
    ("options.h", include_str!("../cpp/options.h")),
    ("device.h", include_str!("../cpp/device.h")),
    ("machine.h", include_str!("../cpp/machine.h")),
    ("fibers.cpp", include_str!("../cpp/fibers.cpp")),
    ("driver.cpp", include_str!("../cpp/driver.cpp")),
    ("compiler.cpp", include_str!("../cpp/compiler.cpp")),
    ("runner.cpp", include_str!("../cpp/runner.cpp")),
];

const LIBRARY: [&str; 4] = ["-fPIC", "-shared", "-fvisibility=hidden", "-O2"];

/// The folder of `libcuda.so` and `libnvrtc.so`, for `LD_LIBRARY_PATH` of programs. Built when it
/// is first asked for, and kept in `target`.
///
/// # Panics
/// When `g++` is not there, or refuses.
pub fn library_dir() -> &'static Path {
    static BUILT: LazyLock<PathBuf> = LazyLock::new(|| {
        let portable = cfg!(not(target_arch = "x86_64"));
        built(portable).unwrap_or_else(|error| panic!("the fake CUDA libraries: {error}"))
    });
    &BUILT
}

/// The same with fibers that any processor has, which are slower.
///
/// # Panics
/// As [`library_dir`].
pub(crate) fn portable_dir() -> &'static Path {
    static BUILT: LazyLock<PathBuf> = LazyLock::new(|| {
        built(true).unwrap_or_else(|error| panic!("the fake CUDA libraries: {error}"))
    });
    &BUILT
}

fn built(portable: bool) -> io::Result<PathBuf> {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/cuda-fake");
    fs::create_dir_all(&all)?;
    let all = all.canonicalize()?;
    let name = name(portable)?;
    let folder = all.join(&name);
    // One process builds, others wait for it.
    let turn = File::create(all.join("lock"))?;
    turn.lock()?;
    if !folder.is_dir() {
        let temporary = tempfile::tempdir_in(&all)?;
        build(temporary.path(), &name, portable)?;
        fs::rename(temporary.keep(), &folder)?;
    }
    Ok(folder)
}

/// A digest of all that the libraries are built from.
fn name(portable: bool) -> io::Result<String> {
    let compiler = Command::new("g++").arg("--version").output()?;
    let mut hash = Sha256::new();
    hash.update([u8::from(portable)]);
    hash.update(&compiler.stdout);
    for (name, text) in SOURCES {
        hash.update(name);
        hash.update(text);
    }
    let digest = hash.finalize();
    let first = digest[..8].iter();
    let name = first.fold(String::new(), |name, byte| format!("{name}{byte:02x}"));
    Ok(name + if portable { "-portable" } else { "" })
}

fn build(folder: &Path, name: &str, portable: bool) -> io::Result<()> {
    for (name, text) in SOURCES {
        fs::write(folder.join(name), text)?;
    }
    fs::create_dir(folder.join("watched"))?;
    let fibers = |more: &[&str], out: &str| {
        let mut flags = vec!["-Wl,-soname,libfakefibers.so"];
        flags.extend(LIBRARY);
        flags.extend(more);
        if portable {
            flags.push("-DFAKE_UCONTEXT");
        }
        compile(folder, &flags, "fibers.cpp", out, &[])
    };
    fibers(&[], "libfakefibers.so")?;
    fibers(&["-DFAKE_TSAN"], "watched/libfakefibers.so")?;
    let beside = ["-L.", "-lfakefibers", "-Wl,-rpath,$ORIGIN", "-ldl"];
    let driver = [&LIBRARY[..], &["-Wl,-soname,libcuda.so"]].concat();
    compile(folder, &driver, "driver.cpp", "libcuda.so", &beside)?;
    // Its version is that of what it compiles with, so that no image of another one is taken.
    let minor = u32::from_str_radix(&name[..7], 16).map_err(io::Error::other)?;
    let minor = format!("-DFAKE_MINOR={minor}");
    let compiler = [&LIBRARY[..], &["-Wl,-soname,libnvrtc.so", &minor]].concat();
    compile(folder, &compiler, "compiler.cpp", "libnvrtc.so", &["-ldl"])?;
    fs::create_dir(folder.join("driver"))?;
    for name in ["libcuda.so", "libfakefibers.so"] {
        fs::copy(folder.join(name), folder.join("driver").join(name))?;
    }
    compile(folder, &["-O2"], "runner.cpp", "runner", &beside)?;
    let watched = ["-Lwatched", "-lfakefibers", "-Wl,-rpath,$ORIGIN", "-ldl"];
    compile(
        folder,
        &["-O2", "-fsanitize=thread"],
        "runner.cpp",
        "watched/runner",
        &watched,
    )
}

fn compile(
    folder: &Path,
    flags: &[&str],
    source: &str,
    out: &str,
    libraries: &[&str],
) -> io::Result<()> {
    let built = Command::new("g++")
        .current_dir(folder)
        .args(["-std=c++17", "-U_FORTIFY_SOURCE"])
        .args(flags)
        .args(["-o", out, source])
        .args(libraries)
        .output()?;
    if built.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&built.stderr);
    Err(io::Error::other(format!("{source}: {said}")))
}
