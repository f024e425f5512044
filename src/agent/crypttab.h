// systemd-cryptsetup asks for a key: which volume is it about?
//
// Sources: crypttab(5) of systemd 252, "AF_UNIX KEY FILES": the caller's socket has an abstract
// name that holds "/cryptsetup/VOLUME"; and its fields.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace assay::agent {

// Of the connection on that descriptor.
Result<std::string> VolumeOfPeer(int descriptor);
// Of the socket name, whose first byte is zero.
Result<std::string> VolumeInSocketName(std::string_view name);

// The device of that volume, as a path: "UUID=..." and the like lead below /dev/disk.
Result<std::string> DeviceInCrypttab(std::string_view crypttab, std::string_view volume);

}  // namespace assay::agent
