// Log-linear histogram of nanoseconds: the six highest bits count, so a value is off by 3.1 % at most.
#pragma once
#include <stdint.h>

enum { HISTOGRAM_STEPS = 64, HISTOGRAM_BUCKETS = 59 * HISTOGRAM_STEPS };

struct histogram {
    uint64_t count, maximum;
    uint64_t buckets[HISTOGRAM_BUCKETS];
};

static inline void histogram_add(struct histogram *histogram, uint64_t value) {
    // The six highest bits are kept: 0..<64 as it is, above that 32..<64 of each power of two.
    int shift = value < HISTOGRAM_STEPS ? 0 : 58 - __builtin_clzll(value);
    histogram->buckets[shift * HISTOGRAM_STEPS + (int)(value >> shift)]++;
    histogram->count++;
    if (value > histogram->maximum) histogram->maximum = value;
}

// The least upper bound that this share of the values keep to; 0 when there are none.
static inline uint64_t histogram_quantile(const struct histogram *histogram, double share) {
    uint64_t wanted = (uint64_t)(share * (double)histogram->count + 0.999999), seen = 0;
    if (!histogram->count) return 0;
    for (int i = 0; i < HISTOGRAM_BUCKETS; i++) {
        if (!(seen += histogram->buckets[i]) || seen < wanted) continue;
        int shift = i / HISTOGRAM_STEPS;
        uint64_t upper = (((uint64_t)(i % HISTOGRAM_STEPS) + 1) << shift) - 1;
        return upper < histogram->maximum ? upper : histogram->maximum;
    }
    return histogram->maximum;
}
