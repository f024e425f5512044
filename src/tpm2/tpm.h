// The connection to a TPM 2.0, and what is asked of it besides keys.
//
// By libtss2 (TCG TSS 2.0 ESAPI 1.0); its types stay inside the sources. One TPM is used from one
// thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

struct ESYS_CONTEXT;
struct TSS2_TCTI_OPAQUE_CONTEXT_BLOB;

namespace assay::tpm2 {

// The kernel's resource manager: it flushes what a program leaves behind.
inline constexpr std::string_view kDefaultTcti = "device:/dev/tpmrm0";

class Tpm {
 public:
  // `tcti` is "device:PATH" or what tss2-tctildr takes: "swtpm:host=127.0.0.1,port=2321".
  static Result<Tpm> Open(const std::string& tcti);
  // Over a transport that the caller keeps; it must outlive the Tpm.
  static Result<Tpm> Over(TSS2_TCTI_OPAQUE_CONTEXT_BLOB* transport);

  // The content of an NV index, read with empty authorisation; nothing if there is no such index.
  Result<std::optional<Bytes>> ReadNv(std::uint32_t index);
  // The NV indices or persistent objects (by the first byte of `first`) from `first` on, at most
  // `count`.
  Result<std::vector<std::uint32_t>> Handles(std::uint32_t first, std::uint32_t count);
  Result<bool> HasHandle(std::uint32_t handle);
  // Values of the SHA-256 bank, by PCR. One that the TPM does not have is an error.
  Result<std::map<std::uint32_t, Bytes>> ReadPcrs(const std::vector<std::uint32_t>& pcrs);

  ESYS_CONTEXT* raw() const { return context_.get(); }

 private:
  struct ContextDeleter {
    void operator()(ESYS_CONTEXT* context) const;
  };
  // Each kind of transport ends in its own way.
  using TransportPtr =
      std::unique_ptr<TSS2_TCTI_OPAQUE_CONTEXT_BLOB, void (*)(TSS2_TCTI_OPAQUE_CONTEXT_BLOB*)>;

  static Result<TransportPtr> OpenDevice(const std::string& path);
  static Result<TransportPtr> OpenTransport(const std::string& tcti);
  Tpm(TransportPtr transport, ESYS_CONTEXT* context)
      : transport_(std::move(transport)), context_(context) {}

  TransportPtr transport_;  // null if the caller keeps it; goes after the context
  std::unique_ptr<ESYS_CONTEXT, ContextDeleter> context_;
};

}  // namespace assay::tpm2
