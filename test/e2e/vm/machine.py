"""One virtual machine with its virtual TPM."""

import pathlib
import queue
import shutil
import subprocess
import threading
import time

OVMF = pathlib.Path("/usr/share/OVMF")
MEMORY_MB = 512


class Manufacturer:
    """Who makes virtual TPMs: an authority of its own for their EK certificates."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        (self.folder / "ca").mkdir(parents=True)
        ca = self.folder / "ca"
        (self.folder / "localca.conf").write_text(
            f"statedir = {ca}\nsigningkey = {ca}/key.pem\nissuercert = {ca}/certificate.pem\n"
            f"certserial = {ca}/serial\n")
        (self.folder / "localca.options").write_text(
            "--platform-manufacturer Assay\n--platform-version 1\n--platform-model test\n")
        (self.folder / "setup.conf").write_text(
            "create_certs_tool=/usr/bin/swtpm_localca\n"
            f"create_certs_tool_config={self.folder}/localca.conf\n"
            f"create_certs_tool_options={self.folder}/localca.options\n"
            "active_pcr_banks = sha256\n")
        self.make_tpm(self.folder / "first", "first")  # the authority comes with its first TPM

    def make_tpm(self, state, name):
        pathlib.Path(state).mkdir(parents=True)
        subprocess.run(
            ["swtpm_setup", "--tpm2", "--tpmstate", state, "--config", self.folder / "setup.conf",
             "--create-ek-cert", "--create-platform-cert", "--lock-nvram", "--overwrite",
             "--pcr-banks", "sha256", "--vmid", name],
            check=True, stdout=subprocess.DEVNULL)

    def roots(self):
        """The certificates of the authority, PEM."""
        return sorted((self.folder / "ca").glob("*cert*.pem"))


class Machine:
    """Boots when it is made; off at the end of `with`. Lines of its serial console are kept with
    the seconds since the start."""

    def __init__(self, folder, tpm_state, esp, vars_file, port=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.lines, self._fresh = [], queue.Queue()
        store = self.folder / "vars.fd"
        shutil.copyfile(vars_file, store)  # the first boot writes to it
        socket = self.folder / "swtpm.sock"
        self.started = time.monotonic()
        self._swtpm = subprocess.Popen(
            ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={tpm_state}", "--ctrl",
             f"type=unixio,path={socket}", "--terminate"])
        while not socket.exists():
            time.sleep(0.01)
        self._qemu = subprocess.Popen(self._command(store, socket, esp, port),
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @staticmethod
    def _command(store, socket, esp, port):
        # Never KVM: where it is there and broken, a machine would start and then hang.
        command = ["qemu-system-x86_64", "-accel", "tcg,thread=multi,tb-size=512",
                   "-machine", "q35,smm=on", "-cpu", "qemu64", "-smp", "1", "-m", str(MEMORY_MB),
                   "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
                   "-global", "ICH9-LPC.disable_s3=1",
                   "-global", "driver=cfi.pflash01,property=secure,value=on", "-serial", "stdio",
                   "-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={OVMF}/OVMF_CODE_4M.secboot.fd",
                   "-drive", f"if=pflash,format=raw,unit=1,file={store}",
                   "-chardev", f"socket,id=c,path={socket}", "-tpmdev", "emulator,id=tpm0,chardev=c",
                   "-device", "tpm-crb,tpmdev=tpm0",
                   "-drive", f"if=none,id=d0,format=raw,readonly=on,file={esp}",
                   "-device", "virtio-blk-pci,drive=d0,bootindex=1"]
        # The guest always dials the same address, so that the host's port is not in what it measures.
        network = "user,id=n0,restrict=on"
        if port is not None:
            network += f",guestfwd=tcp:10.0.2.100:7777-cmd:/bin/busybox nc 127.0.0.1 {port}"
        return command + ["-netdev", network, "-device", "virtio-net-pci,netdev=n0,romfile="]

    def _read(self):
        for raw in self._qemu.stdout:
            line = raw.decode(errors="replace").strip("\r\n")
            self.lines.append((time.monotonic() - self.started, line))
            self._fresh.put(line)
        self._fresh.put(None)

    def wait_for(self, text, seconds):
        """The first new line with that text in it; an AssertionError if it does not come."""
        end = time.monotonic() + seconds
        while True:
            try:
                line = self._fresh.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                raise AssertionError(f"no \"{text}\" within {seconds} s; the console said:\n"
                                     + self.console())
            if text in line:
                return line

    def run(self, command, seconds=30):
        """Types a command; what it printed, and its exit code."""
        begin = len(self.lines)
        self.type(command)
        code = int(self.wait_for("VM: done", seconds).split()[-1])
        lines = [line for _, line in self.lines[begin:]]
        return code, "\n".join(line for line in lines if not line.startswith("VM: done"))

    def type(self, command):
        self._qemu.stdin.write(command.encode() + b"\n")
        self._qemu.stdin.flush()

    def console(self):
        return "\n".join(f"{at:6.1f} {line}" for at, line in self.lines)

    def seconds(self):
        return time.monotonic() - self.started

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in (self._qemu, self._swtpm):
            process.terminate()
            process.wait()
