//! What a CUDA device can do at most: bandwidth of its memory, and operations in f32 and f64. Each
//! is the median of 20 launches, timed by events.
//!
//! `ceilings [DEVICE]`

use std::process::ExitCode;

use jobwise_core::Cause;
use jobwise_cuda::driver::sys::CUevent_flags::CU_EVENT_DEFAULT;
use jobwise_cuda::{Cuda, Fault, Image, Launch, Source};

/// Threads of a block.
const BLOCK: usize = 256;
const LAUNCHES: usize = 20;

fn main() -> ExitCode {
    let index = std::env::args().nth(1).map_or(Ok(0), |text| text.parse());
    match index.map_err(Cause::from).and_then(measured) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(cause) => {
            eprintln!("ceilings: {cause}");
            ExitCode::FAILURE
        }
    }
}

fn measured(index: usize) -> Result<String, Cause> {
    let device = Cuda::open(index)?;
    let text = ceilings(&device).map_err(Cause::from)?;
    Ok(format!("{device}\n{text}"))
}

fn ceilings(device: &Cuda) -> Result<String, Fault> {
    let source = Source {
        name: "ceilings.cu",
        text: include_str!("ceilings.cu"),
        options: Vec::new(),
    };
    let image = Image::of(device, &source)?;
    let stream = &device.context().new_stream()?;
    let blocks = 16 * device.processors()?.max(1);
    let (grid, block) = ([blocks as u32, 1, 1], [BLOCK as u32, 1, 1]);

    // A copy of a sixteenth of the memory, at most 1 GB.
    let (free, _) = device.memory()?;
    let count = (free / 16).min(1 << 30) / 16;
    let from = stream.alloc_zeros::<f32>(4 * count)?;
    let mut to = stream.alloc_zeros::<f32>(4 * count)?;
    let (copy, length) = (image.function("copy")?, count as i32);
    let seconds = median(device, stream, || {
        let launch = copy.on(stream, grid, block, 0).arg(&from).arg(&mut to);
        launch.arg(&length).enqueue().map_err(Fault::from)
    })?;
    let bandwidth = 32.0 * count as f64 / seconds / 1e9;

    let rounds = 1 << 12;
    let operations = (2 * 8 * blocks * BLOCK) as f64 * f64::from(rounds);
    let mut out = stream.alloc_zeros::<f32>(blocks * BLOCK)?;
    let singles = image.function("singles")?;
    let seconds = median(device, stream, || {
        let launch: Launch<'_> = singles.on(stream, grid, block, 0).arg(&mut out);
        let launch = launch.arg(&rounds).arg(&0.999_f32).arg(&0.5_f32);
        launch.enqueue().map_err(Fault::from)
    })?;
    let single = operations / seconds / 1e12;
    let mut out = stream.alloc_zeros::<f64>(blocks * BLOCK)?;
    let doubles = image.function("doubles")?;
    let seconds = median(device, stream, || {
        let launch: Launch<'_> = doubles.on(stream, grid, block, 0).arg(&mut out);
        let launch = launch.arg(&rounds).arg(&0.999_f64).arg(&0.5_f64);
        launch.enqueue().map_err(Fault::from)
    })?;
    let double = operations / seconds / 1e12;
    Ok(format!(
        "memory  {bandwidth:.0} GB/s\nf32     {single:.2} TFLOP/s\nf64     {double:.2} TFLOP/s"
    ))
}

/// The median time in seconds of a launch, after one that is not counted.
fn median(
    device: &Cuda,
    stream: &std::sync::Arc<jobwise_cuda::driver::CudaStream>,
    mut launch: impl FnMut() -> Result<(), Fault>,
) -> Result<f64, Fault> {
    launch()?;
    device.wait(stream)?;
    let mut times = Vec::with_capacity(LAUNCHES);
    for _ in 0..LAUNCHES {
        let begin = stream.record_event(Some(CU_EVENT_DEFAULT))?;
        launch()?;
        let end = stream.record_event(Some(CU_EVENT_DEFAULT))?;
        device.wait(stream)?;
        times.push(f64::from(begin.elapsed_ms(&end)?) / 1e3);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[LAUNCHES / 2])
}
