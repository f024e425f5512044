#include "keys/tpm_kek.h"

#include <fmt/format.h>

#include <utility>

#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/signing_key.h"
#include "keys/kek_file.h"
#include "keys/local_kek.h"
#include "keys/tpm_kek_file.h"
#include "tpm2/seal.h"

namespace assay::keys {
namespace {

constexpr std::size_t kTpmKekBytes = 32;

std::string TpmFileOf(const std::string& id) { return "kek-" + id + ".tpm.json"; }

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

}  // namespace assay::keys
