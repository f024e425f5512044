#include "cli/recorded.h"

#include <fmt/format.h>

#include <chrono>

#include "api/attest_request.h"
#include "api/provider_host.h"
#include "cli/files.h"
#include "cli/policy.h"
#include "cli/sources.h"
#include "server/state_dir.h"
#include "store/sqlite/sqlite_store.h"

namespace assay::cli {
namespace {

// One service that judges as the provider's does, and signs nothing.
struct Judge {
  std::unique_ptr<Sources> sources;
  std::unique_ptr<Appraiser> appraiser;
  std::unique_ptr<AttestService> service;
};

Result<Judge> MakeJudge(const Options& options, PolicySet policies) {
  Judge out;
  out.sources = TRY(Sources::Open(options));
  out.appraiser = std::make_unique<Appraiser>(TRY(RootsOf(options)));
  AttestServiceOptions service;
  service.clock = service.evidence_clock = [at = TRY(TimeOf(options))] { return at; };
  service.allow_missing_crl = options.allow_missing_crl;
  service.allow_debug = options.allow_debug;
  out.service = std::make_unique<AttestService>(*out.appraiser, out.sources->source(),
                                                std::vector<TokenSigner>{}, service);
  out.service->SetPolicies(std::move(policies));
  return out;
}

// An error when nothing is recorded there.
Result<Provider> RecordingProvider(store::Store& store, const std::string& name) {
  const std::optional<ProviderState> state = TRY(ProviderBook(store).Find(name));
  if (!state) {
    return Fail(ErrorCode::kMissing, fmt::format("provider {}: there is none", name),
                "assay provider list");
  }
  if (state->provider.record_days == 0) {
    return Fail(ErrorCode::kMissing, fmt::format("provider {}: records no evidence", name),
                "create it with --record-days N");
  }
  return state->provider;
}

// Nothing: any type.
Result<std::optional<policy::AttestationType>> WantedType(const Options& options) {
  if (options.kind.empty()) return std::optional<policy::AttestationType>();
  return std::optional(TRY(PolicyTypeOf(options.kind)));
}

}  // namespace

Result<void> VisitRecorded(const Options& options, const policy::Policy& draft,
                           const std::function<void(const RecordedCase&)>& visit) {
  const auto providers = TRY(store::OpenSqliteStore(ProviderStoreFile(options.state_dir)));
  const Provider provider = TRY(RecordingProvider(*providers, options.provider));
  const auto wanted = TRY(WantedType(options));
  const Judge judge = TRY(MakeJudge(options, TRY(PoliciesOf(*providers, options.provider))));
  const auto store = TRY(store::OpenSqliteStore(EvidenceStoreFile(options.state_dir)));
  const Time now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const Time from = now - std::chrono::hours(24 * options.days);
  const auto judge_one = [&](const RecordedRequest& recorded) -> Result<void> {
    const auto kind = KindOf(recorded.type);
    if ((wanted && recorded.type != *wanted) || !kind) return {};
    const AttestRequest request = TRY(ParseAttestRequest(*kind, recorded.body));
    const auto both = judge.service->Compare(request, draft);
    visit({recorded, request, both});
    return {};
  };
  return EvidenceBook(*store).Visit(provider, from, now, judge_one);
}

}  // namespace assay::cli
