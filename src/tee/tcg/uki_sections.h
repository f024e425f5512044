// The sections of a unified kernel image as systemd-stub measured them into PCR 11.
//
// Source: systemd-stub(7), systemd-measure(1), UAPI.5: for each section its name with a NUL, then
// its content.
#pragma once

#include <string_view>
#include <vector>

#include "tee/tcg/event_log.h"

namespace assay::tcg {

struct UkiSection {
  std::string_view name;  // ".linux"
  View digest;            // of its content, in the bank that was asked for
};

struct UkiSections {
  std::vector<UkiSection> sections;  // in the order of measurement
  // Events of PCR 11 that are no section: a name without content, a name again, anything else.
  std::size_t unexplained = 0;
};

// By the digests alone, which are what the PCR holds: what the log says beside them does not count.
UkiSections ReadUkiSections(const EventLog& log, HashAlgorithm bank);

}  // namespace assay::tcg
