// How a virtual machine of Azure booted, under the names of Azure's tokens for guests (azure-docs,
// confidential-computing/guest-attestation-confidential-vms.md).
#pragma once

#include "base/json.h"
#include "evidence/claims.h"

namespace assay {

// Of what Windows states only if it was stated: Azure's tokens say "false" of Linux, too.
void AddGuestBoot(const Claims& claims, json::Object& out);

}  // namespace assay
