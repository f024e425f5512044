#include "keys/passphrase_kek.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/json.h"
#include "crypto/aes_gcm.h"
#include "crypto/signing_key.h"
#include "keys/kek_file.h"
#include "keys/local_kek.h"

namespace assay::keys {
namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kKekBytes = 32;
constexpr std::string_view kWhereKek = "key-encryption key";

// What is authenticated with the sealed key: who and how.
json::Object HeadOf(const std::string& id, const ScryptCost& cost, View salt) {
  return {{"version", 1},
          {"id", id},
          {"kdf", json::Object{{"name", "scrypt"},
                               {"logN", cost.log_n},
                               {"r", cost.r},
                               {"p", cost.p},
                               {"salt", Base64UrlEncode(salt)}}}};
}

struct KekFile {
  ScryptCost cost;
  Bytes salt;
  Bytes sealed;
};

Result<KekFile> ParseKekFile(View text, const std::string& id) {
  const json::Value document = TRY(json::Parse(AsText(text)));
  if (TRY(document.String("id", kWhereKek)) != id) {
    return Fail(ErrorCode::kMalformed, "key-encryption key: its file has the name of another");
  }
  const json::Value* const kdf = document.Find("kdf");
  if (TRY(document.Int("version", kWhereKek)) != 1 || kdf == nullptr ||
      TRY(kdf->String("name", kWhereKek)) != "scrypt") {
    return Fail(ErrorCode::kUnsupported, "key-encryption key: expected version 1 with scrypt");
  }
  KekFile out;
  const auto number = [kdf](std::string_view name) -> Result<unsigned> {
    const std::int64_t value = TRY(kdf->Int(name, kWhereKek));
    if (value < 0 || value > 255) {
      return Fail(ErrorCode::kMalformed, "key-encryption key: a cost out of all bounds");
    }
    return static_cast<unsigned>(value);
  };
  out.cost.log_n = TRY(number("logN"));
  out.cost.r = TRY(number("r"));
  out.cost.p = TRY(number("p"));
  out.salt = TRY(Base64UrlDecode(TRY(kdf->String("salt", kWhereKek))));
  out.sealed = TRY(Base64UrlDecode(TRY(document.String("sealed", kWhereKek))));
  return out;
}

std::string FileOf(const std::string& id) { return "kek-" + id + ".json"; }

}  // namespace

Result<KekPtr> PassphraseKeks::Make() {
  const std::string id = HexEncode(TRY(RandomBytes(16)));
  const Bytes salt = TRY(RandomBytes(kSaltBytes));
  SecretBytes key = TRY(RandomSecret(kKekBytes));
  json::Object document = HeadOf(id, cost_, salt);
  const std::string head = json::Write(document);
  const SecretBytes wrapping = TRY(Scrypt(passphrase_.view(), salt, cost_, kKekBytes));
  const Bytes sealed = PackGcm(TRY(SealGcm(wrapping.view(), AsBytes(head), key.view())));
  document.emplace_back("sealed", Base64UrlEncode(sealed));
  TRY_VOID(WriteKekFile(folder_, FileOf(id), json::Write(document)));
  const std::lock_guard lock(mutex_);
  return known_[id] = MakeLocalKek(id, std::move(key));
}

Result<KekPtr> PassphraseKeks::Find(const std::string& id) {
  TRY_VOID(CheckKekId(id));
  const std::lock_guard lock(mutex_);
  const auto known = known_.find(id);
  if (known != known_.end()) return known->second;
  const std::string path = folder_ + "/" + FileOf(id);
  const SecretBytes text = TRY(ReadPrivateFile(path, limits::kKekFileBytes));
  const KekFile file = TRY(ParseKekFile(text.view(), id));
  const SecretBytes wrapping = TRY(Scrypt(passphrase_.view(), file.salt, file.cost, kKekBytes));
  const std::string head = json::Write(HeadOf(id, file.cost, file.salt));
  Result<SecretBytes> key = OpenGcm(wrapping.view(), AsBytes(head), TRY(UnpackGcm(file.sealed)));
  if (!key || key->size() != kKekBytes) {
    return Fail(ErrorCode::kInvalidArgument,
                path + ": the passphrase is another one, or the file was changed",
                "give the passphrase that the vault was made with");
  }
  return known_[id] = MakeLocalKek(id, std::move(*key));
}

Result<SecretBytes> ReadSecretFile(const std::string& path) {
  const SecretBytes text = TRY(ReadPrivateFile(path, limits::kKekPassphraseBytes));
  View out = text.view();
  if (!out.empty() && out.back() == std::byte{'\n'}) out = out.first(out.size() - 1);
  return SecretBytes(out);
}

Result<SecretBytes> ReadPassphrase(const std::string& path) {
  SecretBytes out = TRY(ReadSecretFile(path));
  // A passphrase is guessed offline by whoever has the files; scrypt slows that down, no more.
  constexpr std::size_t kLeast = 12;
  if (out.size() < kLeast) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: expected a passphrase of at least {} bytes", path, kLeast),
                "openssl rand -base64 24 > FILE; chmod 600 FILE");
  }
  return out;
}

}  // namespace assay::keys
