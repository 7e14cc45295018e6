# SPDX-License-Identifier: BSD-3-Clause
"""What the kernel tells of a connection: ss(8)."""


def ss(host, sock):
    """@return its state, the words that say what was agreed on (sack, ts, ecn...), and what has a
    value; of "rtt:1.5/0.5" and the like the numbers are a list"""
    family = "-6" if ":" in sock.getsockname()[0] else "-4"
    text = host.run("ss", family, "-tainoHO",
                    f"sport = :{sock.getsockname()[1]} and dport = :{sock.getpeername()[1]}").stdout
    lines = text.splitlines()
    assert len(lines) == 1, f"one connection was meant: {text}"
    words = lines[0].split()
    seen = {"state": words[0], "flags": set()}
    for word in words[5:]:
        key, colon, value = word.partition(":")
        if not colon:
            seen["flags"].add(word)
            continue
        try:
            numbers = [float(number) for number in value.replace(",", "/").split("/")]
            seen[key] = numbers if len(numbers) > 1 else numbers[0]
        except ValueError:
            seen[key] = value
    return seen
