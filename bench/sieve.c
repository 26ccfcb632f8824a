// The twin of sieve.cot.
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { LIMIT = 2000000, ROUNDS = 75 };

static void strike(bool *composite, int64_t n) {
    for (int64_t i = 0; i < n; i++) composite[i] = false;
    for (int64_t i = 2; i * i < n; i++) {
        if (composite[i]) continue;
        for (int64_t k = i * i; k < n; k += i) composite[k] = true;
    }
}

int main(void) {
    bool *composite = calloc(LIMIT, sizeof(bool));
    int64_t count = 0, sum = 0;
    for (int64_t round = 0; round < ROUNDS; round++) {
        strike(composite, LIMIT - round);
        for (int64_t i = 2; i < LIMIT - round; i++) {
            if (!composite[i]) {
                count += 1;
                sum += i;
            }
        }
    }
    printf("primes %" PRId64 " sum %" PRId64 "\n", count, sum);
    return 0;
}
