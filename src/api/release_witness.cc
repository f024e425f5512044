#include "api/release_witness.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "base/limits.h"

namespace assay {
namespace {

using monitor::MachineState;
using release::MachineStanding;

constexpr std::string_view kNonce = "release-nonce/";
constexpr std::string_view kNonceEnd = "release-nonce-end/";

Bytes KeyBytesOf(std::string_view text) { return ToBytes(AsBytes(text)); }

Bytes EndKey(Time until, const std::string& id) {
  return KeyBytesOf(fmt::format("{}{:020}/{}", kNonceEnd, UnixSeconds(until), id));
}

// The two texts cannot run into each other: the first is hashed by itself.
std::string NonceId(const std::string& kid, const std::string& nonce) {
  Bytes both = ToBytes(Sha256(AsBytes(kid)));
  Append(both, AsBytes(nonce));
  return HexEncode(Sha256(both));
}

std::optional<Time> TimeIn(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return FromUnixSeconds(seconds);
}

// A few of those that may be forgotten: each one that comes takes more away than it brings.
Result<void> ForgetSome(store::Store& store, Time now, std::string_view except,
                        store::Batch& batch) {
  for (const store::Entry& entry :
       TRY(store.Scan(AsBytes(kNonceEnd), {}, limits::kReleaseNoncesForgotten))) {
    const std::string_view rest = AsText(entry.key).substr(kNonceEnd.size());
    const std::size_t slash = rest.find('/');
    const auto until = TimeIn(rest.substr(0, slash));
    if (!until || slash == std::string_view::npos || *until > now) break;
    const std::string_view id = rest.substr(slash + 1);
    if (id == except) continue;
    batch.deletes.push_back(entry.key);
    batch.deletes.push_back(KeyBytesOf(fmt::format("{}{}", kNonce, id)));
  }
  return {};
}

MachineStanding StandingOfState(MachineState state) {
  switch (state) {
    case MachineState::kTrusted: return MachineStanding::kTrusted;
    case MachineState::kDrifted: return MachineStanding::kDrifted;
    case MachineState::kRevoked: return MachineStanding::kRevoked;
    case MachineState::kPending:
    case MachineState::kApproved:
    case MachineState::kAsked:
    case MachineState::kUnreachable: break;
  }
  return MachineStanding::kUnproven;
}

// Which of two words about one machine counts.
int Gravity(MachineStanding standing) {
  switch (standing) {
    case MachineStanding::kNotWatched: return 0;
    case MachineStanding::kUnproven: return 1;
    case MachineStanding::kTrusted: return 2;
    case MachineStanding::kDrifted: return 3;
    case MachineStanding::kRevoked: return 4;
  }
  return 4;
}

}  // namespace

// By the name in the token, which is of the provider that issued it.
Result<MachineStanding> ReleaseWitness::StandingOfNamed(const AttestService& own,
                                                        const json::Value& claims) {
  const json::Value* const about = claims.Find("x-assay-machine");
  if (about == nullptr) return MachineStanding::kNotWatched;
  const std::string id = TRY(about->String("id", "x-assay-machine"));
  const Result<monitor::Machine> machine = machines_->FleetOf(own).Get(id);
  if (machine) return StandingOfState(machine->state);
  if (machine.error().code != ErrorCode::kMissing) return tl::unexpected(machine.error());
  // A token that names a machine outlives it only where the machine was forgotten.
  return MachineStanding::kRevoked;
}

// By the key, which may be enrolled at several providers: the gravest word counts, but to be
// waited for at one is nothing where another trusts it.
Result<MachineStanding> ReleaseWitness::StandingOfKey(const json::Value& claims) {
  if (claims.Find("x-assay-ak") == nullptr) return MachineStanding::kNotWatched;
  const std::string key = TRY(claims.String("x-assay-ak", "token"));
  MachineStanding out = MachineStanding::kNotWatched;
  for (const monitor::Machine& machine : TRY(machines_->MachinesOfAk(key))) {
    const MachineStanding standing = StandingOfState(machine.state);
    if (Gravity(standing) > Gravity(out)) out = standing;
  }
  return out;
}

Result<MachineStanding> ReleaseWitness::StandingOf(const std::string& issuer,
                                                   const json::Value& claims) {
  const std::shared_ptr<const AttestService> own = TRY(authorities_.OwnProvider(issuer));
  if (own == nullptr || machines_ == nullptr) return MachineStanding::kNotWatched;
  const MachineStanding named = TRY(StandingOfNamed(*own, claims));
  const MachineStanding keyed = TRY(StandingOfKey(claims));
  if (named == MachineStanding::kNotWatched) return keyed;
  // What the provider of the token itself waits for, no other provider makes good.
  const bool fallen = keyed == MachineStanding::kDrifted || keyed == MachineStanding::kRevoked;
  return fallen && Gravity(keyed) > Gravity(named) ? keyed : named;
}

Result<bool> ReleaseWitness::SpendNonce(const std::string& kid, const std::string& nonce,
                                        Time until) {
  const Time now = clock_();
  const std::string id = NonceId(kid, nonce);
  const Bytes key = KeyBytesOf(fmt::format("{}{}", kNonce, id));
  const std::optional<store::Entry> before = TRY(nonces_.Get(key));
  store::Batch batch;
  if (before) {
    const auto end = TimeIn(AsText(before->value));
    if (!end || *end > now) return false;
    batch.deletes.push_back(EndKey(*end, id));
  }
  batch.expectations.push_back({key, before ? before->version : 0});
  TRY_VOID(ForgetSome(nonces_, now, id, batch));
  batch.puts.push_back({key, KeyBytesOf(std::to_string(UnixSeconds(until)))});
  batch.puts.push_back({EndKey(until, id), KeyBytesOf("1")});
  const auto done = nonces_.Commit(batch);
  if (done) return true;
  // Somebody else spent it at the same time.
  if (done.error().code == ErrorCode::kConflict) return false;
  return tl::unexpected(done.error());
}

}  // namespace assay
