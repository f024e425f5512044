// What a service says of itself: the entry with its own evidence (server/own_evidence.h), read
// against the ledger's verifier key and nothing else.
#pragma once

#include <string>

#include "api/attest_request.h"
#include "ledger/note.h"
#include "ledger/proof_document.h"

namespace assay::cli {

struct ServiceOnRecord {
  ledger::VerifiedEntry entry;
  // To be judged: its runtime data is the statement, which the report must bind.
  AttestRequest evidence;
  std::string build, configuration;  // SHA-256 in hex, as the statement has them
  std::uint64_t covered = 0;         // entries under the checkpoint that the statement has
};

// `proof` is what GET /ledger/service answers. kInvalidArgument when the entry is not in the
// ledger, or does not say what a service's own evidence must; kMalformed for what cannot be read.
Result<ServiceOnRecord> ReadServiceOnRecord(std::string_view proof,
                                            const ledger::NoteVerifier& log);

}  // namespace assay::cli
