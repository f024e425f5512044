// Decision records, entries of applications, users, leaves, rows, tiles and bundles: what is read
// has one encoding, which is the input. The first byte chooses what is read.
#include <cstdlib>

#include "ledger/book.h"
#include "ledger/rows.h"

namespace {

using namespace assay;
using namespace assay::ledger;

void Bundle(View bytes, std::size_t count) {
  const auto leaves = ParseBundle(bytes, count);
  if (!leaves) return;
  Bytes again;
  for (const Bytes& one : *leaves) AppendToBundle(again, one);
  if (!Equal(again, bytes)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const View bytes = std::as_bytes(std::span(data + 1, size - 1));
  switch (data[0] % 8) {
    case 0:
      if (const auto record = DecodeRecord(bytes)) {
        const auto again = EncodeRecord(*record);
        if (!again || !Equal(*again, bytes)) std::abort();
      }
      break;
    case 1:
      if (const auto leaf = DecodeLeaf(bytes)) {
        if (!Equal(EncodeLeaf(*leaf), bytes)) std::abort();
      }
      break;
    case 2:
      if (const auto row = DecodeEntryRow(bytes)) {
        if (!Equal(EncodeEntryRow(*row), bytes)) std::abort();
      }
      break;
    case 3:
      if (const auto entry = DecodeApplicationEntry(bytes)) {
        const auto again = EncodeApplicationEntry(*entry);
        if (!again || !Equal(*again, bytes)) std::abort();
      }
      break;
    case 4:
      if (const auto user = DecodeLedgerUser(bytes)) {
        const auto again = EncodeLedgerUser(*user);
        if (!again || !Equal(*again, bytes)) std::abort();
      }
      break;
    case 5:
      if (const auto row = DecodeLatestRow(bytes)) {
        if (!Equal(EncodeLatestRow(*row), bytes)) std::abort();
      }
      break;
    case 6:
      if (const auto row = DecodeHeadRow(bytes)) {
        if (!Equal(EncodeHeadRow(*row), bytes)) std::abort();
      }
      break;
    default: Bundle(bytes, data[0] / 8);
  }
  return 0;
}
