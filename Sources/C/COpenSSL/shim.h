/* The low-level digests are deprecated in favour of EVP's, which look their algorithm up by name and allocate a context at each
   use: several times the cost of the digest itself for inputs of a few hundred bytes. They are what RFC 6455's handshake and a
   token's check are made of, for every socket that comes. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/crypto.h>

/* Sec-WebSocket-Accept (RFC 6455 section 4.2.2) for a key: 28 characters of base64, and a zero. */
static inline void adelante_websocket_accept(const void *key, size_t count, unsigned char *text) {
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char digest[SHA_DIGEST_LENGTH];
    SHA_CTX context;
    SHA1_Init(&context);
    SHA1_Update(&context, key, count);
    SHA1_Update(&context, guid, sizeof guid - 1);
    SHA1_Final(digest, &context);
    EVP_EncodeBlock(text, digest, sizeof digest);
}

/* HMAC-SHA-256 (RFC 2104) under a key whose two padded blocks were hashed beforehand. */
static inline void adelante_hmac_sha256(const SHA256_CTX *inner, const SHA256_CTX *outer, const void *data, size_t count,
                                        unsigned char *code) {
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256_CTX context = *inner;
    SHA256_Update(&context, data, count);
    SHA256_Final(digest, &context);
    context = *outer;
    SHA256_Update(&context, digest, sizeof digest);
    SHA256_Final(code, &context);
    OPENSSL_cleanse(digest, sizeof digest);
}
