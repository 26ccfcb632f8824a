// The twin of matrix.cot.
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = 400, ROUNDS = 24 };

typedef struct {
    int64_t rows, cols;
    double *cells;
} Matrix;

static Matrix make(int64_t rows, int64_t cols) { return (Matrix){rows, cols, calloc(rows * cols, sizeof(double))}; }

static double *rowOf(const Matrix *m, int64_t r) { return m->cells + r * m->cols; }

static void fill(Matrix *m, uint64_t seed) {
    uint64_t state = seed;
    for (int64_t i = 0; i < m->rows * m->cols; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        m->cells[i] = (double)(state >> 40) / 16777216.0;
    }
}

static Matrix multiply(const Matrix *a, const Matrix *b) {
    Matrix out = make(a->rows, b->cols);
    for (int64_t r = 0; r < a->rows; r++) {
        double *sums = rowOf(&out, r);
        const double *factors = rowOf(a, r);
        for (int64_t k = 0; k < a->cols; k++) {
            double factor = factors[k];
            const double *row = rowOf(b, k);
            for (int64_t c = 0; c < b->cols; c++) sums[c] += factor * row[c];
        }
    }
    return out;
}

static double total(const Matrix *m) {
    double sum = 0.0;
    for (int64_t i = 0; i < m->rows * m->cols; i++) sum += m->cells[i];
    return sum;
}

int main(void) {
    Matrix a = make(N, N), b = make(N, N);
    fill(&a, 1);
    fill(&b, 2);
    for (int64_t round = 0; round < ROUNDS; round++) {
        a.cells[round] += 1.0;
        Matrix product = multiply(&a, &b);
        double sum = total(&product);
        uint64_t bits;
        memcpy(&bits, &sum, sizeof bits);
        printf("sum %" PRIu64 "\n", bits);
        free(product.cells);
    }
    return 0;
}
