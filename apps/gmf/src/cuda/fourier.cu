// Fourier transforms of any length: mixed radix after Stockham, as the lanes of the host compute them
// (search/simd/fourier.rs), one butterfly per thread and all signals of a block at once.

// exp(-2 pi i k / R) for all k, while the compiler runs.
template <int R> struct Roots {
    float re[R], im[R];
};

template <int R> static __device__ constexpr Roots<R> roots_of() {
    Roots<R> roots{};
    for (int k = 0; k < R; k++) {
        // Within half a turn 18 terms of the series are exact to f64.
        const double x = -2.0 * 3.14159265358979323846 * (2 * k > R ? k - R : k) / R;
        double cosine = 0.0, sine = 0.0, term = 1.0;
        for (int n = 0; n < 36; n += 2) {
            cosine += term;
            term *= x / (n + 1);
            sine += term;
            term *= -x / (n + 2);
        }
        roots.re[k] = (float)cosine;
        roots.im[k] = (float)sine;
    }
    return roots;
}

static __device__ constexpr int smallest_factor(int number) {
    if (number % 4 == 0) return 4;
    for (int factor = 2; factor * factor <= number; factor++)
        if (number % factor == 0) return factor;
    return number;
}

// The transform of R numbers in registers.
template <int R> static __device__ __forceinline__ void dft(float2 (&x)[R]) {
    constexpr int A = smallest_factor(R);
    if constexpr (R == 2) {
        const float2 a = x[0], b = x[1];
        x[0] = add(a, b);
        x[1] = sub(a, b);
    } else if constexpr (R == 4) {
        const float2 even = add(x[0], x[2]), odd = sub(x[0], x[2]), sum = add(x[1], x[3]), d = sub(x[1], x[3]);
        const float2 turned = make_float2(d.y, -d.x);
        x[0] = add(even, sum);
        x[1] = add(odd, turned);
        x[2] = sub(even, sum);
        x[3] = sub(odd, turned);
    } else if constexpr (R > 2 && A == R) {
        // An odd prime: sums and differences of mirrored elements.
        constexpr Roots<R> roots = roots_of<R>();
        constexpr int H = R / 2;
        float2 sums[H + 1], differences[H + 1], all = x[0];
#pragma unroll
        for (int j = 1; j <= H; j++) {
            sums[j] = add(x[j], x[R - j]);
            differences[j] = sub(x[j], x[R - j]);
            all = add(all, sums[j]);
        }
        const float2 first = x[0];
        x[0] = all;
#pragma unroll
        for (int k = 1; k <= H; k++) {
            float2 even = make_float2(fmaf(sums[1].x, roots.re[k], first.x), fmaf(sums[1].y, roots.re[k], first.y));
            float2 odd = make_float2(differences[1].x * roots.im[k], differences[1].y * roots.im[k]);
#pragma unroll
            for (int j = 2; j <= H; j++) {
                const float c = roots.re[j * k % R], s = roots.im[j * k % R];
                even = make_float2(fmaf(sums[j].x, c, even.x), fmaf(sums[j].y, c, even.y));
                odd = make_float2(fmaf(differences[j].x, s, odd.x), fmaf(differences[j].y, s, odd.y));
            }
            x[k] = make_float2(even.x - odd.y, even.y + odd.x);
            x[R - k] = make_float2(even.x + odd.y, even.y - odd.x);
        }
    } else if constexpr (R > 1) {
        constexpr Roots<R> roots = roots_of<R>();
        constexpr int B = R / A;
        float2 parts[R];
#pragma unroll
        for (int n = 0; n < B; n++) {
            float2 part[A];
#pragma unroll
            for (int j = 0; j < A; j++) part[j] = x[B * j + n];
            dft<A>(part);
            parts[n] = part[0];
#pragma unroll
            for (int k = 1; k < A; k++)
                parts[B * k + n] = n == 0 ? part[k] : mul(part[k], make_float2(roots.re[n * k], roots.im[n * k]));
        }
#pragma unroll
        for (int k = 0; k < A; k++) {
            float2 part[B];
#pragma unroll
            for (int n = 0; n < B; n++) part[n] = parts[B * k + n];
            dft<B>(part);
#pragma unroll
            for (int j = 0; j < B; j++) x[k + A * j] = part[j];
        }
    }
}

// The largest radix that is computed in registers; larger ones are primes, and cost their square.
static const int MOST_IN_REGISTERS = 16;

// One pass of radix R over signals of SIZE elements, of which BATCH lie interleaved, after passes of radices whose product is
// STRIDE. `roots` are exp(-2 pi i k / SIZE). `load(signal, element)` and `store(signal, element, value)` say where they lie.
template <int SIZE, int STRIDE, int BATCH, int R, class Load, class Store>
static __device__ __forceinline__ void pass(int signals, const float2* roots, Load load, Store store) {
    constexpr int APART = SIZE / R * BATCH, SPREAD = STRIDE * BATCH;
    constexpr bool LAST = SIZE == STRIDE * R;
    if constexpr (R <= MOST_IN_REGISTERS) {
        for (int item = threadIdx.x; item < signals * APART; item += THREADS) {
            const int signal = item / APART, i = item % APART, p = i / SPREAD, q = i % SPREAD;
            float2 x[R];
#pragma unroll
            for (int j = 0; j < R; j++) x[j] = load(signal, i + j * APART);
            dft<R>(x);
#pragma unroll
            for (int k = 0; k < R; k++)
                store(signal, (R * p + k) * SPREAD + q, LAST || k == 0 ? x[k] : mul(x[k], roots[p * k * STRIDE]));
        }
    } else {
        for (int item = threadIdx.x; item < signals * SIZE * BATCH; item += THREADS) {
            const int signal = item / (SIZE * BATCH), output = item % (SIZE * BATCH);
            const int q = output % SPREAD, k = output / SPREAD % R, p = output / SPREAD / R;
            float2 sum = make_float2(0.f, 0.f);
            int turn = 0;
            for (int j = 0; j < R; j++) {
                sum = mul_add(load(signal, p * SPREAD + q + j * APART), roots[turn * (SIZE / R)], sum);
                turn += k;
                if (turn >= R) turn -= R;
            }
            store(signal, output, LAST ? sum : mul(sum, roots[p * k * STRIDE]));
        }
    }
}

// All passes. What lies between two of them alternates between `to` and `other`; the last stores by `last`. The block waits
// between passes, not after the last one.
template <int SIZE, int STRIDE, int BATCH, int R, int... REST, class Load, class Store>
static __device__ __forceinline__ void passes(int signals, const float2* roots, float2* to, float2* other, Load load, Store last) {
    if constexpr (sizeof...(REST) == 0) {
        pass<SIZE, STRIDE, BATCH, R>(signals, roots, load, last);
    } else {
        pass<SIZE, STRIDE, BATCH, R>(signals, roots, load, [to](int signal, int i, float2 value) {
            to[signal * (SIZE * BATCH) + i] = value;
        });
        __syncthreads();
        passes<SIZE, STRIDE * R, BATCH, REST...>(
            signals, roots, other, to, [to](int signal, int i) { return to[signal * (SIZE * BATCH) + i]; }, last);
    }
}
