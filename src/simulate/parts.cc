#include "simulate/parts.h"

#include "crypto/signing_key.h"

namespace assay::simulate {
namespace {

Bytes TextBytes(std::string_view text) { return ToBytes(AsBytes(text)); }

}  // namespace

Validity Around(int days, bool expired) {
  const auto half = std::chrono::hours(24) * days;
  return {kAt - half, expired ? kAt - std::chrono::seconds(1) : kAt + half};
}

Bytes Filler(std::string_view text, std::size_t size) {
  const Sha512Digest digest = Sha512(AsBytes(text));
  return ToBytes(View(digest).first(std::min(size, digest.size())));
}

void AppendLe(Bytes& out, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    out.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFFU));
  }
}

void Put(Bytes& out, std::size_t offset, View value) {
  std::copy(value.begin(), value.end(), out.begin() + static_cast<std::ptrdiff_t>(offset));
}

void PutLe(Bytes& out, std::size_t offset, std::uint64_t value, std::size_t size) {
  Bytes bytes;
  AppendLe(bytes, value, size);
  Put(out, offset, bytes);
}

void AddCertificate(Simulation& out, const std::string& file, const CertificatePtr& certificate) {
  out.collateral.certificates.push_back(certificate);
  out.files["collateral/" + file] = TextBytes(CertificateToPem(*certificate));
}

Result<void> AddCrl(Simulation& out, const std::string& file, const Bytes& der) {
  out.collateral.crls.push_back(TRY(Crl::FromDer(der)));
  out.files["collateral/" + file] = der;
  return {};
}

void AddDocument(Simulation& out, const std::string& file, const std::string& text) {
  out.collateral.documents.push_back(
      std::make_shared<const JsonDocument>(JsonDocument{text, Sha256(AsBytes(text))}));
  out.files["collateral/" + file] = TextBytes(text);
}

void ExpectReportData(Simulation& out, View report_data, const Order& order,
                      std::string_view check) {
  out.expectations.report_data =
      order.fault == check ? Filler("what somebody else sent", 32) : ToBytes(report_data);
}

void Finish(Simulation& out, const Certificate& trusted_root) {
  out.at = kAt;
  out.files["evidence.bin"] = out.evidence;
  out.files["root.pem"] = TextBytes(CertificateToPem(trusted_root));
}

}  // namespace assay::simulate
