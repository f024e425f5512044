// Who uses the ledger, and as what. Two sources give roles, and the stronger counts: the access
// file (ledger-reader, ledger-contributor, ledger-administrator), and the users that are kept in
// the ledger itself. A user is known by the object id of his token, or by his certificate: with TLS
// its holder has proven to have the key, and who issued it does not matter.
#pragma once

#include <string>

#include "api/azure_ledger_service.h"
#include "api/gate.h"

namespace assay {

struct LedgerCaller {
  access::Principal who;
  std::string name;  // for records: the user's id, or the token's subject
  ledger::LedgerRole role = ledger::LedgerRole::kReader;
};

// SHA-256 of the DER as OpenSSL prints it: "AB:CD:...".
std::string CertificateFingerprint(View der);
// Fingerprints in that form, however they were written; every other id as it is.
std::string NormalUserId(std::string_view id);

// At least `needed`, or the refusal.
tl::expected<LedgerCaller, access::Refusal> IdentifyLedgerCaller(const AzureLedgerService& service,
                                                                 const Gate& gate,
                                                                 const HttpRequest& request,
                                                                 ledger::LedgerRole needed);

}  // namespace assay
