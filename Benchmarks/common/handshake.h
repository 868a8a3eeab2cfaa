// What both ends of the opening handshake (RFC 6455 section 4) need.
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { BASE64_OF_SHA1 = 28, BASE64_OF_16 = 24 };

// Base64 of `length` bytes with padding, and a terminating zero: 4 * ceil(length / 3) + 1 bytes.
void base64(const uint8_t *bytes, size_t length, char *text);

// The Sec-WebSocket-Accept that answers a Sec-WebSocket-Key, and a terminating zero.
void accept_of_key(const char *key, size_t key_length, char accept[BASE64_OF_SHA1 + 1]);

// The value of a header within a complete HTTP head, or NULL; `length` gets its length. Names compare without case.
const char *header_value(const char *head, size_t head_length, const char *name, size_t *length);

// Raises this process's limit of open files to what it may have.
void raise_file_limit(void);
