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
using ledger::AuditReport;
using ledger::Checkpoint;
using ledger::NoteVerifier;

ledger::ReadTreeFile TreeFilesUnder(const std::string& folder) {
  return [folder](const std::string& path, std::size_t most) -> Result<Bytes> {
    const fs::path file = fs::path(folder) / path;
    std::error_code error;
    if (!fs::exists(file, error) && !error) {
      return Fail(ErrorCode::kMissing, file.string() + " is missing",
                  "expected a folder that `assay ledger export` wrote");
    }
    return ReadFile(file, most);
  };
}

json::Object CheckpointJson(const Checkpoint& checkpoint) {
  return {{"origin", checkpoint.origin},
          {"size", checkpoint.size},
          {"root", HexEncode(checkpoint.root)}};
}

int PrintEntry(const Options& options, const ledger::VerifiedEntry& entry) {
  json::Object out{{"verified", true},
                   {"index", entry.inclusion.index},
                   {"tree_size", entry.inclusion.tree.size},
                   {"root", HexEncode(entry.inclusion.tree.root)},
                   {"time", FormatTime(entry.time)}};
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
  if (says.empty()) {
    fmt::print("  the proof does not show what the entry says\n");
    return kExitTrusted;
  }
  for (const auto& [name, value] : says) {
    fmt::print("  {:<14} {}\n", name, value.AsString() ? *value.AsString() : json::Write(value));
  }
  return kExitTrusted;
}

Result<int> VerifyProofFile(const Options& options, const NoteVerifier& log) {
  const Bytes content = TRY(ReadFile(options.file, limits::kProofDocumentBytes));
  const ledger::EntryProof proof = TRY(ledger::ParseEntryProof(AsText(content)));
  const auto entry = ledger::VerifyEntryProof(proof, log);
  if (!entry) return PrintRefused(options, {entry.error().message});
  return PrintEntry(options, *entry);
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

// A checkpoint that the key did not sign is a refusal, not a failure to judge.
Result<AuditReport> AuditFolder(const Options& options, const NoteVerifier& log,
                                const std::optional<Checkpoint>& seen) {
  auto report = ledger::AuditTree(TreeFilesUnder(options.file), log, seen);
  if (report || report.error().code != ErrorCode::kInvalidArgument) return report;
  AuditReport out;
  out.Find(report.error().message);
  return out;
}

int PrintAudited(const Options& options, const AuditReport& report,
                 const std::optional<Checkpoint>& seen) {
  if (!report.ok()) return PrintRefused(options, report.findings);
  if (options.json) {
    json::Object out{{"verified", true},
                     {"checkpoint", CheckpointJson(report.checkpoint)},
                     {"entries", report.entries},
                     {"tiles", report.tiles}};
    if (seen) out.emplace_back("seen", CheckpointJson(*seen));
    fmt::print("{}\n", json::WritePretty(out));
    return kExitTrusted;
  }
  fmt::print("VERIFIED  {}: {} entries in {} tiles, root {}\n", report.checkpoint.origin,
             report.entries, report.tiles, HexEncode(report.checkpoint.root));
  if (seen) fmt::print("  continues the checkpoint of {} that was seen before\n", seen->size);
  return kExitTrusted;
}

// Nothing before the first audit.
Result<std::optional<Checkpoint>> SeenBefore(const Options& options, const NoteVerifier& log) {
  std::error_code error;
  if (options.seen.empty() || !fs::exists(options.seen, error)) return std::nullopt;
  const Bytes note = TRY(ReadFile(options.seen, limits::kNoteBytes));
  return std::optional(TRY(ledger::OpenCheckpoint(AsText(note), log)));
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

}  // namespace

Result<NoteVerifier> LedgerKeyOf(const Options& options) {
  std::string text = options.log_key;
  std::error_code error;
  if (fs::exists(text, error)) {
    const Bytes content = TRY(ReadFile(text, limits::kNoteBytes));
    text = AsText(content);
    while (text.ends_with('\n')) text.pop_back();
  }
  return NoteVerifier::Parse(text);
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
  if (!options.service_certificate.empty()) return VerifyServiceReceipt(options);
  const NoteVerifier log = TRY(LedgerKeyOf(options));
  std::error_code error;
  if (!fs::is_directory(options.file, error)) return VerifyProofFile(options, log);
  const AuditReport report = TRY(AuditFolder(options, log, std::nullopt));
  return PrintAudited(options, report, std::nullopt);
}

Result<int> RunLedgerExport(const Options& options) {
  const std::string file = LedgerStoreFile(options.state_dir);
  std::error_code error;
  // One that is there: a mistyped folder does not become a new ledger.
  if (!fs::exists(file, error)) {
    return Fail(ErrorCode::kMissing, options.state_dir + ": there is no ledger in it",
                "name the state folder of a service with --state");
  }
  const auto store = TRY(store::OpenSqliteStore(file));
  const NoteVerifier log = TRY(ledger::ReadVerifier(*store));
  const Checkpoint checkpoint =
      TRY(ledger::ExportTree(*store, log, [&options](const std::string& path, View content) {
        return WriteUnder(options.out, path, content);
      }));
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

Result<int> RunLedgerAudit(const Options& options) {
  const NoteVerifier log = TRY(LedgerKeyOf(options));
  const std::optional<Checkpoint> seen = TRY(SeenBefore(options, log));
  const AuditReport report = TRY(AuditFolder(options, log, seen));
  if (report.ok() && !options.seen.empty()) {
    const Bytes note =
        TRY(ReadFile(fs::path(options.file) / ledger::kCheckpointPath, limits::kNoteBytes));
    // What was audited, should the tree have grown meanwhile.
    const Checkpoint now = TRY(ledger::OpenCheckpoint(AsText(note), log));
    if (now == report.checkpoint) TRY_VOID(WriteFile(options.seen, note));
  }
  return PrintAudited(options, report, seen);
}

}  // namespace assay::cli
