// What sources over libtss2 share: results, owned answers and the wire form of structures.
#pragma once

#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>

#include <memory>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace assay::tpm2 {

// What ESAPI allocated.
struct EsysDeleter {
  void operator()(void* answer) const { Esys_Free(answer); }
};
template <typename T>
using EsysPtr = std::unique_ptr<T, EsysDeleter>;

// `doing` names the command, as "TPM2_Quote".
Result<void> Succeeded(TSS2_RC code, std::string_view doing);

// The wire form (TPM 2.0 Part 2) of a structure, by its function of tss2_mu.h.
template <typename T, typename Marshal>
Result<Bytes> WireForm(Marshal marshal, const T& structure, std::string_view what) {
  Bytes out(sizeof(T) + 64);  // in memory a structure is never smaller than on the wire
  std::size_t size = 0;
  TRY_VOID(Succeeded(
      marshal(&structure, reinterpret_cast<std::uint8_t*>(out.data()), out.size(), &size), what));
  out.resize(size);
  return out;
}

// The other way round; trailing bytes are an error.
template <typename T, typename Unmarshal>
Result<T> FromWireForm(Unmarshal unmarshal, View bytes, std::string_view what) {
  T out{};
  std::size_t offset = 0;
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  const TSS2_RC code = unmarshal(data, bytes.size(), &offset, &out);
  if (code != TSS2_RC_SUCCESS || offset != bytes.size()) {
    return Fail(ErrorCode::kMalformed, std::string(what) + ": expected exactly that structure in " +
                                           std::to_string(bytes.size()) + " bytes");
  }
  return out;
}

// Those PCRs, 0 to 23, of the SHA-256 bank.
TPML_PCR_SELECTION Sha256Pcrs(const std::vector<std::uint32_t>& pcrs);

// A TPM2B with a plain buffer, as its bytes.
template <typename T>
View Buffer(const T& sized) {
  return std::as_bytes(std::span(sized.buffer, sized.size));
}

}  // namespace assay::tpm2
