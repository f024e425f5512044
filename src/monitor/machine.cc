#include "monitor/machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/signing_request.h"

namespace assay::monitor {
namespace {

constexpr std::array<std::string_view, 7> kStates = {
    "pending", "approved", "trusted", "drifted", "unreachable", "revoked", "asked"};
constexpr std::size_t kIdDigits = 32;

tl::unexpected<Error> MalformedMachine(std::string_view what) {
  return Fail(ErrorCode::kMalformed, "store: machine: " + std::string(what));
}

json::Object PcrsJson(const tcg::PcrValues& values) {
  json::Object out;
  for (const auto& [pcr, value] : values) out.emplace_back(std::to_string(pcr), HexEncode(value));
  return out;
}

Result<tcg::PcrValues> PcrsFrom(const json::Value& document) {
  tcg::PcrValues out;
  const json::Value* const values = document.Find("pcrs");
  if (values == nullptr || values->AsObject() == nullptr) return MalformedMachine("expected PCRs");
  for (const auto& [name, value] : *values->AsObject()) {
    std::uint32_t pcr = 0;
    const auto end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data(), end, pcr);
    if (error != std::errc() || stop != end || value.AsString() == nullptr) {
      return MalformedMachine("expected a PCR and its value");
    }
    out[pcr] = TRY(HexDecode(*value.AsString()));
  }
  return out;
}

Result<std::vector<Drift>> DriftFrom(const json::Value& document) {
  std::vector<Drift> out;
  for (const json::Value& one : *TRY(document.List("drift", "machine"))) {
    Drift drift;
    drift.what = TRY(one.String("what", "drift"));
    drift.expected = TRY(one.String("expected", "drift"));
    drift.found = TRY(one.String("found", "drift"));
    if (one.Find("detail") != nullptr) drift.detail = TRY(one.String("detail", "drift"));
    out.push_back(std::move(drift));
  }
  return out;
}

json::Object SightingJson(const Sighting& sighting) {
  return {{"at", FormatTime(sighting.at)},
          {"evidence_sha256", sighting.evidence_sha256},
          {"event_log_sha256", sighting.event_log_sha256},
          {"reset_count", sighting.reset_count},
          {"ima_entries", sighting.ima_entries},
          {"bank", sighting.bank},
          {"pcrs", PcrsJson(sighting.pcrs)}};
}

Result<Sighting> SightingFrom(const json::Value& document) {
  Sighting out;
  out.at = TRY(ParseTime(TRY(document.String("at", "machine.last"))));
  out.evidence_sha256 = TRY(document.String("evidence_sha256", "machine.last"));
  out.event_log_sha256 = TRY(document.String("event_log_sha256", "machine.last"));
  out.reset_count = TRY(document.Int("reset_count", "machine.last"));
  out.ima_entries = static_cast<std::uint64_t>(TRY(document.Int("ima_entries", "machine.last")));
  out.bank = TRY(document.String("bank", "machine.last"));
  out.pcrs = TRY(PcrsFrom(document));
  return out;
}

Result<std::vector<std::string>> TextsIn(const json::Value& document, std::string_view name) {
  std::vector<std::string> out;
  for (const json::Value& one : *TRY(document.List(name, "machine"))) {
    if (one.AsString() == nullptr) return MalformedMachine("expected a list of texts");
    out.push_back(*one.AsString());
  }
  return out;
}

json::Array TextsJson(const std::vector<std::string>& texts) {
  json::Array out;
  for (const std::string& one : texts) out.emplace_back(one);
  return out;
}

// Who it is, as enrolment found it.
Result<void> ReadIdentity(const json::Value& document, Machine& out) {
  out.id = TRY(document.String("machine", "machine"));
  out.name = TRY(document.String("name", "machine"));
  out.ak_name = TRY(HexDecode(TRY(document.String("ak_name", "machine"))));
  out.route = TRY(document.String("route", "machine"));
  out.vouched_by = TRY(document.String("vouched_by", "machine"));
  out.warnings = TRY(TextsIn(document, "warnings"));
  if (document.Find("ak_spki") != nullptr) out.ak_spki = TRY(document.String("ak_spki", "machine"));
  if (document.Find("dns_names") != nullptr) {
    out.dns_names = TRY(TextsIn(document, "dns_names"));
  }
  out.enrolled = TRY(ParseTime(TRY(document.String("enrolled", "machine"))));
  out.index = static_cast<std::uint64_t>(TRY(document.Int("index", "machine")));
  return {};
}

}  // namespace

