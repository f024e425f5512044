#include "cli/fleet.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "base/encoding.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "provider/provider_book.h"
#include "server/service_ledger.h"
#include "server/state_dir.h"
#include "store/sqlite/sqlite_store.h"

namespace assay::cli {
namespace {

using monitor::Machine;

Time Now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

// A custom provider's machines stand under its id.
Result<std::string> FleetName(const Options& options) {
  if (options.provider.empty() || options.provider == kSharedProvider) {
    return std::string(kSharedProvider);
  }
  TRY_VOID(CheckProviderName(options.provider));
  const auto store = TRY(store::OpenSqliteStore(ProviderStoreFile(options.state_dir)));
  const auto state = TRY(ProviderBook(*store).Find(options.provider));
  if (!state) {
    return Fail(ErrorCode::kMissing, fmt::format("provider {}: there is none", options.provider),
                "assay provider list");
  }
  return state->provider.id;
}

Result<int> Print(const Options& options, const json::Value& value, const std::string& text) {
  fmt::print("{}", options.json ? json::WritePretty(value) + "\n" : text);
  return 0;
}

std::string Line(const Machine& machine) {
  const std::string last = machine.last.at == Time{} ? "never" : FormatTime(machine.last.at);
  return fmt::format("{:<32}  {:<11}  {:<20}  {:<16}  {}\n", machine.id, Name(machine.state), last,
                     machine.release.empty() ? "-" : machine.release, machine.name);
}

std::string Describe(const Machine& machine) {
  std::string out = fmt::format("machine {}\n  name      {}\n  state     {} since {}\n", machine.id,
                                machine.name, Name(machine.state), FormatTime(machine.since));
  out += fmt::format("  enrolled  {} by {}\n", FormatTime(machine.enrolled), machine.route);
  out += fmt::format("  release   {}\n",
                     machine.release.empty() ? "none: it must stay as it was" : machine.release);
  for (const std::string& one : machine.dns_names) out += "  dns       " + one + "\n";
  for (const std::string& one : machine.warnings) out += "  warning   " + one + "\n";
  for (const monitor::Drift& one : machine.drift) {
    out += fmt::format("  drift     {}\n              expected {}\n              found    {}\n",
                       one.what, one.expected, one.found);
    if (!one.detail.empty()) out += "              " + one.detail + "\n";
  }
  if (machine.last.at != Time{}) {
    out += fmt::format("  last good evidence {}: SHA-256 {}\n", FormatTime(machine.last.at),
                       machine.last.evidence_sha256);
  }
  return out;
}

// The machine when it has attested, or when its time is over. The service on this state folder
// receives the answer.
Result<Machine> AwaitAnswer(monitor::Fleet& fleet, Machine machine) {
  constexpr std::chrono::milliseconds kLook{200};
  const Time asked = machine.asked, due = machine.due;
  while (machine.asked == asked && Now() <= due) {
    std::this_thread::sleep_for(kLook);
    machine = TRY(fleet.Get(machine.id));
  }
  return machine;
}

// What was done with it is on the record before that is said.
Result<void> PutOnRecord(const Options& options, const Machine& machine, json::Object act) {
  if (!options.provider.empty()) act.emplace_back("provider", options.provider);
  return RecordLocalAct(options.state_dir, "machine " + machine.id, act, Now());
}

Result<int> Changed(const Options& options, const Machine& machine) {
  return Print(options, MachineJson(machine),
               fmt::format("machine {}: {}\n", machine.id, Name(machine.state)));
}

}  // namespace

Result<OpenFleet> OpenFleetOf(const Options& options) {
  const std::string file = MachineStoreFile(options.state_dir);
  if (!std::filesystem::exists(file)) {
    return Fail(ErrorCode::kMissing, file + ": there is none, so no machine is enrolled",
                "--state DIR names the state folder of a service with --watch-machines");
  }
  OpenFleet out;
  out.store = TRY(store::OpenSqliteStore(file));
  out.fleet = std::make_unique<monitor::Fleet>(*out.store, TRY(FleetName(options)),
                                               monitor::FleetOptions{});
  return out;
}

Result<int> RunFleetList(const Options& options) {
  const OpenFleet open = TRY(OpenFleetOf(options));
  json::Array machines;
  std::string text = fmt::format("{:<32}  {:<11}  {:<20}  {:<16}  {}\n", "MACHINE", "STATE",
                                 "LAST GOOD", "RELEASE", "NAME");
  std::string after;
  for (bool more = true; more;) {
    const auto page = TRY(open.fleet->machines().List(after, limits::kMachinesPage));
    for (const Machine& one : page) {
      if (!options.machine_state.empty() && Name(one.state) != options.machine_state) continue;
      machines.emplace_back(MachineJson(one));
      text += Line(one);
    }
    more = page.size() == limits::kMachinesPage;
    if (more) after = page.back().id;
  }
  return Print(options, json::Object{{"machines", std::move(machines)}}, text);
}

Result<int> RunFleetShow(const Options& options) {
  const OpenFleet open = TRY(OpenFleetOf(options));
  const Machine machine = TRY(open.fleet->Get(options.machine));
  const auto history = TRY(open.fleet->machines().History(machine.id));
  json::Object out = MachineJson(machine);
  out.emplace_back("history", HistoryJson(history));
  std::string text = Describe(machine) + "  history, the newest first\n";
  for (const monitor::MachineEvent& one : history) {
    text += fmt::format("    {}  {:<11}  {}\n", FormatTime(one.at), one.what, one.text);
  }
  return Print(options, std::move(out), text);
}

Result<int> RunFleetApprove(const Options& options) {
  const OpenFleet open = TRY(OpenFleetOf(options));
  std::optional<std::vector<std::string>> names;
  if (!options.machine_dns.empty()) names = options.machine_dns;
  json::Array dns(options.machine_dns.begin(), options.machine_dns.end());
  const Machine machine = TRY(open.fleet->Approve(options.machine, options.release, Now(), names));
  TRY_VOID(
      PutOnRecord(options, machine,
                  {{"act", "approve"}, {"release", options.release}, {"dns", std::move(dns)}}));
  return Changed(options, machine);
}

Result<int> RunFleetRevoke(const Options& options) {
  const OpenFleet open = TRY(OpenFleetOf(options));
  const Machine machine = TRY(open.fleet->Revoke(options.machine, options.reason, Now()));
  TRY_VOID(PutOnRecord(options, machine, {{"act", "revoke"}, {"reason", options.reason}}));
  return Changed(options, machine);
}

Result<int> RunFleetRecheck(const Options& options) {
  const OpenFleet open = TRY(OpenFleetOf(options));
  Machine machine =
      TRY(open.fleet->Recheck(options.machine, std::chrono::seconds(options.within), Now()));
  TRY_VOID(PutOnRecord(options, machine, {{"act", "recheck"}}));
  if (options.wait) machine = TRY(AwaitAnswer(*open.fleet, std::move(machine)));
  TRY(Changed(options, machine));
  const bool bad = options.wait && machine.state != monitor::MachineState::kTrusted;
  return bad ? kExitRefused : kExitTrusted;
}

}  // namespace assay::cli
