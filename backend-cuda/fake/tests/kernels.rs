//! What the fake device does with kernels that are right, and what it says of those that are not.

use jobwise_cuda_fake::{Argument, Compiled, Outcome, Run};

const SOURCE: &str = include_str!("kernels.cu");
const THREADS: u32 = 128;
const NONE: [String; 0] = [];

fn options(more: &[&str]) -> Vec<String> {
    let threads = format!("-DTHREADS={THREADS}");
    more.iter()
        .map(|&o| o.to_owned())
        .chain([threads])
        .collect()
}

fn compiled(more: &[&str], is_watched: bool) -> Compiled {
    Compiled::new(SOURCE, &options(more), is_watched).unwrap_or_else(|log| panic!("{log}"))
}

fn floats(buffer: &[u8]) -> Vec<f32> {
    let (numbers, _) = buffer.as_chunks();
    numbers
        .iter()
        .map(|&bytes| f32::from_le_bytes(bytes))
        .collect()
}

fn zeros(count: usize) -> Argument {
    Argument::Buffer(vec![0; 4 * count])
}

/// Three blocks, of which the last is not full.
fn reverse_and_sum(compiled: &Compiled, order: u64) -> Outcome {
    let count = 3 * THREADS as usize - 5;
    let input = (0..count).flat_map(|i| [(i % 17) as f32, i as f32]);
    Run::new(
        compiled,
        "reverse_and_sum",
        [3, 1, 1],
        [THREADS, 1, 1],
        4 * THREADS,
    )
    .order(order)
    .arg(Argument::buffer(input.map(f32::to_le_bytes)))
    .arg(zeros(2 * count))
    .arg(zeros(3))
    .arg(Argument::value((count as i32).to_le_bytes()))
    .run()
    .unwrap()
}

fn sums() -> Vec<f32> {
    let (width, count) = (THREADS as usize, 3 * THREADS as usize - 5);
    let block = |b: usize| {
        (b * width..count.min((b + 1) * width))
            .map(|i| (i % 17) as f32)
            .sum()
    };
    (0..3).map(block).collect()
}

#[test]
fn any_order_of_threads_and_blocks_gives_the_same() {
    let compiled = compiled(&[], false);
    let first = reverse_and_sum(&compiled, 0);
    assert_eq!(first.complaint, None);
    assert_eq!(floats(&first.buffers[2]), sums());
    let out = floats(&first.buffers[1]);
    assert_eq!(out[..4], [127 % 17, -127, 126 % 17, -126].map(|x| x as f32));
    for order in 1..20 {
        assert_eq!(reverse_and_sum(&compiled, order).buffers, first.buffers);
    }
    let portable = Compiled::portable(SOURCE, &options(&[])).unwrap();
    for order in 0..4 {
        assert_eq!(reverse_and_sum(&portable, order).buffers, first.buffers);
    }
}

#[test]
fn a_missing_barrier_shows_in_an_order_and_as_a_race() {
    let without = compiled(&["-DNO_BARRIER"], false);
    let wrong = (0..8).filter(|&o| floats(&reverse_and_sum(&without, o).buffers[2]) != sums());
    assert!(wrong.count() > 0);
    assert_eq!(reverse_and_sum(&compiled(&[], true), 0).races, NONE);
    for order in [0, 1, 5] {
        let outcome = reverse_and_sum(&compiled(&["-DNO_BARRIER"], true), order);
        assert!(!outcome.races.is_empty(), "order {order}");
        assert!(
            outcome.races[0].contains("reverse_and_sum"),
            "{:?}",
            outcome.races
        );
    }
}

fn warp_sums(compiled: &Compiled, order: u64) -> Outcome {
    let input = (0..64).map(|i| (i * i % 23) as f32);
    Run::new(compiled, "warp_sums", [1; 3], [64, 1, 1], 0)
        .order(order)
        .arg(Argument::buffer(input.map(f32::to_le_bytes)))
        .arg(zeros(8))
        .run()
        .unwrap()
}

#[test]
fn threads_of_a_warp_tell_each_other() {
    let sum = |warp| {
        (32 * warp..32 * warp + 32)
            .map(|i| (i * i % 23) as f32)
            .sum::<f32>()
    };
    let expected = [0, 1]
        .map(|warp| [sum(warp), sum(warp), sum(warp), 1.0])
        .concat();
    let plain = compiled(&[], false);
    for order in 0..10 {
        let outcome = warp_sums(&plain, order);
        assert_eq!(outcome.complaint, None);
        assert_eq!(floats(&outcome.buffers[1]), expected, "order {order}");
    }
    assert_eq!(warp_sums(&compiled(&[], true), 3).races, NONE);
    // A shuffle orders no memory.
    assert!(
        !warp_sums(&compiled(&["-DNO_WARP_BARRIER"], true), 3)
            .races
            .is_empty()
    );
}

