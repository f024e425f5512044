// The machines of providers in the store. `fleet` names one provider's: "shared", or the id of a
// custom one, so that a later provider of the same name does not inherit them.
//
//   machine/FLEET/ID             the machine
//   machine-log/FLEET/ID/NUMBER  its history
//   machine-boot/FLEET/ID        the firmware log of its last good evidence
//   machine-ak/SPKI/FLEET        its id, by its key (ak_index.h)
//   machine-count/FLEET          indices given in the status list
//   webhook/TIME/FLEET/ID/NUMBER what webhooks are to be told (webhook.h), if they are
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/machine.h"
#include "store/store.h"

namespace assay::monitor {

// Holds nothing but a reference: make one where it is needed.
class MachineBook {
 public:
  // `announce`: each line of a history becomes a message to webhooks, in the same commit.
  MachineBook(store::Store& store, std::string_view fleet, bool announce)
      : store_(store), fleet_(fleet), announce_(announce) {}

  Result<std::optional<Machine>> Find(std::string_view id);
  // By id, behind `after`; at most limits::kMachinesPage.
  Result<std::vector<Machine>> List(std::string_view after, std::size_t limit);
  // The newest first.
  Result<std::vector<MachineEvent>> History(std::string_view id);
  // Empty if there is none.
  Result<Bytes> BootLog(std::string_view id);

  // Gives it an index. kConflict if there is one with that id.
  Result<Machine> Create(Machine machine, const MachineEvent& event);
  // kConflict if the machine is no longer as it was read. `boot_log` is left as it is when empty.
  Result<void> Update(const Machine& machine, const std::vector<MachineEvent>& events,
                      View boot_log = {});

 private:
  std::string Key(std::string_view kind, std::string_view id) const;
  void AddEvents(Machine& machine, const std::vector<MachineEvent>& events,
                 store::Batch& batch) const;

  store::Store& store_;
  const std::string fleet_;
  const bool announce_;
};

}  // namespace assay::monitor
