// What some collateral is, for whom and for how long: for people who have to keep it fresh.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "evidence/collateral.h"
#include "evidence/needs.h"

namespace assay {

struct InventoryItem {
  std::string kind;     // "TCB info", "CRL", "certificate", …
  std::string subject;  // "SGX FMSPC 00606a000000, evaluation 18"
  Time from{}, until{};
};

// Documents, then lists, then certificates. What cannot be read is named as such.
std::vector<InventoryItem> Inventory(const Collateral& collateral);

// "valid", "not yet valid", "expired", or "expires soon": within a week, which is when Intel's 30
// days should have been renewed long ago.
std::string_view FreshnessAt(const InventoryItem& item, Time now);

}  // namespace assay
