#include "tee/snp/certificate_table.h"

#include <fmt/format.h>

#include <array>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/reader.h"

namespace assay::snp {
namespace {

struct Kind {
  std::string_view guid;  // in RFC 4122 byte order, as the table has it
  std::string_view name;
};
constexpr std::array<Kind, 4> kKinds = {{
    {"c0b406a4a803495297433fb6014cd0ae", "ARK"},
    {"4ab7b379bbac4fe4a02f05aef327c782", "ASK"},
    {"63da758de6644564adc5f4b93be8accd", "VCEK"},
    {"a8074bc2a25a483eaae639c045a0b8a1", "VLEK"},
}};

Result<std::vector<CertificatePtr>> Certificates(View bytes) {
  const std::string_view text = AsText(bytes);
  if (text.starts_with("-----BEGIN")) return CertificatesFromPem(text);
  return CertificatesFromDerRun(bytes);
}

// The bytes that an entry points to.
Result<View> Slice(View table, std::uint32_t offset, std::uint32_t length, std::string_view name) {
  Reader reader(table, "SNP certificate table");
  (void)TRY(reader.Take(offset, name));
  return reader.Take(length, name);
}

}  // namespace

Result<std::vector<CertificatePtr>> ParseCertificateTable(View table) {
  if (table.size() > limits::kEvidenceBytes) {
    return Fail(ErrorCode::kMalformed, fmt::format("SNP certificate table: expected at most {} "
                                                   "bytes, found {}",
                                                   limits::kEvidenceBytes, table.size()));
  }
  Reader reader(table, "SNP certificate table");
  std::vector<CertificatePtr> out;
  std::array<bool, kKinds.size()> seen{};
  for (std::size_t entry = 0; entry <= limits::kCertificateTableEntries; ++entry) {
    const View guid = TRY(reader.Take(16, "entry GUID"));
    const auto offset = TRY(reader.U32Le("entry offset"));
    const auto length = TRY(reader.U32Le("entry length"));
    if (IsZero(guid) && offset == 0 && length == 0) return out;
    const std::string hex = HexEncode(guid);
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
      if (hex != kKinds[i].guid) continue;
      // One of each kind: entries that all point at the same bytes would multiply the work.
      if (std::exchange(seen[i], true)) {
        return Fail(ErrorCode::kMalformed,
                    fmt::format("SNP certificate table: two entries for {}", kKinds[i].name));
      }
      const View bytes = TRY(Slice(table, offset, length, kKinds[i].name));
      for (CertificatePtr& c : TRY(Certificates(bytes))) out.push_back(std::move(c));
    }
  }
  return Fail(ErrorCode::kMalformed,
              fmt::format("SNP certificate table: expected at most {} entries and a zero entry "
                          "behind them",
                          limits::kCertificateTableEntries));
}

}  // namespace assay::snp
