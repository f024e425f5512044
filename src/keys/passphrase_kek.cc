#include "keys/passphrase_kek.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/encoding.h"
#include "base/json.h"
#include "crypto/aes_gcm.h"
#include "crypto/signing_key.h"
#include "keys/local_kek.h"

namespace assay::keys {
namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kKekBytes = 32;
constexpr std::string_view kWhereKek = "key-encryption key";

class OpenFile {
 public:
  OpenFile(const std::string& path, int flags) : fd_(open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~OpenFile() {
    if (fd_ >= 0) close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

// At most `most` bytes of it, and no more in memory than there are.
Result<SecretBytes> ReadSmall(const std::string& path, std::size_t most) {
  const OpenFile file(path, O_RDONLY);
  if (file.fd() < 0) {
    return Fail(errno == ENOENT ? ErrorCode::kMissing : ErrorCode::kIo,
                "cannot read " + path + ": " + std::strerror(errno));
  }
  struct stat about {};
  if (fstat(file.fd(), &about) != 0 || !S_ISREG(about.st_mode) || (about.st_mode & 077U) != 0) {
    return Fail(ErrorCode::kInvalidArgument,
                path + ": expected a file that only its owner may read", "chmod 600 " + path);
  }
  SecretBytes room(most + 1);
  std::size_t size = 0;
  while (size < room.size()) {
    const ssize_t count = read(file.fd(), room.writable().data() + size, room.size() - size);
    if (count < 0) return Fail(ErrorCode::kIo, "cannot read " + path);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size > most) {
    return Fail(ErrorCode::kMalformed, fmt::format("{}: expected at most {} bytes", path, most));
  }
  return SecretBytes(room.view().first(size));
}

// On disk when it returns; a file of that name that is there stays.
Result<void> WriteOnce(const std::string& folder, const std::string& name, std::string_view text) {
  const std::string path = folder + "/" + name;
  const std::string fresh = path + ".new";
  {
    const OpenFile file(fresh, O_WRONLY | O_CREAT | O_TRUNC);
    const auto size = static_cast<ssize_t>(text.size());
    if (file.fd() < 0 || write(file.fd(), text.data(), text.size()) != size ||
        fsync(file.fd()) != 0) {
      return Fail(ErrorCode::kIo, "cannot write " + fresh + ": " + std::strerror(errno));
    }
  }
  const OpenFile directory(folder, O_RDONLY | O_DIRECTORY);
  if (link(fresh.c_str(), path.c_str()) != 0 || unlink(fresh.c_str()) != 0 || directory.fd() < 0 ||
      fsync(directory.fd()) != 0) {
    return Fail(ErrorCode::kIo, "cannot write " + path + ": " + std::strerror(errno));
  }
  return {};
}

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

bool IsKekId(std::string_view id) {
  return id.size() == 32 && id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
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
  TRY_VOID(WriteOnce(folder_, FileOf(id), json::Write(document)));
  const std::lock_guard lock(mutex_);
  return known_[id] = MakeLocalKek(id, std::move(key));
}

Result<KekPtr> PassphraseKeks::Find(const std::string& id) {
  if (!IsKekId(id)) {
    return Fail(ErrorCode::kMalformed, "key-encryption key: expected an id of 32 digits");
  }
  const std::lock_guard lock(mutex_);
  const auto known = known_.find(id);
  if (known != known_.end()) return known->second;
  const std::string path = folder_ + "/" + FileOf(id);
  const SecretBytes text = TRY(ReadSmall(path, limits::kKekFileBytes));
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
  const SecretBytes text = TRY(ReadSmall(path, limits::kKekPassphraseBytes));
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
