"""The EFI system partition of a machine, as an image, made without root."""

import pathlib
import subprocess
import tempfile

CMDLINE = "console=ttyS0 quiet rootfstype=ramfs ima_policy=tcb panic=-1"
SIZE_MB = 64


def _image(path, files):
    with open(path, "wb") as image:
        image.truncate(SIZE_MB << 20)
    folders = sorted({"/".join(name.split("/")[:depth]) for name in files
                      for depth in range(1, name.count("/") + 1)})
    subprocess.run(["mformat", "-i", path, "-F", "::"], check=True)
    if folders:
        subprocess.run(["mmd", "-i", path, *[f"::{folder}" for folder in folders]], check=True)
    with tempfile.TemporaryDirectory() as scratch:
        for name, content in files.items():
            source = pathlib.Path(scratch) / "file"
            source.write_bytes(content)
            subprocess.run(["mcopy", "-i", path, source, f"::{name}"], check=True)
    return path


def grub_config(cmdline):
    return f"linux /vmlinuz {cmdline}\ninitrd /initrd.img\nboot\n"


def grub_esp(path, artefacts, initrd, cmdline=CMDLINE, kernel=None, shim=None):
    """shim, GRUB, kernel and initramfs, as Debian boots them."""
    return _image(path, {
        "EFI/BOOT/BOOTX64.EFI": shim or artefacts.shim.read_bytes(),
        "EFI/BOOT/grubx64.efi": artefacts.grub.read_bytes(),
        "EFI/debian/grub.cfg": grub_config(cmdline).encode(),  # the prefix that is built into the signed GRUB
        "vmlinuz": kernel or artefacts.kernel.read_bytes(),
        "initrd.img": initrd,
    })


def uki_esp(path, uki):
    """A unified kernel image alone."""
    return _image(path, {"EFI/BOOT/BOOTX64.EFI": uki})
