"""Checkpoints in signed notes (c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature)."""
import base64
import hashlib
import re

import ed25519


class Fault(Exception):
    """The code, and what is wrong."""


def decode(text):
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("not the one base64 text of its value")
    return data


def open_note(note, vkeys):
    """Origin, size and root, once the ledger's own key signed them."""
    text, _, lines = note.rpartition("\n\n")
    body, signers = (text + "\n").encode(), set()
    for line in lines.removesuffix("\n").split("\n"):
        dash, name, blob = line.split(" ")
        ident, signature = decode(blob)[:4], decode(blob)[4:]
        for key in (decode(v.split("+", 2)[2]) for v in vkeys if v.startswith(f"{name}+{ident.hex()}+")):
            if hashlib.sha256(f"{name}\n".encode() + key).digest()[:4] != ident or dash != "\u2014":
                raise Fault("bad_key", name)
            time, signature = (signature[:8], signature[8:]) if key[0] == 4 else (b"", signature)
            head = f"cosignature/v1\ntime {int.from_bytes(time, 'big')}\n".encode() if time else b""
            if key[0] not in (1, 4) or not ed25519.verifies(key[1:], head + body, signature):
                raise Fault("bad_signature", name)
            signers |= {name} if key[0] == 1 else set()
    origin, size, root_hash = text.split("\n")[:3]
    if origin not in signers:
        raise Fault("unknown_signer", origin)
    if not re.fullmatch("0|[1-9][0-9]*", size):
        raise Fault("bad_checkpoint", size)
    return origin, int(size), decode(root_hash)
