#include "cli/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>

#include "base/encoding.h"
#include "base/limits.h"
#include "collateral/bundle.h"
#include "collateral/load.h"
#include "tee/core/roots.h"

namespace assay::cli {

Result<Bytes> ReadFile(const std::filesystem::path& path, std::size_t max_bytes) {
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path)) {
    return Fail(ErrorCode::kIo, fmt::format("cannot read {}", path.string()),
                "check the path and its permissions");
  }
  // Files that the kernel makes up as they are read have no size.
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  Bytes out(error || size == 0 ? max_bytes + 1 : std::min<std::uintmax_t>(size, max_bytes) + 1);
  in.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size()));
  out.resize(static_cast<std::size_t>(in.gcount()));
  if (out.size() > max_bytes) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("{} is larger than {} bytes", path.string(), max_bytes));
  }
  return out;
}

Result<void> WriteFile(const std::filesystem::path& path, View content) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(content.data()),
            static_cast<std::streamsize>(content.size()));
  out.flush();
  if (!out) return Fail(ErrorCode::kIo, fmt::format("cannot write {}", path.string()));
  return {};
}

Result<Collateral> LoadCollateral(const std::string& path) {
  if (path.empty()) return Collateral{};
  if (std::filesystem::is_regular_file(path)) {
    const Bytes content = TRY(ReadFile(path, limits::kBundleBytes));
    if (auto bundle = ImportBundle(AsText(content))) return std::move(bundle->collateral);
  }
  return LoadCollateralDir(path, nullptr);
}

Result<Time> TimeOf(const Options& options) {
  if (!options.at.empty()) return ParseTime(options.at);
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

Result<Expectations> ExpectationsOf(const Options& options) {
  Expectations out;
  out.allow_missing_crl = options.allow_missing_crl;
  out.allow_debug = options.allow_debug;
  out.allow_sha1 = options.allow_sha1;
  out.allow_secure_boot_off = options.allow_secure_boot_off;
  for (const std::string& name : options.enrolled_aks) {
    out.enrolled_aks.push_back(TRY(HexDecode(name)));
  }
  if (!options.report_data.empty()) out.report_data = TRY(HexDecode(options.report_data));
  if (!options.nonce.empty()) {
    if (out.report_data) {
      return Fail(ErrorCode::kInvalidArgument, "--nonce and --report-data exclude each other");
    }
    out.report_data = ToBytes(Sha256(TRY(ReadFile(options.nonce, limits::kEvidenceBytes))));
  }
  if (!options.event_log.empty()) {
    out.event_log = TRY(ReadFile(options.event_log, limits::kEvidenceBytes));
  }
  return out;
}

Result<TrustedRoots> RootsOf(const Options& options) {
  if (options.trust_roots.empty()) return DefaultRoots();
  TrustedRoots roots;
  for (const std::string& path : options.trust_roots) {
    const Bytes content = TRY(ReadFile(path, limits::kCollateralFileBytes));
    Collateral found;
    TRY_VOID(AddCollateral(content, found));
    for (const CertificatePtr& certificate : found.certificates) {
      roots.intel.push_back(certificate->key().SpkiDigest());
      roots.amd.push_back(certificate->key().SpkiDigest());
      roots.tpm.push_back(certificate->key().SpkiDigest());
      roots.windows.push_back(certificate->key().SpkiDigest());
    }
  }
  return roots;
}

Result<std::string> ReadToken(const std::string& file) {
  std::string text;
  if (file == "-") {
    text.resize(limits::kJwsBytes);
    std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::cin.gcount()));
  } else {
    text = AsText(TRY(ReadFile(file, limits::kJwsBytes)));
  }
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.pop_back();
  }
  return text;
}

}  // namespace assay::cli
