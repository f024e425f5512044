#include "ledger/rows_audit.h"

#include <fmt/format.h>

namespace assay::ledger {

void RowsAudit::Expect(std::uint64_t index, const Body& body) {
  if (data_key_ == nullptr) return;
  if (const auto* const entry = std::get_if<ApplicationEntry>(&body)) {
    for (const Hash& list : ListsOf(*data_key_, *entry)) lists_.insert(ListKey(list, index));
    ledger::Latest name = LatestOf(*data_key_, *entry);
    latest_[std::move(name.key)] = {index, std::move(name.says)};
    return;
  }
  const std::optional<LedgerUser> user = UserOf(std::get<Record>(body));
  if (!user) return;
  auto row = LatestOf(*data_key_, *user);
  if (row) latest_[std::move(row->key)] = {index, std::move(row->says)};
}

void RowsAudit::List(const store::Entry& row, AuditReport& report) {
  if (data_key_ == nullptr) return;
  if (lists_.erase(row.key) == 0 || !row.value.empty()) {
    report.Find(fmt::format("{} is on a list of no such entry", AsText(row.key)));
  }
}

void RowsAudit::Latest(const store::Entry& row, AuditReport& report) {
  if (data_key_ == nullptr) return;
  const auto decoded = DecodeLatestRow(row.value);
  const auto says =
      decoded ? OpenLatest(*data_key_, row.key, decoded->sealed) : tl::unexpected(decoded.error());
  if (!says) {
    return report.Find(fmt::format("{}: {}", AsText(row.key), says.error().message));
  }
  const auto found = latest_.find(row.key);
  const bool known = found != latest_.end();
  // The newest word may be in a body that is gone.
  const bool newer_is_gone =
      redacted_.contains(decoded->index) && (!known || found->second.index < decoded->index);
  const bool is_it = known && found->second.index == decoded->index && found->second.says == *says;
  if (!is_it && !newer_is_gone) {
    report.Find(fmt::format("{} is not what the newest entry says", AsText(row.key)));
  }
  if (known) latest_.erase(found);
}

void RowsAudit::End(AuditReport& report) {
  for (const Bytes& key : lists_) report.Find(fmt::format("{} is missing", AsText(key)));
  for (const auto& [key, word] : latest_) report.Find(fmt::format("{} is missing", AsText(key)));
}

}  // namespace assay::ledger
