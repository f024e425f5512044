// The tree of CCF, in which Azure Confidential Ledger proves its transactions: the second tree over
// the same sequence (docs/design/0015-azure-ledger.md).
//
// Leaf i is about entry i, which is transaction VIEW.SEQNO with seqno = i + 1:
//
//   SHA-256(write set digest ‖ SHA-256(commit evidence) ‖ claims digest)   (CCF, doc/use_apps/
//                                                                           verify_tx.rst)
//
// The write set digest is the hash that the entry has as a leaf of the published tree: both trees
// bind the same entry. All three come from entry and index, so who has the leaves of the published
// tree computes this one, too. In CCF commit evidence is a secret until the transaction is
// committed; here nothing is signed before, so it has nothing to guard and names the transaction.
#pragma once

#include <string>
#include <string_view>

#include "ledger/merkle.h"

namespace assay::ledger {

// CCF begins a new view when its nodes elect another primary. Here there is one, for good.
inline constexpr std::uint64_t kView = 2;

struct TransactionId {
  std::uint64_t view = kView;
  std::uint64_t seqno = 0;  // from 1
  bool operator==(const TransactionId&) const = default;
};
inline TransactionId TransactionOf(std::uint64_t index) { return {kView, index + 1}; }
std::string ToText(const TransactionId& id);  // "2.15"
// kMalformed for another spelling.
Result<TransactionId> ParseTransactionId(std::string_view text);

struct CcfLeaf {
  Hash write_set{};
  std::string commit_evidence;  // "ce:2.15:HEX"
  Hash claims{};                // zeros: nothing is claimed
};
// What a leaf has from its entry, whatever its index.
struct CcfEntry {
  Hash write_set{};  // its hash as a leaf of the published tree
  Hash evidence{};
  Hash claims{};
};
// Of the entry with that leaf in the published tree.
Result<CcfEntry> CcfEntryOf(View leaf);
CcfLeaf CcfLeafOf(const CcfEntry& entry, std::uint64_t index);
Result<CcfLeaf> CcfLeafOf(View leaf, std::uint64_t index);
Hash CcfLeafHash(const CcfLeaf& leaf);

// SHA-256(left ‖ right): lengths keep nodes and leaves apart.
Hash CcfNodeHash(const Hash& left, const Hash& right);

}  // namespace assay::ledger
