/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a memory access went: RAM at a physical address, or a device. System emulation, inside a memory callback only. */
#ifndef TRACEFLEET_HWADDR_H
#define TRACEFLEET_HWADDR_H

#include "api.h"

struct location {
    const char *device; /* NULL: RAM */
    uint64_t address;   /* physical; the offset in the device before QEMU 6.0 */
};

static inline struct location locate(qemu_plugin_meminfo_t info, uint64_t vaddr) {
    struct qemu_plugin_hwaddr *h = qemu_plugin_get_hwaddr(info, vaddr);
    /* QEMU answers NULL for an access it cannot explain: it is neither RAM nor a device that has a name. */
    if (!h) return (struct location){"unknown", vaddr};
    if (qemu_plugin_hwaddr_is_io(h)) return (struct location){api_hwaddr_device(h), api_hwaddr_address(h)};
    return (struct location){NULL, api_hwaddr_address(h)};
}

#endif
