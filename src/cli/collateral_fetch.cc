// `assay collateral fetch` and `assay collateral needs`.
#include <fmt/format.h>

#include "base/encoding.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/sources.h"

namespace assay::cli {
namespace {

struct Wanted {
  std::string title;
  CollateralNeeds needs;
};

std::string Title(const CollateralNeeds& needs) {
  if (const auto* intel = std::get_if<IntelNeed>(&needs)) {
    return fmt::format("Intel {} platform, FMSPC {}, {} CA", intel->tdx ? "TDX" : "SGX",
                       intel->fmspc, intel->ca);
  }
  const auto* amd = std::get_if<AmdNeed>(&needs);
  if (amd == nullptr) return "nothing that could be fetched";
  std::string out = fmt::format("AMD {}", fmt::join(amd->products, " or "));
  if (amd->vlek) return out + ", signed by a VLEK: the host delivers that certificate";
  if (amd->has_leaf) return out;
  return fmt::format("{}, chip {}…, {}", out, HexEncode(View(amd->chip_id).first(8)),
                     SplsText(amd->spls));
}

Result<std::vector<Wanted>> NeedsOfFile(const Options& options, const std::string& file) {
  Appraiser appraiser(TrustedRoots{});
  const Bytes evidence = TRY(ReadFile(file, limits::kEvidenceBytes));
  const CollateralNeeds needs = TRY(appraiser.NeedsOf(evidence, options.kind));
  if (std::holds_alternative<std::monostate>(needs)) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("{}: does not say whose collateral it needs", file),
                "`assay verify` tells what is wrong with it");
  }
  return std::vector<Wanted>{{file + ": " + Title(needs), needs}};
}

Result<std::vector<Wanted>> WantedOf(const Options& options) {
  std::vector<Wanted> out;
  const auto add = [&](CollateralNeeds needs) { out.push_back({Title(needs), std::move(needs)}); };
  for (const std::string& file : options.files) {
    for (Wanted& wanted : TRY(NeedsOfFile(options, file))) out.push_back(std::move(wanted));
  }
  if (!options.fmspc.empty()) {
    for (const char* ca : {"processor", "platform"}) {
      if (!options.ca.empty() && options.ca != ca) continue;
      add(IntelNeed{HexEncode(TRY(HexDecode(options.fmspc))), ca, options.tdx});
    }
  }
  if (!options.product.empty()) {
    add(TRY(
        AmdNeedOf(options.product, TRY(HexDecode(options.chip_id)), TRY(HexDecode(options.tcb)))));
  }
  if (!out.empty()) return out;
  return Fail(ErrorCode::kInvalidArgument, "nothing to fetch for",
              "give evidence, --fmspc (with --ca processor or platform) or --product");
}

json::Value PieceJson(const Piece& piece) {
  return json::Object{{"kind", PieceName(piece.kind)}, {"url", piece.url}, {"path", piece.path}};
}

struct Fetched {
  json::Array pieces;
  std::string text;
  bool complete = true;
};

void FetchOne(const Piece& piece, PieceKeeper& keeper, Time now, Fetched& out) {
  const Resolved resolved = keeper.Resolve(piece, now);
  const bool valid = resolved.kept && now <= resolved.kept->content.until;
  json::Object entry = *PieceJson(piece).AsObject();
  entry.emplace_back("valid", valid);
  if (resolved.kept) entry.emplace_back("until", FormatTime(resolved.kept->content.until));
  if (resolved.problem) entry.emplace_back("problem", resolved.problem->message);
  out.pieces.emplace_back(std::move(entry));
  out.text += fmt::format("  {:7} {:22} {}\n", valid ? "ok" : "MISSING", PieceName(piece.kind),
                          resolved.problem ? resolved.problem->message
                                           : "until " + FormatTime(resolved.kept->content.until));
  out.complete = out.complete && valid;
}

// Of several possible AMD products the first that has the leaf; the failures before it are no more
// than the search for it.
Result<Fetched> FetchAll(const CollateralNeeds& needs, const Hosts& hosts, PieceKeeper& keeper,
                         Time now) {
  const auto* amd = std::get_if<AmdNeed>(&needs);
  Fetched out;
  if (amd == nullptr) {
    for (const Piece& piece : TRY(PiecesOf(hosts, needs))) FetchOne(piece, keeper, now, out);
    return out;
  }
  for (const std::string& product : amd->products) {
    Fetched one;
    const std::vector<Piece> pieces = TRY(AmdPieces(hosts, *amd, product));
    for (const Piece& piece : pieces) {
      FetchOne(piece, keeper, now, one);
      if (!one.complete && piece.kind == CollateralPiece::kAmdLeaf) break;
    }
    if (one.complete && pieces.front().kind == CollateralPiece::kAmdLeaf) return one;
    out.text += one.text;
    out.complete = out.complete && one.complete;
    for (json::Value& piece : one.pieces) out.pieces.push_back(std::move(piece));
  }
  return out;
}

}  // namespace

Result<int> RunCollateralFetch(const Options& options) {
  const std::vector<Wanted> wanted = TRY(WantedOf(options));
  const Hosts hosts = TRY(HostsOf(options));
  CollateralStore store(options.store);
  Fetcher fetcher(FetchOptionsOf(options));
  PieceKeeper keeper(store, &fetcher, TRY(RootsOf(options)));
  const Time now = TRY(TimeOf(options));
  json::Array results;
  bool complete = true;
  for (const Wanted& one : wanted) {
    const Fetched fetched = TRY(FetchAll(one.needs, hosts, keeper, now));
    complete = complete && fetched.complete;
    results.emplace_back(json::Object{
        {"for", one.title}, {"complete", fetched.complete}, {"pieces", fetched.pieces}});
    if (!options.json) fmt::print("{}\n{}", one.title, fetched.text);
  }
  if (options.json) {
    fmt::print("{}\n", json::WritePretty(json::Object{{"complete", complete},
                                                      {"store", options.store},
                                                      {"needs", std::move(results)}}));
  }
  return complete ? kExitTrusted : kExitNotJudged;
}

Result<int> RunCollateralNeeds(const Options& options) {
  const Wanted wanted = TRY(NeedsOfFile(options, options.file)).front();
  json::Array pieces;
  std::string text;
  for (const Piece& piece : TRY(PiecesOf(TRY(HostsOf(options)), wanted.needs))) {
    pieces.emplace_back(PieceJson(piece));
    text += fmt::format("  {:22} {}\n", PieceName(piece.kind), piece.url);
  }
  if (options.json) {
    fmt::print("{}\n", json::WritePretty(
                           json::Object{{"for", wanted.title}, {"pieces", std::move(pieces)}}));
    return kExitTrusted;
  }
  fmt::print("{}\n{}", wanted.title, text);
  const bool intel = std::holds_alternative<IntelNeed>(wanted.needs);
  fmt::print(
      "Save each answer as a file of any name in one folder{}.\n"
      "Then: assay verify {} --collateral FOLDER, or assay collateral import FOLDER --store DIR\n",
      intel ? "; of TCB info, QE identity and PCK CRL also the header ...-Issuer-Chain, as a file"
            : "",
      options.file);
  return kExitTrusted;
}

}  // namespace assay::cli
