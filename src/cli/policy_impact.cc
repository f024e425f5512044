// `assay policy impact`: what a policy would have decided on the evidence that a provider recorded,
// beside what the policy in force decides.
#include <fmt/format.h>

#include <map>

#include "base/encoding.h"
#include "cli/policy.h"
#include "cli/recorded.h"
#include "policy/report.h"

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

}  // namespace

Result<PolicyAnswer> MeasureImpact(const Options& options) {
  const policy::Policy draft = TRY(LoadPolicy(options.file));
  Impact impact;
  TRY_VOID(VisitRecorded(options, draft, [&impact](const RecordedCase& one) {
    ++impact.recorded;
    if (one.both) {
      AddTo(impact, one.recorded, one.request, *one.both);
    } else {
      ++impact.untrusted;
    }
  }));
  return Report(impact);
}

}  // namespace assay::cli
