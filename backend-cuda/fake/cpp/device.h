// CUDA C for g++: what a kernel may write.
#pragma once
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <type_traits>
#include <utility>

#include "fibers.h"

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __noinline__ __attribute__((noinline))
#define __restrict__ __restrict
#define __constant__ static
#define __launch_bounds__(...)
#define __align__(n) alignas(n)
#define threadIdx (fake::place().thread)
#define blockIdx (fake::place().block)
#define blockDim (fake::place().threads)
#define gridDim (fake::place().blocks)
#define warpSize 32
#define CUDART_INF INFINITY
#define assert(holds) ((holds) ? (void)0 : fake::trap("an assertion failed: " #holds))

#define FAKE_VECTOR2(type, name) \
    struct alignas(2 * sizeof(type)) name##2 { type x, y; }; \
    static inline name##2 make_##name##2(type x, type y) { return {x, y}; }
#define FAKE_VECTOR34(type, name) \
    struct name##3 { type x, y, z; }; \
    static inline name##3 make_##name##3(type x, type y, type z) { return {x, y, z}; } \
    struct alignas(sizeof(type) < 8 ? 4 * sizeof(type) : 16) name##4 { type x, y, z, w; }; \
    static inline name##4 make_##name##4(type x, type y, type z, type w) { return {x, y, z, w}; }
FAKE_VECTOR2(float, float) FAKE_VECTOR34(float, float)
FAKE_VECTOR2(double, double) FAKE_VECTOR34(double, double)
FAKE_VECTOR2(int, int) FAKE_VECTOR34(int, int)
FAKE_VECTOR2(unsigned, uint) FAKE_VECTOR34(unsigned, uint)
FAKE_VECTOR2(short, short) FAKE_VECTOR34(short, short)

// Barriers, and what the threads of a warp tell each other.
static inline void __syncthreads() { fake::block_barrier(); }
static inline void __syncwarp(unsigned mask = ~0u) { fake::warp_barrier(mask); }
static inline unsigned __activemask() { return fake::active(); }
static inline unsigned __ballot_sync(unsigned mask, int holds) { return fake::ballot(mask, holds != 0); }
static inline int __any_sync(unsigned mask, int holds) { return fake::ballot(mask, holds != 0) != 0; }
static inline int __all_sync(unsigned mask, int holds) { return fake::ballot(mask, holds == 0) == 0; }
namespace fake {
template <class T> T taken(unsigned mask, T value, unsigned from) {
    static_assert(sizeof(T) <= 8, "shuffles take up to 8 bytes");
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof value);
    bits = exchange(mask, bits, from);
    memcpy(&value, &bits, sizeof value);
    return value;
}
// The lane at `to`, or the calling one where that is outside of its part of the warp.
static inline unsigned within(int to, int width) {
    int me = static_cast<int>(lane()), first = me / width * width;
    return static_cast<unsigned>(to < first || to >= first + width ? me : to);
}
}  // namespace fake
template <class T> T __shfl_sync(unsigned mask, T value, int from, int width = 32) {
    int me = static_cast<int>(fake::lane());
    return fake::taken(mask, value, static_cast<unsigned>(me / width * width + (from & (width - 1))));
}
template <class T> T __shfl_down_sync(unsigned mask, T value, unsigned by, int width = 32) {
    return fake::taken(mask, value, fake::within(static_cast<int>(fake::lane() + by), width));
}
template <class T> T __shfl_up_sync(unsigned mask, T value, unsigned by, int width = 32) {
    return fake::taken(mask, value, fake::within(static_cast<int>(fake::lane()) - static_cast<int>(by), width));
}
template <class T> T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32) {
    int to = static_cast<int>(fake::lane()) ^ bits;
    int last = static_cast<int>(fake::lane()) / width * width + width - 1;
    return fake::taken(mask, value, to > last ? fake::lane() : static_cast<unsigned>(to));
}
static inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
static inline void __threadfence_block() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
static inline void __trap() { fake::trap("a trap"); }

