#include "keys/tpm_kek.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "base/encoding.h"
#include "base/json.h"
#include "base/limits.h"
#include "crypto/signing_key.h"
#include "keys/kek_file.h"
#include "keys/local_kek.h"
#include "tpm2/seal.h"

namespace assay::keys {
namespace {

constexpr std::size_t kTpmKekBytes = 32;
constexpr std::string_view kWhereTpmKek = "key-encryption key of a TPM";
constexpr std::uint32_t kLastPcr = 23;

struct TpmKekFile {
  tpm2::PcrValues pcrs;
  tpm2::Sealed sealed;
};

std::string TpmFileOf(const std::string& id) { return "kek-" + id + ".tpm.json"; }

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

Result<std::uint32_t> ParsePcr(std::string_view text) {
  std::uint32_t out = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  if (read.ec == std::errc() && read.ptr == text.data() + text.size() && out <= kLastPcr) {
    return out;
  }
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("PCR: expected 0 to {}, found {}", kLastPcr, text.substr(0, 16)));
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
    out.pcrs[index] = TRY(HexDecode(TRY(pcrs->String(member.first, kWhereTpmKek))));
  }
  out.sealed.public_area = TRY(Base64UrlDecode(TRY(document.String("public", kWhereTpmKek))));
  out.sealed.private_area = TRY(Base64UrlDecode(TRY(document.String("private", kWhereTpmKek))));
  return out;
}

std::vector<std::uint32_t> IndicesOf(const tpm2::PcrValues& pcrs) {
  std::vector<std::uint32_t> out;
  for (const auto& one : pcrs) out.push_back(one.first);
  return out;
}

// Empty where all are as they were.
std::string Differences(const tpm2::PcrValues& then, const tpm2::PcrValues& now) {
  std::string out;
  for (const auto& [index, value] : then) {
    const auto found = now.find(index);
    if (found != now.end() && found->second == value) continue;
    out += fmt::format("{}PCR {}: expected {}, found {}", out.empty() ? "" : "; ", index,
                       HexEncode(value), found == now.end() ? "" : HexEncode(found->second));
  }
  return out;
}

Result<SecretBytes> OpenSealed(tpm2::Tpm& tpm, const std::string& path, const TpmKekFile& file) {
  const tpm2::PcrValues now = TRY(tpm.ReadPcrs(IndicesOf(file.pcrs)));
  if (const std::string changed = Differences(file.pcrs, now); !changed.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: the machine's state is not the one that the key-encryption key "
                            "was sealed to: {}",
                            path, changed),
                "boot that state again; before a change that is meant, move to a passphrase or an "
                "HSM with `assay key rotate-kek --to passphrase`, and back after it");
  }
  Result<SecretBytes> out = tpm2::Unseal(tpm, IndicesOf(file.pcrs), file.sealed);
  if (!out) return Fail(out.error().code, path + ": " + out.error().message, out.error().hint);
  return out;
}

}  // namespace

Result<KekPtr> TpmKeks::Make() {
  const std::lock_guard lock(mutex_);
  const std::string id = HexEncode(TRY(RandomBytes(16)));
  SecretBytes key = TRY(RandomSecret(kTpmKekBytes));
  tpm2::Tpm tpm = TRY(connect_());
  TpmKekFile file;
  file.pcrs = TRY(tpm.ReadPcrs(pcrs_));
  file.sealed = TRY(tpm2::Seal(tpm, file.pcrs, key));
  TRY_VOID(WriteKekFile(folder_, TpmFileOf(id), WriteTpmKek(id, file)));
  return known_[id] = MakeLocalKek(id, std::move(key));
}

Result<KekPtr> TpmKeks::Find(const std::string& id) {
  TRY_VOID(CheckKekId(id));
  const std::lock_guard lock(mutex_);
  const auto known = known_.find(id);
  if (known != known_.end()) return known->second;
  const std::string path = folder_ + "/" + TpmFileOf(id);
  const SecretBytes text = TRY(ReadPrivateFile(path, limits::kKekFileBytes));
  const TpmKekFile file = TRY(ParseTpmKek(text.view(), id));
  tpm2::Tpm tpm = TRY(connect_());
  SecretBytes key = TRY(OpenSealed(tpm, path, file));
  if (key.size() != kTpmKekBytes) {
    return Fail(ErrorCode::kMalformed, path + ": expected a key of 32 bytes");
  }
  return known_[id] = MakeLocalKek(id, std::move(key));
}

TpmKeks::Connect ConnectBy(std::string tcti) {
  return [tcti = std::move(tcti)] { return tpm2::Tpm::Open(tcti); };
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
