/// One dimension of the positions or of the spectroscopic values.
#[derive(Clone, Debug, PartialEq)]
pub struct Dimension {
    /// Its label, for example `X`.
    pub name: String,
    /// The units of its values.
    pub units: String,
    /// One value for each index.
    pub values: Vec<f64>,
    /// How it goes together with the others.
    pub spacing: Spacing,
}

/// How a dimension goes together with the others, as writers declare it. Nothing here depends on
/// it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spacing {
    /// Every value with every value of the others.
    #[default]
    Full,
    /// Some combinations are absent.
    Incomplete,
    /// It changes together with another one.
    Dependent,
}

impl Spacing {
    /// The number that stands for it in a file.
    pub(super) fn code(self) -> i64 {
        match self {
            Spacing::Full => 0,
            Spacing::Incomplete => 1,
            Spacing::Dependent => 2,
        }
    }

    /// What the number in a file stands for; anything unknown is full.
    pub(super) fn find(code: i64) -> Spacing {
        match code {
            1 => Spacing::Incomplete,
            2 => Spacing::Dependent,
            _ => Spacing::Full,
        }
    }
}

impl Dimension {
    /// A dimension with these values.
    pub fn new(name: &str, units: &str, values: Vec<f64>) -> Dimension {
        Dimension {
            name: name.to_owned(),
            units: units.to_owned(),
            values,
            spacing: Spacing::Full,
        }
    }

    /// A dimension of one value: of a main dataset with one row or one column.
    pub fn single() -> Dimension {
        Dimension::new("arb", "", vec![0.0])
    }

    /// How many values.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}
