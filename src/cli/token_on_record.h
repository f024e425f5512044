// Whether a token is of a service whose decisions are on the record: its key was introduced by an
// entry of the ledger, it verifies under that key, and the decision it names is an entry, too.
//
// Nothing but the ledger's verifier key is trusted.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "ledger/note.h"

namespace assay::cli {

struct TokenOnRecord {
  std::string issuer;
  std::string kid;
  std::uint64_t introduced_by = 0;  // the entry that introduces its key
  Time introduced{};
  std::uint64_t decision = 0;  // the entry of its own decision
  Time decided{};
};

// `signers` is what GET /ledger/signers answers, `receipt` what GET /ledger/receipts/INDEX does.
// kInvalidArgument when the token is not on the record, kMalformed for what cannot be read.
Result<TokenOnRecord> CheckTokenOnRecord(std::string_view token, std::string_view signers,
                                         std::string_view receipt, const ledger::NoteVerifier& log);

}  // namespace assay::cli
