#include "monitor/fleet.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "monitor/ak_index.h"
#include "monitor/reference.h"
#include "tee/tcg/event_log.h"

namespace assay::monitor {
namespace {

// A change made on what is no longer so is made again; more often than this, somebody else is
// faster each time.
constexpr int kTries = 8;

bool IsConflict(const Error& error) { return error.code == ErrorCode::kConflict; }

tl::unexpected<Error> NoSuchMachine(std::string_view id) {
  return Fail(ErrorCode::kMissing, fmt::format("machine {}: there is none", id.substr(0, 64)),
              "enrol it first");
}

Result<std::optional<Release>> FindRelease(ReleaseBook book, std::string_view name) {
  if (name.empty()) return std::nullopt;
  return book.Find(name);
}

// A machine of a release that was deleted is held to nothing: that must not pass for good.
Result<Release> RequireRelease(ReleaseBook book, std::string_view name) {
  std::optional<Release> out = TRY(book.Find(name));
  if (!out) {
    return Fail(ErrorCode::kMissing, fmt::format("release {}: there is none", name.substr(0, 64)),
                "assay release set FILE");
  }
  return std::move(*out);
}

}  // namespace

void Fleet::Tell(const Machine& machine, const std::vector<MachineEvent>& events) const {
  if (!options_.on_change) return;
  for (const MachineEvent& event : events) options_.on_change({name_, machine, event});
}

Result<Machine> Fleet::Enrol(const NewMachine& machine, Time now) {
  const std::string id = MachineId(machine.ak_name);
  for (int i = 0; i < kTries; ++i) {
    const std::optional<Machine> known = TRY(machines().Find(id));
    if (known && known->state == MachineState::kRevoked) {
      return Fail(ErrorCode::kConflict, "machine " + id + " was revoked");
    }
    if (known) return *known;
    Machine fresh;
    fresh.id = id;
    fresh.name = machine.name.empty() ? id : machine.name;
    fresh.ak_name = machine.ak_name;
    fresh.ak_spki = machine.ak_spki;
    fresh.route = machine.route;
    fresh.vouched_by = machine.vouched_by;
    fresh.warnings = machine.warnings;
    fresh.enrolled = fresh.since = now;
    const bool proven = !machine.vouched_by.empty();
    fresh.state =
        options_.approve_at_once && proven ? MachineState::kApproved : MachineState::kPending;
    const MachineEvent event{now, "enrolled",
                             fmt::format("by {}, {}", fresh.route, Name(fresh.state))};
    const Result<Machine> created = machines().Create(fresh, event);
    if (created) {
      Tell(*created, {event});
      return created;
    }
    if (!IsConflict(created.error())) return created;
  }
  return Fail(ErrorCode::kIo, "too many machines enrol at a time", "try again");
}

Result<Machine> Fleet::Change(std::string_view id,
                              const std::function<Result<MachineEvent>(Machine&)>& change) {
  for (int i = 0; i < kTries; ++i) {
    Machine machine = TRY(Get(id));
    const MachineEvent event = TRY(change(machine));
    const Result<void> done = machines().Update(machine, {event});
    if (done) {
      Tell(machine, {event});
      return machine;
    }
    if (!IsConflict(done.error())) return tl::unexpected(done.error());
  }
  return Fail(ErrorCode::kIo, fmt::format("machine {}: changes too often", id), "try again");
}

Result<Machine> Fleet::Approve(std::string_view id, std::string_view release, Time now,
                               const std::optional<std::vector<std::string>>& dns_names) {
  if (!release.empty() && TRY(RequireRelease(releases(), release)).retired) {
    return Fail(ErrorCode::kConflict, fmt::format("release {} is retired", release),
                "approve with its successor, or set it again");
  }
  if (dns_names) TRY_VOID(CheckDnsNames(*dns_names));
  return Change(id, [&](Machine& machine) -> Result<MachineEvent> {
    if (machine.state == MachineState::kRevoked) {
      return Fail(ErrorCode::kConflict, fmt::format("machine {} was revoked", id),
                  "a machine comes back with a new attestation key only");
    }
    machine.state = MachineState::kApproved;
    machine.since = now;
    machine.release = release;
    if (dns_names) machine.dns_names = *dns_names;
    // What it was before is no measure any more, and its list is to be seen from the begin.
    machine.baseline.clear();
    machine.learned = false;
    machine.last = {};
    machine.drift.clear();
    return MachineEvent{
        now, "approved",
        release.empty() ? "with the values it has" : fmt::format("for release {}", release)};
  });
}

Result<Machine> Fleet::Revoke(std::string_view id, std::string_view reason, Time now) {
  return Change(id, [&](Machine& machine) -> Result<MachineEvent> {
    machine.state = MachineState::kRevoked;
    machine.since = now;
    return MachineEvent{now, "revoked", std::string(reason)};
  });
}

Result<Machine> Fleet::Recheck(std::string_view id, std::chrono::seconds within, Time now) {
  if (within <= std::chrono::seconds(0) || within > limits::kRecheckLongest) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("within: expected 1 to {} seconds, found {}",
                            limits::kRecheckLongest.count(), within.count()));
  }
  return Change(id, [&](Machine& machine) -> Result<MachineEvent> {
    if (machine.state == MachineState::kRevoked || machine.state == MachineState::kPending) {
      return Fail(ErrorCode::kConflict, fmt::format("machine {} is {}", id, Name(machine.state)),
                  "only a machine that was approved, and not revoked, can be asked");
    }
    machine.asked = now;
    machine.due = now + within;
    if (machine.state == MachineState::kTrusted) {
      machine.state = MachineState::kAsked;
      machine.since = now;
    }
    return MachineEvent{now, "asked", "to attest by " + FormatTime(machine.due)};
  });
}

