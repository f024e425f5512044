// `assay ledger`: export, and what needs nothing of whoever keeps the ledger.
#include "cli/ledger.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/encoding.h"
#include "base/json.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "ledger/ccf_receipt.h"
#include "ledger/proof_document.h"
#include "ledger/static_tree.h"
#include "server/state_dir.h"
#include "store/sqlite/sqlite_store.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;
using ledger::Checkpoint;
using ledger::NoteVerifier;

int PrintEntry(const Options& options, const ledger::VerifiedEntry& entry,
               const std::vector<std::string>& cosigners) {
  json::Object out{{"verified", true},
                   {"index", entry.inclusion.index},
                   {"tree_size", entry.inclusion.tree.size},
                   {"root", HexEncode(entry.inclusion.tree.root)},
                   {"time", FormatTime(entry.time)}};
  if (!cosigners.empty()) {
    out.emplace_back("cosigned_by", json::Array(cosigners.begin(), cosigners.end()));
  }
  json::Object says;
  if (entry.record) says = RecordJson(*entry.record);
  if (entry.application) says = ApplicationEntryJson(*entry.application);
  if (!says.empty()) out.emplace_back(entry.record ? "record" : "entry", says);
  if (options.json) {
    fmt::print("{}\n", json::WritePretty(out));
    return kExitTrusted;
  }
  fmt::print("VERIFIED  entry {} of {}, {}\n", entry.inclusion.index, entry.inclusion.tree.size,
             FormatTime(entry.time));
  for (const std::string& one : cosigners) fmt::print("  cosigned by    {}\n", one);
  if (says.empty()) {
    fmt::print("  the proof does not show what the entry says\n");
    return kExitTrusted;
  }
  for (const auto& [name, value] : says) {
    fmt::print("  {:<14} {}\n", name, value.AsString() ? *value.AsString() : json::Write(value));
  }
  return kExitTrusted;
}

// Those of the quorum that vouch for the tree in which the entry is proven.
Result<std::vector<std::string>> CosignersOf(const ledger::EntryProof& proof,
                                             const witness::Quorum& quorum) {
  if (quorum.needed == 0) return std::vector<std::string>();
  if (proof.checkpoint.empty()) {
    return Fail(
        ErrorCode::kInvalidArgument,
        "expected a proof with a checkpoint that witnesses cosigned, found none: ask for it "
        "again (GET /ledger/receipts/INDEX) once they have");
  }
  TRY_VOID(CheckCosigned(proof.checkpoint, quorum));
  const ledger::Note note = TRY(ledger::ParseNote(proof.checkpoint));
  return CosignersOf(note, quorum);
}

Result<int> VerifyProofFile(const Options& options, const NoteVerifier& log) {
  const Bytes content = TRY(ReadFile(options.file, limits::kProofDocumentBytes));
  const ledger::EntryProof proof = TRY(ledger::ParseEntryProof(AsText(content)));
  const witness::Quorum quorum = TRY(QuorumOf(options));
  const auto entry = ledger::VerifyEntryProof(proof, log);
  if (!entry) return PrintRefused(options, {entry.error().message});
  const auto cosigners = CosignersOf(proof, quorum);
  if (!cosigners) return PrintRefused(options, {cosigners.error().message});
  return PrintEntry(options, *entry, *cosigners);
}

// A receipt of Azure Confidential Ledger, or of a ledger here by that interface.
Result<int> VerifyServiceReceipt(const Options& options) {
  const Bytes pem = TRY(ReadFile(options.service_certificate, limits::kCollateralFileBytes));
  const auto service = TRY(CertificatesFromPem(AsText(pem)));
  const Bytes content = TRY(ReadFile(options.file, limits::kCcfReceiptBytes));
  const ledger::CcfReceipt receipt = TRY(ledger::ParseCcfReceipt(AsText(content)));
  const auto node = ledger::VerifyCcfReceipt(receipt, *service.front());
  if (!node) return PrintRefused(options, {node.error().message});
  const std::string id = ToText(receipt.proof.id);
  json::Object out{{"verified", true},
                   {"transaction", id},
                   {"root", HexEncode(receipt.proof.root)},
                   {"node", receipt.node_id},
                   {"service", service.front()->subject_cn()}};
  const auto& claim = receipt.proof.claim;
  if (claim) {
    out.emplace_back("collection", claim->collection);
    out.emplace_back("contents", claim->contents);
  }
  if (options.json) {
    fmt::print("{}\n", json::WritePretty(out));
    return kExitTrusted;
  }
  fmt::print("VERIFIED  transaction {}, root {}\n", id, HexEncode(receipt.proof.root));
  fmt::print("  signed by the node {}\n  endorsed by {}\n", receipt.node_id,
             service.front()->subject_cn());
  if (claim) fmt::print("  collection  {}\n  contents    {}\n", claim->collection, claim->contents);
  return kExitTrusted;
}

