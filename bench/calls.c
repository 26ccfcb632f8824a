// The twin of calls.cot.
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

static int64_t fib(int64_t n) {
    if (n < 2) return n;
    return fib(n - 1) + fib(n - 2);
}

static int64_t tak(int64_t x, int64_t y, int64_t z) {
    if (y >= x) return z;
    return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y));
}

static int64_t ackermann(int64_t m, int64_t n) {
    if (m == 0) return n + 1;
    if (n == 0) return ackermann(m - 1, 1);
    return ackermann(m - 1, ackermann(m, n - 1));
}

typedef int64_t (*Step)(int64_t);

static int64_t addOne(int64_t x) { return x + 1; }
static int64_t triple(int64_t x) { return x * 3; }
static int64_t fold(int64_t x) { return x ^ (x >> 7); }
static int64_t low(int64_t x) { return x & 1048575; }

static int64_t applyAll(const Step *steps, int64_t len, int64_t times) {
    int64_t x = 1;
    for (int64_t i = 0; i < times; i++) {
        for (int64_t k = 0; k < len; k++) x = steps[k](x);
    }
    return x;
}

int main(void) {
    printf("fib %" PRId64 "\n", fib(39));
    printf("tak %" PRId64 "\n", tak(22, 14, 7));
    printf("ackermann %" PRId64 "\n", ackermann(3, 9));
    const Step steps[4] = {addOne, triple, fold, low};
    printf("apply %" PRId64 "\n", applyAll(steps, 4, 30000000));
    return 0;
}
