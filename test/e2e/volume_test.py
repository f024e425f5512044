#!/usr/bin/env python3
"""A virtual machine boots, opens an encrypted volume with a released key and mounts it; changed, it
gets the key no more.

    volume_test.py --build BUILD_FOLDER

Its kernel has device mapper, which the host of a test need not have. Never with KVM.
"""

import argparse
import base64
import json
import pathlib
import tempfile

from boot_test import BOOT_SECONDS, SERVER, Scene, enrol
from vm import initramfs
from vm.service import Service

ISSUER = "https://attest.test"
# In the order in which they need each other.
MODULES = ("drivers/block/loop", "crypto/ecb", "crypto/xts", "drivers/md/dm-mod", "drivers/md/dm-crypt")
CRYPTSETUP = pathlib.Path("/usr/sbin/cryptsetup")
VAULT = "--vault-ca /run/vault.pem"


def encoded(text):
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


class VolumeScene(Scene):
    """With what a volume needs, in the initramfs that the release is measured of."""

    def __init__(self, build, folder):
        super().__init__(build, folder)
        self.files["bin/cryptsetup"] = CRYPTSETUP.read_bytes()
        for library in initramfs.libraries(CRYPTSETUP):
            name = library.lstrip("/").removeprefix("usr/")
            self.files[name] = pathlib.Path(library).read_bytes()
        for module in MODULES:
            name = pathlib.Path(module).name
            self.files[f"modules/{name}.ko"] = (self.artefacts.modules / f"{module}.ko").read_bytes()
        self.initrd = initramfs.pack(self.files)

    def service(self):
        passphrase = self.folder / "kek.pass"
        passphrase.write_text("a passphrase of the test\n")
        passphrase.chmod(0o600)
        return Service(self.assay, self.folder / "service", self.tls, self.maker.roots(),
                       more=("--public-url", ISSUER, "--key-passphrase-file", passphrase))


def add_disk_key(service, machine):
    """For that machine, as long as it is what its release says."""
    policy = {"version": "1.0.0", "anyOf": [{"authority": ISSUER, "allOf": [
        {"claim": "x-assay-machine.id", "equals": machine},
        {"claim": "x-assay-machine.release", "equals": "good"},
        {"claim": "secureBootEnabled", "equals": True}]}]}
    status, body = service.request("POST", "/keys/disk/create?api-version=7.6", {
        "kty": "oct", "key_size": 256, "key_ops": ["encrypt", "decrypt"],
        "attributes": {"exportable": True}, "release_policy": {"data": encoded(json.dumps(policy))}})
    assert status == 200, body


def volume(scene):
    with scene.service() as service, scene.machine(scene.image(), service) as vm:
        def must(command, seconds=60):
            code, text = vm.run(command, seconds)
            assert code == 0, f"{command}: {code}\n{text}"
            return text

        vm.wait_for("VM: ready", BOOT_SECONDS)
        add_disk_key(service, enrol(scene, service, vm))
        authority = base64.b64encode((service.state / "ca.pem").read_bytes()).decode()
        must(f"echo {authority} | busybox base64 -d > /run/vault.pem")
        for module in MODULES:
            must(f"insmod /modules/{pathlib.Path(module).name}.ko")
        must("busybox truncate -s 40M /run/volume; echo recovery > /run/recovery")
        must("cryptsetup luksFormat -q --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 "
             "/run/volume /run/recovery", 120)
        must(f"assay-agent unlock {SERVER} {VAULT} --enroll disk --key-file /run/recovery /run/volume", 120)
        # From now on the header says which key of which service it is.
        unlock = f"assay-agent unlock --ca /etc/assay.pem {VAULT} /run/volume data"
        must(unlock, 120)
        must("busybox mke2fs -F -b 4096 /dev/mapper/data && mkdir -p /run/data && mount -t ext2 /dev/mapper/data /run/data")
        must("echo a-secret-on-the-volume > /run/data/file && busybox umount /run/data && cryptsetup close data")
        code, _ = vm.run("busybox grep -q a-secret-on-the-volume /run/volume", 60)
        assert code == 1, "the volume holds it in the clear"
        must(unlock, 120)
        must("mount -t ext2 /dev/mapper/data /run/data")
        assert "a-secret-on-the-volume" in must("cat /run/data/file")
        must("busybox umount /run/data && cryptsetup close data")
        print(f"opened twice after {vm.seconds():.1f} s")
        # Somebody changes a program and runs it: the next time the volume stays closed.
        vm.run("echo 'echo changed' >> /opt/app; /opt/app")
        code, text = vm.run(unlock, 120)
        assert code == 1 and "MachineDrifted" in text and "/opt/app" in text, text
        assert vm.run("cat /dev/mapper/data")[0] != 0


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    options = parser.parse_args()
    if not CRYPTSETUP.exists():
        print(f"skipped: there is no {CRYPTSETUP} (package cryptsetup-bin)")
        return
    with tempfile.TemporaryDirectory() as folder:
        volume(VolumeScene(options.build.resolve(), folder))
    print("passed")


if __name__ == "__main__":
    main()
