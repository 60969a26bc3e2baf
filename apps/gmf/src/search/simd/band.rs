//! A band sampled coarsely.

use pulp::Simd;

use super::complex::{W, Z, lanes, mul, mul_add, power, splat, turn};
use super::fourier::Fourier;
use super::grid::Grid;
use super::pass::{Sink, Source};
use super::rows::{BandRows, middle};

/// The coarse transforms of all bands.
#[derive(Clone, Debug)]
pub(super) struct Bands {
    pub(super) grid: Grid,
    /// How many there are.
    pub(super) number: usize,
    /// Where their terms lie.
    pub(super) rows: BandRows,
    fourier: Fourier,
    /// The twists of each band and transform as the rows have the terms, zeros with the zeros.
    twists: Vec<W>,
    /// Where the coarse samples lie in those of [`sample`](Self::sample).
    places: Vec<u32>,
    /// The coarse sample at each place.
    samples: Vec<u32>,
}

/// For every band, transform and term: `exp(-i mu theta)` at the transform's first angle, with the
/// terms counted from the middle one (`mu = m - middle`): that leaves magnitudes as they are and
/// samples that vary slowly.
pub(super) fn twists(grid: &Grid, number: usize, terms: usize) -> Vec<W> {
    let (transforms, samples) = (grid.transforms as i128, grid.samples as i128);
    let bins = (grid.bins * number) as i128;
    let middle = middle(terms) as i128;
    (0..number as i128)
        .flat_map(|band| (0..transforms).map(move |t| band * samples + t * bins))
        .flat_map(|angle| {
            (0..terms as i128).map(move |m| turn((m - middle) * angle, bins * samples))
        })
        .collect()
}

impl Bands {
    pub(super) fn new(grid: Grid, number: usize, terms: usize) -> Bands {
        // Terms beyond the length of the transforms are folded.
        let rows = BandRows {
            length: terms.div_ceil(grid.length) * grid.length,
            terms,
        };
        let twists = twists(&grid, number, terms);
        let placed = twists.chunks_exact(terms).flat_map(|twists| {
            let mut row = vec![[0.0; 2]; rows.length];
            for (terms, place) in rows.runs() {
                row[place..place + terms.len()].copy_from_slice(&twists[terms]);
            }
            row
        });
        let fourier = Fourier::new(grid.length);
        let mut samples = vec![0; grid.samples];
        let places: Vec<u32> = (0..grid.samples)
            .map(|sample| {
                let place = fourier.places[sample / grid.transforms] as usize;
                let place = sample % grid.transforms * grid.length + place;
                samples[place] = sample as u32;
                place as u32
            })
            .collect();
        Bands {
            twists: placed.collect(),
            fourier,
            grid,
            number,
            rows,
            places,
            samples,
        }
    }

    /// Floats of work space, for vectors of `lanes`.
    pub(super) fn work(&self, lanes: usize) -> usize {
        2 * lanes * self.fourier.spare()
    }

    /// Samples that each of the peaks is the largest of.
    pub(super) fn group(&self) -> usize {
        self.fourier.group()
    }

    /// How many peaks a band has.
    pub(super) fn peaks(&self) -> usize {
        self.grid.samples / self.group()
    }

    /// Where a coarse sample lies.
    #[inline(always)]
    pub(super) fn place(&self, sample: usize) -> usize {
        self.places[sample] as usize
    }

    /// The coarse sample at a place.
    #[inline(always)]
    pub(super) fn sample_at(&self, place: usize) -> usize {
        self.samples[place] as usize
    }

    /// Samples one of the `bands`, and finds the largest power of each group of samples.
    #[inline(always)]
    pub(super) fn sample<S: Simd>(
        &self,
        simd: S,
        bands: &[f32],
        band: usize,
        spare: &mut [f32],
        samples: &mut [f32],
        peaks: &mut [f32],
    ) {
        let complex = 2 * S::F32_LANES;
        let length = self.rows.length;
        let row = &bands[band * length * complex..(band + 1) * length * complex];
        let twists = self.twists[band * self.grid.transforms * length..].chunks_exact(length);
        let samples = samples.chunks_exact_mut(self.grid.length * complex);
        let peaks = peaks.chunks_exact_mut(self.grid.length / self.group() * S::F32_LANES);
        for ((twists, samples), peaks) in twists.zip(samples).zip(peaks) {
            let mut peaks = Peaks(peaks);
            if length == self.grid.length {
                let source = Twisted { row, twists };
                self.fourier
                    .through(simd, source, samples, spare, &mut peaks);
            } else {
                let source = Folded {
                    twisted: Twisted { row, twists },
                    length: self.grid.length,
                };
                self.fourier
                    .through(simd, source, samples, spare, &mut peaks);
            }
        }
    }
}

/// One band's terms times the twists.
#[derive(Clone, Copy)]
struct Twisted<'a> {
    row: &'a [f32],
    twists: &'a [W],
}

impl Source for Twisted<'_> {
    #[inline(always)]
    fn load<S: Simd>(self, simd: S, _: &[Z<S>], i: usize) -> Z<S> {
        mul(simd, lanes(simd, self.row)[i], splat(simd, self.twists[i]))
    }
}

/// The same where there are more terms than samples.
#[derive(Clone, Copy)]
struct Folded<'a> {
    twisted: Twisted<'a>,
    length: usize,
}

impl Source for Folded<'_> {
    #[inline(always)]
    fn load<S: Simd>(self, simd: S, group: &[Z<S>], i: usize) -> Z<S> {
        let Twisted { row, twists } = self.twisted;
        let row = lanes(simd, row);
        let mut sum = self.twisted.load(simd, group, i);
        for i in (i + self.length..row.len()).step_by(self.length) {
            sum = mul_add(simd, row[i], splat(simd, twists[i]), sum);
        }
        sum
    }
}

/// The largest power of each group of samples.
struct Peaks<'a>(&'a mut [f32]);

impl Sink for Peaks<'_> {
    #[inline(always)]
    fn take<S: Simd>(&mut self, simd: S, group: usize, results: &[Z<S>]) {
        let mut most = power(simd, results[0]);
        for &result in &results[1..] {
            most = simd.max_f32s(power(simd, result), most);
        }
        S::as_mut_simd_f32s(self.0).0[group] = most;
    }
}
