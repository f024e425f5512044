// Evidence of a machine with a TPM: quotes, the key that signed them, and the logs behind the PCRs.
//
// A JSON object of Assay's own, as no standard has one (base64url without padding, PCR values in
// hexadecimal):
//   {"assay-evidence": "tpm/1",
//    "ak": "TPM2B_PUBLIC or TPMT_PUBLIC",
//    "ak_certificates": ["DER, leaf first", ...],              optional
//    "certified_keys": [{"public": "TPM2B_PUBLIC", "certification": "TPMS_ATTEST",
//                        "signature": "TPMT_SIGNATURE"}, ...], optional: TPM2_Certify by the "ak"
//    "quotes": [{"message": "TPMS_ATTEST", "signature": "TPMT_SIGNATURE"}, ...],
//    "pcrs": {"sha256": {"0": "3d45...", ...}, ...},
//    "event_log": "TCG log", "ima_log": "IMA log"}             both optional here, judged later
// "quote_binding": {"hash": "sha256", "data": "..."} says that the quotes do not answer the
// challenge itself but the hash of the data, a zero byte and the challenge. In place of "ak",
// "ak_jwk" may hold the key as {"kty": "RSA", "n", "e"} (RFC 7518 section 6.3): then nothing is
// known of its attributes, and its certificate has to say what it is for. To one who has seen the
// machine before: "event_log_sha256" in place of a log that has not changed, and "ima_from": N when
// the first N entries of the list are left out.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "crypto/certificate.h"
#include "tee/core/scheme.h"
#include "tee/tcg/replay.h"
#include "tee/tpm/ima_log.h"
#include "tee/tpm/structures.h"

namespace assay::tpm {

struct SignedQuote {
  Quote quote;
  Signature signature;
};

// A key whose public half the TPM vouches for.
struct CertifiedKey {
  PublicArea area;
  Certification certification;
  Signature signature;
};

// Data that a quote binds besides the challenge: it quotes H(data, 0x00, challenge).
struct QuoteBinding {
  tcg::HashAlgorithm hash = tcg::HashAlgorithm::kSha256;
  View data;
};

// Owns the bytes that its parts look into: never copied.
struct TpmEvidence : Parsed {
  std::vector<Bytes> owned;
  // The key that the quotes are verified with: as the TPM describes it, or one known otherwise,
  // which goes before it.
  std::optional<PublicFields> ak;
  std::optional<PublicKey> key;
  std::vector<CertificatePtr> ak_certificates;  // leaf first
  std::vector<SignedQuote> quotes;
  std::vector<CertifiedKey> certified_keys;
  std::optional<QuoteBinding> binding;
  std::map<tcg::HashAlgorithm, tcg::PcrValues> pcrs;
  View event_log;                                // well-formed; empty if there is none
  std::optional<Sha256Digest> event_log_digest;  // of that, or of one that is named
  std::optional<std::vector<ImaEntry>> ima_log;
  std::uint64_t ima_from = 0;  // entries that stand before those of ima_log
};

// Whether the begin of the text names a format of that family: "tpm/", "azure/".
bool NamesFormat(View evidence, std::string_view family);
Result<std::unique_ptr<TpmEvidence>> ParseTpmEvidence(View evidence);

inline constexpr std::array<std::string_view, 8> kQuoteMembers = {
    "quotes",  "pcrs",     "event_log",      "event_log_sha256",
    "ima_log", "ima_from", "certified_keys", "quote_binding"};

// For formats that hold the same members among others. The members kQuoteMembers:
Result<void> ReadQuotesAndLogs(const json::Value& document, TpmEvidence& out);
// All that a "tpm/1" document holds, and those `others`, which the caller reads.
Result<std::unique_ptr<TpmEvidence>> ReadTpmMembers(const json::Value& document,
                                                    std::span<const std::string_view> others);
// Quotes and logs alone, of a document in any of those formats: whose key it was stays open.
Result<std::unique_ptr<TpmEvidence>> ParseQuotesAndLogs(View document);
// A member in base64url, kept in `out`.
Result<View> ReadBytes(const json::Value& document, std::string_view name, TpmEvidence& out);
// A member with a misspelt name would be a log that nobody looks at.
Result<void> RefuseOtherMembers(const json::Value& document,
                                std::span<const std::string_view> known);  // besides kQuoteMembers

}  // namespace assay::tpm
