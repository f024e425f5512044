#include "release/release.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "release/evaluate.h"

namespace assay::release {
namespace {

Judged<void> CheckKeyItself(const KeyStanding& key) {
  if (!key.exportable) return Deny(Reason::kKeyNotExportable, "key: it is not exportable");
  if (!key.enabled) return Deny(Reason::kKeyDisabled, "key: it is disabled");
  if (key.policy == nullptr) return Deny(Reason::kNoPolicy, "key: it has no release policy");
  return {};
}

Judged<std::vector<std::string_view>> SplitTarget(std::string_view target) {
  std::vector<std::string_view> out;
  for (std::size_t start = 0; start <= target.size();) {
    const std::size_t comma = std::min(target.find(',', start), target.size());
    if (out.size() == limits::kReleaseTokens) {
      return Deny(Reason::kTooManyTokens,
                  fmt::format("target: expected at most {} tokens", limits::kReleaseTokens));
    }
    out.push_back(target.substr(start, comma - start));
    start = comma + 1;
  }
  return out;
}

Judged<void> CheckMachine(const CheckedToken& token, Witness& witness) {
  switch (TRY(witness.StandingOf(token.issuer, token.claims))) {
    case MachineStanding::kDrifted:
      return Deny(Reason::kMachineDrifted, "machine: it has drifted from its release");
    case MachineStanding::kRevoked: return Deny(Reason::kMachineRevoked, "machine: it is revoked");
    case MachineStanding::kUnproven:
      return Deny(Reason::kMachineUnproven, "machine: it has to prove itself to the monitor first");
    case MachineStanding::kNotWatched:
    case MachineStanding::kTrusted: return {};
  }
  return tl::unexpected<Stop>(Error{ErrorCode::kInternal, "machine: unknown standing", {}});
}

}  // namespace

class ReleaseDecider {
 public:
  ReleaseDecider(const ReleaseRequest& request, const KeyStanding& key, const Judges& judges,
                 Time now)
      : request_(request), key_(key), judges_(judges), now_(now) {}

  Judged<Grant> Decide() {
    if (request_.nonce.size() > limits::kReleaseNonceBytes) {
      return tl::unexpected<Stop>(
          Error{ErrorCode::kInvalidArgument,
                fmt::format("nonce: expected at most {} bytes", limits::kReleaseNonceBytes),
                {}});
    }
    TRY_VOID(CheckKeyItself(key_));
    TRY_VOID(CheckTokens());
    for (const CheckedToken& token : tokens_) TRY_VOID(CheckMachine(token, judges_.witness));
    const std::size_t branch = TRY(SatisfiedBranch());
    RuntimeKey runtime_key = TRY(CommonRuntimeKey());
    Grant grant(request_, key_.kid, std::move(runtime_key));
    grant.branch_ = branch;
    for (const Authority& authority : key_.policy->any_of[branch].authorities) {
      grant.authorities_.push_back(authority.issuer);
    }
    TRY_VOID(CheckNonce());
    return grant;
  }

 private:
  Judged<void> CheckTokens() {
    for (const std::string_view text : TRY(SplitTarget(request_.target))) {
      CheckedToken token = TRY(CheckToken(text, *key_.policy, judges_.keys, judges_.rules, now_));
      const auto same = [&token](const CheckedToken& t) { return t.issuer == token.issuer; };
      if (std::any_of(tokens_.begin(), tokens_.end(), same)) {
        return Deny(Reason::kTwoOfOneAuthority, "target: two tokens are of one authority");
      }
      tokens_.push_back(std::move(token));
    }
    return {};
  }

  Judged<std::size_t> SatisfiedBranch() const {
    std::vector<AuthorityClaims> claims;
    for (const CheckedToken& token : tokens_) claims.push_back({token.issuer, &token.claims});
    Evaluation result = Evaluate(*key_.policy, claims);
    if (!result.branch) {
      return tl::unexpected<Stop>(Denial{result.reason, "the key's release policy is not satisfied",
                                         std::move(result.findings)});
    }
    if (key_.policy->any_of[*result.branch].authorities.size() > 1) TRY_VOID(CheckSigners());
    return *result.branch;
  }

  // Two names of one signer are one authority.
  Judged<void> CheckSigners() const {
    for (std::size_t i = 1; i < tokens_.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (tokens_[i].signer != tokens_[j].signer) continue;
        return Deny(Reason::kAgreementOfOneSigner,
                    "agreement: one key has signed the tokens of two authorities");
      }
    }
    return {};
  }

  // Tokens of several authorities are about one environment only if they hold the same key: that
  // is what binds them to each other.
  Judged<RuntimeKey> CommonRuntimeKey() const {
    RuntimeKey first = TRY(FindRuntimeKey(tokens_.front().claims));
    for (std::size_t i = 1; i < tokens_.size(); ++i) {
      const RuntimeKey other = TRY(FindRuntimeKey(tokens_[i].claims));
      if (other.key.SpkiDigest() == first.key.SpkiDigest()) continue;
      return Deny(Reason::kRuntimeKeysDiffer,
                  "runtime key: the tokens are about environments with different keys");
    }
    return first;
  }

  Judged<void> CheckNonce() {
    if (request_.nonce.empty()) return {};
    Time until = now_;
    for (const CheckedToken& token : tokens_) until = std::max(until, token.refused_from);
    if (TRY(judges_.witness.SpendNonce(key_.kid, request_.nonce, until))) return {};
    return Deny(Reason::kNonceReplayed, "nonce: it was used for a release of this key before");
  }

  const ReleaseRequest& request_;
  const KeyStanding& key_;
  const Judges& judges_;
  const Time now_;
  std::vector<CheckedToken> tokens_;
};

Result<Decision> DecideRelease(const ReleaseRequest& request, const KeyStanding& key,
                               const Judges& judges, Time now) {
  Judged<Grant> judged = ReleaseDecider(request, key, judges, now).Decide();
  if (judged) return Decision(std::move(*judged));
  if (const Error* error = std::get_if<Error>(&judged.error().why)) return tl::unexpected(*error);
  return Decision(std::get<Denial>(std::move(judged.error().why)));
}

}  // namespace assay::release
