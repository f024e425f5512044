#include <CLI/CLI.hpp>

#include "cli/measure.h"
#include "cli/options.h"

namespace assay::cli {
namespace {

constexpr const char* kTrustedLaunchFooter = R"(Examples:
  assay measure trusted-launch --shim shimx64.efi.signed --grub grubx64.efi.signed \
    --grub-config grub.cfg --kernel vmlinuz --initrd initrd.img --vars OVMF_VARS_4M.ms.fd
  assay measure trusted-launch --uki linux.efi --vars VARS.fd --bank sha256 --bank sha384
  assay measure trusted-launch --uki linux.efi --vars /sys/firmware/efi/efivars \
    --learn bios.log --release web-2026.11 --ima ./root --out web-2026.11.json
Where a file is not at hand, its digests: --kernel sha256:HEX,authenticode-sha256:HEX

Predicted: PCRs 2 to 7; 8 and 9 for GRUB; 9 and 11 for a UKI. PCRs 0, 1 and 14 depend on firmware
and virtual hardware: the monitor learns them, or --learn takes them from a log of a good boot.
PCRs 2, 3, 5 and 6 hold for machines without option ROMs whose boot disk has no GPT; where it has
one, --learn-pcr 5. What is proven, and what is not: docs/golden-values.md.)";

void AddImages(CLI::App& command, MeasureOptions& options) {
  auto* shim = command.add_option("--shim", options.shim, "The signed shim");
  command.add_option("--grub", options.grub, "The signed GRUB")->needs(shim);
  command.add_option("--grub-config", options.grub_config, "The grub.cfg that GRUB reads first")
      ->needs(shim);
  command
      .add_option("--grub-device", options.grub_device,
                  "What GRUB calls the partition it starts from: hd0, or \"hd0,gpt1\"")
      ->capture_default_str();
  command.add_option("--grub-preamble", options.grub_preamble,
                     "Commands that a GRUB not of Debian runs before it, one a line");
  command.add_option("--kernel", options.kernel, "vmlinuz")->needs(shim);
  command.add_option("--initrd", options.initrd, "The initrd that grub.cfg names")->needs(shim);
  command.add_option("--uki", options.uki, "Unified kernel image that firmware starts")
      ->excludes(shim);
  command.add_option("--phases", options.phases,
                     "UKI: phases that systemd adds to PCR 11, \"enter-initrd:leave-initrd:"
                     "sysinit:ready\"");
  command.add_option("--vars", options.vars,
                     "UEFI variables: OVMF's VARS file, or a folder of efivarfs files");
}

void AddReleaseToWrite(CLI::App& command, Options& options) {
  MeasureOptions& measure = options.measure;
  auto* release = command.add_option("--release", measure.release, "Name of the release to write");
  auto* out = command.add_option("--out", options.out, "The file to write it to");
  release->needs(out);
  out->needs(release);
  command.add_option("--ima", measure.ima, "Folder of the root file system: its files' digests")
      ->needs(release);
  command.add_option("--valid-from", measure.valid_from, "2026-11-25T00:00:00Z")->needs(release);
  command.add_option("--valid-until", measure.valid_until, "2027-02-25T00:00:00Z")->needs(release);
  command.add_option("--successor", measure.successor, "Name of the release that follows")
      ->needs(release);
}

void AddBanks(CLI::App& command, MeasureOptions& options) {
  command.add_option("--bank", options.banks, "sha256, sha384, sha512 or sha1; repeatable")
      ->capture_default_str();
}

void AddTrustedLaunch(CLI::App& measure, Options& options) {
  CLI::App* command =
      measure.add_subcommand("trusted-launch", "PCRs of a VM with Secure Boot and a vTPM");
  command->footer(kTrustedLaunchFooter);
  AddImages(*command, options.measure);
  AddBanks(*command, options.measure);
  command->add_option("--learn", options.measure.learn,
                      "Event log, or tpm/1 evidence, of a good boot: values of learned PCRs");
  command
      ->add_option("--learn-pcr", options.measure.learn_pcrs,
                   "A PCR to learn and not to predict; repeatable")
      ->capture_default_str();
  AddReleaseToWrite(*command, options);
  command->add_flag("--json", options.json, "Print JSON, with every expected event");
}

void AddLogAndIma(CLI::App& measure, Options& options) {
  CLI::App* log = measure.add_subcommand("log", "PCRs that an event log leads to");
  log->footer(
      "Examples:\n  assay measure log /sys/kernel/security/tpm0/binary_bios_measurements\n"
      "  assay measure log evidence.json --json\n"
      "Whether a TPM vouches for them is not judged: that is `assay verify`.");
  log->add_option("FILE", options.file, "Event log, or tpm/1 evidence")->required();
  log->add_flag("--json", options.json, "Print JSON");
  CLI::App* ima = measure.add_subcommand("ima", "Digests of the files that IMA may see");
  ima->footer(
      "Example:\n  assay measure ima ./initrd-root --json\n"
      "DIR is a root file system, or an initrd that was unpacked (unmkinitramfs). Symbolic links\n"
      "are not followed: IMA names the file behind them.");
  ima->add_option("DIR", options.file, "Folder that holds the root")->required();
  ima->add_flag("--json", options.json, "Print JSON: the member \"ima\" of a release");
}

constexpr const char* kSnpFooter = R"(Examples:
  assay measure snp --firmware OVMF.amdsev.fd --vcpus 4 --vcpu-model EPYC-Milan
  assay measure snp --firmware OVMF.amdsev.fd --vcpus 1 --kernel vmlinuz --initrd initrd.img \
    --append "console=ttyS0 root=/dev/vda1"
It is MEASUREMENT of the attestation report: claim x-ms-sevsnpvm-launchmeasurement of a policy.
For QEMU with KVM, one OVMF image and no SVSM; other hypervisors start processors in another state.
Proven: docs/golden-values.md.)";

