#include "agent/luks_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/json.h"
#include "base/limits.h"

namespace assay::agent {
namespace {

constexpr std::string_view kLuksHeader = "LUKS2 header";
constexpr std::string_view kType = "assay";

// What hides data from who has no key. Others may be good, and are not known here.
constexpr std::array<std::string_view, 7> kCiphers = {"aes-xts-plain64",
                                                      "serpent-xts-plain64",
                                                      "twofish-xts-plain64",
                                                      "aes-xts-random",
                                                      "xchacha20,aes-adiantum-plain64",
                                                      "xchacha12,aes-adiantum-plain64",
                                                      "aegis128-random"};

tl::unexpected<Error> Unsafe(std::string_view where, std::string_view expected,
                             std::string_view found) {
  return Fail(ErrorCode::kUnsupported,
              fmt::format("{}: {}: expected {}, found {}", kLuksHeader, where, expected,
                          found.substr(0, 64)),
              "a header can be written by whoever has the disk: this volume is not opened");
}

Result<void> CheckCipher(std::string_view where, const std::string& cipher) {
  if (std::find(kCiphers.begin(), kCiphers.end(), cipher) != kCiphers.end()) return {};
  return Unsafe(where, "a cipher such as aes-xts-plain64", cipher);
}

Result<const json::Object*> ObjectIn(const json::Value& document, std::string_view name) {
  const json::Value* const value = document.Find(name);
  if (value == nullptr || value->AsObject() == nullptr) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("{}: expected an object \"{}\"", kLuksHeader, name));
  }
  return value->AsObject();
}

Result<unsigned> NumberOf(std::string_view text) {
  unsigned out = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, out);
  if (error == std::errc() && stop == end && out < limits::kLuksSlots) return out;
  return Fail(ErrorCode::kMalformed, fmt::format("{}: expected the number of a keyslot, found {}",
                                                 kLuksHeader, text.substr(0, 16)));
}

Result<void> ReadKeyslots(const json::Value& document, LuksHeader& out) {
  for (const auto& [number, keyslot] : *TRY(ObjectIn(document, "keyslots"))) {
    const std::string where = "keyslot " + number;
    const std::string type = TRY(keyslot.String("type", kLuksHeader));
    if (type != "luks2") return Unsafe(where, "type luks2", type);
    const json::Value* const area = keyslot.Find("area");
    if (area == nullptr) return Unsafe(where, "an area", "none");
    TRY_VOID(CheckCipher(where, TRY(area->String("encryption", kLuksHeader))));
    out.keyslots.insert(TRY(NumberOf(number)));
  }
  return {};
}

Result<void> CheckSegments(const json::Value& document) {
  const json::Object& segments = *TRY(ObjectIn(document, "segments"));
  if (segments.empty()) return Unsafe("segments", "one", "none");
  for (const auto& [number, segment] : segments) {
    const std::string where = "segment " + number;
    const std::string type = TRY(segment.String("type", kLuksHeader));
    if (type != "crypt") return Unsafe(where, "type crypt", type);
    TRY_VOID(CheckCipher(where, TRY(segment.String("encryption", kLuksHeader))));
  }
  return {};
}

Result<LuksToken> ReadToken(const json::Value& token) {
  LuksToken out;
  const json::Array& keyslots = *TRY(token.List("keyslots", kLuksHeader));
  if (keyslots.size() != 1 || keyslots.front().AsString() == nullptr) {
    return Fail(ErrorCode::kMalformed, fmt::format("{}: expected a token of one keyslot, found {}",
                                                   kLuksHeader, keyslots.size()));
  }
  out.keyslot = std::to_string(TRY(NumberOf(*keyslots.front().AsString())));
  out.server = TRY(token.String("server", kLuksHeader));
  if (token.Find("provider") != nullptr) out.provider = TRY(token.String("provider", kLuksHeader));
  out.key = TRY(ParseKeyAddress(TRY(token.String("key", kLuksHeader)) + "," +
                                TRY(token.String("version", kLuksHeader))));
  return out;
}

}  // namespace

Result<LuksHeader> ParseLuksHeader(std::string_view metadata) {
  const json::Value document = TRY(json::Parse(metadata));
  LuksHeader out;
  TRY_VOID(ReadKeyslots(document, out));
  TRY_VOID(CheckSegments(document));
  for (const auto& [number, token] : *TRY(ObjectIn(document, "tokens"))) {
    const json::Value* const type = token.Find("type");
    if (type == nullptr || type->AsString() == nullptr || *type->AsString() != kType) continue;
    if (out.tokens.size() == limits::kLuksSlots) {
      return Fail(ErrorCode::kMalformed,
                  fmt::format("{}: more tokens than it has room for", kLuksHeader));
    }
    out.tokens.push_back(TRY(ReadToken(token)));
  }
  return out;
}

std::string LuksTokenJson(const LuksToken& token) {
  json::Object out{
      {"type", kType}, {"keyslots", json::Array{token.keyslot}}, {"server", token.server}};
  if (!token.provider.empty()) out.emplace_back("provider", token.provider);
  out.emplace_back("key", token.key.name);
  out.emplace_back("version", token.key.version);
  return json::Write(out);
}

std::optional<unsigned> FreeKeyslot(const LuksHeader& header) {
  for (unsigned number = 0; number < limits::kLuksSlots; ++number) {
    if (!header.keyslots.contains(number)) return number;
  }
  return std::nullopt;
}

}  // namespace assay::agent
