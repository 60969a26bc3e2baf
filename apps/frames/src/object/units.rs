/// A number of a closed list that a file says; others are kept as they are.
macro_rules! codes {
    ($(#[$doc:meta])* $type:ident: $($name:ident $code:literal $words:literal,)*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(pub u32);

        impl $type {
            $(
                #[doc = concat!($words, ".")]
                pub const $name: $type = $type($code);
            )*

            /// What it is called; `None` for a number that is not known.
            pub fn name(self) -> Option<&'static str> {
                match self {
                    $($type::$name => Some($words),)*
                    _ => None,
                }
            }
        }

        /// What it is called, or its number.
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, "{}", self.0),
                }
            }
        }
    };
}

pub(super) use codes;

codes! {
    /// What samples, or the values of a map, are measured in.
    Units:
    NONE 0 "None",
    COUNTS 1 "Counts",
    CURRENT 2 "Current",
    POWER 3 "Power",
    TCMB 4 "Tcmb",
    RESISTANCE 5 "Resistance",
    ANGLE 6 "Angle",
    DISTANCE 7 "Distance",
    VOLTAGE 8 "Voltage",
    PRESSURE 9 "Pressure",
    FLUX_DENSITY 10 "FluxDensity",
    TRJ 11 "Trj",
    FREQUENCY 12 "Frequency",
}

impl Default for Units {
    fn default() -> Self {
        Units::NONE
    }
}
