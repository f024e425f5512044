// What GRUB measures: each command that it runs and the kernel's command line into PCR 8, each file
// that it reads into PCR 9.
//
// Sources: GRUB manual 2.12, "Measuring boot components" and "Quoting"; order and texts observed in
// the event logs of GRUB 2.06.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "measure/expected_event.h"
#include "measure/pe_image.h"

namespace assay::measure {

struct GrubBoot {
  // What GRUB runs before it reads the configuration, as measured; the last reads that file.
  std::vector<std::string> preamble;
  std::string_view config;
  Digests config_digests, kernel_digests, initrd_digests;  // of the files
};

// Only a straight list of linux, initrd, set, echo, sleep and boot can be predicted: variables,
// conditions, functions, menus and commands that read other files are errors that name the line.
// The one kernel and the initrd, if it names one, are the files of `boot`.
Result<ExpectedEvents> GrubEvents(const GrubBoot& boot, const Banks& banks);

// The preamble of a GRUB that holds Debian's embedded configuration, when it started from `device`
// ("hd0", "hd0,gpt1"), and has its configuration at the prefix that is built into it. An error for
// any other GRUB: give its commands.
Result<std::vector<std::string>> DebianPreamble(const PeImage& grub, std::string_view device);

}  // namespace assay::measure
