// One provider's machines: enrolled, approved, judged again and again, revoked. What a call returns
// is durable.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/judgement.h"
#include "monitor/machine_book.h"
#include "monitor/release_book.h"

namespace assay::monitor {

// As enrolment proved it.
struct NewMachine {
  Bytes ak_name;
  std::string ak_spki;
  std::string name;  // empty: its id
  std::string route;
  std::string vouched_by;
  std::vector<std::string> warnings;
};

// A change of state, for those who want to hear of it.
struct Change {
  std::string fleet;
  Machine machine;
  MachineEvent event;
};

struct FleetOptions {
  std::chrono::seconds interval{60};  // between two attestations of a machine
  bool approve_at_once = false;       // whoever's TPM is proven by a certificate
  bool announce = false;              // to webhooks
  // Told after the commit of each line of a machine's history, for logs; may be empty.
  std::function<void(const Change&)> on_change;
  // When a trusted machine that was not heard of is called unreachable.
  std::chrono::seconds patience() const { return 3 * interval + std::chrono::seconds{30}; }
};

// Counted in one pass over the machines.
struct Survey {
  std::vector<MachineState> states;  // by index; kRevoked where there is no machine
  std::map<std::string, std::size_t> by_release;
  std::size_t unreachable = 0;  // that this pass found
};

// Safe for concurrent use. The store outlives it.
class Fleet {
 public:
  Fleet(store::Store& store, std::string_view name, FleetOptions options)
      : store_(store), name_(name), options_(std::move(options)) {}

  // One that is there already stays as it is; one that was revoked is an error (kConflict).
  Result<Machine> Enrol(const NewMachine& machine, Time now);
  // From the next evidence on it must have the values of `release`; empty: those it will have then.
  // `dns_names`, if given, are those that its certificates may have.
  Result<Machine> Approve(std::string_view id, std::string_view release, Time now,
                          const std::optional<std::vector<std::string>>& dns_names = {});
  Result<Machine> Revoke(std::string_view id, std::string_view reason, Time now);
  // Until it has attested anew it is not trusted; unreachable, if it has not `within` that time.
  Result<Machine> Recheck(std::string_view id, std::chrono::seconds within, Time now);

  // kMissing if there is none.
  Result<Machine> Get(std::string_view id);
  MachineBook machines() { return {store_, name_, options_.announce}; }
  ReleaseBook releases() { return {store_, name_}; }

  // The verdict on a machine's own evidence; `log` is that log as bytes, to be kept if it is good.
  Result<Judgement> Record(std::string_view id, Observation observation, View log);

  // All of it: machines, their histories and releases, when their provider is deleted.
  Result<void> Forget();

  // Calls machines unreachable, retires releases that nobody runs any more. `up_since` is when the
  // service began to listen: what it could not hear is nobody's fault.
  Result<Survey> Inspect(Time now, Time up_since);

  const FleetOptions& options() const { return options_; }
  const std::string& name() const { return name_; }

 private:
  Result<Machine> Change(std::string_view id,
                         const std::function<Result<MachineEvent>(Machine&)>& change);
  bool IsMissed(const Machine& machine, Time now, Time up_since) const;
  MachineState Listen(const Machine& machine, Time now, Time up_since);
  Result<void> RetireReleases(const Survey& survey);
  void Tell(const Machine& machine, const std::vector<MachineEvent>& events) const;

  store::Store& store_;
  const std::string name_;
  const FleetOptions options_;
};

}  // namespace assay::monitor
