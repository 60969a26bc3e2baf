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

macro_rules! classes {
    ($($case:ident($type:ty) = $name:literal,)*) => {
        /// The value of an object: a case for each class that is known. The type in it determines
        /// the class, so each converts into a value.
        // Each lies behind a pointer of its object's.
        #[allow(clippy::large_enum_variant)]
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Value {
            $(
                #[doc = concat!("`", $name, "`.")]
                $case($type),
            )*
        }

        impl Value {
            /// The name of its class.
            pub fn class(&self) -> &'static str {
                match self {
                    $(Value::$case(_) => $name,)*
                }
            }

            /// An object of the class of that name, with its version; `None` when there is none.
            pub(super) fn read(class: &[u8], from: &mut Decoder<'_>) -> Result<Option<Value>> {
                match class {
                    $(name if name == $name.as_bytes() => {
                        from.object().map(|object| Some(Value::$case(object)))
                    })*
                    _ => Ok(None),
                }
            }

            /// The object with the version of its class.
            pub(super) fn write(&self, to: &mut Encoder) -> Written {
                match self {
                    $(Value::$case(object) => to.object(object),)*
                }
            }

            /// The version of its class that is written.
            pub fn newest_version(&self) -> u32 {
                match self {
                    $(Value::$case(_) => <$type as Layout>::NEWEST,)*
                }
            }
        }

        $(
            impl Class for $type {
                const NAME: &'static str = $name;

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
        )*
    };
}

classes! {
    Bool(bool) = "G3Bool",
    Int(i64) = "G3Int",
    Double(f64) = "G3Double",
    String(Text) = "G3String",
    Time(Time) = "G3Time",
    Quat(Quat) = "G3Quat",
    VectorDouble(Vec<f64>) = "G3VectorDouble",
    VectorUnsignedChar(Vec<u8>) = "G3VectorUnsignedChar",
    VectorBool(Vec<bool>) = "G3VectorBool",
    VectorInt(Vec<i64>) = "G3VectorInt",
    VectorString(Vec<Text>) = "G3VectorString",
    VectorComplexDouble(Vec<Complex>) = "G3VectorComplexDouble",
    VectorTime(Vec<Time>) = "G3VectorTime",
    VectorQuat(Vec<Quat>) = "G3VectorQuat",
    VectorVectorString(Vec<Vec<Text>>) = "G3VectorVectorString",
    VectorFrameObject(Vec<Object>) = "G3VectorFrameObject",
    MapDouble(Map<f64>) = "G3MapDouble",
    MapInt(Map<i64>) = "G3MapInt",
    MapString(Map<Text>) = "G3MapString",
    MapTime(Map<Time>) = "G3MapTime",
    MapQuat(Map<Quat>) = "G3MapQuat",
    MapVectorDouble(Map<Vec<f64>>) = "G3MapVectorDouble",
    MapVectorInt(Map<Vec<i64>>) = "G3MapVectorInt",
    MapVectorBool(Map<Vec<bool>>) = "G3MapVectorBool",
    MapVectorString(Map<Vec<Text>>) = "G3MapVectorString",
    MapVectorComplexDouble(Map<Vec<Complex>>) = "G3MapVectorComplexDouble",
    MapVectorTime(Map<Vec<Time>>) = "G3MapVectorTime",
    MapVectorQuat(Map<Vec<Quat>>) = "G3MapVectorQuat",
    MapVectorVectorString(Map<Vec<Vec<Text>>>) = "G3MapVectorVectorString",
    MapMapDouble(Map<Map<f64>>) = "G3MapMapDouble",
    MapFrameObject(Map<Object>) = "G3MapFrameObject",
    TimesampleMap(TimesampleMap) = "G3TimesampleMap",
    Timestream(Timestream) = "G3Timestream",
    TimestreamMap(TimestreamMap) = "G3TimestreamMap",
    TimestreamQuat(TimestreamQuat) = "G3TimestreamQuat",
    ModuleArg(ModuleArg) = "G3ModuleArg",
    ModuleConfig(ModuleConfig) = "G3ModuleConfig",
    PipelineInfo(PipelineInfo) = "G3PipelineInfo",
    BolometerProperties(BolometerProperties) = "BolometerProperties",
    BolometerPropertiesMap(Map<BolometerProperties>) = "BolometerPropertiesMap",
    ChannelMapping(ChannelMapping) = "DfMuxChannelMapping",
    WiringMap(Map<ChannelMapping>) = "DfMuxWiringMap",
    FlatSkyMap(FlatSkyMap) = "FlatSkyMap",
    HealpixSkyMap(HealpixSkyMap) = "HealpixSkyMap",
    FlatSkyProjection(FlatSkyProjection) = "FlatSkyProjection",
    SkyMapWeights(SkyMapWeights) = "G3SkyMapWeights",
    SkyMapMask(SkyMapMask) = "G3SkyMapMask",
    SuperTimestream(SuperTimestream) = "G3SuperTimestream",
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
