// Write receipts of Confidential Ledger: what is read is written as it was read, and nothing
// verifies, as no input's author knows the service's key.
#include <cstdlib>

#include "ledger/ccf_receipt.h"

namespace {

using namespace assay;
using namespace assay::ledger;

CertificatePtr Service() {
  const SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  const CertificateRequest request{"CCF Network", {}, FromUnixSeconds(0), 3650, true};
  return IssueCertificate(key, request, key, nullptr).value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const CertificatePtr service = Service();
  const auto receipt = ParseCcfReceipt(AsText(std::as_bytes(std::span(data, size))));
  if (!receipt) return 0;
  const std::string text = json::Write(CcfReceiptJson(*receipt, true));
  const auto again = ParseCcfReceipt(text);
  if (!again || json::Write(CcfReceiptJson(*again, true)) != text) std::abort();
  if (again->proof.root != receipt->proof.root) std::abort();
  if (VerifyCcfReceipt(*receipt, *service)) std::abort();
  return 0;
}
