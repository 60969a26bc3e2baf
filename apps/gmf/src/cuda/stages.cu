// What comes before and after the search of a spectrum.
//
// Defined by the program that compiles this:
//   PULSES TERMS BANDS BINS   as for the search
//   GATES STEP                range gates, and samples between two
//   DECIMATION PULSE WINDOW   samples of a decimated one; of a transmitted pulse; of a receiving window
//   LAG                       pulses between the two that a lag product multiplies
//   FINE                      entries of the finer table of turns
//   PER_GATE                  1: every gate has factors of its own
//   FIRST_ROW                 1: the power without Doppler is that of the first acceleration, at bin 0

#define ELEMENTS (PULSES * TERMS)
#define SPECTRUM (BANDS * BINS)
#define ALL 0xffffffffu
// Gates that a thread of `echo` computes side by side.
#define SIDE 4

// Conjugate transmitted samples over their amplitude.
extern "C" __global__ void weights(const float2* __restrict__ tx, const double* __restrict__ amplitudes, int slots, float2* __restrict__ out) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= slots * (PULSES * PULSE)) return;
    const double amplitude = amplitudes[i / (PULSES * PULSE)];
    if (amplitude != 0.0) out[i] = make_float2((float)(tx[i].x / amplitude), (float)(-(double)tx[i].y / amplitude));
}

// Received windows correlated with the weights, decimated: a warp computes one element of 32 SIDE neighbouring gates. Summed in f64,
// in the order of the samples, as on the host.
extern "C" __global__ void echo(const float2* __restrict__ weights, const float2* __restrict__ rx, const double* __restrict__ amplitudes, int slots, float2* __restrict__ out) {
    const int groups = (GATES + 32 * SIDE - 1) / (32 * SIDE), lane = threadIdx.x % 32;
    const long long warp = (long long)blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
    const int element = (int)(warp % ELEMENTS), group = (int)(warp / ELEMENTS % groups), slot = (int)(warp / ELEMENTS / groups);
    if (slot >= slots || amplitudes[slot] == 0.0) return;
    const int pulse = element / TERMS, start = element % TERMS * DECIMATION;
    const float2* w = weights + ((size_t)slot * PULSES + pulse) * PULSE + start;
    const float2* z = rx + ((size_t)slot * PULSES + pulse) * WINDOW + start;
    const int first = group * (32 * SIDE) + lane;
    int delay[SIDE];
    double re[SIDE], im[SIDE];
#pragma unroll
    for (int g = 0; g < SIDE; g++) {
        // Gates that are none compute what the last one does.
        const int gate = first + 32 * g;
        delay[g] = (gate < GATES ? gate : GATES - 1) * STEP;
        re[g] = im[g] = 0.0;
    }
    for (int d = 0; d < DECIMATION; d++) {
        const double c = w[d].x, s = w[d].y;
#pragma unroll
        for (int g = 0; g < SIDE; g++) {
            const float2 sample = z[delay[g] + d];
            const double x = sample.x, y = sample.y;
            re[g] = fma(-y, s, fma(x, c, re[g]));
            im[g] = fma(y, c, fma(x, s, im[g]));
        }
    }
#pragma unroll
    for (int g = 0; g < SIDE; g++) {
        const int gate = first + 32 * g;
        if (gate < GATES) out[((size_t)slot * GATES + gate) * ELEMENTS + element] = make_float2((float)re[g], (float)im[g]);
    }
}

// The power of two at or below a number, as far as its inverse is a normal number too.
static __device__ int exponent_of(float number) {
    if (!(number > 0.f) || !(number <= 3.402823466e38f)) return 0;
    int exponent;
    frexpf(number, &exponent);
    exponent -= 1;
    return exponent < -126 ? -126 : exponent > 126 ? 126 : exponent;
}

// Scales the elements of a block's gate by a power of two, so that the largest part lies in 1..2; the exponent.
static __device__ int scaled(float2* values, int count) {
    __shared__ float most[32];
    const int warps = blockDim.x / 32;
    float largest = 0.f;
    for (int i = threadIdx.x; i < count; i += blockDim.x) largest = fmaxf(largest, fmaxf(fabsf(values[i].x), fabsf(values[i].y)));
#pragma unroll
    for (int apart = 16; apart > 0; apart /= 2) largest = fmaxf(largest, __shfl_xor_sync(ALL, largest, apart));
    if (threadIdx.x % 32 == 0) most[threadIdx.x / 32] = largest;
    __syncthreads();
    for (int w = 0; w < warps; w++) largest = fmaxf(largest, most[w]);
    const int exponent = exponent_of(largest);
    const float factor = ldexpf(1.f, -exponent);
    for (int i = threadIdx.x; i < count; i += blockDim.x) values[i] = make_float2(values[i].x * factor, values[i].y * factor);
    return exponent;
}

// Echoes of a magnitude of about one: a block per gate.
extern "C" __global__ void scale(const double* __restrict__ amplitudes, float2* __restrict__ echoes, int* __restrict__ exponents) {
    const int unit = blockIdx.x;
    if (amplitudes[unit / GATES] == 0.0) return;
    const int exponent = scaled(echoes + (size_t)unit * ELEMENTS, ELEMENTS);
    if (threadIdx.x == 0) exponents[unit] = exponent;
}

// Every pulse times the conjugate of the one LAG pulses earlier, scaled: a block per gate.
extern "C" __global__ void lag(const double* __restrict__ amplitudes, const float2* __restrict__ echoes, float2* __restrict__ products) {
    const int unit = blockIdx.x, count = (PULSES - LAG) * TERMS;
    if (amplitudes[unit / GATES] == 0.0) return;
    const float2* echo = echoes + (size_t)unit * ELEMENTS;
    float2* product = products + (size_t)unit * count;
    for (int i = threadIdx.x; i < count; i += blockDim.x) product[i] = mul(echo[i + LAG * TERMS], make_float2(echo[i].x, -echo[i].y));
    scaled(product, count);
}

