#include "tee/tpm/found.h"

namespace assay::tpm {
namespace {

std::shared_ptr<const PublicKey> KeyOf(const TpmEvidence& evidence, VerifyCache& cache) {
  if (evidence.key) return std::make_shared<const PublicKey>(*evidence.key);
  Bytes named = ToBytes(AsBytes("attestation key"));
  Append(named, evidence.ak->bytes);
  const Sha256Digest digest = Sha256(named);
  if (auto known = cache.Find<PublicKey>(digest)) return known;
  auto key = evidence.ak->Key();
  if (!key) return nullptr;
  auto own = std::make_shared<const PublicKey>(std::move(*key));
  cache.Put<PublicKey>(digest, own);
  return own;
}

// The digest is made with the hash of the signature, not with that of the bank (Part 3, 18.4.1).
bool CoversValues(const TpmEvidence& evidence, const SignedQuote& quote) {
  const auto selected = SelectedValues(evidence, quote.quote);
  return selected && Equal(tcg::Hash(quote.signature.hash, *selected), quote.quote.pcr_digest);
}

std::optional<tcg::HashAlgorithm> BestBank(const TpmEvidence& evidence) {
  std::optional<tcg::HashAlgorithm> out;
  for (const SignedQuote& quote : evidence.quotes) {
    for (const PcrSelection& selection : quote.quote.selections) {
      const auto bank = tcg::HashAlgorithmOf(selection.bank);
      if (!bank || selection.pcrs.empty()) continue;
      if (!out || tcg::DigestSize(*bank) > tcg::DigestSize(*out)) out = bank;
    }
  }
  return out;
}

void AddQuoted(const TpmEvidence& evidence, const SignedQuote& quote, tcg::HashAlgorithm bank,
               tcg::PcrValues& out) {
  for (const PcrSelection& selection : quote.quote.selections) {
    if (tcg::HashAlgorithmOf(selection.bank) != bank) continue;
    for (const std::uint32_t pcr : selection.pcrs) {
      out.insert_or_assign(out.end(), pcr, evidence.pcrs.at(bank).at(pcr));
    }
  }
}

}  // namespace

std::optional<Bytes> SelectedValues(const TpmEvidence& evidence, const Quote& quote) {
  Bytes out;
  for (const PcrSelection& selection : quote.selections) {
    if (selection.pcrs.empty()) continue;
    const auto bank = tcg::HashAlgorithmOf(selection.bank);
    const auto values = bank ? evidence.pcrs.find(*bank) : evidence.pcrs.end();
    if (values == evidence.pcrs.end()) return std::nullopt;
    for (const std::uint32_t pcr : selection.pcrs) {
      const auto value = values->second.find(pcr);
      if (value == values->second.end()) return std::nullopt;
      Append(out, value->second);
    }
  }
  return out;
}

const Found& FoundIn(const TpmEvidence& evidence, const VerifyInput& input) {
  if (input.found == nullptr) {
    auto out = std::make_shared<Found>();
    out->key = KeyOf(evidence, input.cache);
    out->bank = BestBank(evidence);
    for (const SignedQuote& quote : evidence.quotes) {
      out->covered.push_back(CoversValues(evidence, quote));
      if (out->bank && out->covered.back()) AddQuoted(evidence, quote, *out->bank, out->quoted);
    }
    out->facts = LogFactsOf(evidence, input);
    input.found = std::move(out);
  }
  return *static_cast<const Found*>(input.found.get());
}

}  // namespace assay::tpm
