// What the resources of the ledger share.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "api/decision_log.h"
#include "api/ledger_tree.h"
#include "token/jwks.h"

namespace assay {

// The subject of the records of server/own_evidence.h.
inline constexpr std::string_view kOwnEvidenceSubject = "service evidence";

// Safe for concurrent use. The ledger outlives it.
class LedgerService {
 public:
  LedgerService(ledger::Ledger& ledger, DecisionLogOptions options, LedgerTree tree)
      : decisions_(ledger, std::move(options)), tree_(std::move(tree)) {}

  DecisionLog& decisions() { return decisions_; }
  ledger::Ledger& ledger() { return decisions_.ledger(); }
  const LedgerTree& tree() const { return tree_; }

  // By a checkpoint that witnesses cosigned, where one covers the entry; else by the newest.
  Result<ledger::EntryProof> Prove(std::uint64_t index);

  // Puts the keys on the record under which tokens of `issuer` are checked, those that were not
  // before: a token whose key is in no entry was not signed by this service.
  Result<void> Introduce(const std::string& issuer, const std::vector<TokenSigner>& signers);

  struct Introduced {
    std::string issuer;
    std::string kid;
    std::uint64_t index = 0;
  };
  // Since the service began.
  std::vector<Introduced> introduced() const;

  // The entry of the service's own evidence; nothing where it runs in no confidential guest.
  void SetOwnEvidence(std::uint64_t index);
  std::optional<std::uint64_t> own_evidence() const;

 private:
  DecisionLog decisions_;
  const LedgerTree tree_;
  mutable std::mutex mutex_;  // guards what follows
  std::vector<Introduced> introduced_;
  std::optional<std::uint64_t> own_evidence_;
};

// Null where there is no ledger.
inline const DecisionLog* DecisionsOf(LedgerService* ledger) {
  return ledger == nullptr ? nullptr : &ledger->decisions();
}

}  // namespace assay
