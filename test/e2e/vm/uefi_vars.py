"""The store of UEFI variables of a machine: edk2's authenticated format
(MdeModulePkg/Include/Guid/VariableFormat.h) behind the header of its firmware volume."""

import pathlib
import struct
import uuid

IMAGE_SECURITY = uuid.UUID("d719b2cb-3d3a-4596-a3bc-dad00e67656f")
# EFI_SIGNATURE_LIST types and an owner (UEFI 2.10, 32.4.1).
X509 = uuid.UUID("a5c059a1-94e4-4aa7-87b5-ab155c2bf072")
SHA256 = uuid.UUID("c1c41626-504c-4092-aca9-41f936934328")
OWNER = uuid.UUID("5a7e57ed-0000-4000-8000-a55a7a55a7a5")

HEADER = struct.Struct("<HBBIQ16sIII16s")  # AUTHENTICATED_VARIABLE_HEADER, packed
START_ID, VALID = 0x55AA, 0x3F
STORE_HEADER = 28


def _pad(size):
    return (size + 3) & ~3


class Store:
    """The valid variables of a file, and the way back."""

    def __init__(self, path):
        self.image = bytearray(pathlib.Path(path).read_bytes())
        (self.begin,) = struct.unpack_from("<H", self.image, 48)  # EFI_FIRMWARE_VOLUME_HEADER.HeaderLength
        (size,) = struct.unpack_from("<I", self.image, self.begin + 16)
        self.end = self.begin + size
        self.variables = []
        at = self.begin + STORE_HEADER
        while at + HEADER.size <= self.end:
            fields = list(HEADER.unpack_from(self.image, at))
            if fields[0] != START_ID:
                break
            name_size, data_size = fields[7], fields[8]
            body = at + HEADER.size
            name = bytes(self.image[body:body + name_size])
            data = bytes(self.image[body + name_size:body + name_size + data_size])
            if fields[1] == VALID:
                self.variables.append([fields, name, data])
            at = _pad(body + name_size + data_size)

    def append_to(self, name, data):
        """More signature lists behind those of db or dbx."""
        wanted = (name + "\0").encode("utf-16le")
        for variable in self.variables:
            if variable[1] == wanted and variable[0][9] == IMAGE_SECURITY.bytes_le:
                variable[2] += data
                return
        raise KeyError(name)

    def save(self, path):
        at = self.begin + STORE_HEADER
        self.image[at:self.end] = b"\xff" * (self.end - at)
        for fields, name, data in self.variables:
            fields[8] = len(data)
            record = HEADER.pack(*fields) + name + data
            if at + len(record) > self.end:
                raise ValueError("the store of variables is full")
            self.image[at:at + len(record)] = record
            at = _pad(at + len(record))
        pathlib.Path(path).write_bytes(self.image)
        return path


def _signature_list(kind, signature):
    entry = OWNER.bytes_le + signature
    return kind.bytes_le + struct.pack("<III", 28 + len(entry), 0, len(entry)) + entry


def certificate_list(der):
    return _signature_list(X509, der)


def digest_list(sha256):
    return _signature_list(SHA256, sha256)
