// The twin of nbody.cot.
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.141592653589793
#define SOLAR_MASS (4.0 * PI * PI)
#define YEAR 365.24

typedef struct {
    double x, y, z;
    double vx, vy, vz;
    double mass;
} Body;

static Body *makeBodies(void) {
    Body *bodies = calloc(5, sizeof(Body));
    bodies[0] = (Body){0.0, 0.0, 0.0, 0.0, 0.0, 0.0, SOLAR_MASS};
    bodies[1] = (Body){
        4.84143144246472090, -1.16032004402742839, -0.103622044471123109,
        0.00166007664274403694 * YEAR, 0.00769901118419740425 * YEAR, -0.0000690460016972063023 * YEAR,
        0.000954791938424326609 * SOLAR_MASS,
    };
    bodies[2] = (Body){
        8.34336671824457987, 4.12479856412430479, -0.403523417114321381,
        -0.00276742510726411160 * YEAR, 0.00499852801234917238 * YEAR, 0.0000230417297573763929 * YEAR,
        0.000285885980666130812 * SOLAR_MASS,
    };
    bodies[3] = (Body){
        12.8943695621391310, -15.1111514016986312, -0.223307578892655734,
        0.00296460137564761618 * YEAR, 0.00237847173959480950 * YEAR, -0.0000296589568540237556 * YEAR,
        0.0000436624404335156298 * SOLAR_MASS,
    };
    bodies[4] = (Body){
        15.3796971148509165, -25.9193146099879641, 0.179258772950371181,
        0.00268067772490389322 * YEAR, 0.00162824170038242295 * YEAR, -0.0000951592254519715870 * YEAR,
        0.0000515138902046611451 * SOLAR_MASS,
    };
    return bodies;
}

static void offsetMomentum(Body *bodies, int64_t len) {
    double px = 0.0, py = 0.0, pz = 0.0;
    for (int64_t i = 0; i < len; i++) {
        const Body *b = &bodies[i];
        px += b->vx * b->mass;
        py += b->vy * b->mass;
        pz += b->vz * b->mass;
    }
    bodies[0].vx = -px / SOLAR_MASS;
    bodies[0].vy = -py / SOLAR_MASS;
    bodies[0].vz = -pz / SOLAR_MASS;
}

static double energy(const Body *bodies, int64_t len) {
    double e = 0.0;
    for (int64_t i = 0; i < len; i++) {
        const Body *a = &bodies[i];
        e += 0.5 * a->mass * (a->vx * a->vx + a->vy * a->vy + a->vz * a->vz);
        for (int64_t k = i + 1; k < len; k++) {
            const Body *b = &bodies[k];
            double dx = a->x - b->x;
            double dy = a->y - b->y;
            double dz = a->z - b->z;
            e -= a->mass * b->mass / sqrt(dx * dx + dy * dy + dz * dz);
        }
    }
    return e;
}

static void advance(Body *bodies, int64_t len, double dt) {
    for (int64_t i = 0; i < len; i++) {
        Body *a = &bodies[i];
        for (int64_t k = i + 1; k < len; k++) {
            Body *b = &bodies[k];
            double dx = a->x - b->x;
            double dy = a->y - b->y;
            double dz = a->z - b->z;
            double square = dx * dx + dy * dy + dz * dz;
            double force = dt / (square * sqrt(square));
            a->vx -= dx * b->mass * force;
            a->vy -= dy * b->mass * force;
            a->vz -= dz * b->mass * force;
            b->vx += dx * a->mass * force;
            b->vy += dy * a->mass * force;
            b->vz += dz * a->mass * force;
        }
    }
    for (int64_t i = 0; i < len; i++) {
        Body *b = &bodies[i];
        b->x += dt * b->vx;
        b->y += dt * b->vy;
        b->z += dt * b->vz;
    }
}

static uint64_t bitsOf(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

int main(void) {
    Body *bodies = makeBodies();
    offsetMomentum(bodies, 5);
    printf("before %" PRIu64 "\n", bitsOf(energy(bodies, 5)));
    for (int64_t i = 0; i < 5000000; i++) advance(bodies, 5, 0.01);
    printf("after %" PRIu64 "\n", bitsOf(energy(bodies, 5)));
    return 0;
}
