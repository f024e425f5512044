// Requests to a witness, and paths into a published tree: what is read has one spelling.
#include <cstdlib>

#include "ledger/published_tree.h"
#include "witness/add_checkpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const std::string_view text = AsText(std::as_bytes(std::span(data, size)));
  if (const auto request = witness::ParseAddCheckpoint(text)) {
    if (witness::WriteAddCheckpoint(*request) != text) std::abort();
  }
  if (const auto path = ledger::ParseTreePath(text)) {
    if (PathOf(*path) != text) std::abort();
  }
  return 0;
}
