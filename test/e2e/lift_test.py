#!/usr/bin/env python3
"""Lift and shift: released keys and certificates for programs that know nothing of Assay.

    lift_test.py SCENARIO --build BUILD_FOLDER        one of: {names}

A real service with a vault, the real agent, a TPM in software that holds a simulated boot. No
device mapper: volumes are files, and are opened with `cryptsetup open --test-passphrase`.
"""

import argparse
import base64
import hashlib
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request

from vm.machine import Manufacturer
from vm.service import Service, make_certificate

ROOT = pathlib.Path(__file__).resolve().parents[2]
ISSUER = "https://attest.test"
KEY = hashlib.sha256(b"a key of the test").digest()


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def free_port_pair():
    """libtss2 takes the second for swtpm's control channel."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
                return port
            except OSError:
                continue


def wait_until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to be in time"
        time.sleep(0.05)


class Scene:
    """A machine that has enrolled, and a key that may be released to it."""

    def __init__(self, build, folder):
        self.folder = pathlib.Path(folder)
        self.assay, self.agent_program = build / "assay", build / "assay-agent"
        self.maker = Manufacturer(self.folder / "maker")
        self._make_logs()
        self._start_tpm()
        self.service = None
        try:
            self.boot()
            self._start_service()
            self._enrol()
        except BaseException:
            self.__exit__()
            raise

    def _start_service(self):
        passphrase = self.folder / "kek.pass"
        passphrase.write_text("a passphrase of the test\n")
        passphrase.chmod(0o600)
        self.tls = make_certificate(self.folder / "tls")
        self.service = Service(self.assay, self.folder, self.tls, self.maker.roots(), interval=1,
                               more=("--public-url", ISSUER, "--key-passphrase-file", passphrase))

    def _enrol(self):
        self.machine = json.loads(self.agent("enroll", "--name", "db-1", "--json").stdout)["machine"]
        self.service.cli("fleet", "approve", self.machine, "--dns", "localhost")

    def _make_logs(self):
        subprocess.run([self.assay, "simulate", "tpm", "--out", self.folder / "boot"], check=True,
                       stdout=subprocess.DEVNULL)
        evidence = json.loads((self.folder / "boot" / "evidence.bin").read_bytes())
        self.logs = [self.folder / "event_log", self.folder / "ima_log"]
        for path in self.logs:
            path.write_bytes(decoded(evidence[path.name]))

    def _start_tpm(self):
        self.maker.make_tpm(self.folder / "tpm", "machine")
        self.port = free_port_pair()
        self.power_on()

    def power_on(self):
        self._swtpm = subprocess.Popen(
            ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={self.folder}/tpm", "--server",
             f"type=tcp,port={self.port}", "--ctrl", f"type=tcp,port={self.port + 1}", "--flags",
             "not-need-init,startup-clear"])
        wait_until(lambda: self._listens())

    def _listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port + 1)) == 0

    @property
    def tcti(self):
        return f"swtpm:host=127.0.0.1,port={self.port}"

    def tpm2(self, *command):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, "TPM2TOOLS_TCTI": self.tcti, "TSS2_LOG": "all+none"})

    def boot(self):
        self.tpm2(sys.executable, ROOT / "tools" / "software_boot.py", "boot", *self.logs)

    def reboot(self):
        self._swtpm.terminate()
        self._swtpm.wait()
        self.power_on()
        self.boot()

    def tamper(self):
        """Another boot loader was measured."""
        self.tpm2("tpm2_pcrextend", "4:sha256=" + "ab" * 32)

    def command(self, verb, *more, server=True):
        out = [self.agent_program, verb, "--tcti", self.tcti, "--event-log", self.logs[0],
               "--ima-log", self.logs[1], "--ca", self.tls[0]]
        if server:
            out += ["--server", f"https://127.0.0.1:{self.service.port}"]
        if verb in ("exec", "unlock"):
            out += ["--vault-ca", self.service.state / "ca.pem"]
        return [*map(str, out), *map(str, more)]

    def agent(self, verb, *more, code=0, server=True, **options):
        done = subprocess.run(self.command(verb, *more, server=server), capture_output=True, **options)
        assert done.returncode == code, f"{verb}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def get(self, path):
        context = ssl.create_default_context(cafile=self.tls[0])
        with urllib.request.urlopen(f"https://127.0.0.1:{self.service.port}{path}", context=context) as answer:
            return answer.read().decode()

    def policy(self):
        return {"version": "1.0.0", "anyOf": [{"authority": ISSUER, "allOf": [
            {"claim": "x-assay-machine.id", "equals": self.machine},
            {"claim": "secureBootEnabled", "equals": True}]}]}

    def add_key(self, name, key, policy=None):
        text = json.dumps(policy or self.policy()).encode()
        status, body = self.service.request("PUT", f"/keys/{name}?api-version=7.6", {
            "key": key, "attributes": {"exportable": True},
            "release_policy": {"contentType": "application/json; charset=utf-8",
                               "data": encoded(text)}})
        assert status == 200, body

    def add_disk_key(self, name="disk", key=KEY):
        self.add_key(name, {"kty": "oct", "k": encoded(key), "key_ops": ["encrypt", "decrypt"]})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.service is not None:
            self.service.__exit__()
        self._swtpm.terminate()
        self._swtpm.wait()


def says(done, text):
    assert text in done.stderr.decode(), done.stderr.decode()


def secret(scene):
    """A released key reaches an unmodified program, and no other place."""
    scene.add_disk_key()
    show = "cat <&$ASSAY_SECRET_RAW_FD; env >&2"
    done = scene.agent("exec", "--secret", "RAW=disk", "--", "sh", "-c", show)
    assert done.stdout == KEY
    assert KEY not in done.stderr and base64.b64encode(KEY) not in done.stderr
    # The same key, in the same boot, with the version named.
    kid = scene.service.request("GET", "/keys/disk?api-version=7.6")[1]["key"]["kid"]
    done = scene.agent("exec", "--secret", "RAW=disk," + kid.rsplit("/", 1)[1], "--", "sh", "-c", show)
    assert done.stdout == KEY
    done = scene.agent("exec", "--secret", "RAW=disk", "--secret-env", "--", "sh", "-c",
                       "echo $ASSAY_SECRET_RAW")
    assert base64.b64decode(done.stdout) == KEY
    with tempfile.TemporaryDirectory(dir="/dev/shm") as memory:
        done = scene.agent("exec", "--secret", "RAW=disk", "--secret-dir", f"{memory}/app", "--",
                           "sh", "-c", "stat -c %a $ASSAY_SECRET_RAW_FILE; cat $ASSAY_SECRET_RAW_FILE")
        assert done.stdout == b"400\n" + KEY
    # After a reboot it is another runtime key, and the same secret.
    scene.reboot()
    assert scene.agent("exec", "--secret", "RAW=disk", "--", "sh", "-c", show).stdout == KEY


def private_key(scene):
    """Keys of RSA and EC come as PEM that openssl reads."""
    for name, body in {"ec": {"kty": "EC", "crv": "P-256"}, "rsa": {"kty": "RSA", "key_size": 2048}}.items():
        status, made = scene.service.request("POST", f"/keys/{name}/create?api-version=7.6", {
            **body, "key_ops": ["sign", "verify"], "attributes": {"exportable": True},
            "release_policy": {"data": encoded(json.dumps(scene.policy()).encode())}})
        assert status == 200, made
        done = scene.agent("exec", "--secret", f"TLS={name}", "--", "sh", "-c",
                           "openssl pkey -in /dev/fd/$ASSAY_SECRET_TLS_FD -noout -text_pub")
        part = made["key"]["x" if name == "ec" else "n"]
        shown = done.stdout.decode().replace(":", "").replace(" ", "").replace("\n", "")
        assert decoded(part).hex() in shown, done.stdout


def refusals(scene):
    """Nothing is released to a machine that is not what it should be, and nothing runs."""
    scene.add_disk_key()
    scene.add_key("other", {"kty": "oct", "k": encoded(KEY), "key_ops": ["encrypt"]}, {
        "version": "1.0.0", "anyOf": [{"authority": ISSUER, "allOf": [
            {"claim": "x-assay-machine.id", "equals": "0" * 32}]}]})
    ran = scene.folder / "ran"
    run = ("--", "touch", ran)
    says(scene.agent("exec", "--secret", "A=other", *run, code=1), "x-assay-machine.id")
    says(scene.agent("exec", "--secret", "A=disk", "--secret", "B=missing", *run, code=1), "key missing")
    # An answer that another authority than the vault's signed.
    wrong = scene.command("exec", "--secret", "A=disk", *run)
    wrong[wrong.index("--vault-ca") + 1] = str(scene.tls[0])
    done = subprocess.run(wrong, capture_output=True)
    assert done.returncode == 2
    says(done, "no trusted authority")
    on_disk = scene.folder / "secrets"
    if subprocess.run(["stat", "-f", "-c", "%T", scene.folder], capture_output=True,
                      text=True).stdout.strip() not in ("tmpfs", "ramfs"):
        says(scene.agent("exec", "--secret", "A=disk", "--secret-dir", on_disk, *run, code=2), "tmpfs")
    # A token of before, by any route, is worth nothing once the machine has drifted.
    token = scene.agent("attest").stdout.decode().strip()
    release = {"target": token, "enc": "RSA_AES_KEY_WRAP_256"}
    path = "/keys/disk/release?api-version=7.6"
    assert scene.service.request("POST", path, release)[0] == 200
    scene.tamper()
    scene.agent("exec", "--secret", "A=disk", *run, code=1)
    status, body = scene.service.request("POST", path, release)
    assert (status, body["error"]["innererror"]["code"]) == (403, "MachineDrifted"), body
    assert not ran.exists()


def rewrite_header(volume, place):
    """Puts a cipher that does nothing there, with a good checksum, in both copies of the header
    (LUKS2 On-Disk Format Specification 1.1, section 2)."""
    binary, at_sum, sum_bytes = 4096, 448, 64
    disk = bytearray(volume.read_bytes())
    size = int.from_bytes(disk[8:16], "big")
    for start in (0, size):
        header = disk[start:start + size]
        text, _, _ = bytes(header[binary:]).partition(b"\0")
        metadata = json.loads(text)
        for one in metadata[place].values():
            one.get("area", one)["encryption"] = "cipher_null-ecb"
        text = json.dumps(metadata, separators=(",", ":")).encode()
        header[binary:] = text + bytes(size - binary - len(text))
        header[at_sum:at_sum + sum_bytes] = bytes(sum_bytes)
        header[at_sum:at_sum + 32] = hashlib.sha256(header).digest()
        disk[start:start + size] = header
    volume.write_bytes(disk)


def format_volume(scene, name):
    volume, opens = scene.folder / name, scene.folder / "opens"
    volume.write_bytes(b"")
    os.truncate(volume, 20 << 20)
    opens.write_bytes(b"the key of its owner")
    subprocess.run(["cryptsetup", "luksFormat", "-q", "--type", "luks2", "--pbkdf", "pbkdf2",
                    "--pbkdf-force-iterations", "1000", volume, opens], check=True)
    return volume, opens


def unlock(scene):
    """A volume is opened by a released key, and by nothing that its header was changed to."""
    if shutil.which("cryptsetup") is None:
        print("skipped: there is no cryptsetup (package cryptsetup-bin)")
        return
    scene.add_disk_key()
    volume, opens = format_volume(scene, "volume")
    says(scene.agent("unlock", "--test", volume, code=2, server=False), "no token of type assay")
    scene.agent("unlock", "--enroll", "disk", "--key-file", opens, volume)
    says(scene.agent("unlock", "--enroll", "disk", "--key-file", opens, volume, code=2), "already")
    # The token in the header says where the key is.
    done = json.loads(scene.agent("unlock", "--test", "--json", volume, server=False).stdout)
    assert (done["key"], done["keyslot"]) == ("disk", "1"), done
    assert scene.agent("unlock", "--stdout", volume, server=False).stdout == KEY
    # A rotation in the vault changes nothing for a volume that is there.
    assert scene.service.request("POST", "/keys/disk/rotate?api-version=7.6")[0] == 200
    scene.agent("unlock", "--test", volume, server=False)
    unlock_by_socket(scene, volume)
    # Another key, put into the token, is released and does not open it.
    scene.add_disk_key("foreign", b"another key of the same length..")
    foreign = format_volume(scene, "foreign")[0]
    scene.agent("unlock", "--enroll", "foreign", "--key-file", opens, foreign)
    token = json.loads(subprocess.run(["cryptsetup", "token", "export", "--token-id", "0", foreign],
                                      check=True, capture_output=True).stdout)
    subprocess.run(["cryptsetup", "token", "import", "--token-id", "0", "--token-replace", volume],
                   input=json.dumps(token).encode(), check=True)
    says(scene.agent("unlock", "--test", volume, code=1, server=False), "does not open keyslot 1")
    # What an attacker with the disk would write: data in the clear, or keys that anybody has.
    for place in ("segments", "keyslots"):
        null = format_volume(scene, f"null-{place}")[0]
        rewrite_header(null, place)
        says(scene.agent("unlock", "--test", null, code=2, server=False), "cipher_null-ecb")
    scene.tamper()
    scene.agent("unlock", "--test", volume, code=1, server=False)


def unlock_by_socket(scene, volume):
    """As systemd-cryptsetup asks: crypttab(5), AF_UNIX key files."""
    crypttab = scene.folder / "crypttab"
    crypttab.write_text(f"# name device key options\ndata {volume} /run/assay-unlock.sock luks\n")
    server = socket.socket(socket.AF_UNIX)
    server.bind(f"\0assay-test-{os.getpid()}")
    server.listen()
    caller = socket.socket(socket.AF_UNIX)
    caller.bind(f"\0{os.getpid()}/cryptsetup/data")
    caller.connect(server.getsockname())
    connection, _ = server.accept()
    subprocess.run(scene.command("unlock", "--socket", "--crypttab", crypttab, server=False),
                   stdin=connection, stdout=connection, check=True)
    connection.close()
    received = b""
    while piece := caller.recv(4096):
        received += piece
    assert received == KEY
    caller.close()
    server.close()


def certificate(scene):
    """A certificate for a key of the machine, renewed while it is trusted."""
    cert, key, ca = (scene.folder / name for name in ("db.pem", "db.key", "machines.pem"))
    files = ("--cert", cert, "--key", key)
    scene.agent("cert", *files, "--dns", "localhost")
    assert key.stat().st_mode & 0o777 == 0o600
    ca.write_text(scene.get("/machine-ca"))
    subprocess.run(["openssl", "verify", "-purpose", "sslserver", "-verify_hostname", "localhost",
                    "-CAfile", ca, cert], check=True, stdout=subprocess.DEVNULL)
    text = subprocess.run(["openssl", "x509", "-in", cert, "-noout", "-text"], check=True,
                          capture_output=True, text=True).stdout
    assert f"URI:{ISSUER}/machines/{scene.machine}, DNS:localhost" in text, text
    says(scene.agent("cert", *files, "--dns", "bank.example", code=1), "NameNotApproved")
    says(scene.agent("cert", *files, "--lifetime", "5", code=1), "60 to 86400")
    told = scene.folder / "told"
    renewing = subprocess.Popen(scene.command("cert", *files, "--lifetime", "60", "--renew",
                                              "--", "sh", "-c", f"touch {told}"), stdout=subprocess.DEVNULL)
    wait_until(told.exists)
    renewing.terminate()
    assert renewing.wait() == 0
    before = cert.read_bytes()
    scene.tamper()
    scene.agent("cert", *files, code=1)
    assert cert.read_bytes() == before


def records(scene):
    """What is on the record, in its order, but for what the service says of itself."""
    status, body = scene.service.request("GET", "/ledger/entries")
    assert status == 200 and body["size"] == len(body["entries"]), body
    all_of_them = [one["record"] for one in body["entries"]]
    return [one for one in all_of_them if one["actor"] or one["verdict"] != "none"]


def recorded(scene):
    """What was done with a machine and its key is on the record, wherever it was done, and its
    token proves its place there offline."""
    scene.add_disk_key()
    token = scene.agent("attest").stdout.decode().strip()
    path, release = "/keys/disk/release?api-version=7.6", {"target": token, "enc": "RSA_AES_KEY_WRAP_256"}
    assert scene.service.request("POST", path, release)[0] == 200
    passphrase = ("--key-passphrase-file", scene.folder / "kek.pass")
    scene.service.cli("key", "create", "local", "--kty", "oct", *passphrase)
    scene.service.cli("key", "rotate-kek", *passphrase)
    golden = scene.folder / "release.json"
    golden.write_text(json.dumps({"release": "web-1", "pcrs": {"sha256": {"7": ["0" * 64]}}}))
    scene.service.cli("release", "set", golden)
    scene.tamper()
    scene.agent("attest", code=1)
    assert scene.service.request("POST", path, release)[0] == 403
    scene.service.cli("fleet", "recheck", scene.machine)
    scene.service.cli("fleet", "revoke", scene.machine, "--reason", "sold")
    scene.service.cli("token", "issue", "--subject", "auditor", "--role", "reader", "--audience", ISSUER)

    machine = f"machine {scene.machine}"
    expected = [("enrolment", machine, "permitted"), ("administration", machine, "approve"),
                ("key-creation", "/keys/disk", "permitted"), ("attestation", machine, "permitted"),
                ("key-release", f"{ISSUER}/keys/disk/", "permitted"),
                ("key-creation", "/keys/local", "create"),
                ("administration", "key-encryption key ", "rotate"),
                ("administration", "release web-1", "set"), ("drift", machine, "denied"),
                ("key-release", f"{ISSUER}/keys/disk/", "denied"),
                ("administration", machine, "recheck"), ("administration", machine, "revoke"),
                ("administration", "access token of auditor", "issue")]
    found = [(one["kind"], one["subject"], json.loads(one["detail"]).get("act", one["verdict"]))
             for one in records(scene)]
    assert len(found) == len(expected), found
    for (kind, subject, what), one in zip(expected, found):
        assert (one[0], one[2]) == (kind, what) and one[1].startswith(subject), (one, kind, subject, what)
    verify_token(scene, token)


def verify_token(scene, token):
    """With what the service gave once, and without it."""
    index = json.loads(decoded(token.split(".")[1]))["x-assay-ledger"]["index"]
    answers = {"token.jwt": token, "signers.json": scene.get("/ledger/signers"),
               "receipt.json": scene.get(f"/ledger/receipts/{index}"),
               "other.json": scene.get(f"/ledger/receipts/{index - 1}"), "key": scene.get("/ledger/key")}
    for name, text in answers.items():
        (scene.folder / name).write_text(text)
    for receipt, code in {"receipt.json": 0, "other.json": 1}.items():
        done = subprocess.run([scene.assay, "ledger", "token", "token.jwt", "--signers", "signers.json",
                               "--receipt", receipt, "--key", "key"], cwd=scene.folder, capture_output=True)
        assert done.returncode == code, done


SCENARIOS = {one.__name__: one
             for one in (secret, private_key, refusals, unlock, certificate, recorded)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.format(names=", ".join(SCENARIOS)),
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario", choices=SCENARIOS)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        with Scene(options.build.resolve(), folder) as scene:
            SCENARIOS[options.scenario](scene)
    print("passed")


if __name__ == "__main__":
    main()
