// The evidence document that the agent sends: "tpm/1" (tee/tpm/evidence.h) or "azure/1"
// (tee/azure/scheme.h). Pure: bytes in, text out.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/tpm_key.h"
#include "base/bytes.h"
#include "base/result.h"

namespace assay::agent {

// A key of the same TPM, and the attestation key's word for it.
struct CertifiedKey {
  Bytes area;  // TPM2B_PUBLIC
  SignedStatement certification;
};

struct Collected {
  Bytes ak;                            // TPM2B_PUBLIC
  std::vector<Bytes> ak_certificates;  // DER, leaf first
  SignedStatement quote;
  std::map<std::uint32_t, Bytes> pcrs;  // SHA-256 bank
  std::optional<CertifiedKey> certified;
  std::optional<Bytes> bound;  // that the quote binds besides the challenge (QuotedNonce)
  std::optional<Bytes> event_log, ima_log;
  // An Azure confidential VM; the report then names the attestation key, no certificate.
  std::optional<Bytes> hcl_report, td_quote;
};

// What the service has of this machine already, as its challenge says.
struct AlreadyKnown {
  std::uint64_t ima_entries = 0;      // of the list, from its begin
  std::uint32_t reset_count = 0;      // in that boot, as the TPM counts them
  std::string event_log_sha256 = {};  // hexadecimal; empty: none
};

// What a quote answers that binds data besides the challenge: SHA-256 of data, a zero byte and the
// challenge ("quote_binding" in tee/tpm/evidence.h).
Bytes QuotedNonce(View challenge, const std::optional<Bytes>& bound);

// Leaves out what the service knows: the first entries of the IMA list if the quote is of the same
// boot ("ima_from"), the event log if it is that one ("event_log_sha256"). An error is a quote that
// does not parse.
Result<std::string> EvidenceDocument(const Collected& collected, const AlreadyKnown& known);

// The list without its first `count` entries; nothing if there are fewer, or if an entry is in a
// form whose size it does not tell (the template "ima").
std::optional<Bytes> ImaLogFrom(View log, std::uint64_t count);

}  // namespace assay::agent
