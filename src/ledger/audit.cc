#include "ledger/audit.h"

#include <fmt/format.h>

#include <charconv>
#include <map>

#include "base/limits.h"
#include "ledger/application_entry.h"
#include "ledger/ccf_claim.h"
#include "ledger/rows_audit.h"
#include "ledger/tiles_audit.h"

namespace assay::ledger {
namespace {

// Rows come in the order of their keys: checkpoints, entries, the head, the key, lists, names,
// tiles, those of the second tree, users.
class StoreAudit {
 public:
  StoreAudit(const NoteVerifier& log, const SecretBytes* data_key)
      : log_(log), data_key_(data_key), rows_(data_key) {}

  void Row(const store::Entry& row) {
    const std::string_view key = AsText(row.key);
    if (key.starts_with(kCheckpointPrefix)) return CheckpointRow(row);
    if (key.starts_with(kEntryPrefix)) return EntryRowOf(row);
    if (key.starts_with(kTilePrefix)) return tiles_.Row(row, report_);
    if (key.starts_with(kCcfTilePrefix)) return ccf_tiles_.Row(row, report_);
    if (key.starts_with(kListPrefix)) return rows_.List(row, report_);
    if (key.starts_with(kNamePrefix) || key.starts_with(kUserPrefix)) {
      return rows_.Latest(row, report_);
    }
    if (Equal(row.key, HeadKey())) {
      head_ = row.value;
    } else if (Equal(row.key, VerifierKey())) {
      has_key_ = AsText(row.value) == log_.ToText();
    } else {
      report_.Find(fmt::format("an unknown row {}", key));
    }
  }

  AuditReport End() {
    CompareHead();
    for (const auto& [index, by] : redacted_) CompareRedaction(index, by);
    for (const auto& [by, index] : ordered_) {
      const auto found = redacted_.find(index);
      if (found == redacted_.end() || found->second != by) {
        report_.Find(fmt::format("entry {} redacts entry {}, whose body is there", by, index));
      }
    }
    tiles_.End(report_);
    ccf_tiles_.End(report_);
    rows_.End(report_);
    report_.tiles = tiles_.seen();
    return std::move(report_);
  }

 private:
  void CheckpointRow(const store::Entry& row) {
    const auto opened = OpenCheckpoint(AsText(row.value), log_);
    if (!opened) return report_.Find(opened.error().message);
    if (!Equal(row.key, CheckpointKey(report_.checkpoints))) {
      return report_.Find(
          fmt::format("expected checkpoint {}, found {}", report_.checkpoints, AsText(row.key)));
    }
    if (!signed_.empty() && opened->size <= signed_.rbegin()->first) {
      report_.Find(
          fmt::format("checkpoint {} is no larger than the one before it", report_.checkpoints));
    }
    ++report_.checkpoints;
    signed_[opened->size] = *opened;
    newest_ = ToBytes(row.value);
    if (opened->size == 0) CompareRoot();
  }

  // The tree as it stands against the checkpoint of its size, if there was one.
  void CompareRoot() {
    const Frontier& tree = tiles_.tree();
    const auto found = signed_.find(tree.size());
    if (found == signed_.end() || found->second.root == tree.Root()) return;
    report_.Find(fmt::format("the first {} entries have not the root that their checkpoint signs",
                             tree.size()));
  }

  void EntryRowOf(const store::Entry& row) {
    const std::uint64_t index = tiles_.tree().size();
    if (!Equal(row.key, EntryKeyOf(index))) {
      return report_.Find(fmt::format("expected entry {}, found {}", index, AsText(row.key)));
    }
    const auto decoded = DecodeEntryRow(row.value);
    if (!decoded) return report_.Find(fmt::format("entry {}: {}", index, decoded.error().message));
    ++report_.entries;
    tiles_.Append(LeafHash(decoded->leaf));
    const auto ccf = CcfLeafOf(decoded->leaf, index);
    if (!ccf) return report_.Find(fmt::format("entry {}: {}", index, ccf.error().message));
    ccf_tiles_.Append(CcfLeafHash(*ccf));
    if (const std::uint64_t* by = decoded->redacted_by()) {
      ++report_.redacted;
      redacted_[index] = *by;
      rows_.Redacted(index);
    } else if (data_key_ != nullptr) {
      CheckBody(index, decoded->leaf, *decoded->sealed());
    }
    CompareRoot();
  }

