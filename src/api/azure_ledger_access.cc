#include "api/azure_ledger_access.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "crypto/certificate.h"
#include "provider/provider.h"

namespace assay {
namespace {

using access::Refusal;
using access::Role;
using ledger::LedgerRole;

constexpr std::size_t kFingerprintDigits = 64;

std::string ColonForm(std::string_view digits) {
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i != 0 && i % 2 == 0) out += ':';
    const char c = digits[i];
    out += c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

std::optional<LedgerRole> RoleOfAccessFile(Role role) {
  switch (role) {
    case Role::kAdmin:  // where management is open to everybody
    case Role::kLedgerAdministrator: return LedgerRole::kAdministrator;
    case Role::kLedgerContributor: return LedgerRole::kContributor;
    case Role::kLedgerReader: return LedgerRole::kReader;
    default: return std::nullopt;
  }
}

tl::expected<access::Principal, Refusal> ByAnyCertificate(const AzureLedgerService& service,
                                                          const HttpRequest& request) {
  const auto leaf = Certificate::FromDer(request.presented_certificate);
  if (!leaf) {
    return tl::unexpected(
        Refusal{403, "Forbidden", "the TLS client certificate cannot be read", {}});
  }
  if (!(*leaf)->ValidAt(service.clock())) {
    return tl::unexpected(Refusal{
        403, "Forbidden", "the TLS client certificate is valid from " + (*leaf)->validity(), {}});
  }
  access::Principal out{"certificate", {}, (*leaf)->subject_cn(), Role::kNone};
  out.ledger_user = CertificateFingerprint(request.presented_certificate);
  return out;
}

tl::expected<access::Principal, Refusal> Identify(const AzureLedgerService& service,
                                                  const Gate& gate, const HttpRequest& request) {
  const bool has_token = !request.Header("Authorization").empty();
  if (!has_token && !request.presented_certificate.empty()) {
    return ByAnyCertificate(service, request);
  }
  return gate(kSharedProvider, Action::kUseLedger, request);
}

}  // namespace

std::string CertificateFingerprint(View der) { return ColonForm(HexEncode(Sha256(der))); }

std::string NormalUserId(std::string_view id) {
  std::string digits(id);
  std::erase(digits, ':');
  const bool is_fingerprint = digits.size() == kFingerprintDigits && HexDecode(digits).has_value();
  return is_fingerprint ? ColonForm(digits) : std::string(id);
}

tl::expected<LedgerCaller, Refusal> IdentifyLedgerCaller(const AzureLedgerService& service,
                                                         const Gate& gate,
                                                         const HttpRequest& request,
                                                         LedgerRole needed) {
  const auto who = Identify(service, gate, request);
  if (!who) return tl::unexpected(who.error());
  std::optional<LedgerRole> role = RoleOfAccessFile(who->role);
  if (!who->ledger_user.empty()) {
    const auto user = service.ledger.applications().User(NormalUserId(who->ledger_user));
    if (!user) {
      if (service.report) service.report(user.error().message);
      return tl::unexpected(
          Refusal{503, "ServiceUnavailable", "the ledger cannot say who its users are", {}});
    }
    if (*user) role = std::max(role, (*user)->Strongest());
  }
  const std::string name = who->ledger_user.empty() ? who->subject : who->ledger_user;
  if (role && *role >= needed) return LedgerCaller{*who, name, *role};
  return tl::unexpected(
      Refusal{403,
              "Forbidden",
              fmt::format("expected a {} of the ledger; \"{}\" is {}", Name(needed), name,
                          role ? Name(*role) : "no user of it"),
              {}});
}

}  // namespace assay
