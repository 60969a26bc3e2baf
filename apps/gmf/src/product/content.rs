//! What a file of results holds, as plain data. How a format stores it is that format's business.

use jobwise_hdf5::attributes::Value;

use super::attributes::Attributes;

/// Everything that a file holds, in the order of writing.
#[derive(Debug)]
pub(super) struct Content<'p> {
    /// Variables, in lists of those that are made before the first of them is described.
    pub(super) variables: Vec<Vec<Variable<'p>>>,
    /// A number by itself: when the file starts.
    pub(super) start: (&'static str, f64),
    /// Groups of attributes, by name.
    pub(super) groups: Vec<(&'static str, Attributes)>,
    /// Attributes of the file itself.
    pub(super) attributes: Attributes,
}

/// An array of numbers with what they mean.
#[derive(Debug)]
pub(super) struct Variable<'p> {
    pub(super) name: &'static str,
    pub(super) shape: Vec<usize>,
    pub(super) numbers: Numbers<'p>,
    pub(super) long_name: &'static str,
    pub(super) units: Option<&'static str>,
    /// Beyond name and units.
    pub(super) attributes: Vec<(&'static str, Value)>,
    pub(super) role: Role,
    /// Whether it is large, and so deflated where the run asks for that.
    pub(super) is_large: bool,
}

/// What a variable is for.
#[derive(Debug)]
pub(super) enum Role {
    /// It gives the places along an axis of others.
    Scale,
    /// It holds results along these axes, one for each dimension; `None` for an axis without scale.
    Results(Vec<Option<Axis>>),
}

/// An axis: a letter for it, and the variable that is its scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Axis {
    pub(super) label: &'static str,
    pub(super) scale: &'static str,
}

/// The integrations of a file.
pub(super) const TIME: Option<Axis> = Some(Axis {
    label: "t",
    scale: "integration_index",
});
/// The range gates.
pub(super) const RANGE: Option<Axis> = Some(Axis {
    label: "r",
    scale: "ranges",
});

/// The numbers of a variable, in row-major order.
#[derive(Debug)]
pub(super) enum Numbers<'p> {
    I32(Values<'p, i32>),
    I64(Values<'p, i64>),
    F32(Values<'p, f32>),
    F64(Values<'p, f64>),
}

/// All values at once or, where a copy of them would be large, one slice for each entry of the
/// first axis.
#[derive(Debug)]
pub(super) enum Values<'p, T> {
    Whole(Vec<T>),
    Entries {
        /// `None` where an entry is `absent`.
        entries: Vec<Option<&'p [T]>>,
        /// What stands for an entry that is not there; empty where none is absent.
        absent: Vec<T>,
    },
}

/// A type of number that files hold.
pub(super) trait Number: Sized + 'static {
    fn numbers(values: Values<'_, Self>) -> Numbers<'_>;
}

macro_rules! numbers {
    ($($number:ty: $kind:ident),*) => { $(
        impl Number for $number {
            fn numbers(values: Values<'_, Self>) -> Numbers<'_> {
                Numbers::$kind(values)
            }
        }
    )* };
}
numbers!(i32: I32, i64: I64, f32: F32, f64: F64);

impl<'p> Variable<'p> {
    /// The scale of an axis.
    pub(super) fn scale<T: Number>(
        name: &'static str,
        values: Vec<T>,
        long_name: &'static str,
        units: Option<&'static str>,
    ) -> Variable<'p> {
        Variable {
            name,
            shape: vec![values.len()],
            numbers: T::numbers(Values::Whole(values)),
            long_name,
            units,
            attributes: Vec::new(),
            role: Role::Scale,
            is_large: true,
        }
    }

    /// Results of this shape along these axes.
    pub(super) fn results<T: Number>(
        name: &'static str,
        shape: Vec<usize>,
        axes: Vec<Option<Axis>>,
        values: Values<'p, T>,
        long_name: &'static str,
    ) -> Variable<'p> {
        Variable {
            name,
            shape,
            numbers: T::numbers(values),
            long_name,
            units: None,
            attributes: Vec::new(),
            role: Role::Results(axes),
            is_large: false,
        }
    }

    /// The same, large.
    pub(super) fn large(mut self) -> Variable<'p> {
        self.is_large = true;
        self
    }

    /// The same, with units.
    pub(super) fn units(mut self, units: Option<&'static str>) -> Variable<'p> {
        self.units = units;
        self
    }
}
