// A TPM 2.0 inside this process, by libtpms: new each time, its state in memory. One at a time.
#pragma once

#include <tss2/tss2_tcti.h>

namespace assay {

class SoftTpm {
 public:
  SoftTpm();  // manufactured and started up
  ~SoftTpm();
  SoftTpm(const SoftTpm&) = delete;
  SoftTpm& operator=(const SoftTpm&) = delete;

  TSS2_TCTI_CONTEXT* transport();
  // Power off and on: PCRs start anew, resetCount goes up.
  void Reboot();
  // Another TPM takes its place.
  void Replace();
};

}  // namespace assay
