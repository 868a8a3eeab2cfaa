// Checks the parts of the load generator that its figures stand on: `scripts/bench --check` runs it.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/handshake.h"
#include "histogram.h"
#include "tally.h"

#define CHECK(truth) ((truth) ? (void)0 : (fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #truth), exit(1)))

// Markers are found wherever the stream is cut in two.
static void check_markers(void) {
    char stream[200], marker[MARKER_LENGTH + 1];
    size_t length = 0;
    for (uint32_t number = 7; number < 10; number++) {
        marker_write(marker, (struct marker){number, 1000000000000000000ull + number});
        length += (size_t)sprintf(stream + length, "x~b~b:1%s~", marker);
    }
    for (size_t cut = 0; cut <= length; cut++) {
        const char *text = stream;
        struct marker found;
        uint32_t next = 7;
        while (marker_next(&text, stream + cut, &found)) CHECK(found.number == next++);
        CHECK(text + MARKER_LENGTH > stream + cut); // what is kept is shorter than a marker
        while (marker_next(&text, stream + length, &found)) {
            CHECK(found.number == next && found.sent == 1000000000000000000ull + next);
            next++;
        }
        CHECK(next == 10);
    }
}

static void check_order(void) {
    struct order order = {0};
    uint32_t arrivals[] = {0, 1, 3, 2, 3, 5000, 5000};
    for (size_t i = 0; i < sizeof arrivals / sizeof *arrivals; i++) order_note(&order, arrivals[i], false);
    CHECK(order.distinct == 5 && order.next == 5001);
    CHECK(order.duplicated == 2 && order.reordered == 1);
    CHECK(order_note(&order, 4999, true) && order.reordered == 1);
    free(order.bits);
}

static void check_histogram(void) {
    static struct histogram histogram;
    for (uint64_t value = 1; value <= 100000; value++) histogram_add(&histogram, value);
    CHECK(histogram.count == 100000 && histogram_quantile(&histogram, 1) == 100000);
    uint64_t median = histogram_quantile(&histogram, 0.5), p99 = histogram_quantile(&histogram, 0.99);
    CHECK(median >= 50000 && median <= 51600);
    CHECK(p99 >= 99000 && p99 <= 100000);
    histogram_add(&histogram, UINT64_MAX);
    CHECK(histogram.maximum == UINT64_MAX);
}

int main(void) {
    check_markers();
    check_order();
    check_histogram();
    CHECK(parse_timestamp("1970-01-01T00:00:01.500Z", 24) == 1500000000);
    CHECK(parse_timestamp("2026-05-17T09:30:00.123Z", 24) == 1779010200123000000);
    CHECK(parse_timestamp("2024-02-29T00:00:00.000Z", 24) == 1709164800000000000);
    char accept[BASE64_OF_SHA1 + 1]; // the example of RFC 6455 section 1.3
    accept_of_key("dGhlIHNhbXBsZSBub25jZQ==", BASE64_OF_16, accept);
    CHECK(!strcmp(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    puts("the load generator's scanner, order, histogram and handshake are right");
}
