#include "monitor/judgement.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/limits.h"
#include "monitor/log_diff.h"
#include "monitor/reference.h"

namespace assay::monitor {
namespace {

const json::Value* Find(const Claims& claims, std::string_view name) {
  const auto found = std::find_if(claims.begin(), claims.end(),
                                  [name](const json::Member& one) { return one.first == name; });
  return found == claims.end() ? nullptr : &found->second;
}

std::string TextOf(const Claims& claims, std::string_view name) {
  const json::Value* const value = Find(claims, name);
  return value != nullptr && value->AsString() != nullptr ? *value->AsString() : std::string();
}

std::int64_t NumberOf(const Claims& claims, std::string_view name) {
  const json::Value* const value = Find(claims, name);
  return value != nullptr && value->AsInt() != nullptr ? *value->AsInt() : 0;
}

// Claims of the verifier's own making (tee/tpm/claims.cc): what does not fit its form is left out,
// and a PCR left out is a difference.
tcg::PcrValues PcrsOf(const Claims& claims) {
  tcg::PcrValues out;
  const json::Value* const pcrs = Find(claims, "pcrs");
  if (pcrs == nullptr || pcrs->AsObject() == nullptr) return out;
  for (const auto& [name, value] : *pcrs->AsObject()) {
    const auto bytes =
        value.AsString() != nullptr ? HexDecode(*value.AsString()) : Result<Bytes>(Bytes());
    if (bytes) out[static_cast<std::uint32_t>(std::stoul(name))] = *bytes;
  }
  return out;
}

Sighting SightingOf(const Observation& seen) {
  Sighting out;
  out.at = seen.at;
  out.evidence_sha256 = seen.evidence_sha256;
  out.event_log_sha256 = seen.event_log_sha256;
  out.reset_count = NumberOf(seen.claims, "tpm_reset_count");
  out.ima_entries = static_cast<std::uint64_t>(NumberOf(seen.claims, "ima_entries_quoted"));
  out.bank = TextOf(seen.claims, "pcr_bank");
  out.pcrs = PcrsOf(seen.claims);
  return out;
}

// Says of each PCR that differs which event is behind it.
void Explain(const Observation& seen, tcg::HashAlgorithm bank, std::vector<Drift>& drift) {
  if (seen.log == nullptr || seen.log_before == nullptr) return;
  for (Drift& one : drift) {
    if (!one.what.starts_with("PCR ") || one.what == "PCR bank") continue;
    const auto pcr = static_cast<std::uint32_t>(std::stoul(one.what.substr(4)));
    one.detail = FirstDifference(*seen.log_before, *seen.log, pcr, bank);
  }
}

std::vector<Drift> CompareWith(const Release* release, const Machine& machine,
                               const Observation& seen, const Sighting& now) {
  const auto bank = tcg::HashAlgorithmNamed(now.bank);
  if (!bank) return {{"PCR bank", "a bank that is quoted", "none", {}}};
  std::vector<Drift> out = ComparePcrs(release, machine, *bank, now.pcrs);
  Explain(seen, *bank, out);
  if (release == nullptr) return out;
  // Whoever has something to hide would leave out the whole list.
  if (release->files && Find(seen.claims, "ima_entries_quoted") == nullptr) {
    out.push_back({"IMA list", "one that leads to PCR 10, as the release lists files", "none", {}});
  }
  for (auto&& part : {CompareFiles(*release, seen.files), CompareValidity(*release, seen.at)}) {
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

std::string Summary(const std::vector<Drift>& drift) {
  std::string out;
  constexpr std::size_t kNamed = 4;
  for (std::size_t i = 0; i < std::min(drift.size(), kNamed); ++i) {
    out += (out.empty() ? "" : ", ") + drift[i].what;
    if (!drift[i].detail.empty()) out += " (" + drift[i].detail + ")";
  }
  if (drift.size() > kNamed) out += fmt::format(" and {} more", drift.size() - kNamed);
  return out;
}

void Enter(MachineState state, const Observation& seen, std::string text, Judgement& out) {
  if (out.after.state == state) return;
  out.after.state = state;
  out.after.since = seen.at;
  out.events.push_back({seen.at, std::string(Name(state)), std::move(text)});
}

void MarkDrifted(const Observation& seen, std::vector<Drift> drift, Judgement& out) {
  if (drift.size() > limits::kDriftReasons) drift.resize(limits::kDriftReasons);
  const std::string summary = Summary(drift);
  const bool other = summary != Summary(out.after.drift);
  const bool was_drifted = out.after.state == MachineState::kDrifted;
  Enter(MachineState::kDrifted, seen, summary, out);
  if (was_drifted && other) out.events.push_back({seen.at, "drifted", summary});
  out.after.drift = std::move(drift);
}

// Of a machine that was enrolled before its key was kept so.
void LearnKey(const Observation& seen, Machine& machine) {
  const json::Value* const spki = Find(seen.claims, "ak_spki");
  if (!machine.ak_spki.empty() || spki == nullptr || spki->AsString() == nullptr) return;
  machine.ak_spki = *spki->AsString();
  machine.ak_is_new = true;
}

void MarkTrusted(const Observation& seen, Sighting now, const Release* release, Judgement& out) {
  Machine& machine = out.after;
  const bool first = machine.last.at == Time{};
  if (!first && now.reset_count != machine.last.reset_count) {
    out.events.push_back(
        {seen.at, "rebooted",
         fmt::format("reset count {}, was {}", now.reset_count, machine.last.reset_count)});
  }
  if (!machine.learned) {
    const auto bank = tcg::HashAlgorithmNamed(now.bank);
    if (bank) machine.baseline = Learn(release, *bank, now.pcrs);
    machine.learned = true;
  }
  machine.last = std::move(now);
  LearnKey(seen, machine);
  machine.drift.clear();
  out.trusted = true;
  const bool asked = machine.state == MachineState::kAsked;
  Enter(MachineState::kTrusted, seen,
        first   ? "first evidence"
        : asked ? "it attested as it was asked to"
                : "its evidence is good again",
        out);
}

}  // namespace

Judgement Judge(const Machine& before, const Observation& observation, const Releases& releases) {
  Judgement out{before, {}, false, false};
  out.after.asked = out.after.due = {};
  if (!observation.failed.empty()) {
    MarkDrifted(observation, observation.failed, out);
    return out;
  }
  Sighting now = SightingOf(observation);
  std::vector<Drift> drift = CompareWith(releases.current, before, observation, now);
  if (drift.empty()) {
    MarkTrusted(observation, std::move(now), releases.current, out);
    return out;
  }
  if (releases.successor != nullptr) {
    // What was learned belongs to the release it was learned under.
    Machine moved = before;
    moved.learned = false;
    moved.baseline.clear();
    if (CompareWith(releases.successor, moved, observation, now).empty()) {
      out.after = std::move(moved);
      out.after.release = releases.successor->name;
      out.moved = true;
      out.events.push_back(
          {observation.at, "moved",
           fmt::format("from release {} to {}", before.release, releases.successor->name)});
      MarkTrusted(observation, std::move(now), releases.successor, out);
      return out;
    }
  }
  MarkDrifted(observation, std::move(drift), out);
  return out;
}

}  // namespace assay::monitor
