#include "api/machine_service.h"

#include "base/encoding.h"
#include "base/limits.h"
#include "monitor/ak_index.h"

namespace assay {
namespace {

// How old what is said of a whole fleet may be.
constexpr std::chrono::seconds kSurveyLife{5};

}  // namespace

MachineService::MachineService(store::Store& store, MachineServiceOptions options,
                               monitor::Challenges challenges,
                               std::unique_ptr<monitor::Enrolment> enrolment)
    : store_(store),
      options_(std::move(options)),
      challenges_(std::move(challenges)),
      enrolment_(std::move(enrolment)),
      boot_logs_(limits::kVerifyCacheEntries) {}

Result<std::unique_ptr<MachineService>> MachineService::Make(store::Store& store,
                                                             MachineServiceOptions options) {
  if (options.collateral == nullptr) options.collateral = std::make_shared<const Collateral>();
  monitor::Challenges challenges = TRY(monitor::Challenges::Make());
  auto enrolment = TRY(monitor::Enrolment::Make(options.enrolment));
  return std::unique_ptr<MachineService>(
      new MachineService(store, std::move(options), std::move(challenges), std::move(enrolment)));
}

monitor::Fleet& MachineService::FleetNamed(const std::string& name) {
  const std::lock_guard lock(mutex_);
  Known& known = fleets_[name];
  if (known.fleet == nullptr) {
    known.fleet = std::make_unique<monitor::Fleet>(store_, name, options_.fleet);
  }
  return *known.fleet;
}

monitor::Fleet& MachineService::FleetOf(const AttestService& service) {
  return FleetNamed(service.fleet());
}

std::vector<monitor::Fleet*> MachineService::Fleets() {
  FleetNamed(AttestServiceOptions().fleet);
  const std::lock_guard lock(mutex_);
  std::vector<monitor::Fleet*> out;
  for (const auto& [name, known] : fleets_) out.push_back(known.fleet.get());
  return out;
}

Result<std::vector<monitor::Machine>> MachineService::MachinesOfAk(std::string_view ak_spki) {
  return monitor::MachinesOfAk(store_, ak_spki);
}

std::shared_ptr<const Bytes> MachineService::BootLog(monitor::Fleet& fleet,
                                                     const monitor::Machine& machine) {
  const std::string& digest = machine.last.event_log_sha256;
  if (digest.empty()) return nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (const auto* known = boot_logs_.Find(digest)) return *known;
  }
  Result<Bytes> log = fleet.machines().BootLog(machine.id);
  if (!log || HexEncode(Sha256(*log)) != digest) return nullptr;
  auto out = std::make_shared<const Bytes>(std::move(*log));
  const std::lock_guard lock(mutex_);
  boot_logs_.Put(digest, out);
  return out;
}

Result<monitor::Survey> MachineService::SurveyOf(monitor::Fleet& fleet) {
  const Time now = options_.clock();
  const std::uint64_t version = TRY(store_.Version());
  {
    const std::lock_guard lock(mutex_);
    const Known& known = fleets_[fleet.name()];
    const bool fresh = known.version == version || now < known.surveyed + kSurveyLife;
    if (known.survey && fresh) return *known.survey;
  }
  // Nobody is called unreachable here: that is the monitor's part.
  monitor::Survey survey = TRY(fleet.Inspect(now, now));
  const std::lock_guard lock(mutex_);
  Known& known = fleets_[fleet.name()];
  known.survey = survey;
  known.version = version;
  known.surveyed = now;
  return survey;
}

Result<void> MachineService::Inspect(Time up_since) {
  for (monitor::Fleet* const fleet : Fleets()) {
    // Before the pass: what changes during it is looked at again.
    const std::uint64_t version = TRY(store_.Version());
    monitor::Survey survey = TRY(fleet->Inspect(options_.clock(), up_since));
    const std::lock_guard lock(mutex_);
    Known& known = fleets_[fleet->name()];
    known.survey = std::move(survey);
    known.version = version;
    known.surveyed = options_.clock();
  }
  return {};
}

std::string ChallengeSubject(const monitor::Fleet& fleet, std::string_view machine) {
  return fleet.name() + "/" + std::string(machine);
}

}  // namespace assay
