// GET /machines ..., POST /machines/{machine}:approve, :revoke and :recheck: a provider's machines
// for those who look after them.
#include <charconv>

#include "api/machine_json.h"

namespace assay {
namespace {

using monitor::Machine;

std::size_t MachinesPerPage(const HttpRequest& request) {
  const std::string_view text = request.Parameter("limit");
  std::size_t out = limits::kMachinesPage;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out == 0 ? limits::kMachinesPage : std::min(out, limits::kMachinesPage);
}

// "dns", if it is there: the names that its certificates may have.
Result<std::optional<std::vector<std::string>>> DnsNamesIn(const json::Value& body) {
  std::optional<std::vector<std::string>> out;
  if (body.Find("dns") == nullptr) return out;
  out.emplace();
  for (const json::Value& one : *TRY(body.List("dns", "body"))) {
    if (one.AsString() == nullptr) {
      return Fail(ErrorCode::kInvalidArgument, "dns: expected a list of names");
    }
    out->push_back(*one.AsString());
  }
  return out;
}

HttpResponse Answer(const Result<Machine>& machine) {
  if (!machine) return ToResponse(MachineError(machine.error()));
  return JsonResponse(MachineJson(*machine));
}

}  // namespace

// ?state=drifted, ?after=ID (the "next" of the page before), ?limit=N.
HttpResponse ListMachines(const Call& call) {
  monitor::Fleet& fleet = call.machines->FleetOf(call.service);
  const std::string_view state = call.request.Parameter("state");
  if (!state.empty()) {
    const auto known = monitor::ParseMachineState(state);
    if (!known) return ToResponse(MachineError(known.error()));
  }
  const std::string_view after = call.request.Parameter("after");
  const std::size_t limit = MachinesPerPage(call.request);
  const Result<std::vector<Machine>> page = fleet.machines().List(after, limit);
  if (!page) return ToResponse(MachineError(page.error()));
  json::Array machines;
  for (const Machine& one : *page) {
    if (state.empty() || Name(one.state) == state) machines.emplace_back(MachineSummary(one));
  }
  json::Object out{{"machines", std::move(machines)}};
  if (page->size() == limit) out.emplace_back("next", page->back().id);
  return JsonResponse(std::move(out));
}

HttpResponse GetMachine(const Call& call) {
  return Answer(call.machines->FleetOf(call.service).Get(call.parameter));
}

HttpResponse GetMachineHistory(const Call& call) {
  monitor::Fleet& fleet = call.machines->FleetOf(call.service);
  const Result<Machine> machine = fleet.Get(call.parameter);
  if (!machine) return ToResponse(MachineError(machine.error()));
  const auto events = fleet.machines().History(machine->id);
  if (!events) return ToResponse(MachineError(events.error()));
  return JsonResponse(json::Object{{"machine", machine->id}, {"history", HistoryJson(*events)}});
}

HttpResponse ApproveMachine(const Call& call) {
  const Result<json::Value> body = BodyOf(call.request);
  if (!body) return ToResponse(MachineError(body.error()));
  const auto names = DnsNamesIn(*body);
  if (!names) return ToResponse(MachineError(names.error()));
  return Answer(
      call.machines->FleetOf(call.service)
          .Approve(call.parameter, OptionalText(*body, "release"), call.machines->now(), *names));
}

HttpResponse RevokeMachine(const Call& call) {
  const Result<json::Value> body = BodyOf(call.request);
  if (!body) return ToResponse(MachineError(body.error()));
  return Answer(call.machines->FleetOf(call.service)
                    .Revoke(call.parameter, OptionalText(*body, "reason"), call.machines->now()));
}

// {"within": SECONDS}; without it, the time between two attestations.
HttpResponse RecheckMachine(const Call& call) {
  const Result<json::Value> body = BodyOf(call.request);
  if (!body) return ToResponse(MachineError(body.error()));
  monitor::Fleet& fleet = call.machines->FleetOf(call.service);
  std::chrono::seconds within = fleet.options().interval;
  if (body->Find("within") != nullptr) {
    const Result<std::int64_t> seconds = body->Int("within", "body");
    if (!seconds) return ToResponse(MachineError(seconds.error()));
    within = std::chrono::seconds(*seconds);
  }
  return Answer(fleet.Recheck(call.parameter, within, call.machines->now()));
}

}  // namespace assay