Result<Machine> Fleet::Get(std::string_view id) {
  if (!IsMachineId(id)) return NoSuchMachine(id);
  std::optional<Machine> found = TRY(machines().Find(id));
  if (!found) return NoSuchMachine(id);
  return std::move(*found);
}

Result<Judgement> Fleet::Record(std::string_view id, Observation observation, View log) {
  for (int i = 0; i < kTries; ++i) {
    const Machine before = TRY(Get(id));
    if (before.state == MachineState::kPending || before.state == MachineState::kRevoked) {
      return Fail(ErrorCode::kConflict, fmt::format("machine {} is {}", id, Name(before.state)));
    }
    std::optional<Release> current, successor;
    if (!before.release.empty()) {
      current = TRY(RequireRelease(releases(), before.release));
      successor = TRY(FindRelease(releases(), current->successor));
    }
    // Only where there is a difference to explain.
    Bytes log_before;
    Result<tcg::EventLog> parsed_before = tcg::EventLog{};
    if (observation.log != nullptr) {
      log_before = TRY(machines().BootLog(id));
      parsed_before = tcg::ParseEventLog(log_before);
      observation.log_before = parsed_before ? &*parsed_before : nullptr;
    }
    Judgement out = Judge(before, observation,
                          {current ? &*current : nullptr, successor ? &*successor : nullptr});
    const Result<void> done = machines().Update(out.after, out.events, out.trusted ? log : View());
    if (done) {
      Tell(out.after, out.events);
      return out;
    }
    if (!IsConflict(done.error())) return tl::unexpected(done.error());
  }
  return Fail(ErrorCode::kIo, fmt::format("machine {}: changes too often", id), "try again");
}

Result<void> Fleet::Forget() {
  for (const std::string_view kind : {"machine", "machine-log", "machine-boot", "release"}) {
    const Bytes prefix = ToBytes(AsBytes(fmt::format("{}/{}/", kind, name_)));
    for (;;) {
      const auto entries = TRY(store_.Scan(prefix, {}, limits::kStoreScan));
      if (entries.empty()) break;
      store::Batch batch;
      for (const store::Entry& one : entries) {
        batch.deletes.push_back(one.key);
        if (kind != "machine") continue;
        const Result<Machine> machine = MachineFromJson(AsText(one.value));
        if (machine) batch.deletes.push_back(AkIndexKey(machine->ak_spki, name_));
      }
      TRY(store_.Commit(batch));
    }
  }
  store::Batch batch;
  batch.deletes.push_back(ToBytes(AsBytes("machine-count/" + name_)));
  TRY(store_.Commit(batch));
  return {};
}

Result<void> Fleet::RetireReleases(const Survey& survey) {
  for (Release& release : TRY(releases().List())) {
    if (release.retired || release.successor.empty()) continue;
    const bool followed = survey.by_release.contains(release.successor);
    if (survey.by_release.contains(release.name) || !followed) continue;
    release.retired = true;
    TRY_VOID(releases().Set(release));
  }
  return {};
}

bool Fleet::IsMissed(const Machine& machine, Time now, Time up_since) const {
  const Time heard = std::max(machine.last.at, up_since) + options_.patience();
  switch (machine.state) {
    case MachineState::kTrusted: return heard < now;
    // What was due while the service was down may still come.
    case MachineState::kAsked: return std::max(machine.due, up_since + options_.interval) < now;
    default: return false;
  }
}

// The state of a machine now: unreachable if it was trusted and is silent for too long.
MachineState Fleet::Listen(const Machine& machine, Time now, Time up_since) {
  if (!IsMissed(machine, now, up_since)) return machine.state;
  const auto changed = Change(machine.id, [&](Machine& it) -> Result<MachineEvent> {
    if (it.state != machine.state || it.last.at != machine.last.at || it.due != machine.due) {
      return Fail(ErrorCode::kMissing, "it was heard of meanwhile");
    }
    const bool asked = it.state == MachineState::kAsked;
    it.state = MachineState::kUnreachable;
    it.since = now;
    return MachineEvent{now, "unreachable",
                        "last heard at " + FormatTime(it.last.at) +
                            (asked ? ", asked at " + FormatTime(it.asked) : std::string())};
  });
  return changed ? MachineState::kUnreachable : machine.state;
}

Result<Survey> Fleet::Inspect(Time now, Time up_since) {
  Survey out;
  std::string after;
  for (bool more = true; more;) {
    const std::vector<Machine> page = TRY(machines().List(after, limits::kMachinesPage));
    for (const Machine& machine : page) {
      const MachineState state = Listen(machine, now, up_since);
      if (state != machine.state) ++out.unreachable;
      if (out.states.size() <= machine.index) {
        out.states.resize(machine.index + 1, MachineState::kRevoked);
      }
      out.states[machine.index] = state;
      if (state != MachineState::kRevoked && !machine.release.empty()) {
        ++out.by_release[machine.release];
      }
    }
    more = page.size() == limits::kMachinesPage;
    if (more) after = page.back().id;
  }
  TRY_VOID(RetireReleases(out));
  return out;
}

}  // namespace assay::monitor
