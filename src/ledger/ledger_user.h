// Who may use the ledger by Azure's interface, and as what. Users are kept in the ledger itself:
// each change of one is an administration record, and the newest record about him says what he may.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/record.h"

namespace assay::ledger {

// As Azure Confidential Ledger has them; each includes what stands before it.
enum class LedgerRole : std::uint8_t { kReader = 1, kContributor = 2, kAdministrator = 3 };

std::string_view Name(LedgerRole role);  // "Reader"
std::optional<LedgerRole> LedgerRoleOf(std::string_view name);

struct LedgerUser {
  std::string id;                 // of a certificate or an object (IsLedgerUserId)
  std::vector<LedgerRole> roles;  // ascending; none: he is no user any more
  bool operator==(const LedgerUser&) const = default;
  // Nothing: nobody.
  std::optional<LedgerRole> Strongest() const;
};

// 1 to kLedgerUserBytes letters, digits and "-._:@": object ids, subjects of tokens and
// fingerprints.
bool IsLedgerUserId(std::string_view id);

// One encoding for each user: [id, [roles]].
Result<Bytes> EncodeLedgerUser(const LedgerUser& user);
Result<LedgerUser> DecodeLedgerUser(View bytes);

// The record of a change, and what a record says of a user; nothing for every other record.
Record UserRecord(const LedgerUser& user, std::string actor, Time time);
std::optional<LedgerUser> UserOf(const Record& record);

}  // namespace assay::ledger
