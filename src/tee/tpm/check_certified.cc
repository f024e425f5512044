// Is that other key in the same TPM, and what can be done with it?
#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "tee/tpm/checks.h"
#include "tee/tpm/found.h"

namespace assay::tpm {
namespace {

constexpr std::string_view kCertifyClause = "TPM 2.0 Part 3 section 18.2";
constexpr std::string_view kSealingClause = "TPM 2.0 Part 3 section 23.7; Part 2 section 8.3";
constexpr std::string_view kRuntimeClause = "TPM 2.0 Part 2 section 8.3";

template <typename Good>
void ExpectOfAll(const TpmEvidence& evidence, std::string_view name, const std::string& expected,
                 Good good, Trace& trace) {
  const auto& keys = evidence.certified_keys;
  const auto count = std::count_if(keys.begin(), keys.end(), good);
  trace.Expect(count == static_cast<std::ptrdiff_t>(keys.size()), name, expected,
               fmt::format("{} of {} keys", count, keys.size()), kCertifyClause);
}

// TPML_PCR_SELECTION (Part 2, 10.9.7) as the usual TPMs write it: 24 PCRs in 3 bytes.
void AppendSelections(const Quote& quote, Bytes& out) {
  const auto append = [&out](std::uint32_t value, unsigned bytes) {
    for (unsigned i = bytes; i > 0; --i) {
      out.push_back(static_cast<std::byte>(value >> (8 * (i - 1)) & 0xFFU));
    }
  };
  append(static_cast<std::uint32_t>(quote.selections.size()), 4);
  for (const PcrSelection& selection : quote.selections) {
    append(selection.bank, 2);
    constexpr unsigned kSelectBytes = 3;
    append(kSelectBytes, 1);
    ByteArray<kSelectBytes> bits{};
    for (const std::uint32_t pcr : selection.pcrs) {
      bits[pcr / 8] |= std::byte{1} << (pcr % 8);
    }
    Append(out, bits);
  }
}

// The policy of TPM2_PolicyPCR alone over what the quote covers: new = H(zeros, TPM_CC_PolicyPCR,
// selection, H(values)), Part 3 section 23.7.
std::optional<Bytes> PcrPolicy(const TpmEvidence& evidence, const Quote& quote,
                               tcg::HashAlgorithm hash) {
  const auto values = SelectedValues(evidence, quote);
  if (!values) return std::nullopt;
  Bytes preimage(tcg::DigestSize(hash));
  Append(preimage, ByteArray<4>{std::byte{0}, std::byte{0}, std::byte{1}, std::byte{0x7F}});
  AppendSelections(quote, preimage);
  Append(preimage, tcg::Hash(hash, *values));
  return tcg::Hash(hash, preimage);
}

bool IsSealedToQuote(const TpmEvidence& evidence, const PublicArea& key) {
  // With its authorisation value alone it could be used in any state.
  if (key.user_with_auth()) return false;
  return std::any_of(evidence.quotes.begin(), evidence.quotes.end(), [&](const SignedQuote& one) {
    const auto policy = PcrPolicy(evidence, one.quote, key.name_algorithm);
    return policy && Equal(*policy, key.auth_policy);
  });
}

void CheckSealingKey(const TpmEvidence& evidence, const Found& found, Trace& trace) {
  const auto& keys = evidence.certified_keys;
  if (!trace.Expect(keys.size() == 1, "sealing_key.present",
                    "one certified key that the answer is sealed to",
                    fmt::format("{} keys", keys.size()), kSealingClause)) {
    return;
  }
  const PublicArea& key = keys.front().area;
  const bool good = key.fixed_tpm() && key.fixed_parent() && key.sensitive_data_origin() &&
                    key.decrypt() && !key.signs() && !key.restricted();
  trace.Expect(good, "sealing_key.attributes",
               "fixedTPM, fixedParent, sensitiveDataOrigin and decrypt, not sign or restricted",
               fmt::format("attributes 0x{:08x}", key.attributes), kSealingClause);
  if (found.quoted.empty()) return;  // quote.pcr_digest has failed: no state is proven
  const bool sealed = IsSealedToQuote(evidence, key);
  trace.Expect(sealed, "sealing_key.policy", "usable in the quoted state of the PCRs only",
               sealed ? "it is" : "policy " + HexEncode(key.auth_policy), kSealingClause);
}

// A released secret is wrapped to it: whoever else could use it, or have it, would read the secret.
void CheckRuntimeKey(const TpmEvidence& evidence, Trace& trace) {
  const auto& keys = evidence.certified_keys;
  if (keys.empty()) return;
  // Which of several is meant would be anybody's guess.
  if (!trace.Expect(keys.size() == 1, "runtime_key.single", "at most one certified key",
                    fmt::format("{} keys", keys.size()), kCertifyClause)) {
    return;
  }
  const PublicArea& key = keys.front().area;
  const std::string attributes = fmt::format("attributes 0x{:08x}", key.attributes);
  trace.Expect(key.fixed_tpm() && key.fixed_parent() && key.sensitive_data_origin(),
               "runtime_key.origin", "fixedTPM, fixedParent and sensitiveDataOrigin", attributes,
               kRuntimeClause);
  trace.Expect(key.decrypt() && !key.signs() && !key.restricted(), "runtime_key.purpose",
               "decrypt, not sign or restricted", attributes, kRuntimeClause);
  // A weak RSA key has not come through the parser.
  trace.Expect(!key.curve, "runtime_key.type", "an RSA key", key.curve ? "an ECC key" : "one",
               "PKCS #11, CKM_RSA_AES_KEY_WRAP");
}

}  // namespace

void CheckCertifiedKeys(const TpmEvidence& evidence, const VerifyInput& input, Trace& trace) {
  if (!evidence.certified_keys.empty()) {
    const auto& ak = FoundIn(evidence, input).key;
    ExpectOfAll(
        evidence, "certified_key.signature", "every key certified by the attestation key",
        [&](const CertifiedKey& one) {
          return ak && VerifyTpmSignature(*ak, one.signature, one.certification.bytes);
        },
        trace);
    ExpectOfAll(
        evidence, "certified_key.name", "every certification names its key",
        [](const CertifiedKey& one) { return Equal(one.certification.name, one.area.Name()); },
        trace);
    if (const auto& nonce = input.expectations.report_data) {
      ExpectOfAll(
          evidence, "certified_key.nonce", "every certification answers " + HexEncode(*nonce),
          [&](const CertifiedKey& one) { return Equal(one.certification.extra_data, *nonce); },
          trace);
    }
  }
  if (input.expectations.sealing_key) {
    CheckSealingKey(evidence, FoundIn(evidence, input), trace);
  }
  if (input.expectations.runtime_key) CheckRuntimeKey(evidence, trace);
}

}  // namespace assay::tpm
