// Secret bytes: compared in constant time and cleansed when they are done with.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace assay {

// Takes as long for the first differing byte as for the last. The sizes are no secret.
bool SecretEqual(View a, View b);

// Overwrites in a way that a compiler does not drop.
void Cleanse(std::span<std::byte> secret);

// Owns bytes of fixed size that leave no copy behind: moved, never copied, cleansed when destroyed.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::size_t size) : bytes_(size) {}  // zeros
  explicit SecretBytes(View copied) : bytes_(copied.begin(), copied.end()) {}
  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes();

  View view() const { return bytes_; }
  std::span<std::byte> writable() { return bytes_; }
  std::size_t size() const { return bytes_.size(); }

 private:
  Bytes bytes_;
};

// From the operating system's generator, by OpenSSL.
Result<SecretBytes> RandomSecret(std::size_t size);

}  // namespace assay
