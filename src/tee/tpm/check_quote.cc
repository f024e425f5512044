// What did the TPM say?
#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "crypto/rsa_verify.h"
#include "tee/tpm/checks.h"
#include "tee/tpm/found.h"

namespace assay::tpm {
namespace {

constexpr std::string_view kQuoteClause = "TPM 2.0 Part 3 section 18.4";

// r ‖ s, each of the curve's size.
std::optional<Bytes> Joined(const Signature& signature, std::size_t size) {
  Bytes out;
  for (const View part : {signature.r, signature.s}) {
    if (part.size() > size) return std::nullopt;
    out.resize(out.size() + size - part.size());
    Append(out, part);
  }
  return out;
}

bool VerifyEcdsa(const PublicKey& key, const Signature& signature, View digest) {
  const bool p256 = key.IsEc(Curve::kP256);
  if (!p256 && !key.IsEc(Curve::kP384)) return false;
  const auto joined = Joined(signature, p256 ? 32 : 48);
  return joined && key.VerifyEcdsa(digest, *joined);
}

template <typename Good>
std::size_t CountGood(const TpmEvidence& evidence, Good good) {
  return static_cast<std::size_t>(
      std::count_if(evidence.quotes.begin(), evidence.quotes.end(), good));
}

void ExpectCount(std::size_t count, const TpmEvidence& evidence, std::string_view name,
                 std::string expected, Trace& trace) {
  trace.Expect(count == evidence.quotes.size(), name, std::move(expected),
               fmt::format("{} of {} quotes", count, evidence.quotes.size()), kQuoteClause);
}

template <typename Good>
void ExpectAll(const TpmEvidence& evidence, std::string_view name, std::string expected, Good good,
               Trace& trace) {
  ExpectCount(CountGood(evidence, good), evidence, name, std::move(expected), trace);
}

// What the quotes have to answer.
Bytes Answer(const TpmEvidence& evidence, View challenge) {
  if (!evidence.binding) return ToBytes(challenge);
  Bytes bound = ToBytes(evidence.binding->data);
  bound.push_back(std::byte{0});
  Append(bound, challenge);
  return tcg::Hash(evidence.binding->hash, bound);
}

void CheckNonce(const TpmEvidence& evidence, View challenge, Trace& trace) {
  const Bytes nonce = Answer(evidence, challenge);
  const auto other =
      std::find_if(evidence.quotes.begin(), evidence.quotes.end(),
                   [&](const SignedQuote& q) { return !Equal(q.quote.extra_data, nonce); });
  const bool ok = other == evidence.quotes.end();
  trace.Expect(ok, "quote.nonce", HexEncode(nonce),
               ok ? "the same" : HexEncode(other->quote.extra_data),
               "TPM 2.0 Part 2 section 10.12.12, extraData");
}

// PCRs of one boot beside those of another would tell of a machine that never was.
void CheckSameBoot(const TpmEvidence& evidence, Trace& trace) {
  const Quote& first = evidence.quotes.front().quote;
  const auto other =
      std::find_if(evidence.quotes.begin(), evidence.quotes.end(), [&first](const SignedQuote& q) {
        return q.quote.reset_count != first.reset_count ||
               q.quote.restart_count != first.restart_count;
      });
  const auto said = [](const Quote& quote) {
    return fmt::format("reset {}, restart {}", quote.reset_count, quote.restart_count);
  };
  const bool same = other == evidence.quotes.end();
  trace.Expect(same, "quote.same_boot", "all quotes of one boot: " + said(first),
               same ? "they are" : said(other->quote), "TPM 2.0 Part 2 section 10.11.1");
}

// SHA-1 collisions can be made: a log can be chosen that fits the quoted value as another does.
void CheckStrength(const TpmEvidence& evidence, const VerifyInput& input, Trace& trace) {
  const auto bank = FoundIn(evidence, input).bank;
  const bool weak_signature = std::any_of(
      evidence.quotes.begin(), evidence.quotes.end(),
      [](const SignedQuote& q) { return q.signature.hash == tcg::HashAlgorithm::kSha1; });
  const bool weak = !bank || *bank == tcg::HashAlgorithm::kSha1 || weak_signature;
  const Outcome outcome =
      !weak ? Outcome::kPass
            : (bank && input.expectations.allow_sha1 ? Outcome::kWaived : Outcome::kFail);
  trace.Add({"quote.hash",
             outcome,
             "a PCR bank and a signature of SHA-256 or stronger",
             !bank ? "no PCR bank is quoted"
                   : fmt::format("bank {}{}", tcg::Name(*bank),
                                 weak_signature ? ", signature over SHA-1" : ""),
             {},
             "NIST SP 800-131A"});
}

// PCRs that a policy wants to be proven.
void CheckRequired(const TpmEvidence& evidence, const VerifyInput& input, Trace& trace) {
  const std::uint32_t required = input.expectations.required_pcrs;
  const tcg::PcrValues& quoted = FoundIn(evidence, input).quoted;
  std::string missing;
  for (std::uint32_t pcr = 0; pcr < tcg::kPcrCount; ++pcr) {
    if ((required >> pcr & 1U) == 0 || quoted.contains(pcr)) continue;
    missing += fmt::format("{}{}", missing.empty() ? "" : ", ", pcr);
  }
  trace.Expect(missing.empty(), "quote.required_pcrs",
               fmt::format("the PCRs of the mask 0x{:06x} are quoted", required),
               missing.empty() ? "they are" : "without PCR " + missing,
               "azure-docs, policy-version-1-1.md, required_pcr_mask");
}

}  // namespace

bool VerifyTpmSignature(const PublicKey& key, const Signature& signature, View message) {
  const Bytes digest = tcg::Hash(signature.hash, message);
  switch (signature.scheme) {
    case Signature::Scheme::kRsassa:
      return VerifyRsaSignature(key, RsaPadding::kPkcs1, digest, signature.rsa);
    case Signature::Scheme::kRsapss:
      return VerifyRsaSignature(key, RsaPadding::kPss, digest, signature.rsa);
    case Signature::Scheme::kEcdsa: return VerifyEcdsa(key, signature, digest);
  }
  return false;
}

void CheckQuotes(const TpmEvidence& evidence, const VerifyInput& input, Trace& trace) {
  const Found& found = FoundIn(evidence, input);
  ExpectAll(
      evidence, "quote.signature", "every quote signed by the attestation key",
      [&](const SignedQuote& quote) {
        return found.key && VerifyTpmSignature(*found.key, quote.signature, quote.quote.bytes);
      },
      trace);
  const auto covered =
      static_cast<std::size_t>(std::count(found.covered.begin(), found.covered.end(), true));
  ExpectCount(covered, evidence, "quote.pcr_digest", "the PCR values given are those quoted",
              trace);
  CheckSameBoot(evidence, trace);
  CheckStrength(evidence, input, trace);
  if (input.expectations.report_data) CheckNonce(evidence, *input.expectations.report_data, trace);
  if (input.expectations.required_pcrs != 0) CheckRequired(evidence, input, trace);
}

}  // namespace assay::tpm
