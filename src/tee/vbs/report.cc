#include "tee/vbs/report.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "base/reader.h"
#include "crypto/jose.h"
#include "tee/tcg/uefi.h"

namespace assay::vbs {
namespace {

constexpr std::uint32_t kPackageVersion = 1, kReportVersion = 1;
constexpr std::uint32_t kSha256RsaPssSha256 = 1;  // VBS_ENCLAVE_REPORT_SIGNATURE_SCHEME_...
constexpr std::uint32_t kModuleData = 1;          // VBS_ENCLAVE_VARDATA_MODULE
constexpr std::size_t kLongId = 32, kShortId = 16;

Result<void> Expect(std::uint32_t found, std::uint32_t expected, std::string_view what) {
  if (found == expected) return {};
  return Fail(ErrorCode::kUnsupported,
              fmt::format("VBS report: expected {} {}, found {}", what, expected, found));
}

Result<Module> ParseModule(View block) {
  Reader in(block, "VBS report, module");
  Module out;
  out.unique_id = TRY(in.Take(kLongId, "unique id"));
  out.author_id = TRY(in.Take(kLongId, "author id"));
  out.family_id = TRY(in.Take(kShortId, "family id"));
  out.image_id = TRY(in.Take(kShortId, "image id"));
  out.svn = TRY(in.U32Le("svn"));
  // A text in UTF-16 with its NUL, filled up behind it.
  View name = in.rest();
  for (std::size_t i = 0; i + 2 <= name.size(); i += 2) {
    if (IsZero(name.subspan(i, 2))) name = name.first(i);
  }
  out.name = TRY(tcg::NameOfUtf16(name));
  return out;
}

Result<void> ParseModules(Reader& in, Report& out) {
  constexpr std::uint32_t kHeader = 8;
  while (in.remaining() > 0) {
    const std::uint32_t type = TRY(in.U32Le("type of variable data"));
    const std::uint32_t size = TRY(in.U32Le("size of variable data"));
    if (size < kHeader) {
      return Fail(ErrorCode::kMalformed, "VBS report: variable data smaller than its header");
    }
    TRY_VOID(Expect(type, kModuleData, "variable data of type"));
    if (out.modules.size() == limits::kVbsModules) {
      return Fail(ErrorCode::kMalformed, "VBS report: too many modules");
    }
    out.modules.push_back(TRY(ParseModule(TRY(in.Take(size - kHeader, "module")))));
  }
  return {};
}

Result<void> ParseIdentity(Reader& in, Report& out) {
  out.owner_id = TRY(in.Take(kLongId, "owner id"));
  out.unique_id = TRY(in.Take(kLongId, "unique id"));
  out.author_id = TRY(in.Take(kLongId, "author id"));
  out.family_id = TRY(in.Take(kShortId, "family id"));
  out.image_id = TRY(in.Take(kShortId, "image id"));
  out.enclave_svn = TRY(in.U32Le("enclave svn"));
  out.secure_kernel_svn = TRY(in.U32Le("secure kernel svn"));
  out.platform_svn = TRY(in.U32Le("platform svn"));
  out.flags = TRY(in.U32Le("flags"));
  out.signing_level = TRY(in.U32Le("signing level"));
  out.enclave_type = TRY(in.U32Le("enclave type"));
  return {};
}

Result<void> ParseStatement(Report& out) {
  Reader in(out.statement, "VBS report");
  const std::uint32_t size = TRY(in.U32Le("report size"));
  if (size != out.statement.size()) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("VBS report: its size is {}, that of the signed statement {}", size,
                            out.statement.size()));
  }
  TRY_VOID(Expect(TRY(in.U32Le("report version")), kReportVersion, "version"));
  out.enclave_data = TRY(in.Take(64, "enclave data"));
  TRY_VOID(ParseIdentity(in, out));
  return ParseModules(in, out);
}

}  // namespace

Result<Report> ParseReport(View bytes) {
  if (bytes.size() > limits::kVbsReportBytes) {
    return Fail(ErrorCode::kMalformed, "VBS report: larger than any");
  }
  Reader in(bytes, "VBS report package");
  const std::uint32_t package = TRY(in.U32Le("package size"));
  if (package != bytes.size()) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("VBS report package: its size is {}, found {}", package, bytes.size()));
  }
  TRY_VOID(Expect(TRY(in.U32Le("version")), kPackageVersion, "package version"));
  TRY_VOID(Expect(TRY(in.U32Le("signature scheme")), kSha256RsaPssSha256, "signature scheme"));
  const std::uint32_t statement = TRY(in.U32Le("size of the statement"));
  const std::uint32_t signature = TRY(in.U32Le("size of the signature"));
  TRY_VOID(Expect(TRY(in.U32Le("reserved")), 0, "reserved"));
  Report out;
  out.statement = TRY(in.Take(statement, "statement"));
  out.signature = TRY(in.Take(signature, "signature"));
  TRY_VOID(in.ExpectEnd());
  TRY_VOID(ParseStatement(out));
  return out;
}

Result<PublicKey> ParseIdentityKey(View bytes) {
  Reader in(bytes, "VSM identity key");
  TRY(in.U32Le("algorithm"));  // RSA is the only one that wbcl.h describes
  const std::uint32_t bits = TRY(in.U32Le("key bits"));
  const std::uint32_t exponent = TRY(in.U32Le("size of the exponent"));
  const std::uint32_t modulus = TRY(in.U32Le("size of the modulus"));
  const View e = TRY(in.Take(exponent, "exponent"));
  const View n = TRY(in.Take(modulus, "modulus"));
  TRY_VOID(in.ExpectEnd());
  if (bits != n.size() * 8) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("VSM identity key: {} bits in a modulus of {} bytes", bits, n.size()));
  }
  return RsaPublicKey(n, e);
}

}  // namespace assay::vbs