// Atomics order no other memory.
template <class T, class F> T fake_atomic(T* at, F change) {
    T old, next;
    __atomic_load(at, &old, __ATOMIC_RELAXED);
    do next = change(old);
    while (!__atomic_compare_exchange(at, &old, &next, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    return old;
}
template <class T> T atomicAdd(T* at, T by) { return fake_atomic(at, [=](T old) { return static_cast<T>(old + by); }); }
template <class T> T atomicMax(T* at, T with) { return fake_atomic(at, [=](T old) { return old > with ? old : with; }); }
template <class T> T atomicMin(T* at, T with) { return fake_atomic(at, [=](T old) { return old < with ? old : with; }); }
template <class T> T atomicOr(T* at, T with) { return fake_atomic(at, [=](T old) { return old | with; }); }
template <class T> T atomicAnd(T* at, T with) { return fake_atomic(at, [=](T old) { return old & with; }); }
template <class T> T atomicExch(T* at, T to) { return fake_atomic(at, [=](T) { return to; }); }
template <class T> T atomicCAS(T* at, T expected, T to) {
    return fake_atomic(at, [=](T old) { return old == expected ? to : old; });
}

// Bits and numbers.
static inline int __popc(unsigned bits) { return __builtin_popcount(bits); }
static inline int __ffs(int bits) { return __builtin_ffs(bits); }
static inline int __clz(int bits) { return bits ? __builtin_clz(static_cast<unsigned>(bits)) : 32; }
static inline int __float_as_int(float value) { int bits; memcpy(&bits, &value, 4); return bits; }
static inline unsigned __float_as_uint(float value) { unsigned bits; memcpy(&bits, &value, 4); return bits; }
static inline float __int_as_float(int bits) { float value; memcpy(&value, &bits, 4); return value; }
static inline float __uint_as_float(unsigned bits) { float value; memcpy(&value, &bits, 4); return value; }
static inline long long __double_as_longlong(double value) { long long bits; memcpy(&bits, &value, 8); return bits; }
static inline double __longlong_as_double(long long bits) { double value; memcpy(&value, &bits, 8); return value; }
static inline unsigned __umulhi(unsigned a, unsigned b) { return static_cast<unsigned>((static_cast<uint64_t>(a) * b) >> 32); }
static inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
    return static_cast<unsigned long long>((static_cast<unsigned __int128>(a) * b) >> 64);
}
template <class T> T __ldg(const T* at) { return *at; }
template <class T, class U> constexpr std::common_type_t<T, U> min(T a, U b) { return b < a ? b : a; }
template <class T, class U> constexpr std::common_type_t<T, U> max(T a, U b) { return a < b ? b : a; }
static inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
static inline float __fmul_rn(float a, float b) { volatile float product = a * b; return product; }
static inline float __fadd_rn(float a, float b) { volatile float sum = a + b; return sum; }
static inline float __fsub_rn(float a, float b) { volatile float sum = a - b; return sum; }
static inline float __fdiv_rn(float a, float b) { return a / b; }
static inline float __fsqrt_rn(float a) { return sqrtf(a); }
static inline double __fma_rn(double a, double b, double c) { return fma(a, b, c); }
static inline double __dmul_rn(double a, double b) { volatile double product = a * b; return product; }
static inline double __dadd_rn(double a, double b) { volatile double sum = a + b; return sum; }
static inline double __dsub_rn(double a, double b) { volatile double sum = a - b; return sum; }
static inline double __ddiv_rn(double a, double b) { return a / b; }
static inline float rsqrtf(float a) { return 1.0f / sqrtf(a); }
static inline double rsqrt(double a) { return 1.0 / sqrt(a); }
// Of half turns: reduced before the product, as CUDA does, so that whole and half turns are exact.
static inline void sincospi(double a, double* sine, double* cosine) {
    double r = remainder(a, 2.0), s = sin(M_PI * r), c = cos(M_PI * r);
    *sine = r == rint(r) ? copysign(0.0, a) : s;
    *cosine = fabs(r) == 0.5 ? 0.0 : c;
}
static inline void sincospif(float a, float* sine, float* cosine) {
    double s, c;
    sincospi(a, &s, &c);
    *sine = static_cast<float>(s);
    *cosine = static_cast<float>(c);
}
static inline double sinpi(double a) { double s, c; sincospi(a, &s, &c); return s; }
static inline double cospi(double a) { double s, c; sincospi(a, &s, &c); return c; }
static inline float sinpif(float a) { return static_cast<float>(sinpi(a)); }
static inline float cospif(float a) { return static_cast<float>(cospi(a)); }

// Kernels by the addresses of their arguments.
namespace fake {
template <class... A> struct Call {
    void (*kernel)(A...);
    void** arguments;
    template <size_t... I> void with(std::index_sequence<I...>) {
        kernel(*static_cast<std::remove_cv_t<A>*>(arguments[I])...);
    }
    static void run(void* call) { static_cast<Call*>(call)->with(std::index_sequence_for<A...>()); }
};
template <class... A> Ending run(void (*kernel)(A...), const Shape& shape, void** arguments) {
    Call<A...> call{kernel, arguments};
    return launch(shape, Call<A...>::run, &call);
}
template <class... A> constexpr unsigned count_of(void (*)(A...)) { return sizeof...(A); }
template <class... A> const uint32_t* sizes_of(void (*)(A...)) {
    static const uint32_t sizes[] = {static_cast<uint32_t>(sizeof(A))..., 0};
    return sizes;
}
}  // namespace fake
#define FAKE_KERNEL(name, most) \
    fake::Kernel{#name, [](const fake::Shape& shape, void** arguments) { return fake::run(&name, shape, arguments); }, \
                 fake::count_of(&name), fake::sizes_of(&name), fake::first(most, 1024)}
namespace fake {
constexpr unsigned first(unsigned most, ...) { return most; }
}
