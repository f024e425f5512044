// Which machines an attestation key is of, at all providers: a token that does not name a machine
// names its key, and a key is of one machine whatever it is enrolled as.
//
//   machine-ak/SPKI/FLEET   the machine's id; SPKI as in Machine::ak_spki
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "monitor/machine.h"
#include "store/store.h"

namespace assay::monitor {

Bytes AkIndexKey(std::string_view ak_spki, std::string_view fleet);
store::Put AkIndexEntry(const Machine& machine, std::string_view fleet);

// Empty if no provider enrolled it, or if the text is no such digest.
Result<std::vector<Machine>> MachinesOfAk(store::Store& store, std::string_view ak_spki);

}  // namespace assay::monitor
