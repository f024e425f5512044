"""An initramfs with busybox, the network modules, the agent and its libraries: the same bytes for the
same input, since PCR 9 holds its digest."""

import gzip
import pathlib
import re
import subprocess
import tempfile

APPLETS = ("sh", "mount", "mkdir", "insmod", "ip", "echo", "cat", "sleep", "poweroff", "kill", "true")
# In the order in which they need each other; TPM, IMA and securityfs are built into the kernel.
MODULES = ("virtio/virtio_ring", "virtio/virtio", "virtio/virtio_pci_modern_dev",
           "virtio/virtio_pci_legacy_dev", "virtio/virtio_pci")
NET_MODULES = ("net/core/failover", "drivers/net/net_failover", "drivers/net/virtio_net")

INIT = """#!/bin/sh
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t securityfs securityfs /sys/kernel/security
# What is scratch lies on tmpfs, which IMA's tcb policy does not measure.
mount -t tmpfs tmpfs /run
for module in {modules}; do insmod /modules/$module.ko; done
ip link set lo up
ip addr add 10.0.2.15/24 dev eth0
ip link set eth0 up
/opt/app
echo "VM: ready"
# The test types commands; a shell's text is not measured, only the files it runs.
while read -r line; do
  sh -c "$line"
  echo "VM: done $?"
done
poweroff -f
"""


class Archive:
    """cpio, newc format (Linux Documentation/driver-api/early-userspace/buffer-format.rst)."""

    def __init__(self):
        self.parts, self.inode = [], 0

    def add(self, name, content=b"", mode=0o100755):
        self.inode += 1
        encoded = name.encode() + b"\0"
        fields = (self.inode, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(encoded), 0)
        self._padded(b"070701" + b"".join(b"%08X" % field for field in fields) + encoded)
        self._padded(content)

    def _padded(self, data):
        self.parts.append(data + b"\0" * (-len(data) % 4))

    def finish(self):
        self.add("TRAILER!!!", mode=0)
        return gzip.compress(b"".join(self.parts), compresslevel=6, mtime=0)


def libraries(program):
    """What the dynamic linker loads for it, with the loader itself."""
    text = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
    return sorted(set(re.findall(r"(/\S+) \(0x", text)))


def stripped(program):
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(["strip", "-o", f"{scratch}/out", program], check=True)
        return pathlib.Path(scratch, "out").read_bytes()


def contents(artefacts, agent, files, app="#!/bin/sh\ntrue\n"):
    """Regular files by name, of this machine's /. `files` are more of them, as the CA certificate of
    the service."""
    out = {"bin/busybox": pathlib.Path("/bin/busybox").read_bytes(),
           "bin/assay-agent": stripped(agent), "opt/app": app.encode(), **files}
    for library in libraries(agent):
        name = library.lstrip("/").removeprefix("usr/")
        out[name] = pathlib.Path(library).read_bytes()
    modules = [f"drivers/{name}" for name in MODULES] + list(NET_MODULES)
    names = [pathlib.Path(name).name for name in modules]
    for module, name in zip(modules, names):
        out[f"modules/{name}.ko"] = (artefacts.modules / f"{module}.ko").read_bytes()
    out["init"] = INIT.format(modules=" ".join(names)).encode()
    return out


def pack(files):
    archive = Archive()
    folders = {"dev", "proc", "run", "sys"}
    for name in files:
        folders.update(str(parent) for parent in pathlib.PurePosixPath(name).parents)
    for folder in sorted(folders - {"."}):
        archive.add(folder, mode=0o040755)
    for applet in APPLETS:
        archive.add(f"bin/{applet}", b"busybox", mode=0o120777)
    for name, content in sorted(files.items()):
        archive.add(name, content)
    return archive.finish()


def stage(files, folder):
    """The same files below a folder of this host, for `assay measure --ima`."""
    for name, content in files.items():
        path = pathlib.Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
