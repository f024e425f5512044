#include "monitor/ak_index.h"

#include <fmt/format.h>

#include "monitor/machine_book.h"

namespace assay::monitor {
namespace {

bool IsSpki(std::string_view text) {
  constexpr std::size_t kDigits = 64;
  return text.size() == kDigits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

Bytes AkIndexKey(std::string_view ak_spki, std::string_view fleet) {
  return ToBytes(AsBytes(fmt::format("machine-ak/{}/{}", ak_spki, fleet)));
}

store::Put AkIndexEntry(const Machine& machine, std::string_view fleet) {
  return {AkIndexKey(machine.ak_spki, fleet), ToBytes(AsBytes(machine.id))};
}

Result<std::vector<Machine>> MachinesOfAk(store::Store& store, std::string_view ak_spki) {
  std::vector<Machine> out;
  if (!IsSpki(ak_spki)) return out;
  const Bytes prefix = AkIndexKey(ak_spki, {});
  for (const store::Entry& entry : TRY(store::ScanAll(store, prefix))) {
    const std::string_view fleet = AsText(View(entry.key).subspan(prefix.size()));
    auto machine = TRY(MachineBook(store, fleet, false).Find(AsText(entry.value)));
    if (machine) out.push_back(std::move(*machine));
  }
  return out;
}

}  // namespace assay::monitor
