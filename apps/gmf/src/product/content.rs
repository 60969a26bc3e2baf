//! What a file of results holds, as plain data. How a format stores it is that format's business.

pub use jobwise_hdf5::attributes::Value;

use super::attributes::Attributes;
use super::format::Kind;

/// Everything that a file holds, in the order of writing.
#[derive(Debug)]
pub struct Content<'p> {
    /// Variables, in lists of those that are made before the first of them is described.
    pub variables: Vec<Vec<Variable<'p>>>,
    /// A variable without axes and attributes: the name and when the file starts, in s since 1970.
    pub start: (&'static str, f64),
    /// Groups of attributes, by name.
    pub groups: Vec<(&'static str, Attributes)>,
    /// Attributes of the file itself.
    pub attributes: Attributes,
    /// Variables that come last, because they may be put in later: refined peaks.
    pub refined: Vec<Variable<'p>>,
}

/// An array of numbers with what they mean.
#[derive(Debug)]
pub struct Variable<'p> {
    /// Its name; no two of a file have the same.
    pub name: &'static str,
    /// The length of each axis.
    pub shape: Vec<usize>,
    /// As many as the shape says.
    pub numbers: Numbers<'p>,
    /// What it is, for people.
    pub long_name: &'static str,
    /// Units of the numbers; `None` where they have none or the peer names none.
    pub units: Option<&'static str>,
    /// Beyond name and units.
    pub attributes: Vec<(&'static str, Value)>,
    /// What it is for.
    pub role: Role,
    /// Whether it is large, and so deflated where the run asks for that.
    pub is_large: bool,
}

/// What a variable is for.
#[derive(Debug)]
pub enum Role {
    /// It gives the places along an axis of others.
    Scale,
    /// It holds results along these axes, one for each dimension; `None` for an axis without scale.
    Results(Vec<Option<Axis>>),
}

/// An axis: a letter for it, and the variable that is its scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// A letter.
    pub label: &'static str,
    /// The name of a variable.
    pub scale: &'static str,
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
pub enum Numbers<'p> {
    /// Signed, 4 bytes.
    I32(Values<'p, i32>),
    /// Signed, 8 bytes.
    I64(Values<'p, i64>),
    /// Real, 4 bytes.
    F32(Values<'p, f32>),
    /// Real, 8 bytes.
    F64(Values<'p, f64>),
}

/// All values at once or, where a copy of them would be large, one slice for each entry of the
/// first axis.
#[derive(Debug)]
pub enum Values<'p, T> {
    /// All.
    Whole(Vec<T>),
    /// One slice for each entry of the first axis.
    Entries {
        /// `None` where an entry is `absent`.
        entries: Vec<Option<&'p [T]>>,
        /// What stands for an entry that is not there; empty where none is absent.
        absent: Vec<T>,
    },
}

/// A type of number that files hold.
pub trait Number: Sized + 'static {
    /// The type.
    const KIND: Kind;

    /// Values of this type among those of all types.
    fn numbers(values: Values<'_, Self>) -> Numbers<'_>;

    /// The values, if they are of this type and all in one.
    fn of(numbers: Numbers<'_>) -> Option<Vec<Self>>;
}

macro_rules! numbers {
    ($($number:ty: $kind:ident),*) => { $(
        impl Number for $number {
            const KIND: Kind = Kind::$kind;

            fn numbers(values: Values<'_, Self>) -> Numbers<'_> {
                Numbers::$kind(values)
            }

            fn of(numbers: Numbers<'_>) -> Option<Vec<Self>> {
                match numbers {
                    Numbers::$kind(Values::Whole(values)) => Some(values),
                    _ => None,
                }
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
