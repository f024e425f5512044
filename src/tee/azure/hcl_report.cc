#include "tee/azure/hcl_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/encoding.h"
#include "base/reader.h"
#include "crypto/jose.h"

namespace assay::azure {
namespace {

constexpr std::string_view kMagic = "HCLA";
constexpr std::uint32_t kRequestType = 2;
constexpr std::size_t kHardwareArea = 1184, kTdReport = 1024;
constexpr std::size_t kRuntimeHeader = 20;
constexpr std::size_t kUserData = 64;

tl::unexpected<Error> Malformed(std::string message) {
  return Fail(ErrorCode::kMalformed, "HCL report: " + std::move(message));
}

Result<void> ReadHeader(Reader& in, HclReport& out) {
  if (!Equal(TRY(in.Take(kMagic.size(), "magic")), AsBytes(kMagic))) {
    return Malformed("expected \"HCLA\" at its begin");
  }
  out.version = TRY(in.U32Le("version"));
  if (out.version != 1 && out.version != 2) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("HCL report: version {}, expected 1 or 2", out.version));
  }
  TRY(in.U32Le("size"));
  const std::uint32_t request = TRY(in.U32Le("request type"));
  const std::uint32_t status = TRY(in.U32Le("status"));
  if (request != kRequestType || status != 0) {
    return Malformed(
        fmt::format("request type {} and status {}, expected 2 and 0", request, status));
  }
  TRY(in.Take(12, "reserved"));
  return {};
}

Result<void> ReadKind(Reader& in, View area, HclReport& out) {
  const std::uint32_t kind = TRY(in.U32Le("report type"));
  switch (kind) {
    case static_cast<std::uint32_t>(HardwareKind::kSnp): out.hardware_report = area; break;
    case static_cast<std::uint32_t>(HardwareKind::kTdx):
      out.hardware_report = area.first(kTdReport);
      break;
    default:
      return Fail(ErrorCode::kUnsupported,
                  fmt::format("HCL report: report type {}, expected 2 (SNP) or 4 (TDX)", kind));
  }
  out.kind = static_cast<HardwareKind>(kind);
  return {};
}

Result<void> ReadHash(Reader& in, HclReport& out) {
  const std::uint32_t hash = TRY(in.U32Le("hash type"));
  switch (hash) {
    case 1: out.hash = tcg::HashAlgorithm::kSha256; return {};
    case 2: out.hash = tcg::HashAlgorithm::kSha384; return {};
    case 3: out.hash = tcg::HashAlgorithm::kSha512; return {};
    default: return Malformed(fmt::format("hash type {}, expected 1 to 3", hash));
  }
}

const json::Value* KeyNamed(const json::Value& document, std::string_view kid) {
  const json::Value* const keys = document.Find("keys");
  if (keys == nullptr || keys->AsArray() == nullptr) return nullptr;
  const json::Value* found = nullptr;
  for (const json::Value& key : *keys->AsArray()) {
    const json::Value* const name = key.Find("kid");
    if (name == nullptr || name->AsString() == nullptr || *name->AsString() != kid) continue;
    if (found != nullptr) return nullptr;  // two keys of one name: neither can be meant
    found = &key;
  }
  return found;
}

Result<PublicKey> AttestationKey(const json::Value& document) {
  const json::Value* const key = KeyNamed(document, "HCLAkPub");
  // Its name says what it is for: the oldest paravisors write "encrypt" in its key_ops.
  if (key == nullptr) return Malformed("runtime data: expected one key HCLAkPub");
  if (TRY(key->String("kty", "HCLAkPub")) != "RSA") return Malformed("HCLAkPub: expected RSA");
  return RsaPublicKey(TRY(Base64UrlDecode(TRY(key->String("n", "HCLAkPub")))),
                      TRY(Base64UrlDecode(TRY(key->String("e", "HCLAkPub")))));
}

Result<Bytes> UserData(const json::Value& document) {
  if (document.Find("user-data") == nullptr) return Bytes();
  Bytes out = TRY(HexDecode(TRY(document.String("user-data", "runtime data"))));
  if (out.size() != kUserData) return Malformed("runtime data: user-data is not of 64 bytes");
  return out;
}

}  // namespace

Result<HclReport> ParseHclReport(View bytes) {
  Reader in(bytes, "HCL report");
  HclReport out;
  TRY_VOID(ReadHeader(in, out));
  const View area = TRY(in.Take(kHardwareArea, "hardware report"));
  const std::uint32_t size = TRY(in.U32Le("runtime data size"));
  if (TRY(in.U32Le("runtime data version")) != 1) return Malformed("runtime data version is not 1");
  TRY_VOID(ReadKind(in, area, out));
  TRY_VOID(ReadHash(in, out));
  const std::uint32_t length = TRY(in.U32Le("JSON size"));
  if (size != length + kRuntimeHeader) {
    return Malformed(fmt::format("runtime data of {} bytes with {} of JSON", size, length));
  }
  out.runtime_data = TRY(in.Take(length, "runtime data"));
  if (!IsZero(in.rest())) return Malformed("expected only zeros behind the runtime data");
  return out;
}

Result<RuntimeData> ParseRuntimeData(View text) {
  const json::Value document = TRY(json::Parse(AsText(text)));
  PublicKey ak = TRY(AttestationKey(document));
  const json::Value* const configuration = document.Find("vm-configuration");
  if (configuration == nullptr || configuration->AsObject() == nullptr) {
    return Malformed("runtime data: expected the object vm-configuration");
  }
  Bytes user_data = TRY(UserData(document));
  return RuntimeData{document, std::move(ak), *configuration, std::move(user_data)};
}

}  // namespace assay::azure
