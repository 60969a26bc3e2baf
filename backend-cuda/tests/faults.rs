//! What goes wrong on devices, and what it costs: memory that is not there, kernels that fail, an
//! author's errors and panics. Each test has devices of its own.

mod sums;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jobwise_core::{Backend, Engine, Error, Memory, OnError, Report};
use jobwise_cuda::{CudaBackend, OnCuda};
use jobwise_cuda_fake::{Driver, install};
use sums::{Slip, Sums, devices};

fn driver() -> &'static Driver {
    install("")
}

/// Runs all items into `rows`, and says how it went.
fn run(
    kernel: &OnCuda<Sums>,
    backend: &CudaBackend,
    on_error: OnError,
    rows: &mut Memory<f64>,
) -> Result<Report, Error> {
    let engine = Engine::new(backend).block(5).on_error(on_error);
    engine.checkpoint(Duration::ZERO).write(kernel, rows)
}

/// The rows are those of all items but `without`, bit by bit.
fn assert_right(rows: &Memory<f64>, len: usize, without: &[usize]) {
    let mut wrong = Vec::new();
    let rows: BTreeMap<usize, u64> = rows
        .rows
        .iter()
        .map(|(i, row)| (*i, row.to_bits()))
        .collect();
    for index in 0..len {
        let expected = Some(Sums::expected(index).to_bits());
        let expected = expected.filter(|_| !without.contains(&index));
        if rows.get(&index).copied() != expected {
            wrong.push(index);
        }
    }
    assert_eq!(wrong, [0; 0]);
}

#[test]
fn any_batch_lanes_devices_and_order_give_the_same_bits() {
    for order in [0, 1, 7] {
        driver().options(&format!("order={order}"));
        for (batch, lanes, count) in [(1, 1, 1), (3, 2, 1), (32, 3, 2), (32, 1, 3)] {
            let (kernel, mut rows) = (OnCuda(Sums::new(200)), Memory::new());
            let backend = devices(0..count).at_most(batch).lanes_each(lanes);
            run(&kernel, &backend, OnError::Stop, &mut rows).unwrap();
            assert_right(&rows, 200, &[]);
            assert!(kernel.0.largest() <= batch);
        }
    }
    driver().options("order=0");
}

#[test]
fn batches_fit_the_memory() {
    // Items of 4 MB on 64 MB for two lanes.
    let each = 4_000_000;
    let kernel = OnCuda(Sums {
        ballast_each: each,
        ..Sums::new(100)
    });
    let (backend, mut rows) = (devices(3..4), Memory::new());
    let [plan] = &backend.plan(&kernel.0).unwrap()[..] else {
        panic!("one device")
    };
    assert_eq!((plan.lanes, plan.batch), (2, 7));
    assert_eq!(plan.bytes, 2 * 7 * (each + 264));
    run(&kernel, &backend, OnError::Stop, &mut rows).unwrap();
    assert_right(&rows, 100, &[]);
    assert!(
        (4..=7).contains(&kernel.0.largest()),
        "{}",
        kernel.0.largest()
    );
    assert_eq!(driver().used(3), 0);
    // Ranks that share the device share its memory.
    let [plan] = &devices(3..4).shared_by(3).plan(&kernel.0).unwrap()[..] else {
        panic!("one device")
    };
    assert_eq!(plan.batch, 2);
}

#[test]
fn a_device_with_less_memory_than_it_says_takes_smaller_batches() {
    driver().options("4.promises=1000");
    let kernel = OnCuda(Sums {
        ballast_each: 3_000_000,
        ..Sums::new(100)
    });
    let (backend, mut rows) = (devices(4..5), Memory::new());
    run(&kernel, &backend, OnError::Stop, &mut rows).unwrap();
    assert_right(&rows, 100, &[]);
    assert!(
        (1..=16).contains(&kernel.0.largest()),
        "{}",
        kernel.0.largest()
    );
}

#[test]
fn an_item_that_does_not_fit_is_said() {
    let kernel = OnCuda(Sums {
        ballast: 40_000_000,
        ballast_each: 30_000_000,
        ..Sums::new(10)
    });
    let error = run(&kernel, &devices(5..6), OnError::Skip, &mut Memory::new()).unwrap_err();
    let says = error.to_string();
    assert!(matches!(error, Error::Backend(_)), "{says}");
    for part in [
        "CUDA device 5 (fake device 5)",
        "sums of squares",
        "70.0 MB on the device",
        "of 67.1 MB",
    ] {
        assert!(says.contains(part), "{part}: {says}");
    }
}

#[test]
fn any_allocation_may_fail() {
    let driver = driver();
    for fault in ["fail_alloc", "fail_pinned", "refuse_launch"] {
        for nth in 1..8 {
            let (kernel, mut rows) = (OnCuda(Sums::new(100)), Memory::new());
            let backend = devices(6..7);
            driver.forget(6);
            driver.options(&format!("6.{fault}={nth}"));
            run(&kernel, &backend, OnError::Stop, &mut rows)
                .unwrap_or_else(|error| panic!("{fault}={nth}: {error}"));
            assert_right(&rows, 100, &[]);
            driver.options(&format!("6.{fault}=-1"));
        }
    }
    drop(devices(6..7));
    assert_eq!(driver.used(6), 0);
}

