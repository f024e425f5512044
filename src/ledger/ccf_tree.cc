#include "ledger/ccf_tree.h"

#include <fmt/format.h>

#include <charconv>

#include "base/encoding.h"
#include "ledger/entry.h"

namespace assay::ledger {
namespace {

// A number as it is written, and nothing else.
std::optional<std::uint64_t> PlainNumber(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || std::to_string(out) != text) return std::nullopt;
  return out;
}

}  // namespace

std::string ToText(const TransactionId& id) { return fmt::format("{}.{}", id.view, id.seqno); }

Result<TransactionId> ParseTransactionId(std::string_view text) {
  const std::size_t dot = std::min(text.find('.'), text.size());
  const auto view = PlainNumber(text.substr(0, dot));
  const auto seqno = PlainNumber(text.substr(std::min(dot + 1, text.size())));
  if (!view || !seqno || *seqno == 0) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("\"{}\" is no transaction id", text.substr(0, 64)),
                "expected VIEW.SEQNO, for example 2.15");
  }
  return TransactionId{*view, *seqno};
}

Result<CcfEntry> CcfEntryOf(View leaf) {
  const Leaf decoded = TRY(DecodeLeaf(leaf));
  CcfEntry out;
  out.write_set = LeafHash(leaf);
  Bytes evidence = ToBytes(AsBytes("assay commit evidence"));
  Append(evidence, leaf);
  out.evidence = Sha256(evidence);
  if (decoded.claims) out.claims = *decoded.claims;
  return out;
}

CcfLeaf CcfLeafOf(const CcfEntry& entry, std::uint64_t index) {
  return {entry.write_set,
          fmt::format("ce:{}:{}", ToText(TransactionOf(index)), HexEncode(entry.evidence)),
          entry.claims};
}

Result<CcfLeaf> CcfLeafOf(View leaf, std::uint64_t index) {
  return CcfLeafOf(TRY(CcfEntryOf(leaf)), index);
}

Hash CcfLeafHash(const CcfLeaf& leaf) {
  Bytes input = ToBytes(leaf.write_set);
  Append(input, Sha256(AsBytes(leaf.commit_evidence)));
  Append(input, leaf.claims);
  return Sha256(input);
}

Hash CcfNodeHash(const Hash& left, const Hash& right) {
  ByteArray<2 * sizeof(Hash)> input{};
  std::copy(left.begin(), left.end(), input.begin());
  std::copy(right.begin(), right.end(), input.begin() + left.size());
  return Sha256(input);
}

}  // namespace assay::ledger
