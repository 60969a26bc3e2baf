// The largest power of a spectrum, and where it lies: one block per range gate.
//
// The method is that of the lanes of the host (search/simd): pulses transformed into bands, bands sampled coarsely, surroundings of
// large samples interpolated, what may still win computed exactly. All bands of a round are sampled before any is looked at, so
// their largest sample bounds the best power too.
//
// Defined by the program that compiles this:
//   PULSES TERMS BANDS BINS      pulses of so many elements; bands of so many bins
//   SAMPLES TRANSFORMS LENGTH    coarse samples of a band, as transforms of a length
//   ROUND THREADS BLOCKS         bands of a round; threads of a block; blocks that share a multiprocessor
//   PULSE_RADICES COARSE_RADICES lists
//   PULSE_EVEN COARSE_EVEN       whether they have an even number of entries; PULSE_ONE: exactly one
//   KAPPA TOLERANCE SCALLOPING   see search/simd/{grid,scan}.rs; SCALLOPING of powers
//   TAPS                         of the interpolation
//   FIRST WANTED_START WANTED_END  the bin of rank 0; the ranks that count
//   FACTORS                      0: elements are taken as they are
//   IN_GLOBAL WORK               1: work space of WORK complex numbers per block in global memory

// Before sm_90 a multiprocessor has shared memory for three blocks of the usual radar.
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 900 && BLOCKS > 3
#undef BLOCKS
#define BLOCKS 3
#endif

#define SPECTRUM (BANDS * BINS)
#define WARPS (THREADS / 32)
#define MIDDLE ((TERMS - 1) / 2)
#define ALL 0xffffffffu

// Where the tables lie, in complex numbers.
#define TWISTS 0
#define PULSE_ROOTS (BANDS * TRANSFORMS * TERMS)
#define COARSE_ROOTS (PULSE_ROOTS + BANDS)
#define BIN_ROOTS (COARSE_ROOTS + LENGTH)

struct Best {
    float power;
    int row, bin;
};

static __device__ int rank_of(int bin) { return bin >= FIRST ? bin - FIRST : bin - FIRST + SPECTRUM; }

static __device__ bool is_wanted(int bin) { return rank_of(bin) >= WANTED_START && rank_of(bin) < WANTED_END; }

// Accelerations come in ascending order: of equal powers of two, the first stays; of two bins of one, that of lower rank.
static __device__ bool is_better(const Best& one, const Best& other) {
    if (one.bin < 0 || other.bin < 0) return one.bin >= 0 && one.power > other.power;
    if (one.power != other.power) return one.power > other.power;
    return one.row != other.row ? one.row < other.row : rank_of(one.bin) < rank_of(other.bin);
}

static __device__ float largest_of_warp(float value) {
#pragma unroll
    for (int apart = 16; apart > 0; apart /= 2) value = fmaxf(value, __shfl_xor_sync(ALL, value, apart));
    return value;
}

static __device__ float2 sum_of_warp(float2 value) {
#pragma unroll
    for (int apart = 16; apart > 0; apart /= 2) {
        value.x += __shfl_xor_sync(ALL, value.x, apart);
        value.y += __shfl_xor_sync(ALL, value.y, apart);
    }
    return value;
}

// One bin from its definition, by a whole warp.
static __device__ float exact_power(const float2* terms, const float2* roots, int bin) {
    const int lane = threadIdx.x % 32;
    int turn = (int)((unsigned long long)lane * bin % SPECTRUM);
    const int step = (int)(32ull * bin % SPECTRUM);
    float2 sum = make_float2(0.f, 0.f);
    for (int m = lane; m < TERMS; m += 32) {
        sum = mul_add(terms[m], roots[turn], sum);
        turn += step;
        if (turn >= SPECTRUM) turn -= SPECTRUM;
    }
    return power(sum_of_warp(sum));
}

