#!/usr/bin/env python3
"""Virtual machines boot for real, attest to a real service, are attacked and caught.

    boot_test.py SCENARIO --build BUILD_FOLDER        one of: {names}

Each scenario stands for itself: its own service, its own virtual TPM, one boot. Never with KVM.
"""

import argparse
import base64
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

from vm import authenticode, esp, initramfs, uefi_vars, uki
from vm.artefacts import Artefacts
from vm.machine import OVMF, Machine, Manufacturer
from vm.service import Service, make_certificate

BOOT_SECONDS = 150  # 15 to 20 on an idle machine, more when others compile on it
SERVER = "--server https://10.0.2.100:7777 --ca /etc/assay.pem"
MICROSOFT_VARS = OVMF / "OVMF_VARS_4M.ms.fd"


class Scene:
    """What every scenario stands on."""

    def __init__(self, build, folder):
        self.folder = pathlib.Path(folder)
        self.assay, self.agent = build / "assay", build / "assay-agent"
        self.artefacts = Artefacts(build / "e2e-cache")
        self.tls = make_certificate(self.folder / "tls")
        self.maker = Manufacturer(self.folder / "maker")
        self.files = initramfs.contents(self.artefacts, self.agent,
                                        {"etc/assay.pem": self.tls[0].read_bytes()})
        self.initrd = initramfs.pack(self.files)
        self._machines = 0

    def service(self):
        return Service(self.assay, self.folder / "service", self.tls, self.maker.roots())

    def machine(self, image, service=None, store=MICROSOFT_VARS):
        self._machines += 1
        name = f"vm-{self._machines}"
        state = self.folder / f"{name}.tpm"
        self.maker.make_tpm(state, name)
        return Machine(self.folder / name, state, image, store, service.port if service else None)

    def image(self, **changes):
        return esp.grub_esp(self.folder / "esp.img", self.artefacts, self.initrd, **changes)

    def measure(self, name, *more):
        """A release: what a good machine measures, from its files alone."""
        folder = self.folder / "measure"
        folder.mkdir(exist_ok=True)
        initramfs.stage(self.files, folder / "root")
        (folder / "initrd.img").write_bytes(self.initrd)
        (folder / "grub.cfg").write_text(esp.grub_config(esp.CMDLINE))
        out = folder / f"{name}.json"
        subprocess.run(
            [self.assay, "measure", "trusted-launch", "--shim", self.artefacts.shim, "--grub",
             self.artefacts.grub, "--grub-config", folder / "grub.cfg", "--kernel",
             self.artefacts.kernel, "--initrd", folder / "initrd.img", "--vars", MICROSOFT_VARS,
             "--ima", folder / "root", "--release", name, "--out", out, *more],
            check=True, stdout=subprocess.DEVNULL)
        return out


def enrol(scene, service, vm):
    """Enrolled by its EK certificate and approved for the release that was measured."""
    service.cli("release", "set", scene.measure("good"))
    code, text = vm.run(f"assay-agent enroll --json --name web-1 {SERVER}", 60)
    assert code == 0, text
    machine = json.loads(text[text.index("{"):].splitlines()[0])["machine"]
    service.cli("fleet", "approve", machine, "--release", "good")
    return machine


def attest(vm):
    code, text = vm.run(f"assay-agent attest --json {SERVER}", 60)
    line = next((line for line in text.splitlines() if line.startswith("{")), "null")
    return code, json.loads(line), text


def evidence_for(vm, nonce):
    """What the machine's agent would answer, taken out over the console."""
    code, text = vm.run(f"assay-agent collect --nonce {nonce.hex()} --out /run/e && cat /run/e && echo", 90)
    assert code == 0, text
    return text[text.index('{"assay-evidence"'):].splitlines()[0].encode()


def challenge(service, machine):
    status, body = service.request("POST", f"/machines/{machine}:challenge", {})
    assert status == 200, body
    return body["nonce"]


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def post(service, machine, nonce, evidence):
    status, body = service.request("POST", f"/machines/{machine}:attest?nonce={nonce}", evidence)
    return status, body.get("error", {}).get("code"), body


def drift(body):
    return [one["what"] for one in body.get("drift", [])]


def good(scene):
    """A good boot is trusted, by values computed before it booted, again and again; its evidence
    cannot be replayed, and another TPM cannot give it."""
    with scene.service() as service, scene.machine(scene.image(), service) as vm:
        vm.wait_for("VM: ready", BOOT_SECONDS)
        print(f"ready after {vm.seconds():.1f} s")
        machine = enrol(scene, service, vm)
        for _ in range(2):
            code, answer, text = attest(vm)
            assert code == 0 and answer["token"].count(".") == 2, text
        print(f"trusted after {vm.seconds():.1f} s")

        nonce = challenge(service, machine)
        evidence = evidence_for(vm, decoded(nonce))
        assert post(service, machine, nonce, evidence)[0] == 200
        status, code, _ = post(service, machine, nonce, evidence)
        assert (status, code) == (410, "NonceUsed"), (status, code)
        status, code, body = post(service, machine, challenge(service, machine), evidence)
        assert (status, code) == (403, "EvidenceNotTrusted"), body
        assert "quote.nonce" in json.dumps(body), body
        print("replayed: refused")

        nonce = challenge(service, machine)
        status, code, body = post(service, machine, nonce, foreign_evidence(scene, decoded(nonce)))
        assert (status, code) == (403, "EvidenceNotTrusted"), body
        assert "ak.enrolled" in json.dumps(body), body
        assert service.state_of(machine) == "trusted"
        print("another TPM's key: refused")


