// `assay policy impact`: what a policy would have decided on the evidence that a provider recorded,
// beside what the policy in force decides.
#include <fmt/format.h>

#include <chrono>
#include <map>

#include "api/attest_request.h"
#include "api/provider_host.h"
#include "base/encoding.h"
#include "cli/files.h"
#include "cli/policy.h"
#include "cli/sources.h"
#include "policy/report.h"
#include "provider/evidence_book.h"
#include "server/state_dir.h"
#include "store/sqlite/sqlite_store.h"

namespace assay::cli {
namespace {

// Requests to which the same happens for the same reason.
struct Group {
  std::string what;  // "lose", "gain"
  std::size_t count = 0;
  Time first{}, last{};
  std::string evidence;  // SHA-256 of the first one's
  std::string why;       // as text, by the policy that denies
  json::Object explanation;
};

struct Impact {
  std::size_t recorded = 0, same = 0, lose = 0, gain = 0;
  std::size_t untrusted = 0;  // that no longer verify, whatever the policy
  std::map<std::string, Group> groups;
};

void AddTo(Impact& impact, const RecordedRequest& recorded, const AttestRequest& request,
           const PolicyComparison& both) {
  if (both.draft.permitted == both.in_force.permitted) {
    ++impact.same;
    return;
  }
  const bool loses = both.in_force.permitted;
  ++(loses ? impact.lose : impact.gain);
  const policy::Evaluation& denies = loses ? both.draft : both.in_force;
  const std::string what = loses ? "lose" : "gain";
  std::string why = policy::EvaluationText(denies);
  Group& group = impact.groups[what + why];
  if (group.count++ == 0) {
    group.what = what;
    group.first = recorded.at;
    group.evidence = HexEncode(Sha256(request.evidence));
    group.why = std::move(why);
    group.explanation = policy::ExplanationJson(denies.explanation);
  }
  group.last = recorded.at;
}

PolicyAnswer Report(const Impact& impact) {
  PolicyAnswer out;
  out.exit_code = impact.lose == 0 ? kExitTrusted : kExitRefused;
  out.text = fmt::format(
      "{} recorded: {} would lose access, {} would gain it, {} stay as they are, {} no longer "
      "verify\n",
      impact.recorded, impact.lose, impact.gain, impact.same, impact.untrusted);
  json::Array groups;
  for (const auto& [key, group] : impact.groups) {
    out.text += fmt::format("\n{} of them {} access, {} to {}; the first is evidence {}\n{}",
                            group.count, group.what, FormatTime(group.first),
                            FormatTime(group.last), group.evidence, group.why);
    groups.emplace_back(json::Object{{"change", group.what},
                                     {"count", std::uint64_t{group.count}},
                                     {"first", FormatTime(group.first)},
                                     {"last", FormatTime(group.last)},
                                     {"evidenceSha256", group.evidence},
                                     {"explanation", group.explanation}});
  }
  out.json = json::Object{{"recorded", std::uint64_t{impact.recorded}},
                          {"lose", std::uint64_t{impact.lose}},
                          {"gain", std::uint64_t{impact.gain}},
                          {"same", std::uint64_t{impact.same}},
                          {"notTrusted", std::uint64_t{impact.untrusted}},
                          {"groups", std::move(groups)}};
  return out;
}

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

Result<Impact> Measure(const Options& options, const Provider& provider, PolicySet policies,
                       const policy::Policy& draft) {
  const policy::AttestationType type = TRY(PolicyTypeOf(options.kind));
  const auto store = TRY(store::OpenSqliteStore(EvidenceStoreFile(options.state_dir)));
  const Judge judge = TRY(MakeJudge(options, std::move(policies)));
  const Time now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const Time from = now - std::chrono::hours(24 * options.days);
  Impact out;
  const auto visit = [&](const RecordedRequest& recorded) -> Result<void> {
    const auto kind = KindOf(recorded.type);
    if (recorded.type != type || !kind) return {};
    const AttestRequest request = TRY(ParseAttestRequest(*kind, recorded.body));
    ++out.recorded;
    const auto both = judge.service->Compare(request, draft);
    if (both) {
      AddTo(out, recorded, request, *both);
    } else {
      ++out.untrusted;
    }
    return {};
  };
  TRY_VOID(EvidenceBook(*store).Visit(provider, from, now, visit));
  return out;
}

}  // namespace

Result<PolicyAnswer> MeasureImpact(const Options& options) {
  const policy::Policy draft = TRY(LoadPolicy(options.file));
  const auto store = TRY(store::OpenSqliteStore(ProviderStoreFile(options.state_dir)));
  const std::optional<ProviderState> state = TRY(ProviderBook(*store).Find(options.provider));
  if (!state) {
    return Fail(ErrorCode::kMissing, fmt::format("provider {}: there is none", options.provider),
                "assay provider list");
  }
  if (state->provider.record_days == 0) {
    return Fail(ErrorCode::kMissing,
                fmt::format("provider {}: records no evidence", options.provider),
                "create it with --record-days N");
  }
  PolicySet policies = TRY(PoliciesOf(*store, options.provider));
  return Report(TRY(Measure(options, state->provider, std::move(policies), draft)));
}

}  // namespace assay::cli
