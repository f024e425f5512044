// `assay ledger token`: is a token on the record?
#include <fmt/format.h>

#include "base/json.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/ledger.h"
#include "cli/token_on_record.h"

namespace assay::cli {

Result<int> RunLedgerToken(const Options& options) {
  const ledger::NoteVerifier log = TRY(LedgerKeyOf(options));
  const std::string token = TRY(ReadToken(options.file));
  const Bytes signers = TRY(ReadFile(options.signers, limits::kProofDocumentBytes));
  const Bytes receipt = TRY(ReadFile(options.receipt, limits::kProofDocumentBytes));
  const auto found = CheckTokenOnRecord(token, AsText(signers), AsText(receipt), log);
  if (!found && found.error().code != ErrorCode::kInvalidArgument) {
    return tl::unexpected(found.error());
  }
  if (!found) return PrintRefused(options, {found.error().message});
  if (options.json) {
    fmt::print("{}\n", json::WritePretty(json::Object{{"verified", true},
                                                      {"issuer", found->issuer},
                                                      {"kid", found->kid},
                                                      {"introduced_by", found->introduced_by},
                                                      {"introduced", FormatTime(found->introduced)},
                                                      {"decision", found->decision},
                                                      {"decided", FormatTime(found->decided)}}));
    return kExitTrusted;
  }
  fmt::print("VERIFIED  a token of {}\n", found->issuer);
  fmt::print("  its key {} was introduced by entry {}, {}\n", found->kid, found->introduced_by,
             FormatTime(found->introduced));
  fmt::print("  the decision to give it is entry {}, {}\n", found->decision,
             FormatTime(found->decided));
  return kExitTrusted;
}

}  // namespace assay::cli
