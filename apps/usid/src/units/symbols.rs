use super::Unit;

/// Prefixes, by symbol and by name, with their powers of ten. The micro sign and the Greek letter
/// are two characters.
const PREFIXES: [(&str, &str, i32); 22] = [
    ("y", "yocto", -24),
    ("z", "zepto", -21),
    ("a", "atto", -18),
    ("f", "femto", -15),
    ("p", "pico", -12),
    ("n", "nano", -9),
    ("u", "micro", -6),
    ("\u{b5}", "micro", -6),
    ("\u{3bc}", "micro", -6),
    ("m", "milli", -3),
    ("c", "centi", -2),
    ("d", "deci", -1),
    ("h", "hecto", 2),
    ("k", "kilo", 3),
    ("K", "kilo", 3),
    ("M", "mega", 6),
    ("G", "giga", 9),
    ("T", "tera", 12),
    ("P", "peta", 15),
    ("E", "exa", 18),
    ("Z", "zetta", 21),
    ("Y", "yotta", 24),
];

/// Symbols, names, exponents of m, kg, s, A, K, rad, mantissa, power of ten, and whether prefixes
/// go before it.
type Row = (
    &'static [&'static str],
    &'static [&'static str],
    [i32; 6],
    f64,
    i32,
    bool,
);

const DEGREE: f64 = std::f64::consts::PI / 180.0;

const UNITS: [Row; 27] = [
    (
        &["m"],
        &["meter", "metre"],
        [1, 0, 0, 0, 0, 0],
        1.0,
        0,
        true,
    ),
    (&["g"], &["gram"], [0, 1, 0, 0, 0, 0], 1.0, -3, true),
    (&["s"], &["second", "sec"], [0, 0, 1, 0, 0, 0], 1.0, 0, true),
    (&["A"], &["ampere", "amp"], [0, 0, 0, 1, 0, 0], 1.0, 0, true),
    (&["K"], &["kelvin"], [0, 0, 0, 0, 1, 0], 1.0, 0, true),
    (&["rad"], &["radian"], [0, 0, 0, 0, 0, 1], 1.0, 0, true),
    (
        &["Hz", "hz", "HZ"],
        &["hertz"],
        [0, 0, -1, 0, 0, 0],
        1.0,
        0,
        true,
    ),
    (&["N"], &["newton"], [1, 1, -2, 0, 0, 0], 1.0, 0, true),
    (&["Pa"], &["pascal"], [-1, 1, -2, 0, 0, 0], 1.0, 0, true),
    (&["J"], &["joule"], [2, 1, -2, 0, 0, 0], 1.0, 0, true),
    (&["W"], &["watt"], [2, 1, -3, 0, 0, 0], 1.0, 0, true),
    (&["C"], &["coulomb"], [0, 0, 1, 1, 0, 0], 1.0, 0, true),
    (&["V"], &["volt"], [2, 1, -3, -1, 0, 0], 1.0, 0, true),
    (&["F"], &["farad"], [-2, -1, 4, 2, 0, 0], 1.0, 0, true),
    // The Greek letter and the sign for the unit are two characters.
    (
        &["\u{3a9}", "\u{2126}"],
        &["ohm"],
        [2, 1, -3, -2, 0, 0],
        1.0,
        0,
        true,
    ),
    (
        &["S"],
        &["siemens", "mho"],
        [-2, -1, 3, 2, 0, 0],
        1.0,
        0,
        true,
    ),
    (&["T"], &["tesla"], [0, 1, -2, -1, 0, 0], 1.0, 0, true),
    (&["Wb"], &["weber"], [2, 1, -2, -1, 0, 0], 1.0, 0, true),
    (&["H"], &["henry"], [2, 1, -2, -2, 0, 0], 1.0, 0, true),
    (
        &["eV"],
        &["electronvolt"],
        [2, 1, -2, 0, 0, 0],
        1.602_176_634,
        -19,
        true,
    ),
    (&["min"], &["minute"], [0, 0, 1, 0, 0, 0], 6.0, 1, false),
    (&["h"], &["hour"], [0, 0, 1, 0, 0, 0], 3.6, 3, false),
    (
        &["\u{b0}", "deg"],
        &["degree"],
        [0, 0, 0, 0, 0, 1],
        DEGREE,
        0,
        false,
    ),
    // The letter with a ring and the sign for the unit are two characters.
    (
        &["\u{c5}", "\u{212b}"],
        &["angstrom", "\u{e5}ngstr\u{f6}m"],
        [1, 0, 0, 0, 0, 0],
        1.0,
        -10,
        false,
    ),
    // Samples are counted; their number per second is a frequency.
    (&["Sa"], &["sample"], [0; 6], 1.0, 0, true),
    (
        &["sps", "Sps", "SPS"],
        &[],
        [0, 0, -1, 0, 0, 0],
        1.0,
        0,
        true,
    ),
    (&[], &["micron"], [1, 0, 0, 0, 0, 0], 1.0, -6, false),
];

/// The unit of a word: a symbol or a name, perhaps with a prefix, names perhaps as plurals.
pub(super) fn word(word: &str) -> Option<Unit> {
    plain(word).map(|(unit, _)| unit).or_else(|| prefixed(word))
}

/// Without prefix; and whether it takes one.
fn plain(word: &str) -> Option<(Unit, bool)> {
    let lower = word.to_lowercase();
    let singular = lower.strip_suffix('s').unwrap_or(&lower);
    let is_it = |row: &&Row| {
        row.0.contains(&word) || row.1.contains(&lower.as_str()) || row.1.contains(&singular)
    };
    let &(_, _, dimension, mantissa, exponent, takes) = UNITS.iter().find(is_it)?;
    let unit = Unit {
        dimension,
        mantissa,
        exponent,
    };
    Some((unit, takes))
}

/// Whether a word ends with hertz in small letters behind a letter that is one prefix as a capital
/// and another one as it is.
pub(super) fn is_ambiguous(word: &str) -> bool {
    ["mhz", "phz", "yhz", "zhz", "msps"]
        .iter()
        .any(|odd| word.ends_with(odd))
}

fn prefixed(word: &str) -> Option<Unit> {
    if is_ambiguous(word) {
        return None;
    }
    let lower = word.to_lowercase();
    PREFIXES.iter().find_map(|&(symbol, name, exponent)| {
        let rests = [word.strip_prefix(symbol), lower.strip_prefix(name)];
        let mut units = rests.into_iter().flatten().filter_map(plain);
        let (unit, takes) = units.next()?;
        takes.then(|| unit.shifted(exponent))
    })
}
