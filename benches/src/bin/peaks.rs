//! Measures what this machine can do at most: a name, a number and a unit a line.
//!
//! * `f32 LEVEL`, `f64 LEVEL`: multiply-adds of vectors in registers, two operations each, on one
//!   core, by the instructions of each level that this processor has. Twelve sums are independent
//!   of each other, so that no result is waited for.
//! * `copy`, `read`, `fill`: bytes that are copied, added up and written for the first time, in
//!   memory of 256 MiB.
//! * `spawn`: processes that are begun and waited for, one after the other: `/bin/true`.
//! * `fsync`: files of 4 KiB that are made and forced to the disk, in the directory that is given,
//!   or that of temporary files.
//!
//! Each is the best of several tries: what else is at work can only make them worse.

// Only what is inlined into a function compiled for a level is compiled for that level.
#![allow(clippy::inline_always)]

use std::fs::{self, File};
use std::hint::black_box;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use pulp::x86::{V3, V4};
use pulp::{Simd, WithSimd, bytemuck};

/// Sums that are independent of each other.
const SUMS: usize = 12;
/// Multiply-adds of each.
const TIMES: usize = 4_000_000;
/// Tries, of which the best counts.
const TRIES: usize = 5;
/// Bytes.
const MEMORY: usize = 256 << 20;

/// Multiply-adds of f32; its output is how many operations a vector is.
struct Single;

impl WithSimd for Single {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> usize {
        let (factor, term) = (simd.splat_f32s(1.000_000_1), simd.splat_f32s(1e-9));
        let mut sums = [simd.splat_f32s(black_box(1.0)); SUMS];
        for _ in 0..TIMES {
            for sum in &mut sums {
                *sum = simd.mul_add_f32s(*sum, factor, term);
            }
        }
        black_box(bytemuck::bytes_of(&sums));
        2 * size_of::<S::f32s>() / size_of::<f32>()
    }
}

/// The same of f64.
struct Double;

impl WithSimd for Double {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> usize {
        let (factor, term) = (simd.splat_f64s(1.000_000_1), simd.splat_f64s(1e-9));
        let mut sums = [simd.splat_f64s(black_box(1.0)); SUMS];
        for _ in 0..TIMES {
            for sum in &mut sums {
                *sum = simd.mul_add_f64s(*sum, factor, term);
            }
        }
        black_box(bytemuck::bytes_of(&sums));
        2 * size_of::<S::f64s>() / size_of::<f64>()
    }
}

/// The least seconds of several tries.
fn best(tries: usize, mut work: impl FnMut()) -> f64 {
    let mut least = f64::INFINITY;
    for _ in 0..tries {
        let since = Instant::now();
        work();
        least = least.min(since.elapsed().as_secs_f64());
    }
    least
}

/// GFLOP/s of work that tells how many operations one of its vectors is.
fn rate(mut work: impl FnMut() -> usize) -> f64 {
    let mut operations = 0;
    let seconds = best(TRIES, || operations = work());
    (operations * SUMS * TIMES) as f64 / seconds * 1e-9
}

fn tell(name: &str, number: f64, unit: &str) {
    println!("{name}\t{number:.2}\t{unit}");
}

fn arithmetic() {
    let (wide, widest) = (V3::try_new(), V4::try_new());
    if let Some(simd) = wide {
        tell(
            "f32 AVX2",
            rate(|| Simd::vectorize(simd, Single)),
            "GFLOP/s",
        );
        tell(
            "f64 AVX2",
            rate(|| Simd::vectorize(simd, Double)),
            "GFLOP/s",
        );
    }
    if let Some(simd) = widest {
        tell(
            "f32 AVX-512",
            rate(|| Simd::vectorize(simd, Single)),
            "GFLOP/s",
        );
        tell(
            "f64 AVX-512",
            rate(|| Simd::vectorize(simd, Double)),
            "GFLOP/s",
        );
    }
}

fn memory() {
    let words = MEMORY / size_of::<u64>();
    let per_second = |seconds: f64| MEMORY as f64 / seconds * 1e-9;
    let fill = best(TRIES, || {
        black_box(vec![black_box(1_u64); words]);
    });
    let (from, mut to) = (vec![1_u64; words], vec![2_u64; words]);
    let copy = best(TRIES, || {
        to.copy_from_slice(black_box(&from));
        black_box(&to);
    });
    let read = best(TRIES, || {
        black_box(
            black_box(&from)
                .iter()
                .fold(0, |sum: u64, word| sum.wrapping_add(*word)),
        );
    });
    tell("copy", per_second(copy), "GB/s");
    tell("read", per_second(read), "GB/s");
    tell("fill", per_second(fill), "GB/s");
}

fn processes() -> std::io::Result<()> {
    const COUNT: usize = 200;
    let mut outcome = Ok(());
    let seconds = best(TRIES, || {
        for _ in 0..COUNT {
            let ended = Command::new("/bin/true").status();
            outcome = std::mem::replace(&mut outcome, Ok(())).and(ended.map(drop));
        }
    });
    tell("spawn", COUNT as f64 / seconds, "processes/s");
    outcome
}

fn disk(directory: &Path) -> std::io::Result<()> {
    const COUNT: usize = 50;
    let path = directory.join(format!("peaks-{}", std::process::id()));
    let write = || {
        File::create(&path).and_then(|mut file| {
            file.write_all(&[1; 4096])?;
            file.sync_all()
        })
    };
    let mut outcome = Ok(());
    let seconds = best(TRIES, || {
        for _ in 0..COUNT {
            outcome = std::mem::replace(&mut outcome, Ok(())).and(write());
        }
    });
    tell("fsync", COUNT as f64 / seconds, "files/s");
    outcome.and(fs::remove_file(&path))
}

fn main() -> std::io::Result<()> {
    let directory = std::env::args_os().nth(1).map(PathBuf::from);
    arithmetic();
    memory();
    processes()?;
    disk(&directory.unwrap_or_else(std::env::temp_dir))
}
