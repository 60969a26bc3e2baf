use std::cell::Cell;

use super::maps_of_sky;
use super::parts::Part;
use super::text::Json;
use crate::archive::Text;
use crate::object::{
    Class, Error, Map, ModuleArg, ModuleConfig, Object, PipelineInfo, Samples, SuperTimestream,
    TimesampleMap, Timestream, TimestreamMap, TimestreamQuat, Value, store_bits,
};

/// Within what an object stands.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    /// The object whose archive it is in.
    archive: &'a Object,
    /// How many bytes of archives within archives may still be shown. Archives that are shared in
    /// archives that are shared would have no end.
    budget: &'a Cell<usize>,
}

impl Scope<'_> {
    fn version(&self, class: &str, newest: u32) -> u32 {
        self.archive.version_of(class).unwrap_or(newest)
    }

    /// The version of the base of maps of the sky.
    pub(super) fn map_version(&self) -> u32 {
        self.version("G3SkyMap", 3)
    }
}

/// The value of an object of a frame, or why there is none.
pub(super) fn write_object(object: &Object, out: &mut Json) {
    let length = object.stored().map_or(0, bytes::Bytes::len);
    let budget = Cell::new(length.saturating_mul(64).saturating_add(1 << 20));
    let scope = Scope {
        archive: object,
        budget: &budget,
    };
    match object.value() {
        Ok(value) => {
            out.name("decoded");
            node(value, scope, out);
        }
        Err(error) => failure(&error, out),
    }
    if let Ok(trailing @ 1..) = object.trailing() {
        out.name("trailing").plain(trailing);
    }
}

fn failure(error: &Error, out: &mut Json) {
    match error {
        Error::Unknown(class) => out.name("unknown_class").text(&format!("'{class}'")),
        other => out.name("error").text(&other.to_string()),
    }
}

/// An object within another one.
pub(super) fn inner(object: &Object, scope: Scope<'_>, out: &mut Json) {
    let mut scope = scope;
    if let Some(blob) = object.stored() {
        let Some(left) = scope.budget.get().checked_sub(blob.len()) else {
            out.object(|out| {
                let problem = "objects are shared too often to be shown";
                out.name("error").text(problem);
            });
            return;
        };
        scope.budget.set(left);
        scope.archive = object;
    }
    match object.value() {
        Ok(value) => node(value, scope, out),
        Err(error) => out.object(|out| {
            if let Ok(class) = object.class() {
                out.name("class").text(&class);
            }
            failure(&error, out);
        }),
    }
}

fn heading(value: &Value, scope: Scope<'_>, out: &mut Json) {
    let class = value.class();
    named(class, scope.version(class, value.newest_version()), out);
}

fn named(class: &str, version: u32, out: &mut Json) {
    out.name("class").text(class);
    out.name("v").plain(version);
}

fn node(value: &Value, scope: Scope<'_>, out: &mut Json) {
    out.object(|out| {
        heading(value, scope, out);
        body(value, scope, out);
    });
}

