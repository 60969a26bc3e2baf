use bytemuck::Pod;
use ndarray::{ArrayD, IxDyn, SliceInfoElem};
use serde_json::Value;

use super::{locks, text, together};
use crate::{Patch, SharedArray};
use jobwise_core::Cluster;
use jobwise_core::conformance::{Verdict, ensure};

/// A file of the reference set `shm`, if the set is there.
///
/// # Panics
/// When the file is no JSON; when it is absent where everything must be there.
pub fn reference(name: &str) -> Option<Vec<Value>> {
    let path = jobwise_testing::reference(&format!("shm/{name}"))?;
    let file = std::fs::read(path).expect("reference data can be read");
    Some(serde_json::from_slice(&file).expect("reference data are JSON"))
}

/// What a scenario is run by, with what must come out.
type Scenario = fn(&dyn Cluster, &Value, &Value) -> Verdict;

/// Runs every scenario that needs no more ranks than there are, on groups of as many. Collective.
pub fn check_reference(cluster: &dyn Cluster, mut judged: impl FnMut(&str, &Verdict)) -> bool {
    let mut kept = true;
    let kinds = [("shm", arrays as Scenario), ("lock", locks)];
    for (kind, run) in kinds {
        let scenarios = reference(&format!("{kind}_scenarios.json"));
        let results = reference(&format!("{kind}_results.json"));
        for (scenario, result) in scenarios.iter().flatten().zip(results.iter().flatten()) {
            let ranks = scenario["ranks"].as_u64().unwrap_or(0) as usize;
            if ranks == 0 || ranks > cluster.size() {
                continue;
            }
            let verdict = in_groups(cluster, ranks, |group| run(group, scenario, result));
            judged(scenario["name"].as_str().unwrap_or(kind), &verdict);
            kept &= verdict.is_ok();
        }
    }
    kept
}

/// In all groups of `ranks` ranks; there may be ranks left over.
fn in_groups(
    cluster: &dyn Cluster,
    ranks: usize,
    run: impl Fn(&dyn Cluster) -> Verdict,
) -> Verdict {
    let rank = cluster.rank();
    let group = cluster.split(rank / ranks, rank).map_err(text)?;
    let mine = if group.size() == ranks {
        run(&*group)
    } else {
        Ok(())
    };
    together(cluster, mine)
}

/// Does what one of the arrays' scenarios says, on as many ranks, and compares the bytes after each
/// step. Collective.
///
/// # Errors
/// On every rank, when it goes otherwise than in `result`.
pub fn arrays(cluster: &dyn Cluster, scenario: &Value, result: &Value) -> Verdict {
    let mine = match scenario["dtype"].as_str().unwrap_or_default() {
        "|b1" => run(cluster, scenario, result, |v| u8::from(v % 3 == 0)),
        "|i1" => run(cluster, scenario, result, |v| (v % 120) as i8),
        "|u1" => run(cluster, scenario, result, |v| (v % 120) as u8),
        "<i2" => run(cluster, scenario, result, |v| (v % 120) as i16),
        "<u2" => run(cluster, scenario, result, |v| (v % 120) as u16),
        "<i4" => run(cluster, scenario, result, |v| (v % 120) as i32),
        "<u4" => run(cluster, scenario, result, |v| (v % 120) as u32),
        "<i8" => run(cluster, scenario, result, |v| v % 120),
        "<u8" => run(cluster, scenario, result, |v| (v % 120) as u64),
        "<f4" => run(cluster, scenario, result, |v| v as f32 / 8.0),
        "<f8" => run(cluster, scenario, result, |v| v as f64 / 8.0),
        "<c8" => run(cluster, scenario, result, |v| {
            [v as f32, (2 * v + 1) as f32]
        }),
        "<c16" => run(cluster, scenario, result, |v| {
            [v as f64, (2 * v + 1) as f64]
        }),
        other => Err(format!("elements {other}")),
    };
    together(
        cluster,
        mine.map_err(|why| format!("{}: {why}", scenario["name"])),
    )
}

fn run<T: Pod>(
    cluster: &dyn Cluster,
    scenario: &Value,
    result: &Value,
    value: fn(i64) -> T,
) -> Verdict {
    let mut array = SharedArray::<T>::new(cluster, &numbers(&scenario["shape"])?).map_err(text)?;
    let zero = bytemuck::cast_slice::<T, u8>(array.as_slice())
        .iter()
        .all(|byte| *byte == 0);
    ensure(Some(zero) == result["zero_init"].as_bool(), || {
        "not all zero at first".into()
    })?;
    let checks = result["crc32_after_each_op"].as_array().ok_or("no sums")?;
    let steps = scenario["ops"].as_array().ok_or("no steps")?;
    ensure(checks.len() == steps.len(), || {
        "as many sums as steps".into()
    })?;
    for (step, check) in steps.iter().zip(checks) {
        let from = step["fromrank"].as_u64().ok_or("no rank")? as usize;
        let mine = cluster.rank() == from;
        let count = numbers(&step["count"])?;
        let (start, stride) = step["start"]
            .as_i64()
            .zip(step["step"].as_i64())
            .ok_or("no data")?;
        let data = (0..count.iter().product::<usize>() as i64).map(|i| value(start + stride * i));
        let data = ArrayD::from_shape_vec(IxDyn(&count), data.collect()).map_err(text)?;
        let offset = Some(&step["offset"])
            .filter(|offset| !offset.is_null())
            .map(numbers)
            .transpose()?;
        if step["op"] == "set" {
            let patch = match &offset {
                Some(offset) => Patch::with_offset(offset, data.view()),
                None => Patch::new(data.view()),
            };
            array.set(from, mine.then_some(patch)).map_err(text)?;
        } else {
            let offset = offset.unwrap_or(vec![0; count.len()]);
            let slices: Vec<SliceInfoElem> = offset
                .iter()
                .zip(&count)
                .map(|(first, count)| (*first..first + count).into())
                .collect();
            array
                .assign(&slices, mine.then_some(data.view()))
                .map_err(text)?;
        }
        let sum = crc32(bytemuck::cast_slice(array.as_slice()));
        ensure(check.as_u64() == Some(sum.into()), || {
            format!("after {step}: sum {sum}, not {check}")
        })?;
    }
    Ok(())
}

fn numbers(list: &Value) -> Result<Vec<usize>, String> {
    let list = list.as_array().ok_or("no list")?;
    let number = |n: &Value| {
        n.as_u64()
            .map(|n| n as usize)
            .ok_or(format!("{n} is no index"))
    };
    list.iter().map(number).collect()
}

/// As in zlib.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum: u32, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xedb8_8320 * (sum & 1))
        })
    })
}
