// What the commands of `assay ledger` share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "cli/options.h"
#include "ledger/static_tree.h"
#include "witness/quorum.h"

namespace assay::cli {

// A file that is there is that file; else the text itself.
Result<ledger::NoteVerifier> ParseKeyOrFile(const std::string& text);
Result<ledger::NoteVerifier> LedgerKeyOf(const Options& options);

json::Object CheckpointJson(const ledger::Checkpoint& checkpoint);

// A folder, or what an https:// URL publishes.
bool IsTree(const std::string& where);
ledger::ReadTreeFile TreeFilesOf(const Options& options, const std::string& where);

// The tree that the command names, against `seen`; `recompute`: from its entries, else by its tiles
// alone. A checkpoint that the key did not sign, or that misses its witnesses, is a finding.
struct AuditedTree {
  ledger::AuditReport report;
  Bytes note;  // the signed checkpoint
};
Result<AuditedTree> AuditTreeOf(const Options& options, const ledger::NoteVerifier& log,
                                const std::optional<ledger::Checkpoint>& seen, bool recompute);
int PrintAudited(const Options& options, const ledger::AuditReport& report,
                 const std::optional<ledger::Checkpoint>& seen);

// The witnesses that the options name, and how many of them have to be there.
Result<witness::Quorum> QuorumOf(const Options& options);

// "REFUSED", and why; the exit code.
int PrintRefused(const Options& options, const std::vector<std::string>& why);

}  // namespace assay::cli
