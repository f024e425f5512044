// What a simulated TPM says of its PCRs.
#pragma once

#include <cstdint>
#include <vector>

#include "base/json.h"
#include "simulate/parts.h"
#include "simulate/tpm_logs.h"

namespace assay::simulate {

inline constexpr std::uint16_t kSha1 = 0x0004, kSha256 = 0x000B;  // TPM_ALG_ID

// Big-endian, as all that TPMs write; a TPM2B is a 16-bit size and its bytes.
void AppendBe(Bytes& out, std::uint64_t value, std::size_t size);
void AppendSized(Bytes& out, View bytes);

// TPMS_ATTEST of a quote over PCR 0 to 14, in the boot that `resets` counts.
Bytes QuoteOf(const TpmLogs& logs, View signer, View nonce, const Order& order,
              std::uint32_t resets);

// TPMS_ATTEST of quotes (TPM 2.0 Part 2 §10.12.12) over PCR 0 to 14 by the key of that name: one,
// or for the fault quote.same_boot a second one of after the next boot.
std::vector<Bytes> QuotesOf(const TpmLogs& logs, View signer, View nonce, const Order& order);

// The member "pcrs" of the evidence.
json::Value PcrsOf(const TpmLogs& logs, const Order& order);

}  // namespace assay::simulate
