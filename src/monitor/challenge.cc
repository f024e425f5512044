#include "monitor/challenge.h"

#include "base/limits.h"
#include "base/reader.h"
#include "crypto/hmac.h"
#include "crypto/signing_key.h"

namespace assay::monitor {
namespace {

constexpr std::size_t kHead = 16, kProof = 16;

Time GivenAt(View challenge) {
  Reader in(challenge, "challenge");
  return FromUnixSeconds(static_cast<std::int64_t>(in.U64Be("time").value_or(0)));
}

}  // namespace

Result<Challenges> Challenges::Make() { return Challenges(TRY(RandomSecret(32))); }

Bytes Challenges::Proof(std::string_view machine, View head) const {
  Bytes covered = ToBytes(head);
  Append(covered, AsBytes(machine));
  Bytes out = ToBytes(HmacSha256(key_.view(), covered));
  out.resize(kProof);
  return out;
}

Result<Bytes> Challenges::Give(std::string_view machine, Time now) const {
  Bytes out;
  const auto seconds = static_cast<std::uint64_t>(UnixSeconds(now));
  for (int shift = 56; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::byte>(seconds >> shift));
  Append(out, TRY(RandomBytes(8)));
  Append(out, Proof(machine, out));
  return out;
}

ChallengeState Challenges::Look(std::string_view machine, View challenge, Time now) const {
  if (challenge.size() != kHead + kProof) return ChallengeState::kForeign;
  const Bytes proof = Proof(machine, challenge.first(kHead));
  if (!SecretEqual(proof, challenge.subspan(kHead))) return ChallengeState::kForeign;
  const Time at = GivenAt(challenge);
  if (now < at || now > at + limits::kChallengeLife) return ChallengeState::kExpired;
  const std::lock_guard lock(mutex_);
  const bool used = used_.contains(std::string(AsText(challenge)));
  return used ? ChallengeState::kUsed : ChallengeState::kFresh;
}

bool Challenges::Use(View challenge, Time now) {
  const std::lock_guard lock(mutex_);
  if (now >= swept_ + limits::kChallengeLife) {
    std::erase_if(used_, [now](const auto& one) { return one.second < now; });
    swept_ = now;
  }
  return used_.emplace(AsText(challenge), GivenAt(challenge) + limits::kChallengeLife).second;
}

}  // namespace assay::monitor