#[test]
fn a_broken_device_ends_the_run_and_costs_nothing_that_is_done() {
    let driver = driver();
    // The other device leaves it enough to do.
    driver.options("7.slow=20");
    for (fault, says) in [
        (
            "fail_launch",
            "an illegal memory access was encountered (CUDA_ERROR_ILLEGAL_ADDRESS)",
        ),
        ("lose", "unknown error (CUDA_ERROR_UNKNOWN)"),
    ] {
        for on_error in [OnError::Stop, OnError::Skip] {
            for nth in [1, 2, 7] {
                let (kernel, mut rows) = (OnCuda(Sums::new(200)), Memory::new());
                let backend = devices(7..9).at_most(8);
                (7..9).for_each(|device| driver.forget(device));
                driver.options(&format!("8.{fault}={nth}"));
                let error = run(&kernel, &backend, on_error, &mut rows).unwrap_err();
                driver.options(&format!("8.{fault}=-1"));
                let told = error.to_string();
                assert!(matches!(error, Error::Backend(_)), "{told}");
                for part in [
                    "CUDA device 8 (fake device 8) failed in sums of squares, items ",
                    says,
                ] {
                    assert!(told.contains(part), "{part}: {told}");
                }
                let done = rows.complete.len();
                assert!(done < 200, "{fault}={nth}: {done}");
                drop(backend);
                // Resumed on a device that is well, it has the same bits; nothing is done twice.
                let report = run(&kernel, &devices(7..8), on_error, &mut rows).unwrap();
                assert_eq!(report.done + done, 200);
                assert_right(&rows, 200, &[]);
            }
        }
    }
}

#[test]
fn a_launch_that_does_not_end_is_given_up() {
    let driver = driver();
    let (kernel, mut rows) = (OnCuda(Sums::new(100)), Memory::new());
    let backend = devices(9..11)
        .at_most(8)
        .time_limit(Duration::from_millis(300));
    driver.options("10.hang=3");
    let begun = Instant::now();
    let error = run(&kernel, &backend, OnError::Skip, &mut rows)
        .unwrap_err()
        .to_string();
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "{:?}",
        begun.elapsed()
    );
    for part in [
        "CUDA device 10",
        "sums of squares",
        "did not end within 0.3 s",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }
    // The device is given up, and not waited for.
    drop(backend);
    driver.reset(10);
    run(&kernel, &devices(9..10), OnError::Stop, &mut rows).unwrap();
    assert_right(&rows, 100, &[]);
}

#[test]
fn what_an_author_does_wrong_costs_one_item() {
    for slip in Slip::ALL {
        let slips = [0, 17, 18, 99];
        let kernel = OnCuda(Sums {
            slips: slips.iter().map(|&index| (index, slip)).collect(),
            ..Sums::new(100)
        });
        let mut rows = Memory::new();
        let report = run(&kernel, &devices(11..12), OnError::Skip, &mut rows).unwrap();
        let failed: Vec<usize> = report.failed.iter().map(|failure| failure.index).collect();
        assert_eq!(failed, slips, "{slip:?}");
        assert_right(&rows, 100, &slips);
        let is_panic = format!("{slip:?}").contains("Panic");
        for failure in &report.failed {
            assert!(failure.cause.contains("a slip"), "{slip:?}");
            assert_eq!(failure.cause.contains("panicked"), is_panic, "{slip:?}");
        }
        let stopped = run(&kernel, &devices(11..12), OnError::Stop, &mut Memory::new());
        assert!(
            matches!(stopped, Err(Error::Item { .. })),
            "{slip:?}: {stopped:?}"
        );
    }
}

#[test]
fn lanes_of_all_devices_work_side_by_side() {
    run(
        &OnCuda(Sums::new(1)),
        &devices(12..13),
        OnError::Stop,
        &mut Memory::new(),
    )
    .unwrap();
    // 24 batches of 100 ms, on six lanes.
    driver().options("12.slow=100,13.slow=100,14.slow=100");
    let (kernel, mut rows) = (OnCuda(Sums::new(96)), Memory::new());
    let backend = devices(12..15).at_most(4);
    assert_eq!(backend.lanes(), 6);
    let begun = Instant::now();
    run(&kernel, &backend, OnError::Stop, &mut rows).unwrap();
    assert_right(&rows, 96, &[]);
    let (took, alone) = (begun.elapsed(), Duration::from_millis(2400));
    assert!(took < alone / 2, "{took:?}");
    for device in 12..15 {
        assert!(driver().launches(device) >= 4, "device {device}");
    }
}
