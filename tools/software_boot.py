#!/usr/bin/env python3
"""Makes a software TPM hold what a machine's boot would have put there, for demonstrations.

  software_boot.py boot EVENT_LOG IMA_LOG         extends every event of both logs
  software_boot.py measure IMA_LOG PATH CONTENT   as the kernel, when a file is run: list and PCR 10
  software_boot.py files IMA_LOG                  the files of the list, as a release names them

The TPM is that of TPM2TOOLS_TCTI (tpm2-tools). Logs: TCG PC Client Platform Firmware Profile 10.2
(crypto-agile), Linux IMA-templates (ima-ng).
"""

import hashlib
import json
import struct
import subprocess
import sys

SHA256 = 0x000B
NO_ACTION = 0x00000003
IMA_PCR = 10


def u32(data, at):
    return struct.unpack_from("<I", data, at)[0]


def events(log):
    """(PCR, SHA-256) of each event that was extended."""
    at = 32 + u32(log, 28)  # behind the header event
    while at < len(log):
        pcr, kind, count = struct.unpack_from("<III", log, at)
        at += 12
        digest = None
        for _ in range(count):
            algorithm = struct.unpack_from("<H", log, at)[0]
            if algorithm != SHA256:
                raise SystemExit(f"event log: expected SHA-256 digests, found {algorithm:#06x}")
            digest = log[at + 2:at + 34]
            at += 34
        at += 4 + u32(log, at)
        if kind != NO_ACTION:
            yield pcr, digest


def measurements(log):
    """The template data of each entry."""
    at = 0
    while at < len(log):
        at += 24
        at += 4 + u32(log, at)
        size = u32(log, at)
        yield log[at + 4:at + 4 + size]
        at += 4 + size


def template(path, content):
    digest = b"sha256:\0" + hashlib.sha256(content).digest()
    name = path.encode() + b"\0"
    return struct.pack("<I", len(digest)) + digest + struct.pack("<I", len(name)) + name


def extend(values):
    if values:
        subprocess.run(["tpm2_pcrextend", *(f"{pcr}:sha256={digest.hex()}" for pcr, digest in values)],
                       check=True)


def boot(event_log, ima_log):
    for value in events(open(event_log, "rb").read()):
        extend([value])
    for data in measurements(open(ima_log, "rb").read()):
        extend([(IMA_PCR, hashlib.sha256(data).digest())])


def measure(ima_log, path, content):
    data = template(path, content.encode())
    with open(ima_log, "ab") as out:
        out.write(struct.pack("<I", IMA_PCR) + hashlib.sha1(data).digest())
        out.write(struct.pack("<I", 6) + b"ima-ng" + struct.pack("<I", len(data)) + data)
    extend([(IMA_PCR, hashlib.sha256(data).digest())])


def files(ima_log):
    out = {}
    for data in measurements(open(ima_log, "rb").read()):
        size = u32(data, 0)
        digest = data[4:4 + size]
        path = data[8 + size:8 + size + u32(data, 4 + size)].rstrip(b"\0").decode()
        if path != "boot_aggregate":
            out.setdefault(path, []).append("sha256:" + digest[8:].hex())
    print(json.dumps(out))


COMMANDS = {"boot": boot, "measure": measure, "files": files}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        raise SystemExit(__doc__)
    COMMANDS[sys.argv[1]](*sys.argv[2:])
