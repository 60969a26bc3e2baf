//! How the search of a spectrum lies on a device: radices, rounds, threads, shared memory.

use crate::search::tables::Spectrum;

/// One spectrum's kernel, specialised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// Radices of the transform across pulses.
    pulse_radices: Vec<usize>,
    /// Radices of the transforms within bands.
    coarse_radices: Vec<usize>,
    /// Bands that are sampled and looked at together.
    round: usize,
    /// Threads of a block.
    pub(super) threads: usize,
    /// Blocks that share a multiprocessor.
    pub(super) blocks: usize,
    /// Complex numbers of work space per block.
    pub(super) work: usize,
    /// The work space lies in global memory: a block has too little of its own.
    pub(super) in_global: bool,
    /// Shared memory of a block that its launch asks for, in bytes.
    pub(super) shared: usize,
}

/// Bytes of a complex number.
const COMPLEX: usize = 8;

/// With this much shared memory in bytes, four blocks share a multiprocessor.
const FOUR_BLOCKS: usize = 55 << 10;

/// With this much, two.
const TWO_BLOCKS: usize = 100 << 10;

/// Complex numbers that a round in global memory may have for its samples.
const IN_GLOBAL: usize = 1 << 14;

impl Shape {
    /// The best shape where a block may have so many bytes of shared memory.
    pub(super) fn new(spectrum: &Spectrum, most: usize) -> Shape {
        let bands = spectrum.bands;
        let pulse_radices = radices(bands, PULSES);
        let coarse_radices = radices(spectrum.grid.length, COARSE);
        let buffers = coarse_radices.len().min(2);
        let echo = bands * spectrum.terms;
        // Between passes across pulses the samples' place is free.
        let between = if pulse_radices.len() > 1 { echo } else { 0 };
        let work = |round: usize| echo + between.max(buffers * round * spectrum.grid.samples);
        let shared = |round| COMPLEX * (work(round) + bands + spectrum.grid.length);
        let within = |bytes| (1..=bands).rev().find(|&round| shared(round) <= bytes);
        let bounds = [FOUR_BLOCKS, TWO_BLOCKS, most.saturating_sub(STATIC)];
        let fitting = bounds
            .into_iter()
            .find_map(|bytes| within(bytes.min(bounds[2])));
        let in_global = fitting.is_none();
        let round = fitting.unwrap_or((IN_GLOBAL / spectrum.grid.samples).clamp(1, bands));
        // As many rounds, of nearly equal size.
        let round = bands.div_ceil(bands.div_ceil(round));
        let shared = if in_global { 0 } else { shared(round) };
        let threads = threads(round * spectrum.grid.samples / coarse_radices[0]);
        // Registers for what a thread keeps of the pulses.
        let held = if bands > 10 || coarse_radices[0] > 8 {
            2
        } else {
            4
        };
        // A multiprocessor has about as much shared memory as one block may have.
        let blocks = (most / (shared + STATIC)).clamp(1, held);
        Shape {
            pulse_radices,
            coarse_radices,
            round,
            threads,
            blocks,
            work: work(round),
            in_global,
            shared,
        }
    }

    /// What the compiler is told; with factors, every element is multiplied by one.
    pub(super) fn options(&self, spectrum: &Spectrum, factors: bool) -> Vec<String> {
        let Spectrum { grid, scan, .. } = spectrum;
        let list = |radices: &[usize]| {
            let texts: Vec<String> = radices.iter().map(ToString::to_string).collect();
            texts.join(",")
        };
        let float = |number: f32| format!("{number:e}f");
        let scalloping = (grid.scalloping * grid.scalloping * (1.0 - 1e-4)) as f32;
        let number = |number: usize| number.to_string();
        let flag = |flag: bool| usize::from(flag).to_string();
        let (pulses, coarse) = (&self.pulse_radices, &self.coarse_radices);
        let is_held = pulses.len() == 1 && pulses[0] <= MOST_IN_REGISTERS;
        [
            ("PULSES", number(spectrum.pulses)),
            ("TERMS", number(spectrum.terms)),
            ("BANDS", number(spectrum.bands)),
            ("BINS", number(grid.bins)),
            ("SAMPLES", number(grid.samples)),
            ("TRANSFORMS", number(grid.transforms)),
            ("LENGTH", number(grid.length)),
            ("ROUND", number(self.round)),
            ("THREADS", number(self.threads)),
            ("BLOCKS", number(self.blocks)),
            ("PULSE_RADICES", list(pulses)),
            ("COARSE_RADICES", list(coarse)),
            ("PULSE_ONE", flag(is_held)),
            ("PULSE_EVEN", flag(pulses.len().is_multiple_of(2))),
            ("COARSE_EVEN", flag(coarse.len().is_multiple_of(2))),
            ("KAPPA", float(scan.kappa)),
            ("TOLERANCE", float(scan.tolerance)),
            ("SCALLOPING", float(scalloping)),
            ("TAPS", number(scan.between.taps)),
            ("FIRST", number(scan.first)),
            ("WANTED_START", number(scan.wanted.start)),
            ("WANTED_END", number(scan.wanted.end)),
            ("FACTORS", flag(factors)),
            ("IN_GLOBAL", flag(self.in_global)),
            ("WORK", number(self.work)),
        ]
        .map(|(name, value)| format!("-D{name}={value}"))
        .to_vec()
    }
}

/// Shared memory of a block that its kernel has beside, in bytes, and what the driver keeps.
const STATIC: usize = 2048;

/// Radices up to this are computed in registers; primes above cost their square.
const MOST_IN_REGISTERS: usize = 16;

/// The largest composite radix across pulses.
const PULSES: usize = 16;

/// The largest composite radix within bands.
const COARSE: usize = 10;

/// Radices whose product is `length`, as few as can be: composite ones up to `most`, and primes.
fn radices(length: usize, most: usize) -> Vec<usize> {
    let mut rest = length;
    let mut radices = Vec::new();
    while rest > 1 {
        let composite = (2..=most).rev().find(|&radix| rest.is_multiple_of(radix));
        let radix = composite.unwrap_or_else(|| {
            let prime = (most..=rest.isqrt()).find(|&factor| rest.is_multiple_of(factor));
            prime.unwrap_or(rest)
        });
        radices.push(radix);
        rest /= radix;
    }
    if radices.is_empty() {
        radices.push(1);
    }
    radices
}

/// Whole warps that compute so many butterflies with the fewest idle.
fn threads(butterflies: usize) -> usize {
    let most = butterflies.next_multiple_of(32).clamp(32, 256);
    let turns = |threads: usize| butterflies.div_ceil(threads) * threads;
    (most / 2..=most)
        .filter(|threads| threads.is_multiple_of(32))
        .min_by_key(|&threads| (turns(threads), 256 - threads))
        .unwrap_or(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn radices_multiply_to_the_length() {
        for length in 1..2000 {
            for most in [PULSES, COARSE] {
                let radices = radices(length, most);
                assert_eq!(radices.iter().product::<usize>(), length);
            }
        }
        assert_eq!(radices(125, COARSE), [5, 5, 5]);
        assert_eq!(radices(10, PULSES), [10]);
        assert_eq!(radices(97, PULSES), [97]);
        assert_eq!(radices(2 * 97, PULSES), [2, 97]);
        assert_eq!(radices(1, PULSES), [1]);
    }

    #[test]
    fn threads_are_busy() {
        assert_eq!(threads(500), 256);
        assert_eq!(threads(300), 160);
        assert_eq!(threads(3), 32);
    }
}
