#include "tee/tpm/ima_log.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "base/reader.h"
#include "crypto/digest.h"
#include "tee/tcg/replay.h"

namespace assay::tpm {
namespace {

tl::unexpected<Error> Malformed(std::size_t number, std::string_view why) {
  return Fail(ErrorCode::kMalformed, fmt::format("IMA log: entry {}: {}", number, why));
}

Result<View> Field(Reader& in, std::string_view name) {
  const std::uint32_t size = TRY(in.U32Le(name));
  return in.Take(size, name);
}

std::string_view WithoutNul(View text) {
  if (!text.empty() && text.back() == std::byte{0}) text = text.first(text.size() - 1);
  return AsText(text);
}

// d-ng: "sha256:", a NUL, the digest.
Result<void> ReadDigest(View field, std::size_t number, ImaEntry& out) {
  const std::string_view text = AsText(field);
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon + 1 >= text.size() || text[colon + 1] != '\0') {
    return Malformed(number, "its digest does not name its algorithm");
  }
  out.digest_algorithm = text.substr(0, colon);
  out.digest = field.subspan(colon + 2);
  return {};
}

Result<void> ReadTemplate(std::size_t number, ImaEntry& out) {
  const bool signature = out.name == "ima-sig";
  const bool buffer = out.name == "ima-buf";
  if (!signature && !buffer && out.name != "ima-ng") {
    return Malformed(number, "expected the template ima-ng, ima-sig or ima-buf");
  }
  Reader in(out.template_data, "IMA template data");
  TRY_VOID(ReadDigest(TRY(Field(in, "d-ng")), number, out));
  out.path = WithoutNul(TRY(Field(in, "n-ng")));
  if (signature) out.signature = TRY(Field(in, "sig"));
  if (buffer) out.buffer = TRY(Field(in, "buf"));
  return in.ExpectEnd();
}

Result<ImaEntry> ParseEntry(Reader& in, std::size_t number) {
  ImaEntry out;
  out.pcr = TRY(in.U32Le("PCR"));
  out.template_digest = TRY(in.Take(20, "template digest"));
  out.name = AsText(TRY(Field(in, "template name")));
  out.template_data = TRY(Field(in, "template data"));
  out.violation = IsZero(out.template_digest);
  TRY_VOID(ReadTemplate(number, out));
  if (!out.violation && !Equal(Sha1(out.template_data), out.template_digest)) {
    return Malformed(number, "its digest is not that of its data");
  }
  return out;
}

// What the kernel extends: since 5.8 each bank's own digest of the data; 0xFF for a violation.
Bytes Extended(const ImaEntry& entry, tcg::HashAlgorithm bank) {
  if (entry.violation) return Bytes(tcg::DigestSize(bank), std::byte{0xFF});
  return tcg::Hash(bank, entry.template_data);
}

}  // namespace

Result<std::vector<ImaEntry>> ParseImaLog(View data) {
  Reader in(data, "IMA log");
  std::vector<ImaEntry> out;
  while (in.remaining() > 0) {
    if (out.size() == limits::kImaEntries) return Malformed(out.size(), "too many entries");
    out.push_back(TRY(ParseEntry(in, out.size())));
  }
  return out;
}

std::optional<std::size_t> EntriesUpTo(const std::vector<ImaEntry>& entries,
                                       tcg::HashAlgorithm bank, View value, View start) {
  Bytes pcr = ToBytes(start);
  if (Equal(pcr, value)) return 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].pcr != kImaPcr) continue;
    tcg::Extend(bank, Extended(entries[i], bank), pcr);
    if (Equal(pcr, value)) return i + 1;
  }
  return std::nullopt;
}

}  // namespace assay::tpm
