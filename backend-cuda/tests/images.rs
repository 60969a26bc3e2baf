//! Drivers and compilers that are not there, or not what is needed; and images that are kept. Each
//! case is this program once more, in an environment of its own.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jobwise_cuda::{Cuda, Image, Source};
use jobwise_cuda_fake::{environment, environment_without_compiler};
use jobwise_testing::skipped;

/// Set in the environment of a case.
const CASE: &str = "JOBWISE_CASE";

const SOURCE: Source = Source {
    name: "twice.cu",
    text: "extern \"C\" __global__ void twice(float* x) { x[threadIdx.x] *= 2.f; }",
    options: Vec::new(),
};

/// What a user would be told, or that all is well.
fn told() -> String {
    let device = match Cuda::open(0) {
        Ok(device) => device,
        Err(missing) => return missing.to_string(),
    };
    match Image::of(&device, &SOURCE) {
        Ok(image) => match image.function("twice") {
            Ok(_) => "fine".to_owned(),
            Err(fault) => fault.to_string(),
        },
        Err(error) => error.to_string(),
    }
}

/// What the case says in this environment.
fn said(variables: &[(&str, OsString)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([
            "what_is_missing_is_said_in_a_sentence",
            "--exact",
            "--nocapture",
        ])
        .env(CASE, "1");
    for name in [
        "LD_LIBRARY_PATH",
        "CUDA_VISIBLE_DEVICES",
        "CUDA_HOME",
        "CUDA_PATH",
    ] {
        command.env_remove(name);
    }
    for (name, value) in variables {
        command.env(name, value);
    }
    let ended = command.output().unwrap();
    let text = String::from_utf8_lossy(&ended.stdout).into_owned();
    let line = text.lines().find_map(|line| line.split_once("told: "));
    let (_, told) =
        line.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&ended.stderr)));
    told.to_owned()
}

#[test]
fn what_is_missing_is_said_in_a_sentence() {
    if std::env::var_os(CASE).is_some() {
        println!("told: {}", told().replace('\n', " "));
        return;
    }
    let fake = |options: &str| environment(options).to_vec();
    let with =
        |options: &str, name, value: &str| [fake(options), vec![(name, value.into())]].concat();
    for (variables, says) in [
        (
            vec![],
            "no CUDA driver on this machine (libcuda is not installed)",
        ),
        (
            fake("version=12020"),
            "knows CUDA 12.2, and CUDA 13.0 is needed: install NVIDIA driver 580",
        ),
        (
            fake("devices=0"),
            "no CUDA device 0: the driver finds none here (CUDA_VISIBLE_DEVICES counts)",
        ),
        (
            with("devices=2", "CUDA_VISIBLE_DEVICES", "-1"),
            "no CUDA device 0: the driver finds none",
        ),
        (
            fake("broken=1"),
            "the CUDA driver refused to start: unknown error (CUDA_ERROR_UNKNOWN)",
        ),
        (
            fake("no_context=1"),
            "the CUDA driver refused to start: out of memory",
        ),
        (
            environment_without_compiler("").to_vec(),
            "no compiler for CUDA kernels (libnvrtc) is found",
        ),
        (
            with("", "FAKE_NVRTC", "14"),
            "(NVRTC 14) is newer than the driver, which knows CUDA 13",
        ),
        (fake("version=14000"), "fine"),
        (with("devices=2", "CUDA_VISIBLE_DEVICES", "1"), "fine"),
    ] {
        let told = said(&variables);
        assert!(told.contains(says), "{says}: {told}");
    }
}

#[test]
fn a_source_that_does_not_compile_is_said_with_its_line() {
    let device = {
        jobwise_cuda_fake::install("");
        Cuda::open(0).unwrap()
    };
    let bad = Source {
        name: "bad.cu",
        text: "extern \"C\" __global__ void twice(float* x) {\n    x[threadIdx.x] *= two;\n}\n",
        options: vec![],
    };
    let error = Image::of(&device, &bad).unwrap_err().to_string();
    for part in ["bad.cu does not compile for sm_90", "bad.cu:2", "two"] {
        assert!(error.contains(part), "{part}: {error}");
    }
    let error = Image::of(&device, &SOURCE)
        .unwrap()
        .function("thrice")
        .unwrap_err();
    assert_eq!(error.to_string(), "twice.cu has no kernel thrice");
}

