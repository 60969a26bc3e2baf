//! Samples from residuals, as these are read.
//!
//! Reading a residual and predicting a sample are chains of dependent operations. In one loop the
//! processor works on both at once; the order of the predictor is a constant of the loop, so that
//! the compiler unrolls it.

use super::bit_reader::BitReader;
use super::error::Problem;

/// Zeros before the samples of a block, so that a predictor of any order has something to read.
pub(super) const BEFORE: usize = 32;

/// A linear predictor: sample = residual + (sum of coefficient times sample before) >> shift.
#[derive(Clone, Copy, Debug)]
pub(super) struct Predictor {
    pub(super) order: usize,
    pub(super) shift: u32,
    /// The last one belongs to the sample just before; those that are not used are zeros.
    pub(super) coefficients: [i32; BEFORE],
}

impl Predictor {
    /// The fixed predictor of an order of at most 4.
    pub(super) fn fixed(order: usize) -> Predictor {
        const FIXED: [[i32; 4]; 5] = [
            [0, 0, 0, 0],
            [0, 0, 0, 1],
            [0, 0, -1, 2],
            [0, 1, -3, 3],
            [-1, 4, -6, 4],
        ];
        let mut coefficients = [0; BEFORE];
        coefficients[BEFORE - 4..].copy_from_slice(&FIXED[order]);
        Predictor {
            order,
            shift: 0,
            coefficients,
        }
    }

    /// Reads the residuals of a block whose first `order` samples are known. `block` begins with
    /// [`BEFORE`] zeros.
    ///
    /// # Errors
    /// The stream is cut or not valid.
    #[inline(always)]
    pub(super) fn read(&self, bits: &mut BitReader<'_>, block: &mut [i64]) -> Result<(), Problem> {
        let wide = match bits.unsigned(2)? {
            0 => 4,
            1 => 5,
            _ => return Err(Problem::Content),
        };
        let parts = 1usize << bits.unsigned(4)?;
        let samples = block.len() - BEFORE;
        let each = samples / parts;
        if !samples.is_multiple_of(parts) || each < self.order {
            return Err(Problem::Content);
        }
        let mut from = BEFORE + self.order;
        for part in 1..=parts {
            let to = BEFORE + part * each;
            let code = match bits.unsigned(wide)? as u32 {
                k if k + 1 == 1 << wide => Code::Plain(bits.unsigned(5)? as u32),
                k => Code::Rice(k),
            };
            self.part(bits, &mut block[..to], from, code)?;
            from = to;
        }
        Ok(())
    }

    /// A part of the block: its samples from `from` to the end.
    #[inline(always)]
    fn part(
        &self,
        bits: &mut BitReader<'_>,
        block: &mut [i64],
        from: usize,
        code: Code,
    ) -> Result<(), Problem> {
        macro_rules! orders {
            ($($order:literal)*) => {
                match self.order {
                    $(order if order <= $order => run::<$order>(bits, block, from, code, self),)*
                    _ => Err(Problem::Content),
                }
            };
        }
        orders!(0 1 2 3 4 5 6 7 8 9 10 11 12 16 20 24 28 32)
    }
}

/// How the residuals of a part are written.
#[derive(Clone, Copy, Debug)]
enum Code {
    /// Rice's code with a parameter.
    Rice(u32),
    /// Numbers of so many bits.
    Plain(u32),
}

#[inline(always)]
fn run<const ORDER: usize>(
    bits: &mut BitReader<'_>,
    block: &mut [i64],
    from: usize,
    code: Code,
    predictor: &Predictor,
) -> Result<(), Problem> {
    let exact = Exact::<ORDER>::of(predictor);
    // A copy of our own, which the loop keeps in registers.
    let mut here = *bits;
    match code {
        Code::Rice(k) => {
            let mut at = from;
            // Two numbers mostly have room in a word.
            while at + 2 <= block.len() {
                exact.put(here.rice(k)?, at, block);
                exact.put(here.rice_of_word(k)?, at + 1, block);
                at += 2;
            }
            if at < block.len() {
                exact.put(here.rice(k)?, at, block);
            }
        }
        Code::Plain(width) => {
            for at in from..block.len() {
                exact.put(here.signed(width)?, at, block);
            }
        }
    }
    *bits = here;
    Ok(())
}

/// A predictor whose order the compiler knows.
#[derive(Clone, Copy, Debug)]
struct Exact<const ORDER: usize> {
    coefficients: [i64; ORDER],
    shift: u32,
}

impl<const ORDER: usize> Exact<ORDER> {
    #[inline(always)]
    fn of(predictor: &Predictor) -> Exact<ORDER> {
        let mut coefficients = [0; ORDER];
        let from = &predictor.coefficients[BEFORE - ORDER..];
        for (to, &from) in coefficients.iter_mut().zip(from) {
            *to = i64::from(from);
        }
        Exact {
            coefficients,
            shift: predictor.shift,
        }
    }

    /// The sample of a residual, behind those before it. Samples that no stream should have may
    /// wrap: who reads the block looks at their bits.
    #[inline(always)]
    fn put(&self, residual: i64, at: usize, block: &mut [i64]) {
        let (before, behind) = block.split_at_mut(at);
        if let (Some(before), Some(sample)) = (before.last_chunk::<ORDER>(), behind.first_mut()) {
            let mut sum = 0i64;
            for (sample, coefficient) in before.iter().zip(&self.coefficients) {
                sum = sum.wrapping_add(sample.wrapping_mul(*coefficient));
            }
            *sample = (sum >> self.shift).wrapping_add(residual);
        }
    }
}
