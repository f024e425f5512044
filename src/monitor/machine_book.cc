#include "monitor/machine_book.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "monitor/ak_index.h"
#include "monitor/webhook.h"

namespace assay::monitor {
namespace {

Bytes Raw(std::string_view text) { return ToBytes(AsBytes(text)); }

store::Put PutJson(std::string_view key, json::Value value) {
  return {Raw(key), Raw(json::Write(value))};
}

Result<Machine> MachineOf(const store::Entry& entry) {
  Machine out = TRY(MachineFromJson(AsText(entry.value)));
  out.version = entry.version;
  return out;
}

Result<MachineEvent> EventOf(const store::Entry& entry) {
  const json::Value document = TRY(json::Parse(AsText(entry.value)));
  MachineEvent out;
  out.at = TRY(ParseTime(TRY(document.String("at", "history"))));
  out.what = TRY(document.String("what", "history"));
  out.text = TRY(document.String("text", "history"));
  return out;
}

std::string Numbered(std::string_view prefix, std::uint64_t number) {
  return fmt::format("{}/{:012}", prefix, number);
}

}  // namespace

std::string MachineBook::Key(std::string_view kind, std::string_view id) const {
  return fmt::format("{}/{}/{}", kind, fleet_, id);
}

Result<std::optional<Machine>> MachineBook::Find(std::string_view id) {
  const auto entry = TRY(store_.Get(Raw(Key("machine", id))));
  if (!entry) return std::nullopt;
  return TRY(MachineOf(*entry));
}

Result<std::vector<Machine>> MachineBook::List(std::string_view after, std::size_t limit) {
  const Bytes behind = after.empty() ? Bytes() : Raw(Key("machine", after));
  std::vector<Machine> out;
  for (const store::Entry& entry :
       TRY(store_.Scan(Raw(Key("machine", "")), behind, std::min(limit, limits::kMachinesPage)))) {
    out.push_back(TRY(MachineOf(entry)));
  }
  return out;
}

Result<std::vector<MachineEvent>> MachineBook::History(std::string_view id) {
  std::vector<MachineEvent> out;
  for (const store::Entry& entry : TRY(store::ScanAll(store_, Raw(Key("machine-log", id) + "/")))) {
    out.push_back(TRY(EventOf(entry)));
  }
  std::reverse(out.begin(), out.end());
  return out;
}

Result<Bytes> MachineBook::BootLog(std::string_view id) {
  const auto entry = TRY(store_.Get(Raw(Key("machine-boot", id))));
  return entry ? entry->value : Bytes();
}

// The entry that the newest one pushes out goes in the same commit.
void MachineBook::AddEvents(Machine& machine, const std::vector<MachineEvent>& events,
                            store::Batch& batch) const {
  const std::string prefix = Key("machine-log", machine.id);
  for (const MachineEvent& event : events) {
    const std::uint64_t number = machine.events++;
    batch.puts.push_back(PutJson(
        Numbered(prefix, number),
        json::Object{{"at", FormatTime(event.at)}, {"what", event.what}, {"text", event.text}}));
    if (announce_) batch.puts.push_back(AnnouncementOf(fleet_, machine, event, number));
    if (number >= limits::kMachineHistory) {
      batch.deletes.push_back(Raw(Numbered(prefix, number - limits::kMachineHistory)));
    }
  }
}

Result<Machine> MachineBook::Create(Machine machine, const MachineEvent& event) {
  const Bytes counter = Raw("machine-count/" + fleet_);
  const auto count = TRY(store_.Get(counter));
  machine.index = 0;
  if (count) {
    const json::Value number = TRY(json::Parse(AsText(count->value)));
    if (number.AsInt() == nullptr) {
      return Fail(ErrorCode::kMalformed, "store: expected the number of machines");
    }
    machine.index = static_cast<std::uint64_t>(*number.AsInt());
  }
  if (machine.index >= limits::kMachines) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("a provider watches at most {} machines", limits::kMachines));
  }
  store::Batch batch;
  batch.expectations.push_back({counter, count ? count->version : 0});
  batch.expectations.push_back({Raw(Key("machine", machine.id)), 0});
  AddEvents(machine, {event}, batch);
  batch.puts.push_back(
      PutJson("machine-count/" + fleet_, static_cast<std::int64_t>(machine.index + 1)));
  batch.puts.push_back(PutJson(Key("machine", machine.id), MachineJson(machine)));
  if (!machine.ak_spki.empty()) batch.puts.push_back(AkIndexEntry(machine, fleet_));
  machine.version = TRY(store_.Commit(batch));
  return machine;
}

Result<void> MachineBook::Update(const Machine& machine, const std::vector<MachineEvent>& events,
                                 View boot_log) {
  Machine after = machine;
  store::Batch batch;
  batch.expectations.push_back({Raw(Key("machine", machine.id)), machine.version});
  AddEvents(after, events, batch);
  batch.puts.push_back(PutJson(Key("machine", machine.id), MachineJson(after)));
  if (machine.ak_is_new) batch.puts.push_back(AkIndexEntry(machine, fleet_));
  if (!boot_log.empty()) {
    batch.puts.push_back({Raw(Key("machine-boot", machine.id)), ToBytes(boot_log)});
  }
  TRY(store_.Commit(batch));
  return {};
}

}  // namespace assay::monitor