// exp(2 pi i turns), by series that are exact to f64 within an eighth of a turn: the same on every processor.
static __device__ double2 cis(double turns) {
    const double rest = turns - rint(turns), quarter = rint(4.0 * rest), x = (rest - 0.25 * quarter) * 6.283185307179586;
    const double square = x * x;
    double sine = 0.0, cosine = 0.0;
#pragma unroll
    for (int n = 9; n >= 0; n--) {
        sine = fma(square * (-1.0 / ((2 * n + 2) * (2 * n + 3))), sine, 1.0);
        cosine = fma(square * (-1.0 / ((2 * n + 1) * (2 * n + 2))), cosine, 1.0);
    }
    sine *= x;
    const int turn = (int)quarter & 3;
    const double2 z = {turn & 1 ? -sine : cosine, turn & 1 ? cosine : sine};
    return turn & 2 ? double2{-z.x, -z.y} : z;
}

// The phasors exp(-i pi a t^2 / wavelength) of the acceleration that each gate's lag product shows: a block per gate. `lines` are bins,
// -1 for none; of rank 0 is the bin `first`; `rate` is -1 / (2 wavelength).
extern "C" __global__ void chirp(const double* __restrict__ amplitudes, const int* __restrict__ lines, const double* __restrict__ accelerations, int first, int spectrum, int searched, double rate, double sample_rate, double half, long long start, long long ipp, int* __restrict__ chosen, float2* __restrict__ factors) {
    const int unit = blockIdx.x;
    if (amplitudes[unit / GATES] == 0.0) return;
    // Where no two pulses meet, all lines are zero and the first of them is the largest.
    const int line = lines[unit], index = line < 0 ? searched : line >= first ? line - first : line - first + spectrum;
    const double acceleration = accelerations[index] * rate;
    for (int i = threadIdx.x; i < ELEMENTS; i += blockDim.x) {
        const long long sample = start + i / TERMS * ipp + (long long)(i % TERMS) * DECIMATION;
        const double t = sample / sample_rate + half;
        const double2 phasor = cis(acceleration * (t * t));
        factors[(size_t)unit * ELEMENTS + i] = make_float2((float)phasor.x, (float)phasor.y);
    }
    if (threadIdx.x == 0) chosen[unit] = index;
}

static __device__ double2 product(double2 a, double2 b) { return double2{a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x}; }

static __device__ double sum_of_warp(double value) {
#pragma unroll
    for (int apart = 16; apart > 0; apart /= 2) value += __shfl_xor_sync(ALL, value, apart);
    return value;
}

// The power at the best bin in f64, and that without Doppler: a warp per gate. `turns`: exp(-2 pi i k / BANDS) for all k, then
// exp(-2 pi i k / SPECTRUM) for k < FINE, then for every multiple of FINE. `chosen` are accelerations; where
// gates share their factors, these are the rows from `selected` on.
extern "C" __global__ void winner(const double* __restrict__ amplitudes, int units, const float2* __restrict__ echoes, const int* __restrict__ exponents, const float2* __restrict__ factors, const int* __restrict__ rows, const int* __restrict__ bins, const int* __restrict__ chosen, int selected, const double2* __restrict__ turns, float* __restrict__ power, float* __restrict__ still, int* __restrict__ range_rate, int* __restrict__ acceleration) {
    const int unit = (int)(((long long)blockIdx.x * blockDim.x + threadIdx.x) / 32), lane = threadIdx.x % 32;
    if (unit >= units || amplitudes[unit / GATES] == 0.0) return;
    const float2* echo = echoes + (size_t)unit * ELEMENTS;
    const int bin = bins[unit], row = rows[unit];
    const float2* factor = factors + (size_t)(PER_GATE ? unit : row) * ELEMENTS;
    double2 total = {0.0, 0.0}, sum = {0.0, 0.0};
    for (int i = lane; i < ELEMENTS; i += 32) {
        const double2 z = {echo[i].x, echo[i].y};
#if FIRST_ROW
        const double2 rested = product(z, double2{factors[i].x, factors[i].y});
#else
        const double2 rested = z;
#endif
        sum = double2{sum.x + rested.x, sum.y + rested.y};
        if (bin < 0) continue;
        const int k = i / TERMS, m = i % TERMS;
        const int turn = (int)((long long)m * bin % SPECTRUM);
        const double2 place = product(turns[BANDS + turn % FINE], turns[BANDS + FINE + turn / FINE]);
        const double2 pulse = turns[(long long)(bin % BANDS) * k % BANDS];
        const double2 value = product(product(product(z, double2{factor[i].x, factor[i].y}), pulse), place);
        total = double2{total.x + value.x, total.y + value.y};
    }
    total = double2{sum_of_warp(total.x), sum_of_warp(total.y)};
    sum = double2{sum_of_warp(sum.x), sum_of_warp(sum.y)};
    if (lane != 0) return;
    const int exponent = 2 * exponents[unit];
    const double best = ldexp(total.x * total.x + total.y * total.y, exponent);
    still[unit] = (float)ldexp(sum.x * sum.x + sum.y * sum.y, exponent);
    // Infinite samples may lead here without a number at the end.
    const bool is_found = bin >= 0 && best <= 1.7976931348623157e308;
    power[unit] = is_found ? (float)best : 0.f;
    range_rate[unit] = is_found ? bin : -1;
    acceleration[unit] = is_found ? (PER_GATE ? chosen[unit] : selected + row) : -1;
}
