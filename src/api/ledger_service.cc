#include "api/ledger_service.h"

#include <algorithm>

namespace assay {

Result<void> LedgerService::Introduce(const std::string& issuer,
                                      const std::vector<TokenSigner>& signers) {
  for (const TokenSigner& one : signers) {
    const std::string kid = KeyId(*one.certificate);
    const auto is_known = [&](const Introduced& known) {
      return known.issuer == issuer && known.kid == kid;
    };
    const std::vector<Introduced> known = introduced();
    if (std::any_of(known.begin(), known.end(), is_known)) continue;
    json::Object jwk = TRY(PublicJwk(one.key, kid));
    ledger::Record record;
    record.kind = ledger::RecordKind::kAdministration;
    record.subject = "token key " + kid;
    record.detail = json::Write(json::Object{{"issuer", issuer}, {"jwk", std::move(jwk)}});
    const auto place = decisions_.Write(std::move(record));
    if (!place) return Fail(ErrorCode::kIo, "ledger: a token key could not be put on the record");
    const std::lock_guard lock(mutex_);
    introduced_.push_back({issuer, kid, place->index});
  }
  return {};
}

Result<ledger::EntryProof> LedgerService::Prove(std::uint64_t index) {
  std::optional<std::string> cosigned = TRY(tree_.Cosigned());
  if (cosigned) {
    auto proof = ledger().ProveAt(index, std::move(*cosigned));
    if (proof || proof.error().code != ErrorCode::kMissing) return proof;
  }
  return ledger().Prove(index);
}

std::vector<LedgerService::Introduced> LedgerService::introduced() const {
  const std::lock_guard lock(mutex_);
  return introduced_;
}

void LedgerService::SetOwnEvidence(std::uint64_t index) {
  const std::lock_guard lock(mutex_);
  own_evidence_ = index;
}

std::optional<std::uint64_t> LedgerService::own_evidence() const {
  const std::lock_guard lock(mutex_);
  return own_evidence_;
}

}  // namespace assay
