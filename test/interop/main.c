/* A C program linked with two Cot objects. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct { int32_t x, y; } Point;
typedef struct { int64_t n; double x; } Mixed;
typedef struct { float a, b, c; } Floats;
typedef struct { uint8_t a; int8_t b; uint8_t c; } Tiny;
typedef struct { double values[5]; int16_t n; } Large;
typedef struct { int64_t values[20]; uint8_t tail[3]; } Middle;
typedef struct { int64_t values[100]; } Huge;

int64_t started(void), remember(const char *, int64_t), remembered(int64_t, char *), collect(int64_t), collected(void), bad(int64_t);
int8_t s8(int8_t); uint8_t u_8(uint8_t); int16_t s16(int16_t); uint16_t u_16(uint16_t);
int32_t s32(int32_t); uint32_t u_32(uint32_t); int64_t s64(int64_t); uint64_t u_64(uint64_t);
int64_t wide8(int8_t), wide16(uint16_t);
bool both(bool, uint8_t);
double half(double);
float third(float);
int32_t *next(int32_t *);
Point swap(Point);
Mixed turn(Mixed);
Floats shift(Floats);
Tiny tiny(Tiny, int64_t);
Large large(int64_t, Large, int64_t);
int64_t huge(Huge, int64_t), weighed(Huge, Middle);
Mixed apply(Mixed (*)(Point, double), Point);

/* Called with bits above the narrow types set, as C allows. */
int64_t dirty8(int64_t) __asm__("wide8");

int64_t weigh(Huge h, Middle m, int64_t factor, Middle again) {
  int64_t sum = 0;
  for (int i = 0; i < 100; i++) sum += (i + 1) * h.values[i];
  for (int i = 0; i < 20; i++) sum += factor * (i + 3) * m.values[i] - again.values[i];
  for (int i = 0; i < 3; i++) sum += m.tail[i] * again.tail[i];
  memset(&h, 1, sizeof h);
  memset(&m, 1, sizeof m);
  return sum;
}

/* Declared as i8, bool and u16 in Cot: what lies above is not theirs. */
int64_t dirty(void) { return 0x1234ff80; }
int64_t dirty_flag(void) { return 0xff01; }
int64_t dirty_word(int64_t n) { return n == 7 ? 0x7fffffff : 0; }
void *dirty_address(void) { return (void *)dirty; }

int64_t total(Point p, Middle m, ...) {
  va_list rest;
  va_start(rest, m);
  double x = va_arg(rest, double);
  int n = va_arg(rest, int);
  int64_t big = va_arg(rest, int64_t);
  char *address = va_arg(rest, char *);
  va_end(rest);
  return p.x * p.y + m.values[7] + m.tail[2] + (int64_t)(x * 2) + n + big + (int64_t)address;
}

int64_t cleaned(void), totals(Middle);
void *widener(void);
Point *keep(int32_t);
bool kept(Point *);

static int64_t expected(Huge h, Middle m) {
  Middle other = m;
  other.values[19] += 1;
  return weigh(h, m, 1, other) + weigh(h, other, 2, m);
}

static Mixed scale(Point p, double by) { return (Mixed) { p.x + p.y, p.x * by }; }

int main(int argc, char **argv) {
  if (argc > 1) return (int)bad(7);
  char text[64] = { 0 };
  printf("%ld\n", (long)started());
  for (int i = 0; i < 10000; i++) remember("a name that is long enough", 20 + i % 6);
  long total = 0;
  for (int i = 0; i < 10001; i++) total += remembered(i, text);
  printf("%ld %.25s\n", total, text);
  for (int i = 0; i < 1000; i++) collect(i);
  printf("%ld\n", (long)collected());
  printf("%d %d %d %d %d %u %ld %lu\n", s8(127), u_8(255), s16(32767), u_16(65535), s32(-2), u_32(0xffffffffu), (long)s64(-1), (unsigned long)u_64(~0ul - 1));
  printf("%ld %ld %ld\n", (long)dirty8(0x1234ff80), (long)dirty8(0x7fffff7f), (long)wide16(65535));
  printf("%d %d %d\n", both(true, 101), both(true, 100), both(false, 255));
  int32_t pair[2] = { 1, 2 };
  printf("%g %g %d\n", half(5), third(4.5f), *next(pair));
  Point p = swap((Point) { -1, 2000000000 });
  Mixed m = turn((Mixed) { 7, -3.5 });
  Floats f = shift((Floats) { 1.5f, 2.5f, 3.5f });
  Tiny t = tiny((Tiny) { 1, -128, 255 }, 9);
  printf("%d %d  %ld %g  %g %g %g  %d %d %d\n", p.x, p.y, (long)m.n, m.x, f.a, f.b, f.c, t.a, t.b, t.c);
  Large l = large(6, (Large) { { 1, 2, 3, 4, 5 }, -32768 }, 7);
  printf("%g %g %d\n", l.values[0], l.values[4], l.n);
  Huge h;
  for (int i = 0; i < 100; i++) h.values[i] = i;
  printf("%ld\n", (long)huge(h, 3));
  Middle middle;
  for (int i = 0; i < 20; i++) middle.values[i] = i * i - 50;
  for (int i = 0; i < 3; i++) middle.tail[i] = 10 * i + 200;
  printf("%d\n", weighed(h, middle) == expected(h, middle));
  int64_t (*widen)(int64_t, int64_t, int64_t) = widener();
  printf("%ld %ld %ld\n", (long)cleaned(), (long)widen(0x1234ff80, 0xff01, 0x7fff0003), (long)widen(0x7f, 0xff00, 0xabcd0000));
  printf("%d\n", totals(middle) == 12 + middle.values[7] + middle.tail[2] + 5 - 7 + (1L << 40) + 64);
  printf("%d\n", kept(keep(5)) && keep(6)->y == 7);
  m = apply(scale, (Point) { 10, 5 });
  printf("%ld %g\n", (long)m.n, m.x);
  return 0;
}
