"""Ed25519 (RFC 8032) for the verifier beside it: slow, plain, and strict."""
import hashlib

P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ZERO = (0, 1)


def point(data):
    """The point in 32 bytes; none for what is not one, or not its only encoding."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    return (x if x & 1 == sign else P - x, y)


def add(a, b):
    t = D * a[0] * b[0] * a[1] * b[1] % P
    x = (a[0] * b[1] + a[1] * b[0]) * pow(1 + t, -1, P) % P
    y = (a[1] * b[1] + a[0] * b[0]) * pow(1 - t, -1, P) % P
    return (x, y)


def times(n, a):
    out = ZERO
    while n:
        out = add(out, a) if n & 1 else out
        a, n = add(a, a), n >> 1
    return out


BASE = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def verifies(key, message, signature):
    """Whether the key signed the message; points of small order sign nothing."""
    if len(signature) != 64 or len(key) != 32:
        return False
    a, r, s = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if not a or not r or s >= L or ZERO in (times(8, a), times(8, r)):
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    return times(s, BASE) == add(r, times(h, a))
