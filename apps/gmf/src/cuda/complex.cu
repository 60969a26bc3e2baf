// Complex numbers.

static __device__ float2 mul(float2 a, float2 b) {
    return make_float2(fmaf(-a.y, b.y, a.x * b.x), fmaf(a.x, b.y, a.y * b.x));
}

// a b + c
static __device__ float2 mul_add(float2 a, float2 b, float2 c) {
    return make_float2(fmaf(-a.y, b.y, fmaf(a.x, b.x, c.x)), fmaf(a.y, b.x, fmaf(a.x, b.y, c.y)));
}

static __device__ float2 add(float2 a, float2 b) { return make_float2(a.x + b.x, a.y + b.y); }

static __device__ float2 sub(float2 a, float2 b) { return make_float2(a.x - b.x, a.y - b.y); }

static __device__ float power(float2 a) { return fmaf(a.y, a.y, a.x * a.x); }