fn body(value: &Value, scope: Scope<'_>, out: &mut Json) {
    match value {
        Value::Bool(value) => value.write(out.name("value")),
        Value::Int(value) => value.write(out.name("value")),
        Value::Double(value) => value.write(out.name("value")),
        Value::String(value) => value.write(out.name("value")),
        Value::Time(value) => value.write(out.name("value")),
        Value::Quat(value) => value.write(out.name("value")),
        Value::VectorDouble(value) => value.write(out.name("value")),
        Value::VectorUnsignedChar(value) => value.write(out.name("value")),
        Value::VectorBool(value) => value.write(out.name("value")),
        Value::VectorString(value) => value.write(out.name("value")),
        Value::VectorComplexDouble(value) => value.write(out.name("value")),
        Value::VectorTime(value) => value.write(out.name("value")),
        Value::VectorQuat(value) => value.write(out.name("value")),
        Value::VectorVectorString(value) => value.write(out.name("value")),
        Value::MapDouble(value) => value.write(out.name("value")),
        Value::MapString(value) => value.write(out.name("value")),
        Value::MapTime(value) => value.write(out.name("value")),
        Value::MapQuat(value) => value.write(out.name("value")),
        Value::MapVectorDouble(value) => value.write(out.name("value")),
        Value::MapVectorBool(value) => value.write(out.name("value")),
        Value::MapVectorString(value) => value.write(out.name("value")),
        Value::MapVectorComplexDouble(value) => value.write(out.name("value")),
        Value::MapVectorTime(value) => value.write(out.name("value")),
        Value::MapVectorQuat(value) => value.write(out.name("value")),
        Value::MapVectorVectorString(value) => value.write(out.name("value")),
        Value::MapMapDouble(value) => value.write(out.name("value")),
        Value::BolometerProperties(value) => value.write(out.name("value")),
        Value::BolometerPropertiesMap(value) => value.write(out.name("value")),
        Value::ChannelMapping(value) => value.write(out.name("value")),
        Value::WiringMap(value) => value.write(out.name("value")),
        Value::VectorInt(value) => {
            let bits = bits(value, Vec::<i64>::NAME, scope);
            out.name("store_bits").plain(bits);
            value.write(out.name("value"));
        }
        Value::MapInt(value) => {
            let bits = bits(value.values(), Map::<i64>::NAME, scope);
            out.name("store_bits").plain(bits);
            value.write(out.name("value"));
        }
        Value::MapVectorInt(value) => integers(value, scope, out.name("value")),
        Value::VectorFrameObject(value) => out.name("value").list(|out| {
            for object in value {
                inner(object, scope, out);
            }
        }),
        Value::MapFrameObject(value) => objects(value.iter(), scope, out.name("value")),
        Value::TimesampleMap(value) => columns(value, scope, out),
        Value::Timestream(value) => timestream(value, out),
        Value::TimestreamMap(value) => timestreams(value, scope, out),
        Value::TimestreamQuat(value) => quats(value, out),
        Value::SuperTimestream(value) => channels(value, out),
        Value::ModuleArg(value) => argument(value, scope, out),
        Value::ModuleConfig(value) => module(value, scope, out),
        Value::PipelineInfo(value) => pipeline(value, scope, out),
        Value::FlatSkyMap(value) => maps_of_sky::flat(value, scope, out.name("value")),
        Value::HealpixSkyMap(value) => maps_of_sky::healpix(value, scope, out.name("value")),
        Value::FlatSkyProjection(value) => maps_of_sky::projection(value, out.name("value")),
        Value::SkyMapWeights(value) => maps_of_sky::weights(value, scope, out.name("value")),
        Value::SkyMapMask(value) => maps_of_sky::mask(value, scope, out),
    }
}

/// How wide integers are: version 1 has 32 bits.
fn bits<'a>(numbers: impl IntoIterator<Item = &'a i64>, class: &str, scope: Scope<'_>) -> u32 {
    if scope.version(class, 2) < 2 {
        32
    } else {
        store_bits(numbers)
    }
}

fn integers(map: &Map<Vec<i64>>, scope: Scope<'_>, out: &mut Json) {
    out.list(|out| {
        for (name, numbers) in map.iter() {
            out.list(|out| {
                name.write(out);
                numbers.write(out);
                out.plain(bits(numbers, Map::<Vec<i64>>::NAME, scope));
            });
        }
    });
}

fn objects<'a>(
    entries: impl Iterator<Item = (&'a Text, &'a Object)>,
    scope: Scope<'_>,
    out: &mut Json,
) {
    out.list(|out| {
        for (name, object) in entries {
            out.list(|out| {
                name.write(out);
                inner(object, scope, out);
            });
        }
    });
}

fn columns(map: &TimesampleMap, scope: Scope<'_>, out: &mut Json) {
    map.times.write(out.name("times"));
    objects(map.columns.iter(), scope, out.name("value"));
}

fn samples(samples: &Samples, out: &mut Json) {
    match samples {
        Samples::F64(samples) => samples.write(out),
        Samples::F32(samples) => samples.write(out),
        Samples::I32(samples) => samples.write(out),
        Samples::I64(samples) => samples.write(out),
    }
}

