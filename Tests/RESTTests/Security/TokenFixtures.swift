/// Tokens that other libraries made, with PyJWT 2.15.1 and python-jose 3.5.0, by
///
/// ```python
/// import jwt
/// from jose import jwt as jose
/// key = "a secret of thirty-two bytes, or more"
/// claims = {"sub": "7", "exp": 4102444800, "iat": 1767225600, "type": "access", "sid": "42"}
/// print("pyJWT", jwt.encode(claims, key, algorithm="HS256"))
/// print("pythonJose", jose.encode(claims, key, algorithm="HS256"))
/// print("withoutType", jwt.encode(claims, key, algorithm="HS256", headers={"typ": None}))
/// print("withMore", jose.encode({"email": "a@b.ua", **claims, "exp": 4102444800.0, "type": "refresh"}, key, algorithm="HS256"))
/// print("hs512", jwt.encode(claims, key, algorithm="HS512"))
/// print("none", jwt.encode(claims, None, algorithm="none"))
/// ```
///
/// 4102444800 is the first second of 2100. The first two and ours are one and the same text.
enum TokenFixtures {
    static let key = "a secret of thirty-two bytes, or more"

    static let pyJWT =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3IiwiZXhwIjo0MTAyNDQ0ODAwLCJpYXQiOjE3NjcyMjU2MDAsInR5cGUiOiJhY"
        + "2Nlc3MiLCJzaWQiOiI0MiJ9._tkugnse_UtEmkEiBeHkGBvACnVQcYTOTbHeHWZrPzI"

    static let pythonJose =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3IiwiZXhwIjo0MTAyNDQ0ODAwLCJpYXQiOjE3NjcyMjU2MDAsInR5cGUiOiJhY"
        + "2Nlc3MiLCJzaWQiOiI0MiJ9._tkugnse_UtEmkEiBeHkGBvACnVQcYTOTbHeHWZrPzI"

    /// The header is `{"alg":"HS256"}`.
    static let withoutType =
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3IiwiZXhwIjo0MTAyNDQ0ODAwLCJpYXQiOjE3NjcyMjU2MDAsInR5cGUiOiJhY2Nlc3MiLCJzaWQiO"
        + "iI0MiJ9.4Ur8gpJowIOOupebznhOqr7zf5wjyIs8OPX9K7tkx3s"

    /// `exp` is `4102444800.0`, `type` is `refresh`, and there is an `email`.
    static let withMore =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJlbWFpbCI6ImFAYi51YSIsInN1YiI6IjciLCJleHAiOjQxMDI0NDQ4MDAuMCwiaWF0IjoxN"
        + "zY3MjI1NjAwLCJ0eXBlIjoicmVmcmVzaCIsInNpZCI6IjQyIn0.hsihE-p2-LdtnGmZ9iNK-j-ffJolhkqlkiy6MUHJj9U"

    static let hs512 =
        "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3IiwiZXhwIjo0MTAyNDQ0ODAwLCJpYXQiOjE3NjcyMjU2MDAsInR5cGUiOiJhY"
        + "2Nlc3MiLCJzaWQiOiI0MiJ9.yC0JWwhkYXNuCxJQlAzroHNw9QgTko3HT82WgH7SFE5G3Vn3MVG3ZLOPxnKMpAdBFyijstsxhvqGay-KbLLY9w"

    static let none =
        "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiI3IiwiZXhwIjo0MTAyNDQ0ODAwLCJpYXQiOjE3NjcyMjU2MDAsInR5cGUiOiJhY2"
        + "Nlc3MiLCJzaWQiOiI0MiJ9."
}
