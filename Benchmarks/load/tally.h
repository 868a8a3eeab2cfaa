// What payloads say, and whether everything came: once, in order, with nothing missing.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A marker is `~b:<8 digits: number>:<19 digits: time it was sent, CLOCK_MONOTONIC in ns>~`.
enum { MARKER_LENGTH = 32 };

struct marker {
    uint32_t number;
    uint64_t sent;
};

void marker_write(char text[MARKER_LENGTH + 1], struct marker marker);

// Finds the next marker in *text..<end. When found, *text moves behind it. When not, *text moves to where a marker may
// have begun that `end` cuts off, or to `end`: what is there must be seen again in front of what comes next.
bool marker_next(const char **text, const char *end, struct marker *found);

// What one socket has received of the messages 0, 1, 2, …
struct order {
    uint64_t *bits;
    uint32_t capacity; // of bits, in messages
    uint32_t next;     // one behind the highest that came
    uint32_t distinct, duplicated, reordered;
};

// Notes a delivery; false when it had come before. One that comes after a later message counts as reordered unless
// `may_be_late`.
bool order_note(struct order *order, uint32_t index, bool may_be_late);

// Nanoseconds since 1970 of `2026-05-17T09:30:00.123Z`; 0 when it is not of that form.
uint64_t parse_timestamp(const char *text, size_t length);
