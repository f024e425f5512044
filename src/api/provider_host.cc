#include "api/provider_host.h"

#include "provider/management_token.h"

namespace assay {

Result<PolicySet> PoliciesOf(store::Store& store, std::string_view provider) {
  std::map<policy::AttestationType, std::string> texts;
  for (std::size_t i = 0; i < policy::kAttestationTypes; ++i) {
    const auto type = static_cast<policy::AttestationType>(i);
    const auto revision = TRY(ProviderBook(store).Policy(provider, type));
    if (revision && !revision->token.empty()) {
      texts.emplace(type, TRY(StoredPolicyText(revision->token)));
    }
  }
  return PolicySet::Make(texts);
}

Result<ProviderHost::Known> ProviderHost::Load(const ProviderState& state, const Known* before) {
  Known out{state.provider, state.version, nullptr, nullptr};
  PolicySet policies = TRY(PoliciesOf(store_, state.provider.name));
  const bool same = before != nullptr && before->provider.id == out.provider.id;
  out.service = same ? before->service : TRY(make_(state.provider));
  out.pace =
      same ? before->pace : std::make_shared<RequestPace>(state.provider.requests_per_minute);
  out.service->SetPolicies(std::move(policies));
  return out;
}

Result<std::shared_ptr<AttestService>> ProviderHost::Find(std::string_view name) {
  auto out = Look(name);
  if (!out && report_) report_(name, out.error());
  return out;
}

std::optional<std::chrono::seconds> ProviderHost::Overrun(std::string_view name,
                                                          RequestPace::Clock::time_point now) {
  std::shared_ptr<RequestPace> pace;
  {
    const std::lock_guard lock(mutex_);
    const auto known = known_.find(name);
    if (known != known_.end()) pace = known->second.pace;
  }
  return pace ? pace->Ask(now) : std::nullopt;
}

std::size_t ProviderHost::ReloadKeys(const KeyOpener& open) {
  std::vector<Known> all;
  {
    // Files are read without the lock, so that requests do not wait for them.
    const std::lock_guard lock(mutex_);
    for (const auto& [name, known] : known_) all.push_back(known);
  }
  std::size_t reloaded = 0;
  for (const Known& known : all) {
    auto fresh = open(known.provider);
    if (fresh) {
      known.service->SetKeys(std::move(*fresh));
      ++reloaded;
    } else if (report_) {
      report_(known.provider.name, fresh.error());
    }
  }
  return reloaded;
}

Result<std::shared_ptr<AttestService>> ProviderHost::Look(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto known = known_.find(name);
  const std::optional<ProviderState> state = TRY(ProviderBook(store_).Find(name));
  if (!state) {
    if (known != known_.end()) known_.erase(known);
    return std::shared_ptr<AttestService>();
  }
  const Known* const before = known == known_.end() ? nullptr : &known->second;
  if (before != nullptr && before->version == state->version) return before->service;
  Known fresh = TRY(Load(*state, before));
  auto service = fresh.service;
  known_[std::string(name)] = std::move(fresh);
  return service;
}

}  // namespace assay
