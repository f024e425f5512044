// Does an event's data belong to the digest that was extended? A log whose data was altered and
// whose digests were kept replays perfectly: only data whose digest was recomputed may be believed.
#pragma once

#include <optional>

#include "tee/tcg/event_log.h"

namespace assay::tcg {

enum class DataBinding {
  kBound,     // the digest is that of the data, in a way the event's type defines
  kOpaque,    // the type's digest is of something that is not in the log, an image for example
  kMismatch,  // the type defines its digest over the data, and it is another
};

// Judged in each bank that the event has; one mismatch decides. Sources: PFP 1.06 table 27 for the
// events of firmware, the GRUB manual ("Measured Boot") for EV_IPL, systemd-stub(7) for the strings
// of PCR 11 and 12.
DataBinding BindingOf(const Event& event);

// Every digest of the event is of those bytes.
bool DigestIsOf(const Event& event, View preimage);

// The digest is that of the data as a whole, whatever the type says.
bool DigestsItsData(const Event& event);

// The part of an event's text that was extended: shim and systemd measure the whole, with or
// without its NUL, GRUB what stands behind a prefix ("kernel_cmdline: ", "grub_cmd "). The prefix
// itself is not measured: whoever keeps the log can rename it. Nothing if the digest is of
// something else.
std::optional<View> MeasuredText(const Event& event);

}  // namespace assay::tcg
