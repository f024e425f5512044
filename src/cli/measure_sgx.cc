#include <fmt/format.h>

#include <optional>

#include "base/encoding.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "measure/enclave_elf.h"
#include "measure/sgxs.h"
#include "measure/sigstruct.h"

namespace assay::cli {
namespace {

using measure::SgxsMeasurement;
using measure::Sigstruct;

constexpr std::uint64_t kPageBytes = 4096;

// What is known of an enclave: what its stream hashes to, what its signer states, or both.
struct Enclave {
  std::optional<SgxsMeasurement> computed;
  std::optional<Sigstruct> is_signed;

  const Sha256Digest& mrenclave() const {
    return computed ? computed->mrenclave : is_signed->mrenclave;
  }
};

Result<Enclave> ReadEnclave(const Options& options) {
  const Bytes file = TRY(ReadFile(options.file, limits::kBootImageBytes));
  Enclave out;
  if (measure::LooksLikeSgxs(file)) {
    out.computed = TRY(measure::MeasureSgxs(file));
  } else if (measure::LooksLikeElf(file)) {
    out.is_signed = TRY(measure::ReadSigstruct(TRY(measure::SigstructInElf(file))));
  } else if (file.size() == measure::kSigstructBytes) {
    out.is_signed = TRY(measure::ReadSigstruct(file));
  } else {
    return Fail(
        ErrorCode::kUnsupported,
        fmt::format("{}: expected an SGXS stream, a signed ELF enclave or a SIGSTRUCT of {} "
                    "bytes, found {} bytes of another kind",
                    options.file, measure::kSigstructBytes, file.size()));
  }
  return out;
}

// An SGXS stream has its signature in another file.
Result<void> AddSignature(const std::string& file, Enclave& enclave) {
  if (!enclave.computed) {
    return Fail(ErrorCode::kInvalidArgument,
                "--sigstruct goes with an SGXS stream: this file has its own signature");
  }
  const Bytes bytes = TRY(ReadFile(file, limits::kBootImageBytes));
  enclave.is_signed = TRY(measure::ReadSigstruct(bytes));
  if (enclave.is_signed->mrenclave != enclave.computed->mrenclave) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("{} signs another enclave: expected MRENCLAVE {}, found {}", file,
                            HexEncode(enclave.computed->mrenclave),
                            HexEncode(enclave.is_signed->mrenclave)));
  }
  return {};
}

json::Value EnclaveJson(const Enclave& enclave) {
  json::Object out = {{"mrenclave", HexEncode(enclave.mrenclave())},
                      {"basis", enclave.computed ? "computed" : "signer"}};
  if (const auto& computed = enclave.computed) {
    out.emplace_back("enclaveSize", computed->size);
    out.emplace_back("pages", computed->pages);
    out.emplace_back("unmeasuredBytes", computed->pages * kPageBytes - computed->measured_bytes);
  }
  if (const auto& is_signed = enclave.is_signed) {
    out.emplace_back("mrsigner", HexEncode(is_signed->mrsigner));
    out.emplace_back("isvProdId", is_signed->isv_prod_id);
    out.emplace_back("isvSvn", is_signed->isv_svn);
    out.emplace_back("attributes", fmt::format("{:016x}", is_signed->attributes));
    out.emplace_back("attributesMask", fmt::format("{:016x}", is_signed->attributes_mask));
    out.emplace_back("debugAllowed", is_signed->AllowsDebug());
    out.emplace_back("date", fmt::format("{:08x}", is_signed->date));
  }
  return out;
}

void PrintEnclave(const Enclave& enclave) {
  fmt::print("MRENCLAVE   {}\n", HexEncode(enclave.mrenclave()));
  if (const auto& computed = enclave.computed) {
    fmt::print("            computed: {} pages, of which {} bytes are not measured\n",
               computed->pages, computed->pages * kPageBytes - computed->measured_bytes);
  } else {
    fmt::print("            as the signer states it, in a signature that was verified\n");
  }
  if (const auto& is_signed = enclave.is_signed) {
    fmt::print("MRSIGNER    {}\nISVPRODID   {}\nISVSVN      {}\n", HexEncode(is_signed->mrsigner),
               is_signed->isv_prod_id, is_signed->isv_svn);
    fmt::print("ATTRIBUTES  {:016x}, mask {:016x}: debug {}\n", is_signed->attributes,
               is_signed->attributes_mask, is_signed->AllowsDebug() ? "allowed" : "not allowed");
    fmt::print("signed      {:08x}\n", is_signed->date);
  }
}

}  // namespace

Result<int> RunMeasureSgx(const Options& options) {
  Enclave enclave = TRY(ReadEnclave(options));
  if (!options.measure.sigstruct.empty()) {
    TRY_VOID(AddSignature(options.measure.sigstruct, enclave));
  }
  if (options.json) {
    fmt::print("{}\n", json::WritePretty(EnclaveJson(enclave)));
  } else {
    PrintEnclave(enclave);
  }
  return kExitTrusted;
}

}  // namespace assay::cli
