// What the evidence says. Of the log only data that is bound to its digest, and only of PCRs that
// are quoted, becomes a claim.
#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "crypto/certificate.h"
#include "tee/tcg/event_digest.h"
#include "tee/tcg/secure_boot.h"
#include "tee/tpm/checks.h"
#include "tee/tpm/uki_claims.h"
#include "tee/tpm/windows_claims.h"

namespace assay::tpm {
namespace {

json::Object ValuesObject(const tcg::PcrValues& values) {
  json::Object out;
  for (const auto& [pcr, value] : values) out.emplace_back(std::to_string(pcr), HexEncode(value));
  return out;
}

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

void AddSecureBoot(const tcg::EventLog& log, Claims& out) {
  const auto state = tcg::ReadSecureBoot(log);
  if (!state) return;
  out.emplace_back("secure_boot", state->enabled);
  out.emplace_back("secure_boot_pk", Digests(state->pk));
  out.emplace_back("secure_boot_kek", Digests(state->kek));
  out.emplace_back("secure_boot_db", Digests(state->db));
  out.emplace_back("secure_boot_dbx_entries", static_cast<std::int64_t>(state->dbx.size()));
  json::Array authorities;
  for (const tcg::Authority& authority : state->authorities) {
    authorities.emplace_back(NameOf(authority));
  }
  out.emplace_back("secure_boot_authorities", std::move(authorities));
}

// Actions and separators have some 40 bytes; no image that firmware starts is that small.
constexpr std::size_t kLongestAction = 256;

bool IsAction(const tcg::Event& event) {
  return event.data.size() <= kLongestAction && tcg::DigestsItsData(event);
}

// PCR 4 holds what was started, PCR 8 what GRUB was told. The types of events are not measured, so
// that they do not decide here: what is no action or separator by its content counts as something
// started, and what has no measured text is counted.
void AddBoot(const tcg::EventLog& log, const tcg::PcrValues& quoted, tcg::HashAlgorithm bank,
             Claims& out) {
  constexpr std::uint32_t kBootPcr = 4, kCommandPcr = 8;
  json::Array applications;
  json::Array texts;
  std::int64_t unexplained = 0;
  for (const tcg::Event& event : log.events) {
    if (event.type == tcg::kEvNoAction || !quoted.contains(event.index)) continue;
    if (event.index == kBootPcr && !IsAction(event)) {
      applications.emplace_back(HexEncode(event.Digest(bank)));
    }
    if (event.index != kCommandPcr) continue;
    const auto text = tcg::MeasuredText(event);
    if (text) {
      texts.emplace_back(Printable(*text));
    } else {
      ++unexplained;
    }
  }
  out.emplace_back("boot_applications", std::move(applications));
  out.emplace_back("boot_texts", std::move(texts));
  out.emplace_back("boot_texts_unexplained", unexplained);
}

}  // namespace

Claims MakeClaims(const TpmEvidence& evidence) {
  Claims out;
  const Quote& quote = evidence.quotes.front().quote;
  // Not the name: that covers attributes that only an enrolment makes known.
  out.emplace_back("ak_spki", HexEncode(evidence.key->SpkiDigest()));
  out.emplace_back("nonce", HexEncode(quote.extra_data));
  out.emplace_back("tpm_clock_ms", quote.clock);
  out.emplace_back("tpm_reset_count", std::int64_t{quote.reset_count});
  out.emplace_back("tpm_restart_count", std::int64_t{quote.restart_count});
  out.emplace_back("tpm_clock_safe", quote.safe);
  out.emplace_back("tpm_firmware_version", fmt::format("{:016x}", quote.firmware_version));
  const auto bank = BestBank(evidence);
  if (!bank) return out;
  const tcg::PcrValues quoted = QuotedValues(evidence, *bank);
  out.emplace_back("pcr_bank", std::string(tcg::Name(*bank)));
  out.emplace_back("pcrs", ValuesObject(quoted));
  if (evidence.event_log) {
    AddSecureBoot(*evidence.event_log, out);
    AddBoot(*evidence.event_log, quoted, *bank, out);
    AddWindowsClaims(*evidence.event_log, quoted, out);
    AddUkiClaims(*evidence.event_log, quoted, *bank, out);
  }
  if (evidence.ima_log) {
    const auto& log = *evidence.ima_log;
    out.emplace_back("ima_entries", static_cast<std::int64_t>(log.size()));
    out.emplace_back("ima_violations",
                     static_cast<std::int64_t>(std::count_if(
                         log.begin(), log.end(), [](const ImaEntry& e) { return e.violation; })));
  }
  return out;
}

json::Value Describe(const TpmEvidence& evidence) {
  json::Object out = MakeClaims(evidence);
  json::Object banks;
  for (const auto& [bank, values] : evidence.pcrs) {
    banks.emplace_back(std::string(tcg::Name(bank)), ValuesObject(values));
  }
  out.emplace_back("pcrs_given", std::move(banks));
  if (evidence.ak) {
    out.emplace_back("ak_name", HexEncode(evidence.ak->Name()));
    out.emplace_back("ak_attributes", fmt::format("0x{:08x}", evidence.ak->attributes));
  }
  if (evidence.event_log) {
    out.emplace_back("event_log_events",
                     static_cast<std::int64_t>(evidence.event_log->events.size()));
  }
  return json::Value(std::move(out));
}

Meaning Explain(const TpmEvidence& evidence, const Trace& trace) {
  Meaning out;
  if (!trace.failed()) {
    out.proves = {"A TPM that this verifier knows reported these PCRs.",
                  "The event log led to them, and its data belongs to what was measured."};
    if (evidence.ima_log) out.proves.emplace_back("The IMA list led to PCR 10.");
  }
  const auto waived = [&trace](std::string_view name) {
    const auto& checks = trace.checks();
    return std::any_of(checks.begin(), checks.end(), [name](const Check& check) {
      return check.name == name && check.outcome == Outcome::kWaived;
    });
  };
  if (waived("ak_crl.present")) {
    out.does_not_prove.emplace_back(
        "CRL not supplied: that the key's certificates are not revoked.");
  }
  if (waived("secure_boot.enabled")) {
    out.does_not_prove.emplace_back("That only signed code booted: Secure Boot is off.");
  }
  if (waived("quote.hash")) {
    out.does_not_prove.emplace_back("What was measured: SHA-1 collisions can be made.");
  }
  if (!evidence.ima_log) {
    out.does_not_prove.emplace_back("What ran after the boot: there is no IMA list.");
  }
  const bool challenged =
      std::any_of(trace.checks().begin(), trace.checks().end(),
                  [](const Check& check) { return check.name == "quote.nonce"; });
  if (!challenged) {
    out.does_not_prove.emplace_back("That the quote is fresh: no challenge was expected.");
  }
  out.does_not_prove.emplace_back(
      "That the measured code is good: compare the PCRs with values you trust.");
  return out;
}

}  // namespace assay::tpm
