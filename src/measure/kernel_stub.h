// What the EFI stub of a Linux kernel measures: its command line, and its initrd, which counts as
// the file is. Source: Linux drivers/firmware/efi/libstub/efi-stub-helper.c (since 6.1).
#pragma once

#include <string_view>

#include "measure/expected_event.h"

namespace assay::measure {

// In UTF-16 with its NUL. An error for what is not ASCII: boot loaders decode that in several ways.
Result<ExpectedEvent> CommandLineEvent(std::uint32_t pcr, std::string_view command_line,
                                       const Banks& banks);

}  // namespace assay::measure
