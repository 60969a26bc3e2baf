// Filters an image away from its edges, in f64: a thread for each pixel, taps in the order in which
// the host has them.
//
// A batch has items, blockIdx.z; bands: the first row and the end of each. taps: by place within a
// step, zeros before and after those along x. filtered: rows of the columns that are filtered.
extern "C" __global__ void __launch_bounds__(128) filter(const double* __restrict__ image, const double* __restrict__ taps,
    const int* __restrict__ bands, double* __restrict__ filtered, long long item, int padding, int rows, int columns,
    int first_column, int end_column, int window_x, int window_y, int step_x, int step_y) {
    const int row = bands[2 * blockIdx.z] + blockIdx.y, column = first_column + blockIdx.x * blockDim.x + threadIdx.x;
    if (row >= bands[2 * blockIdx.z + 1] || column >= end_column) return;
    const int places_x = min(step_x, window_x), places_y = min(step_y, window_y);
    const int at_x = row % step_x, at_y = column % step_y;
    double sum = 0.0;
    // Between windows that are further apart than they are wide there is nothing.
    if (at_x < places_x && at_y < places_y) {
        const int shifts_x = 2 * window_x - 1, shifts_y = 2 * window_y - 1;
        const int top = row + 1 - window_x, left = column + 1 - window_y;
        // No window that fits reaches beyond the image: such taps are 0.
        const int below = min(shifts_x, rows - top), right = min(shifts_y, columns - left);
        const long long start = (long long)(at_x * places_y + at_y) * (shifts_x + 2 * padding) + padding;
        for (int i = 0; i < below; i++) {
            const double* tap = taps + (start + i) * shifts_y;
            const double* pixel = image + (long long)(top + i) * columns + left;
            for (int j = 0; j < right; j++) sum = fma(tap[j], pixel[j], sum);
        }
    }
    filtered[blockIdx.z * item + (long long)blockIdx.y * (end_column - first_column) + column - first_column] = sum;
}
