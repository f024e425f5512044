// A made-up Intel: certificate hierarchy, revocation lists and signed documents for DCAP quotes.
#pragma once

#include "simulate/parts.h"

namespace assay::simulate {

// The values in which certificates, documents and quotes must agree.
inline constexpr std::string_view kFmspc = "50806f000000";
inline constexpr std::string_view kPceId = "0000";
inline constexpr unsigned kComponentSvn = 2;  // of all sixteen components
inline constexpr unsigned kPceSvn = 13;
inline constexpr unsigned kQeIsvSvn = 8;

struct IntelKeys {
  VendorKey root, intermediate, pck, tcb_signer, attestation;
  VendorKey rogue;  // signs what shall not verify
};
Result<IntelKeys> MakeIntelKeys();

struct IntelPki {
  CertificatePtr root, intermediate, pck;
  CertificatePtr tcb_info_signer, qe_identity_signer;  // the same, unless one shall be wrong
  std::string PckChainPem() const;
};
// The hierarchy with its revocation lists, which go to the collateral of `out`, as do the roots.
Result<IntelPki> MakeIntelPki(const IntelKeys& keys, const Order& order, Simulation& out);

// TCB info and QE identity, into the collateral of `out`.
Result<void> AddIntelDocuments(const IntelKeys& keys, bool tdx, const Order& order,
                               Simulation& out);

struct QuoteParts {
  unsigned version = 3;
  bool tdx = false;
  Bytes body;
};
// Quoting enclave, attestation key and all signatures around `parts`.
Result<Bytes> MakeQuote(const QuoteParts& parts, const IntelKeys& keys, const IntelPki& pki,
                        const Order& order);

}  // namespace assay::simulate
