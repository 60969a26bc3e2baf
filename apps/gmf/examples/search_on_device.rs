//! How long a CUDA device takes for an integration of the usual radar: 10 pulses of 1920 samples,
//! 480 range gates, 19 accelerations; copies included. Medians of 20 launches, timed by events, of
//! the search that runs and of one that samples every bin.
//!
//! `search_on_device [DEVICE]`

use std::process::ExitCode;

use jobwise_core::Cause;
use jobwise_cuda::driver::sys::CUevent_flags::CU_EVENT_DEFAULT;
use jobwise_cuda::{Cuda, Fault};
use jobwise_gmf::cuda::DeviceSearch;
use jobwise_gmf::experiment::Experiment;
use jobwise_gmf::parameters::Parameters;
use jobwise_gmf::search::Sample;
use jobwise_gmf::settings::{Method, Settings};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

const LAUNCHES: usize = 20;

fn main() -> ExitCode {
    let index = std::env::args().nth(1).map_or(Ok(0), |text| text.parse());
    match index.map_err(Cause::from).and_then(measured) {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            eprintln!("search_on_device: {cause}");
            ExitCode::FAILURE
        }
    }
}

fn measured(index: usize) -> Result<(), Cause> {
    let device = Cuda::open(index)?;
    println!("{device}");
    for method in [Method::Fgmf, Method::Fdpt] {
        let (parameters, settings) = radar(method)?;
        let name = method.name();
        let bounded = DeviceSearch::new(&parameters, &settings)?;
        let exhaustive = DeviceSearch::exhaustive(&parameters, &settings)?;
        for (sampling, search) in [("bounded", bounded), ("every bin", exhaustive)] {
            for batch in [1, 8, 32] {
                let milliseconds = median(&search, &device, batch)?;
                println!(
                    "{name}, {sampling}  {batch:2} at once  {milliseconds:.3} ms per integration"
                );
            }
        }
    }
    Ok(())
}

fn radar(gmf_method: Method) -> Result<(Parameters, Settings), Cause> {
    let experiment = Experiment::of_shape(20_000, 82.0..2002.0, 929.6);
    let settings = Settings {
        gmf_method,
        n_ipp: 10,
        min_range_gate: 6800,
        max_range_gate: 7280,
        frequency_decimation: 16,
        min_acceleration: -300.0,
        max_acceleration: 300.0,
        ..Settings::default()
    };
    Ok((Parameters::new(&experiment, &settings)?, settings))
}

/// Noise: how long the search takes depends on its statistics.
fn noise(random: &mut ChaCha8Rng, count: usize) -> Vec<Sample> {
    let mut number = || random.sample(StandardNormal);
    (0..count)
        .map(|_| Sample::new(number(), number()))
        .collect()
}

/// Milliseconds for each integration of a batch.
fn median(search: &DeviceSearch, device: &Cuda, batch: usize) -> Result<f64, Fault> {
    let parameters = search.parameters();
    let rx = parameters.n_ipp * parameters.rx_window_samps();
    let stream = device.context().new_stream()?;
    let mut lane = search.lane(device, &stream, batch)?;
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for slot in 0..batch {
        let tx = noise(&mut random, parameters.coh_int_samps);
        search.pack(&mut lane, slot, &tx, &noise(&mut random, rx))?;
    }
    let mut times = Vec::with_capacity(LAUNCHES);
    // The first is not counted.
    for launch in 0..=LAUNCHES {
        let begin = stream.record_event(Some(CU_EVENT_DEFAULT))?;
        search.launch(&mut lane, batch)?;
        let end = stream.record_event(Some(CU_EVENT_DEFAULT))?;
        device.wait(&stream)?;
        if launch > 0 {
            times.push(f64::from(begin.elapsed_ms(&end)?) / batch as f64);
        }
    }
    times.sort_by(f64::total_cmp);
    Ok(times[LAUNCHES / 2])
}
