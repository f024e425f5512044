#include "tee/tpm/log_facts.h"

#include <algorithm>

#include "base/encoding.h"
#include "crypto/certificate.h"
#include "tee/tcg/event_digest.h"
#include "tee/tpm/uki_claims.h"

namespace assay::tpm {
namespace {

json::Array Digests(const std::vector<tcg::SignatureEntry>& entries) {
  json::Array out;
  for (const tcg::SignatureEntry& entry : entries) {
    // Hashes stand as they are; of certificates, the SHA-256 of the DER.
    const bool hash = entry.kind == tcg::SignatureEntry::Kind::kSha256;
    out.emplace_back(HexEncode(hash ? ToBytes(entry.data) : ToBytes(Sha256(entry.data))));
  }
  return out;
}

// Logs are bytes; claims are text for people and policies.
std::string Printable(View data) {
  std::string out;
  for (const std::byte b : data) {
    const auto c = static_cast<char>(b);
    out.push_back((c >= 0x20 && c < 0x7F) || c == '\n' ? c : '?');
  }
  while (out.ends_with('\n') || out.ends_with('?')) out.pop_back();
  return out;
}

// "db: Microsoft Corporation UEFI CA 2011", or the variable's name alone where it has no such
// certificate.
std::string NameOf(const tcg::Authority& authority) {
  if (authority.variable == "SbatLevel") {
    return authority.variable + ": " + Printable(authority.data);
  }
  constexpr std::size_t kOwner = 16;
  for (const std::size_t skip : {kOwner, std::size_t{0}}) {
    if (authority.data.size() <= skip) continue;
    if (const auto certificate = Certificate::FromDer(authority.data.subspan(skip))) {
      return authority.variable + ": " + (*certificate)->subject_cn();
    }
  }
  return authority.variable;
}

Claims SecureBootClaims(const tcg::SecureBoot& state) {
  Claims out;
  out.emplace_back("secure_boot", state.enabled);
  out.emplace_back("secure_boot_pk", Digests(state.pk));
  out.emplace_back("secure_boot_kek", Digests(state.kek));
  out.emplace_back("secure_boot_db", Digests(state.db));
  out.emplace_back("secure_boot_dbx_entries", static_cast<std::int64_t>(state.dbx.size()));
  json::Array authorities;
  for (const tcg::Authority& authority : state.authorities) {
    authorities.emplace_back(NameOf(authority));
  }
  out.emplace_back("secure_boot_authorities", std::move(authorities));
  return out;
}

// Actions and separators have some 40 bytes; no image that firmware starts is that small.
constexpr std::size_t kLongestAction = 256;

bool IsAction(const tcg::Event& event) {
  return event.data.size() <= kLongestAction && tcg::DigestsItsData(event);
}

// PCR 4 holds what was started, PCR 8 what GRUB was told. The types of events are not measured, so
// that they do not decide here: what is no action or separator by its content counts as something
// started, and what has no measured text is counted.
BootClaims BootClaimsOf(const tcg::EventLog& log, tcg::HashAlgorithm bank) {
  constexpr std::uint32_t kBootPcr = 4, kCommandPcr = 8;
  BootClaims out;
  for (const tcg::Event& event : log.events) {
    if (event.type == tcg::kEvNoAction) continue;
    if (event.index == kBootPcr && !IsAction(event)) {
      out.applications.emplace_back(HexEncode(event.Digest(bank)));
    }
    if (event.index != kCommandPcr) continue;
    const auto text = tcg::MeasuredText(event);
    if (text) {
      out.texts.emplace_back(Printable(*text));
    } else {
      ++out.unexplained;
    }
  }
  return out;
}

const tcg::Event* FirstAltered(const tcg::EventLog& log) {
  const auto found =
      std::find_if(log.events.begin(), log.events.end(), [](const tcg::Event& event) {
        return event.type != tcg::kEvNoAction &&
               tcg::BindingOf(event) == tcg::DataBinding::kMismatch;
      });
  return found == log.events.end() ? nullptr : &*found;
}

}  // namespace

Result<std::shared_ptr<const LogFacts>> FindLogFacts(View log) {
  auto out = std::make_shared<LogFacts>();
  out->bytes = ToBytes(log);
  out->log = TRY(tcg::ParseEventLog(out->bytes));
  out->altered = FirstAltered(out->log);
  out->secure_boot = tcg::ReadSecureBoot(out->log);
  if (*out->secure_boot) out->secure_boot_claims = SecureBootClaims(**out->secure_boot);
  for (const tcg::HashAlgorithm bank : out->log.banks) {
    out->replayed.emplace(bank, tcg::Replay(out->log, bank));
    out->boot.emplace(bank, BootClaimsOf(out->log, bank));
    out->uki_claims.emplace(bank, UkiClaims(out->log, bank));
  }
  return out;
}

std::shared_ptr<const LogFacts> LogFactsOf(const TpmEvidence& evidence, const VerifyInput& input) {
  if (!evidence.event_log_digest) return nullptr;
  const Sha256Digest& digest = *evidence.event_log_digest;
  if (auto known = input.cache.Find<LogFacts>(digest)) return known;
  const auto& remembered = input.expectations.known_event_log;
  View log = evidence.event_log;
  if (log.empty() && remembered != nullptr && Sha256(*remembered) == digest) log = *remembered;
  if (log.empty()) return nullptr;
  const auto facts = FindLogFacts(log);
  if (!facts) return nullptr;  // bytes that came with the evidence were parsed before
  if ((*facts)->altered == nullptr) input.cache.Put<LogFacts>(digest, *facts);
  return *facts;
}

}  // namespace assay::tpm
