#define _GNU_SOURCE
#include "tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void marker_write(char text[MARKER_LENGTH + 1], struct marker marker) {
    snprintf(text, MARKER_LENGTH + 1, "~b:%08u:%019llu~", marker.number % 100000000, (unsigned long long)marker.sent);
}

// A number of exactly `digits` digits.
static bool parse_digits(const char *text, int digits, uint64_t *value) {
    *value = 0;
    for (int i = 0; i < digits; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        *value = *value * 10 + (uint64_t)(text[i] - '0');
    }
    return true;
}

bool marker_next(const char **text, const char *end, struct marker *found) {
    const char *at = *text;
    while ((at = memchr(at, '~', (size_t)(end - at)))) {
        size_t left = (size_t)(end - at);
        if (memcmp(at, "~b:", left < 3 ? left : 3)) {
            at++;
            continue;
        }
        if (left < MARKER_LENGTH) {
            *text = at;
            return false;
        }
        uint64_t number, sent;
        if (parse_digits(at + 3, 8, &number) && at[11] == ':' && parse_digits(at + 12, 19, &sent) && at[31] == '~') {
            *found = (struct marker){(uint32_t)number, sent};
            *text = at + MARKER_LENGTH;
            return true;
        }
        at++;
    }
    *text = end;
    return false;
}

static void order_reserve(struct order *order, uint32_t index) {
    if (index < order->capacity) return;
    uint32_t capacity = order->capacity ? order->capacity : 1024;
    while (capacity <= index) capacity *= 2;
    order->bits = realloc(order->bits, capacity / 8);
    if (!order->bits) abort();
    memset((char *)order->bits + order->capacity / 8, 0, (capacity - order->capacity) / 8);
    order->capacity = capacity;
}

bool order_note(struct order *order, uint32_t index, bool may_be_late) {
    order_reserve(order, index);
    uint64_t bit = 1ull << (index % 64);
    if (order->bits[index / 64] & bit) {
        order->duplicated++;
        return false;
    }
    order->bits[index / 64] |= bit;
    order->distinct++;
    if (index >= order->next) order->next = index + 1;
    else if (!may_be_late) order->reordered++;
    return true;
}

// Days since 1970-01-01 of a date of the Gregorian calendar, counted in years that begin with March.
static int64_t days_since_1970(int64_t year, int64_t month, int64_t day) {
    if (month <= 2) year--, month += 12;
    return 365 * year + year / 4 - year / 100 + year / 400 + (153 * month - 457) / 5 + day - 719469;
}

uint64_t parse_timestamp(const char *text, size_t length) {
    uint64_t year, month, day, hour, minute, second, millisecond;
    if (length < 24 || text[19] != '.' || text[23] != 'Z') return 0;
    bool good = parse_digits(text, 4, &year) && parse_digits(text + 5, 2, &month) && parse_digits(text + 8, 2, &day)
        && parse_digits(text + 11, 2, &hour) && parse_digits(text + 14, 2, &minute) && parse_digits(text + 17, 2, &second)
        && parse_digits(text + 20, 3, &millisecond);
    if (!good) return 0;
    uint64_t days = (uint64_t)days_since_1970((int64_t)year, (int64_t)month, (int64_t)day);
    return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000000000 + millisecond * 1000000;
}
