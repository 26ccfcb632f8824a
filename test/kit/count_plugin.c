// A plugin for qemu-x86_64 that counts executed instructions: `-plugin count_plugin.so,count=FILE` writes their number to FILE at the end.
// In -> out: a program, to one decimal number and a newline in FILE, so its own streams stay as they are. Every block that is
// entered counts with all its instructions. A block ends at each jump and system call, so the number is exact unless a signal
// interrupts one. A repeated string instruction (rep movs) counts once for each repetition and once for the end, since qemu
// makes a block of it that jumps to itself.
// Each thread adds in a cell of its own; of more than CELLS threads the rest add to one cell, atomically. A child that was forked
// counts nothing: only the process that loaded the plugin writes.
// Debian ships no header for plugins, so what is used of version 1 of the interface (qemu 4.2 to 8.2) is declared here.
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_info;
/** The callback touches no register of the program. */
enum { QEMU_PLUGIN_CB_NO_REGS = 0 };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, void (*call)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *block, void (*call)(unsigned, void *), int flags, void *data);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*call)(qemu_plugin_id_t, void *), void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

enum { CELLS = 64 };

/** A thread's number, in a cache line of its own. */
struct cell {
    _Alignas(64) uint64_t count;
};

static struct cell cells[CELLS + 1];
static char file[4096];
static pid_t owner;

static void on_block(unsigned thread, void *instructions) {
    uint64_t n = (uintptr_t)instructions;
    if (thread < CELLS) cells[thread].count += n;
    else __atomic_fetch_add(&cells[CELLS].count, n, __ATOMIC_RELAXED);
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
    (void)id;
    qemu_plugin_register_vcpu_tb_exec_cb(block, on_block, QEMU_PLUGIN_CB_NO_REGS, (void *)(uintptr_t)qemu_plugin_tb_n_insns(block));
}

static void on_exit_of_program(qemu_plugin_id_t id, void *data) {
    (void)id;
    (void)data;
    if (getpid() != owner) return;
    uint64_t sum = 0;
    for (int k = 0; k <= CELLS; k++) sum += cells[k].count;
    char text[32];
    int length = snprintf(text, sizeof text, "%llu\n", (unsigned long long)sum);
    int to = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (to < 0 || write(to, text, (size_t)length) != length) perror(file);
    if (to >= 0) close(to);
}

__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv) {
    (void)info;
    if (argc != 1 || strncmp(argv[0], "count=", 6) != 0 || strlen(argv[0] + 6) >= sizeof file) return -1;
    strcpy(file, argv[0] + 6);
    owner = getpid();
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_atexit_cb(id, on_exit_of_program, NULL);
    return 0;
}
