"""A unified kernel image: systemd's stub with kernel, initramfs and command line as sections."""

import pathlib
import subprocess
import tempfile

# Where the sections go in memory: behind the stub, far enough from each other (systemd-stub(7)).
ADDRESSES = {".osrel": 0x20000, ".cmdline": 0x30000, ".linux": 0x2000000, ".initrd": 0x3000000}


def build(artefacts, initrd, cmdline):
    sections = {".osrel": b"ID=assay-e2e\n", ".cmdline": cmdline.encode(),
                ".linux": artefacts.kernel.read_bytes(), ".initrd": initrd}
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        command = ["objcopy"]
        for name, content in sections.items():
            (folder / name).write_bytes(content)
            command += ["--add-section", f"{name}={folder / name}",
                        "--change-section-vma", f"{name}={ADDRESSES[name]:#x}"]
        out = folder / "uki.efi"
        subprocess.run(command + [artefacts.stub, out], check=True)
        return out.read_bytes()
