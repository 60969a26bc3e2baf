use super::decoder::Decoder;
use super::encoder::Encoder;
use super::layout::{Layout, Written};
use super::{
    BolometerProperties, ChannelMapping, Complex, FlatSkyMap, FlatSkyProjection, HealpixSkyMap,
    Map, ModuleArg, ModuleConfig, Object, PipelineInfo, Quat, SkyMapMask, SkyMapWeights,
    SuperTimestream, Time, TimesampleMap, Timestream, TimestreamMap, TimestreamQuat,
};
use crate::archive::{Result, Text};

/// A Rust type that is the value of a class of objects.
pub trait Class: Sized {
    /// The name of the class.
    const NAME: &'static str;

    /// The value as one of this class, if it is.
    fn of(value: &Value) -> Option<&Self>;
}

// What stands in front of its block is the beginning of the name of a class, and the case is the
// rest.
macro_rules! classes {
    ($($prefix:literal { $($case:ident($type:ty),)* })*) => {
        /// The value of an object: a case for each class that is known. The type in it determines
        /// the class, so each converts into a value.
        // Each lies behind a pointer of its object's.
        #[allow(clippy::large_enum_variant)]
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Value {
            $($(
                #[doc = concat!("`", $prefix, stringify!($case), "`.")]
                $case($type),
            )*)*
        }

        impl Value {
            /// The names of all classes that are known.
            pub const CLASSES: &[&str] = &[$($(<$type as Class>::NAME,)*)*];

            /// The name of its class.
            pub fn class(&self) -> &'static str {
                match self {
                    $($(Value::$case(_) => <$type as Class>::NAME,)*)*
                }
            }

            /// An object of the class of that name, with its version; `None` when there is none.
            pub(super) fn read(class: &[u8], from: &mut Decoder<'_>) -> Result<Option<Value>> {
                match class {
                    $($(name if name == <$type as Class>::NAME.as_bytes() => {
                        from.object().map(|object| Some(Value::$case(object)))
                    })*)*
                    _ => Ok(None),
                }
            }

            /// The object with the version of its class.
            pub(super) fn write(&self, to: &mut Encoder) -> Written {
                match self {
                    $($(Value::$case(object) => to.object(object),)*)*
                }
            }

            /// The version of its class that is written.
            pub fn newest_version(&self) -> u32 {
                match self {
                    $($(Value::$case(_) => <$type as Layout>::NEWEST,)*)*
                }
            }
        }

        $($(
            impl Class for $type {
                const NAME: &'static str = concat!($prefix, stringify!($case));

                fn of(value: &Value) -> Option<&Self> {
                    match value {
                        Value::$case(value) => Some(value),
                        _ => None,
                    }
                }
            }

            impl From<$type> for Value {
                fn from(value: $type) -> Value {
                    Value::$case(value)
                }
            }
        )*)*
    };
}

classes! {
    "G3" {
        Bool(bool),
        Int(i64),
        Double(f64),
        String(Text),
        Time(Time),
        Quat(Quat),
        VectorDouble(Vec<f64>),
        VectorUnsignedChar(Vec<u8>),
        VectorBool(Vec<bool>),
        VectorInt(Vec<i64>),
        VectorString(Vec<Text>),
        VectorComplexDouble(Vec<Complex>),
        VectorTime(Vec<Time>),
        VectorQuat(Vec<Quat>),
        VectorVectorString(Vec<Vec<Text>>),
        VectorFrameObject(Vec<Object>),
        MapDouble(Map<f64>),
        MapInt(Map<i64>),
        MapString(Map<Text>),
        MapTime(Map<Time>),
        MapQuat(Map<Quat>),
        MapVectorDouble(Map<Vec<f64>>),
        MapVectorInt(Map<Vec<i64>>),
        MapVectorBool(Map<Vec<bool>>),
        MapVectorString(Map<Vec<Text>>),
        MapVectorComplexDouble(Map<Vec<Complex>>),
        MapVectorTime(Map<Vec<Time>>),
        MapVectorQuat(Map<Vec<Quat>>),
        MapVectorVectorString(Map<Vec<Vec<Text>>>),
        MapMapDouble(Map<Map<f64>>),
        MapFrameObject(Map<Object>),
        TimesampleMap(TimesampleMap),
        Timestream(Timestream),
        TimestreamMap(TimestreamMap),
        TimestreamQuat(TimestreamQuat),
        ModuleArg(ModuleArg),
        ModuleConfig(ModuleConfig),
        PipelineInfo(PipelineInfo),
        SkyMapWeights(SkyMapWeights),
        SkyMapMask(SkyMapMask),
        SuperTimestream(SuperTimestream),
    }
    "DfMux" {
        ChannelMapping(ChannelMapping),
        WiringMap(Map<ChannelMapping>),
    }
    "" {
        BolometerProperties(BolometerProperties),
        BolometerPropertiesMap(Map<BolometerProperties>),
        FlatSkyMap(FlatSkyMap),
        HealpixSkyMap(HealpixSkyMap),
        FlatSkyProjection(FlatSkyProjection),
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::String(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::String(text.into())
    }
}
