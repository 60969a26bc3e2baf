// A block for each star, a thread for each frequency: as `Stars::compute`, term by term.
extern "C" __global__ void __launch_bounds__(TRIED)
periods(const double* __restrict__ stars, double* __restrict__ out) {
    __shared__ double star[DAYS];
    __shared__ double powers[TRIED];
    const int thread = threadIdx.x;
    for (int day = thread; day < DAYS; day += TRIED)
        star[day] = stars[(size_t)blockIdx.x * DAYS + day];
    __syncthreads();
    double cosine = 0, sine = 0;
    for (int day = 0; day < DAYS; day++) {
        double s, c;
        sincospi(2.0 * ((thread + 1) * day % DAYS) / DAYS, &s, &c);
        cosine += star[day] * c;
        sine += star[day] * s;
    }
    powers[thread] = 2 * (cosine * cosine + sine * sine) / ((double)DAYS * DAYS);
    __syncthreads();
    if (thread > 0) return;
    double square = 0;
    for (int day = 0; day < DAYS; day++) square += star[day] * star[day];
    int best = 0;
    for (int at = 1; at < TRIED; at++)
        if (powers[at] >= powers[best]) best = at;
    out[2 * blockIdx.x] = (double)DAYS / (best + 1);
    out[2 * blockIdx.x + 1] = powers[best] / (square / DAYS);
}