/// The images that are kept in a cache directory.
fn kept(cache: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(cache.join("jobwise/cuda")) else {
        return Vec::new();
    };
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn images_are_kept_and_made_anew_where_they_are_damaged() {
    let directory = tempfile::tempdir().unwrap();
    let cache = directory.path();
    let variables = |options: &str, path: Option<&str>| {
        let mut variables = environment(options).to_vec();
        variables.push(("XDG_CACHE_HOME", cache.into()));
        variables.extend(path.map(|path| ("PATH", path.into())));
        variables
    };
    // Without a compiler's programs there is nothing yet; then there is, and they are not needed.
    let nowhere = Some("/nowhere");
    assert!(said(&variables("", nowhere)).contains("twice.cu does not compile for sm_90"));
    assert_eq!(said(&variables("", None)), "fine");
    assert_eq!(said(&variables("", nowhere)), "fine");
    let images = kept(cache);
    assert_eq!(images.len(), 1);
    // Cut, changed or empty: made anew.
    let whole = fs::read(&images[0]).unwrap();
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    for damaged in [&whole[..whole.len() / 2], &changed, &[]] {
        fs::write(&images[0], damaged).unwrap();
        assert!(said(&variables("", nowhere)).contains("does not compile"));
        assert_eq!(said(&variables("", None)), "fine");
        assert_eq!(said(&variables("", nowhere)), "fine");
    }
    // One that the driver refuses is compiled once more.
    assert_eq!(said(&variables("fail_image=1", None)), "fine");
    // Without a compiler at all it is loaded too.
    let mut without = environment_without_compiler("").to_vec();
    without.push(("XDG_CACHE_HOME", cache.into()));
    assert_eq!(said(&without), "fine");
    // Another architecture has another image.
    assert_eq!(said(&variables("capability=80", None)), "fine");
    assert_eq!(kept(cache).len(), 2);
    // Where nothing can be kept, it is compiled each time.
    let mut unwritable = variables("", None);
    unwritable.push(("XDG_CACHE_HOME", "/proc/nothing".into()));
    assert_eq!(said(&unwritable), "fine");
}

/// The folder of the real NVRTC, where it is installed for tests.
fn nvrtc() -> Option<PathBuf> {
    std::env::var_os("JOBWISE_NVRTC")
        .map(PathBuf::from)
        .filter(|folder| folder.join("libnvrtc.so.13").exists())
        .or_else(|| skipped("the wheel nvidia-cuda-nvrtc is not there (JOBWISE_NVRTC)"))
}

#[test]
fn the_real_compiler_makes_an_image_for_the_device() {
    /// What an image is for, in its header: NVIDIA's processors.
    const CUDA: [u8; 2] = 190_u16.to_le_bytes();
    let Some(folder) = nvrtc() else { return };
    let directory = tempfile::tempdir().unwrap();
    // As a toolkit has it.
    let home = directory.path().join("toolkit");
    fs::create_dir(&home).unwrap();
    std::os::unix::fs::symlink(&folder, home.join("lib64")).unwrap();
    for (number, capability) in [80, 90, 100].into_iter().enumerate() {
        let options = format!("capability={capability}");
        let mut variables = environment_without_compiler(&options).to_vec();
        variables[1].1 = directory.path().into();
        if number == 0 {
            let mut path = variables[0].1.clone();
            path.push(":");
            path.push(&folder);
            variables[0].1 = path;
        } else {
            variables.push(("CUDA_HOME", home.clone().into()));
        }
        // The fake device cannot run it.
        let told = said(&variables);
        assert!(
            told.contains("no kernel image is available for execution"),
            "{told}"
        );
        let images = kept(directory.path());
        assert_eq!(images.len(), number + 1);
        for image in images {
            let bytes = fs::read(image).unwrap();
            // Behind the digest: an ELF file.
            assert_eq!(bytes[32..36], *b"\x7fELF");
            assert_eq!(bytes[50..52], CUDA);
        }
    }
}
