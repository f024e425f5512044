// What the evidence says. Of the log only data that is bound to its digest, and only of PCRs that
// are quoted, becomes a claim.
#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "tee/tpm/boot_documents.h"
#include "tee/tpm/checks.h"
#include "tee/tpm/found.h"
#include "tee/tpm/uki_claims.h"
#include "tee/tpm/windows_claims.h"

namespace assay::tpm {
namespace {

json::Object ValuesObject(const tcg::PcrValues& values) {
  json::Object out;
  out.reserve(values.size());
  for (const auto& [pcr, value] : values) out.emplace_back(std::to_string(pcr), HexEncode(value));
  return out;
}

// The state of a PCR that is not quoted is not proven, whatever the log says of it.
void AddBoot(const LogFacts& facts, const tcg::PcrValues& quoted, tcg::HashAlgorithm bank,
             Claims& out) {
  const auto boot = facts.boot.find(bank);
  if (boot == facts.boot.end()) return;
  const BootClaims& claims = boot->second;
  const bool applications = quoted.contains(4);
  const bool texts = quoted.contains(8);
  out.emplace_back("boot_applications", applications ? claims.applications : json::Array());
  out.emplace_back("boot_texts", texts ? claims.texts : json::Array());
  out.emplace_back("boot_texts_unexplained", texts ? claims.unexplained : std::int64_t{0});
}

void AddUki(const LogFacts& facts, const tcg::PcrValues& quoted, tcg::HashAlgorithm bank,
            Claims& out) {
  const auto uki = facts.uki_claims.find(bank);
  if (uki == facts.uki_claims.end() || !quoted.contains(kUkiPcr)) return;
  out.insert(out.end(), uki->second.begin(), uki->second.end());
}

// How many entries of the list lead to the quoted PCR 10.
std::optional<std::size_t> QuotedEntries(const TpmEvidence& evidence, const VerifyInput& input,
                                         const tcg::PcrValues& quoted, tcg::HashAlgorithm bank) {
  const auto value = quoted.find(kImaPcr);
  if (!evidence.ima_log || value == quoted.end()) return std::nullopt;
  const auto start = ImaStart(evidence, input.expectations, bank);
  return start ? EntriesUpTo(*evidence.ima_log, bank, value->second, *start) : std::nullopt;
}

void AddIma(const TpmEvidence& evidence, std::optional<std::size_t> reached, Claims& out) {
  const auto& log = *evidence.ima_log;
  const auto total = static_cast<std::int64_t>(evidence.ima_from + log.size());
  out.emplace_back("ima_entries", total);
  out.emplace_back("ima_violations",
                   static_cast<std::int64_t>(std::count_if(
                       log.begin(), log.end(), [](const ImaEntry& e) { return e.violation; })));
  if (reached) {
    out.emplace_back("ima_entries_quoted", static_cast<std::int64_t>(evidence.ima_from + *reached));
  }
}

void AddDocuments(const TpmEvidence& evidence, const Found& found, std::size_t ima_entries,
                  Claims& out) {
  json::Value events = EventsDocument(evidence, found, ima_entries);
  if (!events.is_null()) out.emplace_back("events", std::move(events));
  out.emplace_back("pcr_values", PcrsDocument(evidence, found));
}

// What needs no log.
Claims QuoteClaims(const TpmEvidence& evidence, const PublicKey* key) {
  Claims out;
  const Quote& quote = evidence.quotes.front().quote;
  // Not the name: that covers attributes that only an enrolment makes known.
  if (key != nullptr) out.emplace_back("ak_spki", HexEncode(key->SpkiDigest()));
  out.emplace_back("nonce", HexEncode(quote.extra_data));
  out.emplace_back("tpm_clock_ms", quote.clock);
  out.emplace_back("tpm_reset_count", std::int64_t{quote.reset_count});
  out.emplace_back("tpm_restart_count", std::int64_t{quote.restart_count});
  out.emplace_back("tpm_clock_safe", quote.safe);
  out.emplace_back("tpm_firmware_version", fmt::format("{:016x}", quote.firmware_version));
  return out;
}

}  // namespace

Claims MakeClaims(const TpmEvidence& evidence, const VerifyInput& input) {
  const Found& found = FoundIn(evidence, input);
  Claims out = QuoteClaims(evidence, found.key.get());
  // Otherwise there is no verdict without it.
  if (input.expectations.allow_unknown_ak) {
    out.emplace_back("ak_validated", IsVouchedFor(evidence, input));
  }
  const auto bank = found.bank;
  if (!bank) return out;
  const tcg::PcrValues& quoted = found.quoted;
  out.emplace_back("pcr_bank", std::string(tcg::Name(*bank)));
  out.emplace_back("pcrs", ValuesObject(quoted));
  if (const LogFacts* const facts = found.facts.get()) {
    out.insert(out.end(), facts->secure_boot_claims.begin(), facts->secure_boot_claims.end());
    AddBoot(*facts, quoted, *bank, out);
    AddWindowsClaims(facts->log, quoted, out);
    AddUki(*facts, quoted, *bank, out);
  }
  const auto reached = QuotedEntries(evidence, input, quoted, *bank);
  if (evidence.ima_log) AddIma(evidence, reached, out);
  if (input.expectations.boot_documents) {
    AddDocuments(evidence, found, reached.value_or(0), out);
  }
  return out;
}

json::Value Describe(const TpmEvidence& evidence) {
  const Collateral no_collateral;
  const TrustedRoots no_roots;
  const Expectations nothing_expected;
  VerifyCache cache(1);
  json::Object out =
      MakeClaims(evidence, {no_collateral, no_roots, nothing_expected, Time{}, cache});
  json::Object banks;
  for (const auto& [bank, values] : evidence.pcrs) {
    banks.emplace_back(std::string(tcg::Name(bank)), ValuesObject(values));
  }
  out.emplace_back("pcrs_given", std::move(banks));
  if (evidence.ak) {
    out.emplace_back("ak_name", HexEncode(evidence.ak->Name()));
    out.emplace_back("ak_attributes", fmt::format("0x{:08x}", evidence.ak->attributes));
  }
  if (const auto log = tcg::ParseEventLog(evidence.event_log)) {
    out.emplace_back("event_log_events", static_cast<std::int64_t>(log->events.size()));
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
