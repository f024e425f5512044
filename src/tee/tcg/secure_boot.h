// The Secure Boot state that a log proves: what PCR 7 was extended with (PFP 1.06 §3.3.4.8).
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "tee/tcg/event_log.h"
#include "tee/tcg/uefi.h"

namespace assay::tcg {

// What allowed an image to start, in the order in which it was first used.
struct Authority {
  bool before_separator = false;  // drivers and option ROMs; otherwise boot loaders and later
  std::string variable;           // "db", "Shim", "MokList", "SbatLevel"
  Guid vendor{};
  View data;  // db: EFI_SIGNATURE_DATA; SbatLevel: text; shim's: a certificate or a list
};

struct SecureBoot {
  bool enabled = false;
  std::vector<SignatureEntry> pk, kek, db, dbx;
  std::vector<Authority> authorities;
};

// An error when the log does not say it beyond doubt: no SecureBoot variable before the separator
// of PCR 7, more than one, one of the databases twice, one measured after the separator, or data
// that does not belong to its digest. `log` outlives the result.
Result<SecureBoot> ReadSecureBoot(const EventLog& log);

}  // namespace assay::tcg
