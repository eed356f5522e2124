// SPDX-License-Identifier: Apache-2.0
#ifndef COMMON_H
#define COMMON_H

#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHECK(what)                                                              \
    do {                                                                         \
        if (!(what)) {                                                           \
            fprintf(stderr, "%s:%d: %s: errno %d\n", __FILE__, __LINE__, #what, errno); \
            exit(99);                                                            \
        }                                                                        \
    } while (0)

#endif
