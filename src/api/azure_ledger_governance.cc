// Who governs the ledger, what it runs in, and under which certificate it is known.
#include "api/azure_ledger_resources.h"
#include "api/machine_json.h"
#include "base/encoding.h"

namespace assay {
namespace {

// Clients expect a script. There is nothing to run: what holds is said in words.
constexpr std::string_view kConstitution =
    "// No consortium governs this ledger and no proposals change it: it is kept by one operator.\n"
    "// - The operator's access file grants the roles ledger-reader, ledger-contributor and\n"
    "//   ledger-administrator to holders of tokens.\n"
    "// - An Administrator makes, changes and removes users. Each such change is an entry.\n"
    "// - A Contributor writes entries and reads; a Reader reads.\n"
    "// - Nobody changes or removes an entry. A redaction takes away what an entry says, leaves "
    "its\n"
    "//   place and its proofs, and is an entry itself.\n";

}  // namespace

HttpResponse GetLedgerConstitution(const LedgerCall& call) {
  return LedgerResponse(
      call, {{"digest", HexEncode(Sha256(AsBytes(kConstitution)))}, {"script", kConstitution}});
}

HttpResponse ListConsortiumMembers(const LedgerCall& call) {
  return LedgerResponse(call, {{"members", json::Array{}}});
}

// The node runs in no enclave that it could show, so it shows none.
HttpResponse GetEnclaveQuotes(const LedgerCall& call) {
  return LedgerResponse(call, {{"currentNodeId", ledger::NodeIdOf(*call.service.node.certificate)},
                               {"enclaveQuotes", json::Object{}}});
}

// Public: who asks has no connection yet that he could trust. He must know this answer from
// elsewhere, or trust the connection it came by for another reason.
HttpResponse GetLedgerIdentity(const LedgerCall& call) {
  const AzureLedgerService& service = call.service;
  if (call.parameter != service.id) {
    return ToResponse(
        {404, "NotFound", "there is no ledger of that id; this one is " + service.id, {}});
  }
  return JsonResponse(
      json::Object{{"ledgerId", service.id}, {"ledgerTlsCertificate", service.certificates}});
}

}  // namespace assay