def free_port_pair():
    """Two that follow one another: libtss2 takes the second for swtpm's control channel."""
    for port in range(21000, 23000, 2):
        with socket.socket() as first, socket.socket() as second:
            try:
                first.bind(("127.0.0.1", port))
                second.bind(("127.0.0.1", port + 1))
                return port
            except OSError:
                continue
    raise AssertionError("no two free ports")


def foreign_evidence(scene, nonce):
    """A quote of another genuine TPM of the same maker, by this host's agent."""
    state, out = scene.folder / "other.tpm", scene.folder / "other.json"
    scene.maker.make_tpm(state, "other")
    port = free_port_pair()
    tpm = subprocess.Popen(["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={state}", "--server",
                            f"type=tcp,port={port}", "--ctrl", f"type=tcp,port={port + 1}",
                            "--flags", "not-need-init,startup-clear"])
    try:
        time.sleep(0.5)
        subprocess.run([scene.agent, "collect", "--tcti", f"swtpm:host=127.0.0.1,port={port}",
                        "--nonce", nonce.hex(), "--out", out], check=True, stdout=subprocess.DEVNULL)
    finally:
        tpm.terminate()
        tpm.wait()
    return out.read_bytes()


def tamper(scene):
    """A program is changed while the machine runs: within 5 seconds it has no token any more."""
    with scene.service() as service, scene.machine(scene.image(), service) as vm:
        vm.wait_for("VM: ready", BOOT_SECONDS)
        machine = enrol(scene, service, vm)
        code, _, text = attest(vm)
        assert code == 0, text
        vm.run(f"assay-agent watch {SERVER} &")
        vm.wait_for("attest: trusted", 60)
        begin = time.monotonic()
        vm.type("echo 'echo changed' >> /opt/app; /opt/app")
        vm.wait_for("MachineDrifted", 30)
        seconds = time.monotonic() - begin
        print(f"from tamper to refusal: {seconds:.2f} s")
        assert service.state_of(machine) == "drifted"
        code, answer, text = attest(vm)
        assert code == 1 and "/opt/app" in json.dumps(answer), text
        assert seconds < 5, f"{seconds:.2f} s"


def drifted(scene, service, vm, *expected):
    vm.wait_for("VM: ready", BOOT_SECONDS)
    machine = enrol(scene, service, vm)
    code, answer, text = attest(vm)
    assert code == 1 and answer["error"]["code"] == "MachineDrifted", text
    found = drift(answer)
    print("drift:", ", ".join(found))
    for one in expected:
        assert any(one in what for what in found), found
    assert service.state_of(machine) == "drifted"


def cmdline(scene):
    """A changed kernel command line: PCR 8."""
    with scene.service() as service, scene.machine(
            scene.image(cmdline=esp.CMDLINE + " mitigations=off"), service) as vm:
        drifted(scene, service, vm, "PCR 8")


def rogue_db(scene):
    """Somebody's key among those that Secure Boot trusts: PCR 7, though nothing else differs."""
    key, certificate = scene.folder / "rogue.key", scene.folder / "rogue.der"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=rogue",
                    "-outform", "DER", "-out", certificate, "-keyout", key], check=True,
                   stderr=subprocess.DEVNULL)
    store = uefi_vars.Store(MICROSOFT_VARS)
    store.append_to("db", uefi_vars.certificate_list(certificate.read_bytes()))
    with scene.service() as service, scene.machine(
            scene.image(), service, store.save(scene.folder / "rogue.fd")) as vm:
        drifted(scene, service, vm, "PCR 7")


def secure_boot_off(scene):
    """An unsigned kernel image on a machine without Secure Boot keys: its own log says so."""
    image = esp.uki_esp(scene.folder / "esp.img",
                        uki.build(scene.artefacts, scene.initrd, esp.CMDLINE))
    with scene.service() as service, scene.machine(image, service, OVMF / "OVMF_VARS_4M.fd") as vm:
        vm.wait_for("VM: ready", BOOT_SECONDS)
        enrol(scene, service, vm)
        code, answer, text = attest(vm)
        assert code == 1 and answer["error"]["code"] == "EvidenceNotTrusted", text
        assert "secure_boot.enabled" in json.dumps(answer), text


def unsigned_kernel(scene):
    """GRUB asks shim, which refuses a kernel without a signature."""
    kernel = authenticode.unsigned(scene.artefacts.kernel.read_bytes())
    with scene.machine(scene.image(kernel=kernel)) as vm:
        vm.wait_for("bad shim signature", BOOT_SECONDS)
        assert "VM: ready" not in vm.console()


def revoked_shim(scene):
    """Firmware refuses a shim whose digest is in dbx."""
    store = uefi_vars.Store(MICROSOFT_VARS)
    digest = authenticode.sha256(scene.artefacts.shim.read_bytes())
    store.append_to("dbx", uefi_vars.digest_list(digest))
    with scene.machine(scene.image(), store=store.save(scene.folder / "revoked.fd")) as vm:
        vm.wait_for("Access Denied", BOOT_SECONDS)
        assert "VM: ready" not in vm.console()


def artefacts(scene):
    """Not a boot: fetches what the others share."""
    print(scene.artefacts.kernel_version)


SCENARIOS = {function.__name__: function for function in (
    artefacts, good, tamper, cmdline, rogue_db, secure_boot_off, unsigned_kernel, revoked_shim)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.format(names=", ".join(SCENARIOS)),
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario", choices=SCENARIOS)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="assay-e2e-") as folder:
        try:
            SCENARIOS[arguments.scenario](Scene(arguments.build.resolve(), folder))
        except AssertionError as failure:
            sys.exit(f"{arguments.scenario}: {failure}")
    print(f"{arguments.scenario}: as it should be")


if __name__ == "__main__":
    main()
