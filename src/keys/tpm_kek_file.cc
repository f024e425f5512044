#include "keys/tpm_kek_file.h"

#include <fmt/format.h>

#include <charconv>

#include "base/encoding.h"
#include "base/json.h"
#include "crypto/digest.h"

namespace assay::keys {
namespace {

constexpr std::string_view kWhereTpmKek = "key-encryption key of a TPM";
constexpr std::uint32_t kLastPcr = 23;

Result<std::uint32_t> ParsePcr(std::string_view text) {
  std::uint32_t out = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  if (read.ec == std::errc() && read.ptr == text.data() + text.size() && out <= kLastPcr) {
    return out;
  }
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("PCR: expected 0 to {}, found {}", kLastPcr, text.substr(0, 16)));
}

}  // namespace

std::string WriteTpmKek(const std::string& id, const TpmKekFile& file) {
  json::Object pcrs;
  for (const auto& [index, value] : file.pcrs) {
    pcrs.emplace_back(std::to_string(index), HexEncode(value));
  }
  return json::Write(json::Object{{"version", 1},
                                  {"id", id},
                                  {"pcrs", std::move(pcrs)},
                                  {"public", Base64UrlEncode(file.sealed.public_area)},
                                  {"private", Base64UrlEncode(file.sealed.private_area)}});
}

Result<TpmKekFile> ParseTpmKek(View text, const std::string& id) {
  const json::Value document = TRY(json::Parse(AsText(text)));
  if (TRY(document.Int("version", kWhereTpmKek)) != 1) {
    return Fail(ErrorCode::kUnsupported, "key-encryption key: expected version 1");
  }
  if (TRY(document.String("id", kWhereTpmKek)) != id) {
    return Fail(ErrorCode::kMalformed, "key-encryption key: its file has the name of another");
  }
  const json::Value* const pcrs = document.Find("pcrs");
  if (pcrs == nullptr || pcrs->AsObject() == nullptr) {
    return Fail(ErrorCode::kMalformed, "key-encryption key: expected pcrs");
  }
  TpmKekFile out;
  for (const json::Member& member : *pcrs->AsObject()) {
    const std::uint32_t index = TRY(ParsePcr(member.first));
    Bytes value = TRY(HexDecode(TRY(pcrs->String(member.first, kWhereTpmKek))));
    if (value.size() != Sha256Digest().size()) {
      return Fail(ErrorCode::kMalformed, "key-encryption key: expected values of 32 bytes in pcrs");
    }
    out.pcrs[index] = std::move(value);
  }
  out.sealed.public_area = TRY(Base64UrlDecode(TRY(document.String("public", kWhereTpmKek))));
  out.sealed.private_area = TRY(Base64UrlDecode(TRY(document.String("private", kWhereTpmKek))));
  return out;
}

Result<std::vector<std::uint32_t>> ParsePcrList(std::string_view text) {
  std::vector<std::uint32_t> out;
  for (std::size_t at = 0;;) {
    const std::size_t comma = text.find(',', at);
    const std::uint32_t pcr = TRY(ParsePcr(text.substr(at, comma - at)));
    if (!out.empty() && pcr <= out.back()) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("PCRs: expected ascending numbers, once each, found {}", text));
    }
    out.push_back(pcr);
    if (comma == std::string_view::npos) return out;
    at = comma + 1;
  }
}

}  // namespace assay::keys
