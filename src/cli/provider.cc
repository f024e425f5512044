// `assay provider`: the providers in a state folder, whether a service runs on it or not.
#include "provider/provider.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>

#include "base/encoding.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "monitor/fleet.h"
#include "provider/evidence_book.h"
#include "provider/management_token.h"
#include "provider/provider_book.h"
#include "server/service_ledger.h"
#include "server/state_dir.h"
#include "store/sqlite/sqlite_store.h"
#include "token/maa_claims.h"

namespace assay::cli {
namespace {

using policy::AttestationType;

Result<std::unique_ptr<store::Store>> OpenStore(const Options& options) {
  const std::string file = ProviderStoreFile(options.state_dir);
  if (!std::filesystem::exists(file)) {
    return Fail(ErrorCode::kMissing, file + ": there is none, so there are no providers",
                "--state DIR names the state folder of the service");
  }
  return store::OpenSqliteStore(file);
}

Result<std::vector<CertificatePtr>> LoadCertificates(const Options& options) {
  std::vector<CertificatePtr> out;
  for (const std::string& path : options.certificates) {
    const Bytes pem = TRY(ReadFile(path, limits::kCollateralFileBytes));
    std::vector<CertificatePtr> some = TRY(CertificatesFromPem(AsText(pem)));
    out.insert(out.end(), some.begin(), some.end());
  }
  return out;
}

Result<int> Print(const Options& options, const json::Value& value, const std::string& text) {
  fmt::print("{}", options.json ? json::WritePretty(value) + "\n" : text);
  return 0;
}

json::Object Summary(const Provider& provider) {
  return {{"name", provider.name},
          {"trustModel", Name(provider.model)},
          {"created", FormatTime(provider.created)},
          {"recordDays", provider.record_days},
          {"requestsPerMinute", provider.requests_per_minute}};
}

// The evidence it recorded, where any provider has.
Result<void> ForgetEvidence(const Options& options, const Provider& provider) {
  const std::string file = EvidenceStoreFile(options.state_dir);
  if (!std::filesystem::exists(file)) return {};
  const auto store = TRY(store::OpenSqliteStore(file));
  return EvidenceBook(*store).Forget(provider);
}

// The machines it watched, where any service here does.
Result<void> ForgetMachines(const Options& options, const Provider& provider) {
  const std::string file = MachineStoreFile(options.state_dir);
  if (!std::filesystem::exists(file)) return {};
  const auto store = TRY(store::OpenSqliteStore(file));
  return monitor::Fleet(*store, provider.id, {}).Forget();
}

// One revision of a policy: its hash as tokens have it, or that the default came back.
Result<json::Object> RevisionSummary(const Revision& revision) {
  json::Object out{{"revision", revision.number}, {"at", FormatTime(revision.at)}};
  if (revision.token.empty()) {
    out.emplace_back("reset", true);
  } else {
    out.emplace_back("hash", PolicyHash(TRY(StoredPolicyText(revision.token))));
  }
  return out;
}

std::string RevisionLine(const json::Object& revision) {
  const json::Value value(revision);
  const json::Value* hash = value.Find("hash");
  return fmt::format("    {:>4}  {}  {}\n", *value.Find("revision")->AsInt(),
                     *value.Find("at")->AsString(),
                     hash != nullptr ? *hash->AsString() : "reset to the default");
}

}  // namespace

Result<int> RunProviderCreate(const Options& options) {
  const std::vector<CertificatePtr> certificates = TRY(LoadCertificates(options));
  const TrustModel model = TRY(ParseTrustModel(options.model));
  const Time now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  Provider provider = TRY(NewProvider(options.provider, model, options.record_days, now));
  provider.requests_per_minute = options.requests_per_minute;
  TRY_VOID(MakeStateDir(options.state_dir));
  const auto store = TRY(store::OpenSqliteStore(ProviderStoreFile(options.state_dir)));
  TRY_VOID(ProviderBook(*store).Create(provider, certificates));
  TRY_VOID(RecordLocalAct(options.state_dir, "provider " + provider.name,
                          {{"act", "create"}, {"trustModel", Name(model)}}, now));
  return Print(options, Summary(provider),
               fmt::format("provider {}: created, trust model {}\nclients use it at "
                           "PUBLIC_URL/providers/{}\n",
                           provider.name, Name(model), provider.name));
}

Result<int> RunProviderList(const Options& options) {
  const auto store = TRY(OpenStore(options));
  const std::vector<Provider> providers = TRY(ProviderBook(*store).List());
  json::Array out;
  std::string text = fmt::format("{:<24} {:<9} {}\n", "NAME", "MODEL", "CREATED");
  for (const Provider& one : providers) {
    out.emplace_back(Summary(one));
    text += fmt::format("{:<24} {:<9} {}\n", one.name, Name(one.model), FormatTime(one.created));
  }
  return Print(options, json::Object{{"providers", std::move(out)}}, text);
}

Result<int> RunProviderShow(const Options& options) {
  TRY_VOID(CheckProviderName(options.provider));
  const auto store = TRY(OpenStore(options));
  ProviderBook book(*store);
  const std::optional<ProviderState> state = TRY(book.Find(options.provider));
  if (!state) {
    return Fail(ErrorCode::kMissing, fmt::format("provider {}: there is none", options.provider),
                "assay provider list");
  }
  std::string text = fmt::format("provider {}\n  trust model {}, created {}\n", options.provider,
                                 Name(state->provider.model), FormatTime(state->provider.created));
  json::Array certificates;
  for (const CertificatePtr& one : state->certificates) {
    certificates.emplace_back(json::Object{{"subject", one->subject_cn()},
                                           {"sha256", HexEncode(one->digest())},
                                           {"notAfter", FormatTime(one->not_after())}});
    text += fmt::format("  may sign: {} (SHA-256 {}), until {}\n", one->subject_cn(),
                        HexEncode(one->digest()), FormatTime(one->not_after()));
  }
  json::Object policies;
  for (std::size_t i = 0; i < policy::kAttestationTypes; ++i) {
    const auto type = static_cast<AttestationType>(i);
    const std::vector<Revision> history = TRY(book.History(options.provider, type));
    if (history.empty()) continue;
    json::Array revisions;
    text += fmt::format("  policy of {}, the newest first\n", policy::Name(type));
    for (const Revision& one : history) {
      json::Object summary = TRY(RevisionSummary(one));
      text += RevisionLine(summary);
      revisions.emplace_back(std::move(summary));
    }
    policies.emplace_back(std::string(policy::Name(type)), std::move(revisions));
  }
  if (policies.empty()) text += "  policies: the defaults\n";
  json::Object out = Summary(state->provider);
  out.emplace_back("certificates", std::move(certificates));
  out.emplace_back("policies", std::move(policies));
  return Print(options, out, text);
}

Result<int> RunProviderDelete(const Options& options) {
  TRY_VOID(CheckProviderName(options.provider));
  const auto store = TRY(OpenStore(options));
  ProviderBook book(*store);
  const std::optional<ProviderState> state = TRY(book.Find(options.provider));
  if (state) {
    TRY_VOID(
        RecordLocalAct(options.state_dir, "provider " + options.provider, {{"act", "delete"}},
                       std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())));
  }
  TRY_VOID(book.Delete(options.provider));
  if (state) TRY_VOID(ForgetEvidence(options, state->provider));
  if (state) TRY_VOID(ForgetMachines(options, state->provider));
  // After the entry: a provider without keys would make new ones, keys without a provider sign
  // nothing.
  std::error_code error;
  if (state) {
    std::filesystem::remove_all(ProviderFolder(options.state_dir, state->provider), error);
  }
  if (error) {
    return Fail(ErrorCode::kIo, "provider deleted, but its keys could not be: " + error.message(),
                "remove " + ProviderFolder(options.state_dir, state->provider));
  }
  return Print(options, json::Object{{"deleted", options.provider}},
               fmt::format("provider {}: deleted, with its keys\n", options.provider));
}

}  // namespace assay::cli
