// `assay collateral list`, `export` and `import`.
#include <fmt/format.h>

#include "base/encoding.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "collateral/bundle.h"
#include "collateral/deposit.h"
#include "collateral/inventory.h"
#include "collateral/load.h"

namespace assay::cli {
namespace {

json::Value Strings(const std::vector<std::string>& strings) {
  json::Array out;
  for (const std::string& text : strings) out.emplace_back(text);
  return out;
}

std::string ListText(const std::vector<InventoryItem>& items, Time now) {
  std::string out;
  for (const InventoryItem& item : items) {
    const std::string_view state = FreshnessAt(item, now);
    const std::string mark = state == "valid" ? "" : fmt::format("  ** {}", state);
    out += fmt::format("{:12} {} to {}  {}{}\n", item.kind, FormatTime(item.from),
                       FormatTime(item.until), item.subject, mark);
  }
  return out;
}

json::Value ListJson(const std::vector<InventoryItem>& items, Time now) {
  json::Array out;
  for (const InventoryItem& item : items) {
    out.emplace_back(json::Object{{"kind", item.kind},
                                  {"subject", item.subject},
                                  {"from", FormatTime(item.from)},
                                  {"until", FormatTime(item.until)},
                                  {"state", FreshnessAt(item, now)}});
  }
  return json::Object{{"at", FormatTime(now)}, {"pieces", std::move(out)}};
}

// A bundle, or a folder or store as it stands.
Result<Bundle> LoadBundle(const Options& options, std::vector<std::string>& notes) {
  if (std::filesystem::is_regular_file(options.file)) {
    const Bytes content = TRY(ReadFile(options.file, limits::kBundleBytes));
    return ImportBundle(AsText(content));
  }
  Bundle bundle;
  bundle.collateral = TRY(LoadCollateralDir(options.file, &notes, &bundle.crl_der));
  bundle.created = TRY(TimeOf(options));
  return bundle;
}

Result<std::vector<std::string>> WriteFolder(const Bundle& bundle,
                                             const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  std::vector<std::string> names;
  const auto write = [&](View digest, std::string_view ending, View content) {
    names.push_back(fmt::format("{}.{}", HexEncode(digest.first(8)), ending));
    return WriteFile(folder / names.back(), content);
  };
  for (const CertificatePtr& certificate : bundle.collateral.certificates) {
    TRY_VOID(write(certificate->digest(), "crt", certificate->der()));
  }
  for (const auto& [digest, der] : bundle.crl_der) TRY_VOID(write(digest, "crl", der));
  for (const auto& document : bundle.collateral.documents) {
    TRY_VOID(write(document->digest, "json", AsBytes(document->text)));
  }
  return names;
}

}  // namespace

Result<int> RunCollateralList(const Options& options) {
  const Time now = TRY(TimeOf(options));
  const auto items = Inventory(TRY(LoadCollateral(options.file)));
  if (options.json) {
    fmt::print("{}\n", json::WritePretty(ListJson(items, now)));
  } else {
    fmt::print("{}", items.empty() ? "no collateral\n" : ListText(items, now));
  }
  return kExitTrusted;
}

Result<int> RunCollateralExport(const Options& options) {
  std::vector<std::string> notes;
  const Bundle bundle = TRY(LoadBundle(options, notes));
  TRY_VOID(WriteFile(options.out, AsBytes(TRY(ExportBundle(bundle)))));
  const Collateral& collateral = bundle.collateral;
  if (options.json) {
    fmt::print("{}\n", json::WritePretty(json::Object{
                           {"bundle", options.out},
                           {"certificates", std::uint64_t{collateral.certificates.size()}},
                           {"crls", std::uint64_t{collateral.crls.size()}},
                           {"documents", std::uint64_t{collateral.documents.size()}},
                           {"passedOver", Strings(notes)}}));
    return kExitTrusted;
  }
  for (const std::string& note : notes) fmt::print(stderr, "note: {}\n", note);
  fmt::print("{}: {} certificates, {} CRLs, {} documents\n", options.out,
             collateral.certificates.size(), collateral.crls.size(), collateral.documents.size());
  return kExitTrusted;
}

Result<int> RunCollateralImport(const Options& options) {
  const std::string& to = options.store.empty() ? options.out : options.store;
  if (to.empty()) return Fail(ErrorCode::kInvalidArgument, "--store DIR or --out DIR is needed");
  std::vector<std::string> notes;
  const Bundle bundle = TRY(LoadBundle(options, notes));
  std::vector<std::string> written;
  if (options.store.empty()) {
    written = TRY(WriteFolder(bundle, to));
  } else {
    CollateralStore store(to);
    Deposited deposited = TRY(Deposit(bundle.collateral, bundle.crl_der, bundle.created, store));
    written = std::move(deposited.paths);
    for (std::string& why : deposited.passed) notes.push_back(std::move(why));
  }
  if (options.json) {
    fmt::print("{}\n",
               json::WritePretty(json::Object{
                   {"folder", to}, {"files", Strings(written)}, {"passedOver", Strings(notes)}}));
    return kExitTrusted;
  }
  for (const std::string& note : notes) fmt::print(stderr, "note: {}\n", note);
  fmt::print("{}: {} files\n", to, written.size());
  return kExitTrusted;
}

}  // namespace assay::cli