extern "C" __global__ void __launch_bounds__(THREADS, BLOCKS) spectrum(const float2* __restrict__ elements, const float2* __restrict__ factors, long long factors_apart, int rows, int units, int gates, const double* __restrict__ amplitudes, const float2* __restrict__ tables, const unsigned* __restrict__ starts, const uint2* __restrict__ near, const float* __restrict__ weights, float2* __restrict__ workspace, int* __restrict__ best_row, int* __restrict__ best_bin) {
    __shared__ float most[WARPS];
    __shared__ Best found[WARPS];
    extern __shared__ float2 space[];
    const int thread = threadIdx.x, warp = thread / 32, lane = thread % 32;
    const float2* bin_roots = tables + BIN_ROOTS;
#if IN_GLOBAL
    float2* bands = workspace + (size_t)blockIdx.x * WORK;
    const float2* pulse_roots = tables + PULSE_ROOTS;
    const float2* coarse_roots = tables + COARSE_ROOTS;
#else
    float2* bands = space + BANDS + LENGTH;
    for (int i = thread; i < BANDS + LENGTH; i += THREADS) space[i] = tables[PULSE_ROOTS + i];
    const float2* pulse_roots = space;
    const float2* coarse_roots = space + BANDS;
    __syncthreads();
#endif
    float2* samples = bands + BANDS * TERMS;
    float2* other = samples + ROUND * SAMPLES;

    for (int unit = blockIdx.x; unit < units; unit += gridDim.x) {
        if (amplitudes[unit / gates] == 0.0) continue;
        const float2* echo = elements + (size_t)unit * (PULSES * TERMS);
        const float2* own = factors + unit * factors_apart;
        // Only powers above zero are found, and echoes are scaled to a magnitude of about one: what is below this is the rounding
        // of nothing. The same in all threads of a warp.
        Best best = {1e-30f, 0, -1};

#if PULSE_ONE
        // A thread keeps the elements that it combines.
        float2 held[PULSES];
        if (TERMS <= THREADS && thread < TERMS) {
#pragma unroll
            for (int k = 0; k < PULSES; k++) held[k] = echo[k * TERMS + thread];
        }
#endif
        for (int row = 0; row < rows; row++) {
            const float2* turns = own + (size_t)row * (PULSES * TERMS);
            auto element = [echo, turns](int, int i) {
                if (i >= PULSES * TERMS) return make_float2(0.f, 0.f);
#if FACTORS
                return mul(echo[i], turns[i]);
#else
                return echo[i];
#endif
            };
            auto into_bands = [bands](int, int i, float2 value) { bands[i] = value; };
#if PULSE_ONE
            if (TERMS <= THREADS) {
                if (thread < TERMS) {
                    float2 x[BANDS];
#pragma unroll
                    for (int k = 0; k < BANDS; k++) {
#if FACTORS
                        x[k] = k < PULSES ? mul(held[k < PULSES ? k : 0], turns[k * TERMS + thread]) : make_float2(0.f, 0.f);
#else
                        x[k] = k < PULSES ? held[k < PULSES ? k : 0] : make_float2(0.f, 0.f);
#endif
                    }
                    dft<BANDS>(x);
#pragma unroll
                    for (int q = 0; q < BANDS; q++) bands[q * TERMS + thread] = x[q];
                }
            } else
#endif
            {
#if PULSE_EVEN
                passes<BANDS, 1, TERMS, PULSE_RADICES>(1, pulse_roots, samples, bands, element, into_bands);
#else
                passes<BANDS, 1, TERMS, PULSE_RADICES>(1, pulse_roots, bands, samples, element, into_bands);
#endif
            }
            __syncthreads();

            for (int first = 0; first < BANDS; first += ROUND) {
                const int here = BANDS - first < ROUND ? BANDS - first : ROUND;
                // One band's terms, twisted and folded to the length of the transform.
                auto twisted = [bands, tables, first](int signal, int i) {
                    const float2* terms = bands + (first + signal / TRANSFORMS) * TERMS;
                    const float2* twists = tables + TWISTS + (first * TRANSFORMS + signal) * TERMS;
                    float2 sum = make_float2(0.f, 0.f);
                    int m = i + MIDDLE % LENGTH;
                    if (m >= LENGTH) m -= LENGTH;
                    if (m < TERMS) sum = mul(terms[m], twists[m]);
                    if (LENGTH < TERMS)
                        for (m += LENGTH; m < TERMS; m += LENGTH) sum = add(sum, mul(terms[m], twists[m]));
                    return sum;
                };
                float largest = 0.f;
                auto sampled = [samples, first, &largest](int signal, int i, float2 value) {
                    samples[signal * LENGTH + i] = value;
                    // Where not all bins count, every sample is one.
                    if (WANTED_END - WANTED_START == SPECTRUM ||
                        is_wanted(first + signal / TRANSFORMS + BANDS * (signal % TRANSFORMS + TRANSFORMS * i)))
                        largest = fmaxf(largest, power(value));
                };
#if COARSE_EVEN
                passes<LENGTH, 1, 1, COARSE_RADICES>(here * TRANSFORMS, coarse_roots, other, samples, twisted, sampled);
#else
                passes<LENGTH, 1, 1, COARSE_RADICES>(here * TRANSFORMS, coarse_roots, samples, other, twisted, sampled);
#endif
                largest = largest_of_warp(largest);
                if (lane == 0) most[warp] = fmaxf(best.power, largest * SCALLOPING);
                __syncthreads();
                // No more than the power of the best bin.
                float bound = most[0];
#pragma unroll
                for (int w = 1; w < WARPS; w++) bound = fmaxf(bound, most[w]);

                const int count = here * SAMPLES;
                for (int base = warp * 32; base < count; base += THREADS) {
                    const float sample = base + lane < count ? power(samples[base + lane]) : -1.f;
                    unsigned hits = __ballot_sync(ALL, sample >= KAPPA * bound);
                    while (hits) {
                        const int hit = __ffs(hits) - 1;
                        hits &= hits - 1;
                        if (__shfl_sync(ALL, sample, hit) < KAPPA * bound) continue;
                        const int signal = (base + hit) / LENGTH, band = first + signal / TRANSFORMS;
                        const float2* mine = samples + signal / TRANSFORMS * SAMPLES;
                        const int centre = signal % TRANSFORMS + TRANSFORMS * ((base + hit) % LENGTH);
                        const int end = starts[centre + 1];
                        for (int i = starts[centre]; i < end; i += 32) {
                            // A bin around the sample for each thread, interpolated.
                            float2 sum = make_float2(0.f, 0.f);
                            int bin = 0;
                            const bool has_one = i + lane < end;
                            if (has_one) {
                                const uint2 place = near[i + lane];
                                bin = band + BANDS * place.x;
                                const float* w = weights + place.y * TAPS;
                                int at = centre - TAPS / 2;
                                if (at < 0) at += SAMPLES;
#pragma unroll
                                for (int t = 0; t < TAPS; t++) {
                                    const float2 value = mine[at % TRANSFORMS * LENGTH + at / TRANSFORMS];
                                    sum = make_float2(fmaf(value.x, w[t], sum.x), fmaf(value.y, w[t], sum.y));
                                    if (++at == SAMPLES) at = 0;
                                }
                            }
                            const bool may_win = has_one && power(sum) >= TOLERANCE * bound && is_wanted(bin);
                            unsigned left = __ballot_sync(ALL, may_win);
                            while (left) {
                                const int from = __ffs(left) - 1;
                                left &= left - 1;
                                Best one = {0.f, row, __shfl_sync(ALL, bin, from)};
                                one.power = exact_power(bands + band * TERMS, bin_roots, one.bin);
                                if (is_better(one, best)) best = one;
                                bound = fmaxf(bound, best.power);
                            }
                        }
                    }
                }
                // What is looked at here is overwritten next.
                __syncthreads();
            }
        }
        if (lane == 0) found[warp] = best;
        __syncthreads();
        if (thread == 0) {
            for (int w = 1; w < WARPS; w++)
                if (is_better(found[w], best)) best = found[w];
            best_row[unit] = best.row;
            best_bin[unit] = best.bin;
        }
    }
}