std::string_view Name(MachineState state) { return kStates[static_cast<std::size_t>(state)]; }

Result<MachineState> ParseMachineState(std::string_view name) {
  const auto found = std::find(kStates.begin(), kStates.end(), name);
  if (found == kStates.end()) {
    return Fail(ErrorCode::kInvalidArgument,
                "state: expected pending, approved, trusted, asked, drifted, unreachable or "
                "revoked, found \"" +
                    std::string(name.substr(0, 32)) + "\"");
  }
  return static_cast<MachineState>(found - kStates.begin());
}

std::string MachineId(View ak_name) {
  constexpr std::size_t kAlgorithm = 2;
  const View digest = ak_name.subspan(std::min(ak_name.size(), kAlgorithm));
  return HexEncode(digest).substr(0, kIdDigits);
}

bool IsMachineId(std::string_view text) {
  return text.size() == kIdDigits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<void> CheckDnsNames(const std::vector<std::string>& names) {
  if (names.size() > limits::kMachineDnsNames) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("dns: expected at most {} names", limits::kMachineDnsNames));
  }
  for (const std::string& name : names) {
    if (IsDnsName(name)) continue;
    return Fail(ErrorCode::kInvalidArgument,
                "dns: expected a host name such as db.example, found " + name.substr(0, 100));
  }
  return {};
}

json::Array DriftJson(const std::vector<Drift>& drift) {
  json::Array out;
  for (const Drift& one : drift) {
    json::Object entry{{"what", one.what}, {"expected", one.expected}, {"found", one.found}};
    if (!one.detail.empty()) entry.emplace_back("detail", one.detail);
    out.emplace_back(std::move(entry));
  }
  return out;
}

json::Array HistoryJson(const std::vector<MachineEvent>& history) {
  json::Array out;
  for (const MachineEvent& one : history) {
    out.emplace_back(
        json::Object{{"at", FormatTime(one.at)}, {"what", one.what}, {"text", one.text}});
  }
  return out;
}

json::Object MachineJson(const Machine& machine) {
  json::Object out{{"machine", machine.id},
                   {"name", machine.name},
                   {"state", Name(machine.state)},
                   {"since", FormatTime(machine.since)},
                   {"route", machine.route},
                   {"warnings", TextsJson(machine.warnings)},
                   {"vouched_by", machine.vouched_by},
                   {"ak_name", HexEncode(machine.ak_name)},
                   {"ak_spki", machine.ak_spki},
                   {"dns_names", TextsJson(machine.dns_names)},
                   {"enrolled", FormatTime(machine.enrolled)},
                   {"index", machine.index},
                   {"release", machine.release},
                   {"learned", machine.learned},
                   {"baseline", json::Object{{"pcrs", PcrsJson(machine.baseline)}}},
                   {"drift", DriftJson(machine.drift)},
                   {"last", SightingJson(machine.last)},
                   {"events", machine.events}};
  if (machine.asked != Time{}) {
    out.emplace_back("asked", FormatTime(machine.asked));
    out.emplace_back("due", FormatTime(machine.due));
  }
  return out;
}

Result<Machine> MachineFromJson(std::string_view text) {
  const json::Value document = TRY(json::Parse(text));
  Machine out;
  TRY_VOID(ReadIdentity(document, out));
  out.state = TRY(ParseMachineState(TRY(document.String("state", "machine"))));
  out.since = TRY(ParseTime(TRY(document.String("since", "machine"))));
  out.release = TRY(document.String("release", "machine"));
  const json::Value* const learned = document.Find("learned");
  out.learned = learned != nullptr && learned->AsBool() != nullptr && *learned->AsBool();
  const json::Value* const baseline = document.Find("baseline");
  const json::Value* const last = document.Find("last");
  if (baseline == nullptr || last == nullptr) return MalformedMachine("expected baseline and last");
  out.baseline = TRY(PcrsFrom(*baseline));
  out.drift = TRY(DriftFrom(document));
  out.last = TRY(SightingFrom(*last));
  out.events = static_cast<std::uint64_t>(TRY(document.Int("events", "machine")));
  if (document.Find("asked") != nullptr) {
    out.asked = TRY(ParseTime(TRY(document.String("asked", "machine"))));
    out.due = TRY(ParseTime(TRY(document.String("due", "machine"))));
  }
  return out;
}

}  // namespace assay::monitor