fn timestream(timestream: &Timestream, out: &mut Json) {
    out.name("units").plain(timestream.units.0);
    timestream.start.write(out.name("start"));
    timestream.stop.write(out.name("stop"));
    let compression = timestream.compression;
    out.name("flac")
        .plain(compression.map_or(0, |own| own.level));
    if let Some(compression) = compression {
        out.name("depth").plain(compression.depth);
    }
    out.name("dtype").text(timestream.samples.type_name());
    if compression.is_some() {
        out.name("nanflag").plain(invalid(&timestream.samples));
        let length = timestream.compressed_length().unwrap_or(0);
        out.name("flac_bytes").plain(length);
    }
    samples(&timestream.samples, out.name("value"));
}

/// Which samples are not valid: 0 none, 1 all, 2 some.
fn invalid(samples: &Samples) -> u8 {
    let invalid = match samples {
        Samples::F64(samples) => samples.iter().filter(|sample| sample.is_nan()).count(),
        Samples::F32(samples) => samples.iter().filter(|sample| sample.is_nan()).count(),
        Samples::I32(_) | Samples::I64(_) => 0,
    };
    match invalid {
        0 => 0,
        all if all == samples.len() => 1,
        _ => 2,
    }
}

fn timestreams(map: &TimestreamMap, scope: Scope<'_>, out: &mut Json) {
    objects(map.objects(), scope, out.name("value"));
}

fn quats(stream: &TimestreamQuat, out: &mut Json) {
    stream.start.write(out.name("start"));
    stream.stop.write(out.name("stop"));
    stream.quats.write(out.name("value"));
}

fn channels(array: &SuperTimestream, out: &mut Json) {
    let storage = &array.storage;
    array.times.write(out.name("times"));
    out.name("dtype").text(array.samples.type_name());
    storage.channel_algorithms.write(out.name("algos"));
    out.name("flac_level").plain(storage.flac_level);
    out.name("bz2_work_factor").plain(storage.bzip2_work_factor);
    out.name("times_algo").plain(storage.times_algorithm);
    out.name("data_algo").plain(storage.data_algorithm);
    if storage.data_algorithm != 0 {
        storage.quanta.write(out.name("quanta"));
    }
    out.name("value").list(|out| {
        for (index, name) in array.names.iter().enumerate() {
            let len = array.times.len();
            let row = index * len..(index + 1) * len;
            out.list(|out| {
                name.write(out);
                match &array.samples {
                    Samples::F64(samples) => samples[row].write(out),
                    Samples::F32(samples) => samples[row].write(out),
                    Samples::I32(samples) => samples[row].write(out),
                    Samples::I64(samples) => samples[row].write(out),
                }
            });
        }
    });
}

fn argument(argument: &ModuleArg, scope: Scope<'_>, out: &mut Json) {
    match &argument.object {
        Some(object) => inner(object, scope, out.name("obj")),
        None => out.name("obj").null(),
    }
    argument.text.write(out.name("value"));
}

fn module(module: &ModuleConfig, scope: Scope<'_>, out: &mut Json) {
    module.module.write(out.name("modname"));
    module.instance.write(out.name("instancename"));
    out.name("value").list(|out| {
        for (name, value) in module.arguments.iter() {
            out.list(|out| {
                name.write(out);
                out.object(|out| {
                    named(ModuleArg::NAME, scope.version(ModuleArg::NAME, 1), out);
                    argument(value, scope, out);
                });
            });
        }
    });
}

fn pipeline(info: &PipelineInfo, scope: Scope<'_>, out: &mut Json) {
    info.vcs_url.write(out.name("vcs_url"));
    info.vcs_branch.write(out.name("vcs_branch"));
    info.vcs_revision.write(out.name("vcs_revision"));
    out.name("vcs_localdiffs").plain(info.has_local_changes);
    info.version_name.write(out.name("vcs_versionname"));
    info.git_hash.write(out.name("vcs_githash"));
    info.host.write(out.name("hostname"));
    info.user.write(out.name("user"));
    if scope.version(PipelineInfo::NAME, 2) >= 2 {
        info.full_version.write(out.name("vcs_fullversion"));
    }
    out.name("value").list(|out| {
        for own in &info.modules {
            out.object(|out| {
                named(
                    ModuleConfig::NAME,
                    scope.version(ModuleConfig::NAME, 2),
                    out,
                );
                module(own, scope, out);
            });
        }
    });
}