void AddSnp(CLI::App& measure, Options& options) {
  MeasureOptions& snp = options.measure;
  CLI::App* command = measure.add_subcommand("snp", "Launch digest of an AMD SEV-SNP guest");
  command->footer(kSnpFooter);
  command->add_option("--firmware", snp.firmware, "OVMF built for SEV-SNP")->required();
  command->add_option("--vcpus", snp.vcpus, "Virtual processors")->required();
  auto* model = command->add_option("--vcpu-model", snp.vcpu_model, "QEMU's -cpu: EPYC-Milan")
                    ->capture_default_str();
  command
      ->add_option("--cpu-signature", snp.cpu_signature,
                   "CPUID leaf 1 EAX that the guest is shown, 8 hex digits: in place of the model")
      ->excludes(model);
  auto* kernel =
      command->add_option("--kernel", snp.kernel, "QEMU's -kernel, with kernel-hashes=on");
  command->add_option("--initrd", snp.initrd, "QEMU's -initrd")->needs(kernel);
  command->add_option("--append", snp.command_line, "QEMU's -append")->needs(kernel);
  command->add_option("--guest-features", snp.guest_features, "SEV_FEATURES of the VMSA")
      ->capture_default_str();
  command->add_flag("--json", options.json, "Print JSON");
}

constexpr const char* kTdxFooter = R"(Examples:
  assay measure tdx --firmware OVMF.inteltdx.fd
  assay measure tdx --firmware OVMF.inteltdx.fd --kernel vmlinuz --initrd initrd.img \
    --cmdline "console=ttyS0 root=/dev/vda1 initrd=initrd" --learn ccel.bin --json
MRTD and RTMRs of the quote: claims tdx_mrtd, tdx_rtmr0 and on of a policy. For QEMU with KVM of
Linux 6.16 and later. MRTD needs the firmware; RTMR1 and RTMR2 are predicted for a kernel that QEMU
hands over (-kernel). RTMR0 holds memory layout, variables and ACPI tables, and with a boot from
disk RTMR1 its partition table: --learn takes what is not predicted from the event log of a good
boot (/sys/firmware/acpi/tables/data/CCEL). Proven: docs/golden-values.md.)";

void AddTdx(CLI::App& measure, Options& options) {
  MeasureOptions& tdx = options.measure;
  CLI::App* command = measure.add_subcommand("tdx", "MRTD and RTMRs of an Intel TDX guest");
  command->footer(kTdxFooter);
  command->add_option("--firmware", tdx.firmware, "The whole TDVF image, as QEMU loads it")
      ->required();
  auto* kernel =
      command->add_option("--kernel", tdx.kernel, "QEMU's -kernel, or authenticode-sha384:HEX");
  command->add_option("--initrd", tdx.initrd, "QEMU's -initrd, or sha384:HEX")->needs(kernel);
  auto* line = command->add_option("--cmdline", tdx.command_line,
                                   "What /proc/cmdline shows: QEMU's -append, and the "
                                   "\"initrd=initrd\" that firmware adds");
  line->needs(kernel);
  kernel->needs(line);
  command->add_flag("--old-separator", tdx.old_separator, "Firmware before EDK II stable202411")
      ->needs(kernel);
  command->add_option("--learn", tdx.learn,
                      "CC event log of a good boot: the RTMRs that are not predicted");
  command->add_flag("--json", options.json, "Print JSON, with every expected event");
}

constexpr const char* kSgxFooter = R"(Examples:
  assay measure sgx enclave.sgxs                          computed from the stream
  assay measure sgx enclave.sgxs --sigstruct enclave.sig  and compared with its signature
  assay measure sgx enclave.signed.so                     as its signer states it
  assay measure sgx app.sig --json                        Gramine's signature
MRENCLAVE of a signed ELF image or a SIGSTRUCT is its signer's statement: the signature is verified,
the image is not measured. MRSIGNER says who that is: compare it.)";

void AddSgx(CLI::App& measure, Options& options) {
  CLI::App* command = measure.add_subcommand("sgx", "MRENCLAVE and MRSIGNER of an SGX enclave");
  command->footer(kSgxFooter);
  command
      ->add_option("ENCLAVE", options.file,
                   "SGXS stream, ELF enclave of Intel's SDK or Open Enclave, or SIGSTRUCT")
      ->required();
  command->add_option("--sigstruct", options.measure.sigstruct, "The SIGSTRUCT of an SGXS stream");
  command->add_flag("--json", options.json, "Print JSON");
}

}  // namespace

void AddMeasure(CLI::App& app, Options& options) {
  CLI::App* measure =
      app.add_subcommand("measure", "Golden values from artefacts, before anything boots");
  measure->require_subcommand(1);
  measure->footer("`assay measure COMMAND --help` has examples. The rules: docs/golden-values.md.");
  AddTrustedLaunch(*measure, options);
  AddSnp(*measure, options);
  AddTdx(*measure, options);
  AddSgx(*measure, options);
  AddLogAndIma(*measure, options);
}

}  // namespace assay::cli
