// A part of the audit: the rows that find entries and users (ledger/rows.h), made again from the
// bodies. Without the data key there are no bodies, and nothing is compared. What only a body says
// that was redacted cannot be missed.
#pragma once

#include <map>
#include <set>

#include "ledger/audit.h"
#include "ledger/rows.h"

namespace assay::ledger {

class RowsAudit {
 public:
  explicit RowsAudit(const SecretBytes* data_key) : data_key_(data_key) {}

  // Of each entry, in their order.
  void Expect(std::uint64_t index, const Body& body);
  void Redacted(std::uint64_t index) { redacted_.insert(index); }
  // After the last entry.
  void List(const store::Entry& row, AuditReport& report);
  void Latest(const store::Entry& row, AuditReport& report);
  void End(AuditReport& report);

 private:
  struct Word {
    std::uint64_t index = 0;
    Bytes says;
  };
  const SecretBytes* const data_key_;
  std::set<Bytes> lists_;         // rows that have to be; those that were seen are taken out
  std::map<Bytes, Word> latest_;  // likewise
  std::set<std::uint64_t> redacted_;
};

}  // namespace assay::ledger
