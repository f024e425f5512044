#include "cli/service_on_record.h"

#include "api/ledger_service.h"
#include "base/encoding.h"
#include "base/json.h"
#include "ledger/checkpoint.h"

namespace assay::cli {
namespace {

tl::unexpected<Error> NotEvidence(const std::string& what) {
  return Fail(ErrorCode::kInvalidArgument, "service: " + what,
              "what GET /ledger/service answers is an entry that holds the service's own evidence");
}

Result<AttestRequest> RequestIn(const json::Value& detail) {
  const std::string action = TRY(detail.String("action", "the entry's detail"));
  const json::Value* const body = detail.Find("body");
  if (body == nullptr) return NotEvidence("the entry holds no evidence");
  const bool snp = action.starts_with("/attest/SevSnpVm");
  if (!snp && !action.starts_with("/attest/TdxVm")) {
    return NotEvidence("expected evidence of SEV-SNP or TDX, found that of " + action);
  }
  return ParseAttestRequest(snp ? AttestKind::kSevSnpVm : AttestKind::kTdxVm, json::Write(*body));
}

// The statement must agree with the record around it, and be about this ledger.
Result<void> ReadStatement(const json::Value& statement, const ledger::NoteVerifier& log,
                           ServiceOnRecord& out) {
  const ledger::Record& record = *out.entry.record;
  out.build = TRY(statement.String("build", "the statement"));
  out.configuration = TRY(statement.String("configuration", "the statement"));
  const std::string key = TRY(statement.String("ledger", "the statement"));
  const std::string note = TRY(statement.String("checkpoint", "the statement"));
  if (key != log.ToText()) return NotEvidence("its report binds another ledger's key, " + key);
  if (!record.build || out.build != HexEncode(*record.build)) {
    return NotEvidence("its report binds another program than the record names");
  }
  if (!record.configuration || out.configuration != HexEncode(*record.configuration)) {
    return NotEvidence("its report binds another configuration than the record names");
  }
  const auto checkpoint = ledger::OpenCheckpoint(note, log);
  if (!checkpoint) return NotEvidence("its checkpoint: " + checkpoint.error().message);
  if (checkpoint->size > out.entry.inclusion.index) {
    return NotEvidence("its checkpoint is of a tree that holds the entry already");
  }
  out.covered = checkpoint->size;
  return {};
}

}  // namespace

Result<ServiceOnRecord> ReadServiceOnRecord(std::string_view proof,
                                            const ledger::NoteVerifier& log) {
  ServiceOnRecord out;
  out.entry = TRY(VerifyEntryProof(TRY(ledger::ParseEntryProof(proof)), log));
  const auto& record = out.entry.record;
  if (!record || record->kind != ledger::RecordKind::kAdministration ||
      record->subject != kOwnEvidenceSubject) {
    return NotEvidence("the entry is another one");
  }
  out.evidence = TRY(RequestIn(TRY(json::Parse(record->detail))));
  if (record->evidence != Sha256(out.evidence.evidence)) {
    return NotEvidence("the record's digest is of other evidence");
  }
  const auto& statement = out.evidence.runtime_data;
  if (!statement || !statement->document) return NotEvidence("the evidence binds no statement");
  TRY_VOID(ReadStatement(*statement->document, log, out));
  return out;
}

}  // namespace assay::cli
