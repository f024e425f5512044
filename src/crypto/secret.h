// Secret bytes: compared in constant time and cleansed when they are done with.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "base/result.h"

namespace assay {

// Takes as long for the first differing byte as for the last. The sizes are no secret.
bool SecretEqual(View a, View b);

// Overwrites in a way that a compiler does not drop.
void Cleanse(std::span<std::byte> secret);

// From the call on, SecretBytes and the private numbers of OpenSSL's keys are made in an arena of
// that many bytes (a power of two) that is never swapped out and is in no core dump. Once in a
// process, before its first secret; without it they are in the ordinary heap. False: the system
// lets this process lock less memory (RLIMIT_MEMLOCK), so that they can be swapped out.
Result<bool> OpenSecretArena(std::size_t size);

// Gives memory of OPENSSL_secure_malloc back.
struct CleanseAndFree {
  std::size_t size = 0;
  void operator()(std::byte* bytes) const;
};

// Owns bytes of fixed size that leave no copy behind: moved, never copied, cleansed when destroyed.
// Throws std::bad_alloc when the arena is full.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::size_t size);  // zeros
  explicit SecretBytes(View copied);

  View view() const { return {bytes_.get(), size()}; }
  std::span<std::byte> writable() { return {bytes_.get(), size()}; }
  std::size_t size() const { return bytes_ == nullptr ? 0 : bytes_.get_deleter().size; }

 private:
  std::unique_ptr<std::byte[], CleanseAndFree> bytes_;
};

// From the operating system's generator, by OpenSSL.
Result<SecretBytes> RandomSecret(std::size_t size);

}  // namespace assay
