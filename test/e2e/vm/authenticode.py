"""The digest by which UEFI's dbx names an image (Windows Authenticode PE Signature Format)."""

import hashlib
import struct


def _layout(image):
    """Offsets of the checksum, of the directory entry of the certificate table, and of its begin."""
    (header,) = struct.unpack_from("<I", image, 0x3C)
    optional = header + 24  # PE32+ everywhere here
    checksum, security = optional + 64, optional + 144
    at, size = struct.unpack_from("<II", image, security)
    if size and at + size != len(image):
        raise ValueError("the certificate table is not at the end of the image")
    return checksum, security, at if size else len(image)


def unsigned(image):
    """The same image without its signatures."""
    _, security, end = _layout(image)
    return image[:security] + bytes(8) + image[security + 8:end]


def sha256(image):
    checksum, security, end = _layout(image)
    return hashlib.sha256(image[:checksum] + image[checksum + 4:security]
                          + image[security + 8:end]).digest()
