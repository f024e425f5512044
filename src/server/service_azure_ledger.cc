#include "server/service_azure_ledger.h"

#include "server/key_files.h"
#include "server/state_dir.h"

namespace assay {
namespace {

constexpr int kNodeDays = 397;

// Who vouches for the server's certificate in that file: all behind the first, or itself.
Result<std::string> AnchorsOf(const std::string& file) {
  const auto chain = TRY(CertificatesFromPem(TRY(ReadWholeFile(file))));
  std::string out;
  for (std::size_t i = chain.size() > 1 ? 1 : 0; i < chain.size(); ++i) {
    out += CertificateToPem(*chain[i]);
  }
  return out;
}

}  // namespace

Result<ledger::NodeIdentity> OpenLedgerNode(const std::string& state_dir, Time start) {
  const KeyPair service = TRY(OpenLocalAuthority(state_dir, start));
  const CertificateRequest request{"Assay ledger node", {}, start, kNodeDays};
  KeyPair node = TRY(OpenKeyPair(state_dir + "/ledger-node", KeyType::kP256, request, &service));
  return ledger::NodeIdentity{std::move(node.key), node.certificate, service.certificate};
}

Result<std::unique_ptr<ServiceAzureLedger>> ServiceAzureLedger::Open(AzureLedgerOptions options,
                                                                     ledger::Ledger& ledger) {
  // Clients' clocks may be behind.
  ledger::NodeIdentity node =
      TRY(OpenLedgerNode(options.state_dir, options.clock() - std::chrono::hours(1)));
  std::string certificates = CertificateToPem(*node.service);
  if (!options.tls_certificates.empty()) {
    certificates += TRY(AnchorsOf(options.tls_certificates));
  }
  return std::unique_ptr<ServiceAzureLedger>(
      new ServiceAzureLedger(std::move(options), ledger, std::move(node), std::move(certificates)));
}

ServiceAzureLedger::ServiceAzureLedger(AzureLedgerOptions options, ledger::Ledger& ledger,
                                       ledger::NodeIdentity node, std::string certificates)
    : node_(std::move(node)),
      service_{ledger,
               node_,
               std::move(options.id),
               std::move(certificates),
               std::move(options.clock),
               std::move(options.report)} {}

}  // namespace assay
