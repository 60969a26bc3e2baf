/// The samples of a timestream, of one of four types.
#[derive(Clone, Debug, PartialEq)]
pub enum Samples {
    /// Numbers of 64 bits.
    F64(Vec<f64>),
    /// Numbers of 32 bits.
    F32(Vec<f32>),
    /// Integers of 32 bits.
    I32(Vec<i32>),
    /// Integers of 64 bits.
    I64(Vec<i64>),
}

impl Samples {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Samples::F64(samples) => samples.len(),
            Samples::F32(samples) => samples.len(),
            Samples::I32(samples) => samples.len(),
            Samples::I64(samples) => samples.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The name of their type: `f64`, `f32`, `i32` or `i64`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Samples::F64(_) => "f64",
            Samples::F32(_) => "f32",
            Samples::I32(_) => "i32",
            Samples::I64(_) => "i64",
        }
    }

    /// As numbers of 64 bits, without a copy where they are that.
    pub fn to_f64(&self) -> std::borrow::Cow<'_, [f64]> {
        if let Samples::F64(samples) = self {
            return samples.into();
        }
        let mut samples = Vec::with_capacity(self.len());
        self.copy_to(&mut samples);
        samples.into()
    }

    /// The same into a vector that is used again and again.
    pub fn copy_to(&self, into: &mut Vec<f64>) {
        into.clear();
        match self {
            Samples::F64(samples) => into.extend_from_slice(samples),
            Samples::F32(samples) => into.extend(samples.iter().map(|sample| f64::from(*sample))),
            Samples::I32(samples) => into.extend(samples.iter().map(|sample| f64::from(*sample))),
            Samples::I64(samples) => into.extend(samples.iter().map(|sample| *sample as f64)),
        }
    }

    /// As integers; `None` for numbers.
    pub fn to_i64(&self) -> Option<std::borrow::Cow<'_, [i64]>> {
        match self {
            Samples::I32(samples) => {
                Some(samples.iter().map(|sample| i64::from(*sample)).collect())
            }
            Samples::I64(samples) => Some(samples.into()),
            Samples::F64(_) | Samples::F32(_) => None,
        }
    }

    /// The number of their type in files.
    pub(super) fn code(&self) -> u32 {
        match self {
            Samples::F64(_) => 0,
            Samples::F32(_) => 1,
            Samples::I32(_) => 2,
            Samples::I64(_) => 3,
        }
    }
}

impl Default for Samples {
    fn default() -> Self {
        Samples::F64(Vec::new())
    }
}

macro_rules! from_vectors {
    ($($case:ident $number:ty,)*) => {$(
        impl From<Vec<$number>> for Samples {
            fn from(samples: Vec<$number>) -> Samples {
                Samples::$case(samples)
            }
        }
    )*};
}

from_vectors!(F64 f64, F32 f32, I32 i32, I64 i64,);
