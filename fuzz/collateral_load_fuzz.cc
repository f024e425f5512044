// Whatever stands in a collateral folder: a file's content must be recognised or refused.
#include <cstddef>
#include <cstdint>

#include "collateral/bundle.h"
#include "collateral/load.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const assay::View view = std::as_bytes(std::span(data, size));
  assay::Bundle bundle;
  if (!assay::AddCollateral(view, bundle.collateral, &bundle.crl_der)) return 0;
  // What was loaded can be carried away and is the same there.
  const auto text = assay::ExportBundle(bundle);
  if (!text) __builtin_trap();
  const auto again = assay::ImportBundle(*text);
  if (!again || again->collateral.certificates.size() != bundle.collateral.certificates.size() ||
      again->collateral.crls.size() != bundle.collateral.crls.size() ||
      again->collateral.documents.size() != bundle.collateral.documents.size()) {
    __builtin_trap();
  }
  return 0;
}
