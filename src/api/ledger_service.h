// What the resources of the ledger share.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "api/decision_log.h"
#include "api/ledger_tree.h"
#include "token/jwks.h"

namespace assay {

// Safe for concurrent use. The ledger outlives it.
class LedgerService {
 public:
  LedgerService(ledger::Ledger& ledger, DecisionLogOptions options, LedgerTree tree)
      : decisions_(ledger, std::move(options)), tree_(std::move(tree)) {}

  DecisionLog& decisions() { return decisions_; }
  ledger::Ledger& ledger() { return decisions_.ledger(); }
  const LedgerTree& tree() const { return tree_; }

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

 private:
  DecisionLog decisions_;
  const LedgerTree tree_;
  mutable std::mutex mutex_;  // guards introduced_
  std::vector<Introduced> introduced_;
};

// Null where there is no ledger.
inline const DecisionLog* DecisionsOf(LedgerService* ledger) {
  return ledger == nullptr ? nullptr : &ledger->decisions();
}

}  // namespace assay
