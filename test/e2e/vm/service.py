"""A real `assay serve` on this host, and its API for machines as a test asks it."""

import json
import pathlib
import ssl
import subprocess
import threading
import urllib.error
import urllib.request


def make_certificate(folder):
    """For the address that guests dial and for this host; its own authority."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    certificate, key = folder / "tls.pem", folder / "tls.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-days", "2", "-subj", "/CN=assay e2e", "-addext",
         "subjectAltName=IP:10.0.2.100,IP:127.0.0.1", "-out", certificate, "-keyout", key],
        check=True, stderr=subprocess.DEVNULL)
    return certificate, key


class Service:
    def __init__(self, assay, folder, tls, tpm_roots, interval=2, more=()):
        self.assay, self.state = str(assay), pathlib.Path(folder) / "state"
        self.certificate, key = tls
        (pathlib.Path(folder) / "store").mkdir(parents=True)
        roots = [argument for root in tpm_roots for argument in ("--tpm-root", str(root))]
        self._process = subprocess.Popen(
            [self.assay, "serve", "--port", "0", "--state", self.state, "--store",
             pathlib.Path(folder) / "store", "--tls-cert", self.certificate, "--tls-key", key,
             "--interval", str(interval), "--allow-missing-crl", *roots,
             "--insecure-open-attestation", "--insecure-open-management", *more],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.log = []
        self.port = self._wait_until_ready()
        threading.Thread(target=self._drain, daemon=True).start()
        self._tls = ssl.create_default_context(cafile=self.certificate)

    def _wait_until_ready(self):
        for line in self._process.stdout:
            self.log.append(line)
            if '"ready"' in line:
                return json.loads(line[line.index("{"):])["port"]
        raise AssertionError("assay serve ended:\n" + "".join(self.log))

    def _drain(self):
        self.log.extend(self._process.stdout)

    def cli(self, *arguments):
        """Another `assay` command on the same state."""
        done = subprocess.run([self.assay, *arguments, "--state", self.state], capture_output=True,
                              text=True)
        if done.returncode != 0:
            raise AssertionError(f"assay {' '.join(map(str, arguments))}: {done.stdout}{done.stderr}")
        return done.stdout

    def request(self, method, path, body=None):
        """The status and the JSON of the answer, whatever it is."""
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(f"https://127.0.0.1:{self.port}{path}", data, method=method,
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, context=self._tls, timeout=30) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def state_of(self, machine):
        return self.request("GET", f"/machines/{machine}")[1]["state"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait()
