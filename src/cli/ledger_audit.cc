// `assay ledger audit`, and whole trees of `assay ledger verify`.
#include <fmt/format.h>

#include <filesystem>

#include "base/encoding.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/ledger.h"
#include "ledger/follow_tree.h"
#include "net/http_client.h"
#include "witness/quorum.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;
using ledger::AuditReport;
using ledger::Checkpoint;
using ledger::NoteVerifier;

bool IsUrl(const std::string& where) { return where.starts_with("https://"); }

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

ledger::ReadTreeFile TreeFilesAt(std::string url, const std::string& ca_file) {
  while (url.ends_with('/')) url.pop_back();
  return [url, ca_file](const std::string& path, std::size_t most) -> Result<Bytes> {
    HttpClientOptions options;
    options.body_bytes = most;
    options.ca_file = ca_file;
    const std::string file = url + "/" + path;
    HttpClientResponse response = TRY(HttpClient(std::move(options)).Get(file));
    if (response.status == 200) return std::move(response.body);
    const bool missing = response.status == 404 || response.status == 410;
    return Fail(missing ? ErrorCode::kMissing : ErrorCode::kIo,
                fmt::format("{}: expected 200, found {}", file, response.status),
                "the URL is that of the tree, such as https://attest.example/ledger");
  };
}

// That it was refused, as a finding; a failure to judge stays an error.
Result<AuditReport> OrFinding(Result<AuditReport> report) {
  if (report || report.error().code != ErrorCode::kInvalidArgument) return report;
  AuditReport out;
  out.Find(report.error().message);
  return out;
}

// Nothing before the first audit.
Result<std::optional<Checkpoint>> SeenBefore(const Options& options, const NoteVerifier& log) {
  std::error_code error;
  if (options.seen.empty() || !fs::exists(options.seen, error)) return std::nullopt;
  const Bytes note = TRY(ReadFile(options.seen, limits::kNoteBytes));
  return std::optional(TRY(ledger::OpenCheckpoint(AsText(note), log)));
}

}  // namespace

Result<witness::Quorum> QuorumOf(const Options& options) {
  witness::Quorum out;
  for (const std::string& one : options.witnesses) {
    out.witnesses.push_back(TRY(ParseKeyOrFile(one)));
  }
  out.needed = options.quorum == 0 ? out.witnesses.size() : options.quorum;
  TRY_VOID(CheckQuorum(out));
  return out;
}

bool IsTree(const std::string& where) {
  std::error_code error;
  return IsUrl(where) || fs::is_directory(where, error);
}

ledger::ReadTreeFile TreeFilesOf(const Options& options, const std::string& where) {
  return IsUrl(where) ? TreeFilesAt(where, options.host_ca) : TreeFilesUnder(where);
}

Result<AuditedTree> AuditTreeOf(const Options& options, const NoteVerifier& log,
                                const std::optional<Checkpoint>& seen, bool recompute) {
  const witness::Quorum quorum = TRY(QuorumOf(options));
  AuditedTree out;
  const ledger::ReadTreeFile files = TreeFilesOf(options, options.file);
  // The checkpoint is read once: it may be another a moment later.
  const ledger::ReadTreeFile read = [&](const std::string& path, std::size_t most) {
    auto content = files(path, most);
    if (content && path == ledger::kCheckpointPath) out.note = *content;
    return content;
  };
  out.report = TRY(OrFinding(recompute ? ledger::AuditTree(read, log, seen)
                                       : ledger::FollowTree(read, log, seen)));
  if (!out.report.ok()) return out;
  const auto cosigned = CheckCosigned(AsText(out.note), quorum);
  if (!cosigned) out.report.Find(cosigned.error().message);
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
  fmt::print("VERIFIED  {}: a tree of {} entries, root {}\n", report.checkpoint.origin,
             report.checkpoint.size, HexEncode(report.checkpoint.root));
  fmt::print("  {} of its entries and {} of its tiles were read\n", report.entries, report.tiles);
  if (seen) fmt::print("  continues the checkpoint of {} that was seen before\n", seen->size);
  return kExitTrusted;
}

Result<int> RunLedgerAudit(const Options& options) {
  const NoteVerifier log = TRY(LedgerKeyOf(options));
  if (!IsTree(options.file)) {
    return Fail(ErrorCode::kInvalidArgument,
                options.file + ": expected a folder or an https:// URL",
                "`assay ledger export` writes such a folder");
  }
  const std::optional<Checkpoint> seen = TRY(SeenBefore(options, log));
  const bool recompute = options.full || !IsUrl(options.file);
  const AuditedTree tree = TRY(AuditTreeOf(options, log, seen, recompute));
  if (tree.report.ok() && !options.seen.empty()) TRY_VOID(WriteFile(options.seen, tree.note));
  return PrintAudited(options, tree.report, seen);
}

}  // namespace assay::cli
