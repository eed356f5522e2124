// SPDX-License-Identifier: Apache-2.0
// compress [ROUNDS]: packs a text with a small LZ77 and sums it up.
#include "common.h"

#define SIZE (256 * 1024)
static unsigned char text[SIZE], packed[SIZE * 2];
static int32_t heads[1 << 14];

static size_t pack(void)
{
    size_t out = 0, i = 0, literals = 0;
    memset(heads, 0xff, sizeof heads);
    while (i < SIZE) {
        size_t length = 0, distance = 0;
        if (i + 4 <= SIZE) {
            uint32_t four;
            memcpy(&four, text + i, 4);
            uint32_t h = four * 2654435761u >> 18;
            int32_t at = heads[h];
            heads[h] = (int32_t)i;
            if (at >= 0 && i - (size_t)at < 65535)
                while (i + length < SIZE && length < 255 && text[at + (int32_t)length] == text[i + length])
                    length++, distance = i - (size_t)at;
        }
        if (length >= 5 || literals == 255) {
            packed[out - literals - 1] = (unsigned char)literals;
            literals = 0;
        }
        if (length >= 5) {
            packed[out++] = 0;
            packed[out++] = (unsigned char)length;
            packed[out++] = (unsigned char)distance;
            packed[out++] = (unsigned char)(distance >> 8);
            i += length;
            packed[out++] = 0;
        } else {
            if (literals == 0 && (out == 0 || packed[out - 1] != 0 || i == 0))
                packed[out++] = 0;
            packed[out++] = text[i++];
            literals++;
        }
    }
    return out;
}

static uint32_t sum(const unsigned char *p, size_t n)
{
    uint32_t a = 1, b = 0;
    while (n--)
        a = (a + *p++) % 65521, b = (b + a) % 65521;
    return b << 16 | a;
}

int main(int argc, char **argv)
{
    static const char *const words[] = {"trace ", "fleet ", "block ", "guest ", "of ", "the ", "ring\n", "batch "};
    int rounds = argc > 1 ? atoi(argv[1]) : 1;
    uint64_t state = 88172645463325252;
    for (size_t i = 0; i < SIZE;) {
        state ^= state << 13, state ^= state >> 7, state ^= state << 17;
        for (const char *w = words[state % 8]; *w && i < SIZE; w++)
            text[i++] = (unsigned char)*w;
    }
    size_t n = 0;
    uint32_t s = 0;
    for (int r = 0; r < rounds; r++) {
        n = pack();
        s ^= sum(packed, n) + sum(text, SIZE);
    }
    printf("compress: done, %zu to %zu, %08x\n", (size_t)SIZE, n, s);
    return 0;
}