  void CheckBody(std::uint64_t index, View leaf, View sealed) {
    const auto opened = OpenEntry(*data_key_, leaf, sealed);
    if (!opened) return report_.Find(fmt::format("entry {}: {}", index, opened.error().message));
    const auto body = DecodeBody(opened->body);
    if (!body) return report_.Find(fmt::format("entry {}: {}", index, body.error().message));
    rows_.Expect(index, *body);
    const Record* const record = std::get_if<Record>(&*body);
    if (record == nullptr) return CheckClaims(index, leaf, *opened, std::get<1>(*body));
    if (record->kind != RecordKind::kRedaction) return;
    std::uint64_t target = 0;
    const std::string& text = record->subject;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), target);
    if (error != std::errc() || end != text.data() + text.size()) {
      return report_.Find(fmt::format("entry {}: \"{}\" is no index to redact", index, text));
    }
    ordered_[index] = target;
  }

  // What the receipt of an application's entry claims is what the entry says.
  void CheckClaims(std::uint64_t index, View leaf, const OpenedBody& opened,
                   const ApplicationEntry& entry) {
    const auto decoded = DecodeLeaf(leaf);
    if (decoded && decoded->claims == ClaimsDigest(ClaimOf(entry, opened.salt))) return;
    report_.Find(fmt::format("entry {}: its leaf claims something else than it says", index));
  }

  void CompareRedaction(std::uint64_t index, std::uint64_t by) {
    if (by >= tiles_.tree().size() || by <= index) {
      return report_.Find(fmt::format("entry {} was redacted by no later entry", index));
    }
    if (data_key_ == nullptr || redacted_.contains(by)) return;
    const auto found = ordered_.find(by);
    if (found == ordered_.end() || found->second != index) {
      report_.Find(
          fmt::format("the body of entry {} is gone, and entry {} does not redact it", index, by));
    }
  }

  void CompareHead() {
    if (signed_.empty()) return report_.Find("there is no checkpoint");
    if (!has_key_) report_.Find("the store does not name the key of its checkpoints");
    report_.checkpoint = signed_.rbegin()->second;
    CompareCcf();
    if (report_.checkpoint.size != tiles_.tree().size()) {
      report_.Find(fmt::format("the newest checkpoint is of {} entries, and there are {}",
                               report_.checkpoint.size, tiles_.tree().size()));
    }
  }

  // The head is the newest checkpoint, and one of the second tree as the entries make it.
  void CompareCcf() {
    const auto head = DecodeHeadRow(head_);
    if (!head || head->number + 1 != report_.checkpoints || head->note != AsText(newest_)) {
      return report_.Find("the head is not the newest checkpoint");
    }
    const auto ccf = OpenCheckpoint(head->ccf_note, CcfVerifierOf(log_));
    if (!ccf) return report_.Find("the second tree: " + ccf.error().message);
    const Frontier& tree = ccf_tiles_.tree();
    if (ccf->size != tree.size() || ccf->root != tree.Root()) {
      report_.Find("the second tree has not the root that its checkpoint signs");
    }
  }

  const NoteVerifier& log_;
  const SecretBytes* data_key_;
  AuditReport report_;
  TilesAudit tiles_{Tree::kPublished};
  TilesAudit ccf_tiles_{Tree::kCcf};
  RowsAudit rows_;
  Bytes head_, newest_;                              // the head's row, and the newest checkpoint's
  std::map<std::uint64_t, Checkpoint> signed_;       // by size
  std::map<std::uint64_t, std::uint64_t> redacted_;  // index to that of the redaction
  std::map<std::uint64_t, std::uint64_t> ordered_;   // index of a redaction to what it redacts
  bool has_key_ = false;
};

}  // namespace

void AuditReport::Find(std::string what) {
  if (findings.size() < limits::kLedgerFindings) findings.push_back(std::move(what));
}

Result<AuditReport> AuditStore(store::Store& store, const NoteVerifier& log,
                               const SecretBytes* data_key) {
  StoreAudit audit(log, data_key);
  for (Bytes after;;) {
    const auto rows = TRY(store.Scan(AsBytes(kLedgerPrefix), after, limits::kStoreScan));
    for (const store::Entry& row : rows) audit.Row(row);
    if (rows.size() < limits::kStoreScan) return audit.End();
    after = rows.back().key;
  }
}

}  // namespace assay::ledger