Result<void> WriteUnder(const fs::path& folder, const std::string& path, View content) {
  const fs::path file = folder / path;
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  if (error) {
    return Fail(ErrorCode::kIo,
                fmt::format("cannot make {}: {}", file.parent_path().string(), error.message()));
  }
  return WriteFile(file, content);
}

int PrintExported(const Options& options, const Checkpoint& checkpoint, const NoteVerifier& log) {
  if (options.json) {
    json::Object out = CheckpointJson(checkpoint);
    out.emplace_back("key", log.ToText());
    fmt::print("{}\n", json::WritePretty(out));
    return kExitTrusted;
  }
  fmt::print("wrote {} entries of {} to {}\nverifier key: {}\n", checkpoint.size, checkpoint.origin,
             options.out, log.ToText());
  return kExitTrusted;
}

}  // namespace

Result<NoteVerifier> ParseKeyOrFile(const std::string& given) {
  std::string text = given;
  std::error_code error;
  if (fs::exists(text, error)) {
    const Bytes content = TRY(ReadFile(text, limits::kNoteBytes));
    text = AsText(content);
    while (text.ends_with('\n')) text.pop_back();
  }
  return NoteVerifier::Parse(text);
}

Result<NoteVerifier> LedgerKeyOf(const Options& options) { return ParseKeyOrFile(options.log_key); }

json::Object CheckpointJson(const Checkpoint& checkpoint) {
  return {{"origin", checkpoint.origin},
          {"size", checkpoint.size},
          {"root", HexEncode(checkpoint.root)}};
}

int PrintRefused(const Options& options, const std::vector<std::string>& why) {
  if (options.json) {
    json::Array findings;
    for (const std::string& one : why) findings.emplace_back(one);
    fmt::print("{}\n", json::WritePretty(
                           json::Object{{"verified", false}, {"findings", std::move(findings)}}));
    return kExitRefused;
  }
  fmt::print("REFUSED\n");
  for (const std::string& one : why) fmt::print("  {}\n", one);
  return kExitRefused;
}

Result<int> RunLedgerVerify(const Options& options) {
  if (!options.service_certificate.empty()) {
    if (options.witnesses.empty()) return VerifyServiceReceipt(options);
    return Fail(
        ErrorCode::kInvalidArgument, "--witness: a write receipt carries no cosignatures",
        "ask for the entry's proof (GET /ledger/receipts/INDEX) and verify that with --key");
  }
  const NoteVerifier log = TRY(LedgerKeyOf(options));
  if (IsTree(options.file)) {
    const AuditedTree tree = TRY(AuditTreeOf(options, log, std::nullopt, true));
    return PrintAudited(options, tree.report, std::nullopt);
  }
  return VerifyProofFile(options, log);
}

Result<int> RunLedgerExport(const Options& options) {
  const auto write = [&options](const std::string& path, View content) {
    return WriteUnder(options.out, path, content);
  };
  if (!options.url.empty()) {
    const NoteVerifier log = TRY(LedgerKeyOf(options));
    const Checkpoint checkpoint =
        TRY(ledger::CopyTree(TreeFilesOf(options, options.url), log, write));
    return PrintExported(options, checkpoint, log);
  }
  const std::string file = LedgerStoreFile(options.state_dir);
  std::error_code error;
  // One that is there: a mistyped folder does not become a new ledger.
  if (!fs::exists(file, error)) {
    return Fail(ErrorCode::kMissing, options.state_dir + ": there is no ledger in it",
                "name the state folder of a service with --state");
  }
  const auto store = TRY(store::OpenSqliteStore(file));
  const NoteVerifier log = TRY(ledger::ReadVerifier(*store));
  const Checkpoint checkpoint = TRY(ledger::ExportTree(*store, log, write));
  return PrintExported(options, checkpoint, log);
}

}  // namespace assay::cli