#[test]
fn blocks_are_not_ordered() {
    let compiled = compiled(&[], true);
    let run = Run::new(&compiled, "blocks_race", [4, 1, 1], [32, 1, 1], 0).arg(zeros(8));
    assert!(!run.run().unwrap().races.is_empty());
}

#[test]
fn what_a_kernel_may_not_do_is_said() {
    let compiled = compiled(&[], false);
    let complaint = |kernel, shared, argument: Option<i32>| {
        let mut run = Run::new(&compiled, kernel, [1; 3], [32, 1, 1], shared).arg(zeros(32));
        if let Some(value) = argument {
            run = run.arg(Argument::value(value.to_le_bytes()));
        }
        run.run().unwrap().complaint
    };
    for (kernel, shared, argument, says) in [
        (
            "divergent",
            0,
            None,
            "a barrier of a block that 16 of 32 threads reach",
        ),
        (
            "divergent_warp",
            0,
            None,
            "a barrier of a block that 16 of 32 threads reach",
        ),
        ("beyond_buffer", 0, Some(32), "an illegal address"),
        ("beyond_shared", 0, Some(8), "an illegal address"),
        ("beyond_dynamic", 64, Some(8), "an illegal address"),
        ("much_shared", 0, None, "bytes of shared memory"),
        (
            "fails",
            0,
            None,
            "an assertion failed: out[0] > 0.f, by thread 0 0 0 of block 0 0 0",
        ),
    ] {
        let told = complaint(kernel, shared, argument).unwrap_or_default();
        assert!(told.contains(says), "{kernel}: {told}");
    }
    for (kernel, shared, argument) in [
        ("beyond_buffer", 0, Some(31)),
        ("beyond_shared", 0, Some(7)),
        ("beyond_dynamic", 64, Some(7)),
    ] {
        assert_eq!(complaint(kernel, shared, argument), None, "{kernel}");
    }
}

#[test]
fn shared_memory_that_nobody_wrote_is_poison_in_every_block() {
    let compiled = compiled(&[], false);
    let run = Run::new(&compiled, "unwritten", [3, 1, 1], [1; 3], 0).arg(zeros(3));
    let [buffer] = &run.run().unwrap().buffers[..] else {
        panic!("one buffer")
    };
    assert_eq!(buffer[..], [0xCD; 12]);
}

#[test]
fn parameters_may_be_many_and_large() {
    let compiled = compiled(&[], false);
    let mut mixed = Vec::new();
    mixed.extend(2f64.to_le_bytes());
    mixed.extend([0f32, 3.0].map(f32::to_le_bytes).concat());
    mixed.extend([0i32, 0, 0, 0, 4].map(i32::to_le_bytes).concat());
    mixed.extend([0; 4]);
    let vector = [0f32, 0.0, 0.0, 5.0].map(f32::to_le_bytes).concat();
    let byte = Argument::value([1]);
    let int = Argument::value(6i32.to_le_bytes());
    let mut run = Run::new(&compiled, "many_parameters", [1; 3], [1; 3], 0)
        .arg(Argument::Buffer(vec![0; 8]))
        .arg(byte.clone())
        .arg(Argument::Value(mixed))
        .arg(int.clone())
        .arg(Argument::value(0.5f32.to_le_bytes()))
        .arg(byte.clone())
        .arg(Argument::Value(vector));
    for _ in 0..10 {
        run = run.arg(int.clone());
    }
    let outcome = run
        .arg(Argument::value(7i64.to_le_bytes()))
        .arg(byte)
        .run()
        .unwrap();
    let total = f64::from_le_bytes(outcome.buffers[0][..].try_into().unwrap());
    let expected = 1.0 + 2.0 + 3.0 + 4.0 + 6.0 + 0.5 + 1.0 + 5.0 + 60.0 + 7.0 + 1.0;
    assert_eq!(total.to_bits(), f64::to_bits(expected));
}

#[test]
fn a_wrong_call_is_an_error() {
    let plain = compiled(&[], false);
    let run = Run::new(&plain, "divergent", [1; 3], [32, 1, 1], 0);
    assert!(run.run().unwrap_err().contains("1 parameters"));
    let run = Run::new(&plain, "nothing", [1; 3], [32, 1, 1], 0);
    assert!(run.run().unwrap_err().contains("no kernel nothing"));
    let log = Compiled::new("extern \"C\" __global__ void bad(", &[], false).unwrap_err();
    assert!(log.contains("error"), "{log}");
    let log = Compiled::new(SOURCE, &["--use_fast_math".to_owned()], false).unwrap_err();
    assert!(log.contains("--use_fast_math"), "{log}");
}
