#include <fmt/format.h>

#include "base/encoding.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "measure/snp_launch.h"

namespace assay::cli {
namespace {

Result<std::uint32_t> SignatureOf(const MeasureOptions& options) {
  if (options.cpu_signature.empty()) return measure::CpuSignature(options.vcpu_model);
  const Bytes bytes = TRY(HexDecode(options.cpu_signature));
  if (bytes.size() != 4) {
    return Fail(
        ErrorCode::kInvalidArgument,
        fmt::format("--cpu-signature: expected 8 hex digits, found {}", options.cpu_signature));
  }
  std::uint32_t out = 0;
  for (const std::byte b : bytes) out = out << 8U | ToU8(b);
  return out;
}

Result<measure::SnpGuest> GuestOf(const MeasureOptions& options) {
  measure::SnpGuest out;
  out.vcpus = options.vcpus;
  out.cpu_signature = TRY(SignatureOf(options));
  out.guest_features = options.guest_features;
  if (options.kernel.empty()) return out;
  const Bytes kernel = TRY(ReadFile(options.kernel, limits::kBootImageBytes));
  Bytes initrd;
  if (!options.initrd.empty()) initrd = TRY(ReadFile(options.initrd, limits::kBootImageBytes));
  out.kernel = measure::HashKernel(kernel, initrd, options.command_line);
  return out;
}

}  // namespace

Result<int> RunMeasureSnp(const Options& options) {
  const Bytes firmware = TRY(ReadFile(options.measure.firmware, limits::kLaunchBytes));
  const measure::SnpGuest guest = TRY(GuestOf(options.measure));
  const Sha384Digest digest = TRY(measure::SnpLaunchDigest(firmware, guest));
  if (options.json) {
    fmt::print("{}\n", json::WritePretty(json::Object{{"measurement", HexEncode(digest)},
                                                      {"vcpus", guest.vcpus},
                                                      {"cpuSignature", guest.cpu_signature},
                                                      {"kernelHashes", guest.kernel.has_value()}}));
  } else {
    fmt::print("{}\n", HexEncode(digest));
  }
  return kExitTrusted;
}

}  // namespace assay::cli
