// Any bytes as a certificate table, and AMD's extensions in whatever certificates it holds.
#include "tee/snp/certificate_table.h"
#include "tee/snp/vcek_extensions.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const auto table = snp::ParseCertificateTable(std::as_bytes(std::span(data, size)));
  if (!table) return 0;
  for (const CertificatePtr& certificate : *table) (void)snp::ParseVcekExtensions(*certificate);
  return 0;
}
