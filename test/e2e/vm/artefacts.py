"""Debian's signed boot chain: downloaded by apt and unpacked, never installed."""

import pathlib
import re
import subprocess

SHIM, GRUB, STUB, KERNEL = "shim-signed", "grub-efi-amd64-signed", "systemd-boot-efi", "linux-image"


def _kernel_package():
    """The versioned name moves with each security update."""
    text = subprocess.run(["apt-cache", "depends", "linux-image-cloud-amd64"], check=True,
                          capture_output=True, text=True).stdout
    found = re.search(r"Depends: (linux-image-\S+-cloud-amd64)\b", text)
    if not found:
        raise RuntimeError("apt-cache knows no linux-image-cloud-amd64: apt-get update first")
    return found[1]


class Artefacts:
    """Paths of what the packages hold. The cache is a folder of the build."""

    def __init__(self, cache):
        self.root = pathlib.Path(cache)
        self.root.mkdir(parents=True, exist_ok=True)
        kernel = _kernel_package()
        for package in (SHIM, GRUB, STUB, kernel):
            self._unpack(package)
        self.kernel_version = kernel.removeprefix("linux-image-")
        self.kernel = self._only(kernel, "boot/vmlinuz-*")
        self.modules = self.root / kernel / "lib/modules" / self.kernel_version / "kernel"
        self.shim = self._only(SHIM, "usr/lib/shim/shimx64.efi.signed")
        self.grub = self._only(GRUB, "usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed")
        self.stub = self._only(STUB, "usr/lib/systemd/boot/efi/linuxx64.efi.stub")

    def _unpack(self, package):
        target = self.root / package
        if target.is_dir():
            return
        fetched = self.root / "deb" / package
        fetched.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", "-q", "-o", "APT::Sandbox::User=root", package], cwd=fetched, check=True,
                       stdout=subprocess.DEVNULL)
        (archive,) = fetched.glob("*.deb")
        fresh = self.root / f"{package}.new"
        subprocess.run(["dpkg", "-x", archive, fresh], check=True)
        fresh.rename(target)

    def _only(self, package, pattern):
        (found,) = (self.root / package).glob(pattern)
        return found
