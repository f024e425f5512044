#include "server/key_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace assay {
namespace {

namespace fs = std::filesystem;

// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  const int fd_;
};

bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write(fd, text.data(), text.size());
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return fsync(fd) == 0;
}

bool SyncFolderOf(const std::string& path) {
  const std::string folder = fs::path(path).parent_path().string();
  const Descriptor fd(open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_CLOEXEC));
  return fd.get() >= 0 && fsync(fd.get()) == 0;
}

Result<SigningKey> OpenKey(const std::string& path, KeyType type) {
  if (fs::exists(path)) return SigningKey::Load(path);
  SigningKey key = TRY(SigningKey::Generate(type));
  TRY_VOID(key.Save(path));
  return key;
}

}  // namespace

Result<std::string> ReadWholeFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Fail(ErrorCode::kIo, "cannot read " + path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

Result<void> WriteDurably(const std::string& path, std::string_view text, unsigned mode) {
  const std::string fresh = path + ".new";
  const Descriptor fd(open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
  std::error_code error;
  bool written = fd.get() >= 0 && WriteAll(fd.get(), text);
  if (written) fs::rename(fresh, path, error);
  written = written && !error && SyncFolderOf(path);
  if (!written) return Fail(ErrorCode::kIo, "cannot write " + path);
  return {};
}

Result<SecretBytes> OpenSecretFile(const std::string& path, std::size_t size) {
  if (!fs::exists(path)) {
    SecretBytes made = TRY(RandomSecret(size));
    TRY_VOID(WriteDurably(path, AsText(made.view()), 0600));
    return made;
  }
  SecretBytes out(size);
  std::ifstream in(path, std::ios::binary);
  in.rdbuf()->pubsetbuf(nullptr, 0);  // no copy is left in a buffer
  in.read(reinterpret_cast<char*>(out.writable().data()), static_cast<std::streamsize>(size));
  if (!in || in.peek() != std::ifstream::traits_type::eof()) {
    return Fail(ErrorCode::kMalformed, fmt::format("{}: expected {} bytes", path, size),
                "it is damaged: restore it from a backup of the state folder");
  }
  return out;
}

Result<KeyPair> OpenKeyPair(const std::string& base, KeyType type,
                            const CertificateRequest& request, const KeyPair* issuer) {
  SigningKey key = TRY(OpenKey(base + ".key", type));
  const std::string path = base + ".pem";
  if (fs::exists(path)) {
    const auto chain = TRY(CertificatesFromPem(TRY(ReadWholeFile(path))));
    const bool same_issuer = issuer == nullptr || chain.front()->IssuedBy(*issuer->certificate);
    if (chain.front()->ValidAt(request.not_before + std::chrono::hours(1)) && same_issuer) {
      return KeyPair{key, chain.front()};
    }
  }
  CertificatePtr made =
      TRY(IssueCertificate(key, request, issuer != nullptr ? issuer->key : key,
                           issuer != nullptr ? issuer->certificate.get() : nullptr));
  std::string pem = CertificateToPem(*made);
  if (issuer != nullptr) pem += CertificateToPem(*issuer->certificate);
  TRY_VOID(WriteDurably(path, pem));
  return KeyPair{key, made};
}

}  // namespace assay
