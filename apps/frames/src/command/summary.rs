//! Values in a line.

use jobwise_frames::archive::Text;
use jobwise_frames::object::{
    FlatSkyMap, FlatValues, HealpixSkyMap, HealpixValues, SuperTimestream, Time, Timestream,
    TimestreamMap, Value,
};

/// So many of many are shown.
const SHOWN: usize = 4;

/// What an object holds, in a line: scalars in full, of all else how much there is.
pub(super) fn summary(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Double(value) => format!("{value:?}"),
        Value::String(value) => format!("{value:?}"),
        Value::Time(value) => time(*value),
        Value::Quat(value) => list(value.parts().iter()),
        Value::VectorDouble(values) => list(values.iter()),
        Value::VectorInt(values) => list(values.iter()),
        Value::VectorUnsignedChar(values) => list(values.iter()),
        Value::VectorBool(values) => list(values.iter()),
        Value::VectorString(values) => list(values.iter()),
        Value::VectorTime(values) => list(values.iter().map(|value| time(*value))),
        Value::VectorComplexDouble(values) => count(values.len(), "complex numbers"),
        Value::VectorQuat(values) => count(values.len(), "quaternions"),
        Value::VectorVectorString(values) => count(values.len(), "lists of texts"),
        Value::VectorFrameObject(objects) => count(objects.len(), "objects"),
        Value::MapDouble(map) => pairs(map.len(), map.iter()),
        Value::MapInt(map) => pairs(map.len(), map.iter()),
        Value::MapString(map) => pairs(map.len(), map.iter()),
        Value::Timestream(stream) => timestream(stream),
        Value::TimestreamMap(map) => timestreams(map),
        Value::SuperTimestream(array) => channels(array),
        Value::TimestreamQuat(stream) => {
            let (start, stop) = (time(stream.start), time(stream.stop));
            let quats = stream.quats.len();
            format!("{quats} quaternions, {start} to {stop}")
        }
        Value::TimesampleMap(map) => {
            let times = map.times.len();
            format!("{times} times of {}", names(map.columns.names()))
        }
        Value::PipelineInfo(info) => {
            let modules = info.modules.iter().map(|module| &module.module);
            format!("{} modules: {}", modules.len(), list(modules))
        }
        Value::FlatSkyMap(map) => flat(map),
        Value::HealpixSkyMap(map) => healpix(map),
        Value::SkyMapWeights(weights) => {
            let parts = weights.parts();
            let maps = parts.iter().filter(|(_, map)| map.is_some());
            let maps: Vec<&str> = maps.map(|(name, _)| *name).collect();
            maps.join(", ")
        }
        Value::SkyMapMask(mask) => {
            let set = mask.iter().filter(|value| *value).count();
            format!("{set} of {} pixels", mask.len())
        }
        other => rest(other),
    }
}

/// Maps, of which the names are shown, and what is left.
fn rest(value: &Value) -> String {
    match value {
        Value::MapTime(map) => names(map.names()),
        Value::MapQuat(map) => names(map.names()),
        Value::MapVectorDouble(map) => names(map.names()),
        Value::MapVectorInt(map) => names(map.names()),
        Value::MapVectorBool(map) => names(map.names()),
        Value::MapVectorString(map) => names(map.names()),
        Value::MapVectorComplexDouble(map) => names(map.names()),
        Value::MapVectorTime(map) => names(map.names()),
        Value::MapVectorQuat(map) => names(map.names()),
        Value::MapVectorVectorString(map) => names(map.names()),
        Value::MapMapDouble(map) => names(map.names()),
        Value::MapFrameObject(map) => names(map.names()),
        Value::BolometerPropertiesMap(map) => names(map.names()),
        Value::WiringMap(map) => names(map.names()),
        other => format!("{other:?}"),
    }
}

fn time(time: Time) -> String {
    let nanoseconds = i128::from(time.0) * 10;
    match jiff::Timestamp::from_nanosecond(nanoseconds) {
        Ok(instant) => instant.to_string(),
        Err(_) => format!("{} x 10 ns", time.0),
    }
}

fn count(count: usize, what: &str) -> String {
    format!("{count} {what}")
}

fn list(values: impl ExactSizeIterator<Item = impl std::fmt::Debug>) -> String {
    let length = values.len();
    let shown: Vec<String> = values
        .take(SHOWN)
        .map(|value| format!("{value:?}"))
        .collect();
    let rest = if length > SHOWN {
        format!(", .. ({length})")
    } else {
        String::new()
    };
    format!("[{}{rest}]", shown.join(", "))
}

fn pairs<'a>(
    length: usize,
    entries: impl Iterator<Item = (&'a Text, impl std::fmt::Debug)>,
) -> String {
    let shown: Vec<String> = entries
        .take(SHOWN)
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    let rest = if length > SHOWN {
        format!(", .. ({length})")
    } else {
        String::new()
    };
    format!("{{{}{rest}}}", shown.join(", "))
}

fn names<'a>(names: impl ExactSizeIterator<Item = &'a Text>) -> String {
    let length = names.len();
    let shown: Vec<String> = names.take(SHOWN).map(ToString::to_string).collect();
    let rest = if length > SHOWN { ", .." } else { "" };
    let entries = if length == 1 { "entry" } else { "entries" };
    format!("{length} {entries}: {}{rest}", shown.join(", "))
}

fn timestream(stream: &Timestream) -> String {
    let (length, units) = (stream.len(), stream.units);
    let kind = stream.samples.type_name();
    let (start, stop) = (time(stream.start), time(stream.stop));
    let flac = match stream.compression {
        Some(own) => format!(", FLAC {} of {} bits", own.level, own.depth),
        None => String::new(),
    };
    format!("{length} {kind}, units {units}, {start} to {stop}{flac}")
}

fn timestreams(map: &TimestreamMap) -> String {
    let first = map.iter().next().map(|(_, stream)| timestream(stream));
    let first = first.map(|text| format!("; {text}")).unwrap_or_default();
    format!("{}{first}", names(map.names()))
}

fn channels(array: &SuperTimestream) -> String {
    let times = array.times.len();
    let kind = array.samples.type_name();
    format!("{} of {times} {kind}", names(array.names.iter()))
}

fn flat(map: &FlatSkyMap) -> String {
    let projection = &map.projection;
    let (x, y, kind) = (projection.x_len, projection.y_len, projection.projection);
    let (what, units) = (map.header.pol_type, map.header.units);
    let form = match map.values {
        FlatValues::Empty => "empty",
        FlatValues::Sparse(_) => "sparse",
        FlatValues::Dense(_) => "dense",
    };
    format!("{x} x {y} pixels of {kind}, {what}, units {units}, {form}")
}

fn healpix(map: &HealpixSkyMap) -> String {
    let order = if map.is_nested { "nested" } else { "ring" };
    let (nside, what, units) = (map.nside, map.header.pol_type, map.header.units);
    let form = match map.values {
        HealpixValues::Empty => "empty",
        HealpixValues::Indexed(_) | HealpixValues::Rings(_) => "sparse",
        HealpixValues::Dense(_) => "dense",
    };
    format!("nside {nside}, {order} order, {what}, units {units}, {form}")
}
