// What the commands of `assay ledger` share.
#pragma once

#include <string>
#include <vector>

#include "cli/options.h"
#include "ledger/note.h"

namespace assay::cli {

// A file that is there is that file; else the text itself.
Result<ledger::NoteVerifier> LedgerKeyOf(const Options& options);

// "REFUSED", and why; the exit code.
int PrintRefused(const Options& options, const std::vector<std::string>& why);

}  // namespace assay::cli
