// How did the machine come to what it quoted?
#include <fmt/format.h>

#include "base/encoding.h"
#include "tee/tpm/checks.h"
#include "tee/tpm/found.h"

namespace assay::tpm {
namespace {

constexpr std::string_view kReplayClause = "TCG PC Client Platform Firmware Profile section 10";
constexpr std::string_view kDigestClause = "TCG PC Client Platform Firmware Profile table 27";
constexpr std::string_view kSecureBootClause =
    "TCG PC Client Platform Firmware Profile section 3.3.4.8";
constexpr std::string_view kImaClause = "Linux IMA-templates; PC Client profile, PCR 10";
// PCRs that firmware and boot loaders own; the static ones of the PC Client profile without IMA's.
constexpr std::uint32_t kFirmwarePcrs = 8;

struct Mismatch {
  std::uint32_t pcr = 0;
  std::string expected, found;
};

// A PCR of the log that is quoted must have the replayed value. One of the firmware's that is
// quoted and no longer at its start must be in the log: else its events were left out.
std::optional<Mismatch> CompareReplay(const tcg::PcrValues& replayed, const tcg::PcrValues& quoted,
                                      tcg::HashAlgorithm bank) {
  for (const auto& [pcr, value] : quoted) {
    const auto found = replayed.find(pcr);
    const bool in_log = found != replayed.end();
    if (pcr == kImaPcr || (!in_log && pcr >= kFirmwarePcrs)) continue;
    const Bytes after = in_log ? found->second : tcg::StartValue(bank, pcr);
    if (after != value) return Mismatch{pcr, HexEncode(value), HexEncode(after)};
  }
  return std::nullopt;
}

// What the log says counts only for PCRs that are quoted.
std::string UnquotedFirmwarePcrs(const tcg::PcrValues& quoted) {
  std::string out;
  for (std::uint32_t pcr = 0; pcr < kFirmwarePcrs; ++pcr) {
    if (!quoted.contains(pcr)) out += fmt::format("{}{}", out.empty() ? "" : ", ", pcr);
  }
  return out;
}

void CheckReplay(const LogFacts& facts, const tcg::PcrValues& quoted, tcg::HashAlgorithm bank,
                 Trace& trace) {
  const std::string unquoted = UnquotedFirmwarePcrs(quoted);
  trace.Expect(unquoted.empty(), "quote.pcrs", "PCR 0 to 7 are quoted",
               unquoted.empty() ? "they are" : "without PCR " + unquoted, kReplayClause);
  const auto found = facts.replayed.find(bank);
  const auto replayed =
      found != facts.replayed.end() ? found->second : tcg::Replay(facts.log, bank);
  if (!trace.Expect(replayed.has_value(), "event_log.replayable",
                    fmt::format("a log with {} digests", tcg::Name(bank)),
                    replayed ? "it is" : replayed.error().message, kReplayClause)) {
    return;
  }
  const auto mismatch = CompareReplay(*replayed, quoted, bank);
  trace.Expect(!mismatch, "event_log.replay",
               mismatch ? fmt::format("PCR {} quoted as {}", mismatch->pcr, mismatch->expected)
                        : "the quoted PCRs",
               mismatch ? "the log leads to " + mismatch->found
                        : fmt::format("{} events lead to them", facts.log.events.size()),
               kReplayClause);
}

bool CheckDigests(const LogFacts& facts, Trace& trace) {
  const tcg::Event* const altered = facts.altered;
  return trace.Expect(altered == nullptr, "event_log.digests",
                      "data that belongs to the digests that were extended",
                      altered == nullptr
                          ? "all that can be recomputed does"
                          : fmt::format("event {} of type 0x{:08x} in PCR {} does not",
                                        altered->number, altered->type, altered->index),
                      kDigestClause);
}

void CheckSecureBoot(const LogFacts& facts, const VerifyInput& input, Trace& trace) {
  const Result<tcg::SecureBoot>& state = *facts.secure_boot;
  if (!trace.Expect(state.has_value(), "secure_boot.state", "a log that says it beyond doubt",
                    state ? "it does" : state.error().message, kSecureBootClause)) {
    return;
  }
  const Outcome off = input.expectations.allow_secure_boot_off ? Outcome::kWaived : Outcome::kFail;
  trace.Add({"secure_boot.enabled",
             state->enabled ? Outcome::kPass : off,
             "Secure Boot is on",
             state->enabled ? "on" : "off",
             {},
             kSecureBootClause});
}

// A list whose begin is left out continues from a value that an earlier verdict reached: as PCR 10
// is a chain of hashes, no other begin leads on to what is quoted.
void CheckIma(const TpmEvidence& evidence, const VerifyInput& input, const tcg::PcrValues& quoted,
              tcg::HashAlgorithm bank, Trace& trace) {
  const auto start = ImaStart(evidence, input.expectations, bank);
  if (evidence.ima_from > 0) {
    trace.Expect(start.has_value(), "ima.known",
                 fmt::format("a verdict that covers the first {} entries", evidence.ima_from),
                 start ? "there is one" : "none does: send the whole list", kImaClause);
  }
  if (!start) return;
  const std::vector<ImaEntry>& entries = *evidence.ima_log;
  const auto value = quoted.find(kImaPcr);
  const bool is_quoted = value != quoted.end();
  const auto reached = is_quoted ? EntriesUpTo(entries, bank, value->second, *start) : std::nullopt;
  trace.Expect(reached.has_value(), "ima.replay",
               is_quoted ? "PCR 10 quoted as " + HexEncode(value->second) : "PCR 10 is quoted",
               reached ? fmt::format("reached after {} of {} entries", *reached, entries.size())
                       : (is_quoted ? "no number of entries leads to it" : "it is not"),
               kImaClause);
}

std::string DescribeLog(const TpmEvidence& evidence, const LogFacts* facts) {
  if (facts != nullptr) return fmt::format("{} events", facts->log.events.size());
  return evidence.event_log_digest ? "the digest of one that is not known here: send it whole"
                                   : "none, or an empty one: nothing explains the PCRs";
}

}  // namespace

std::optional<Bytes> ImaStart(const TpmEvidence& evidence, const Expectations& expectations,
                              tcg::HashAlgorithm bank) {
  if (evidence.ima_from == 0) return tcg::StartValue(bank, kImaPcr);
  const auto& known = expectations.known_ima;
  const bool fits = known && known->entries == evidence.ima_from && known->bank == tcg::Name(bank);
  return fits ? std::optional(known->value) : std::nullopt;
}

void CheckLogs(const TpmEvidence& evidence, const VerifyInput& input, Trace& trace) {
  const Found& found = FoundIn(evidence, input);
  const LogFacts* const facts = found.facts.get();
  if (!trace.Expect(facts != nullptr, "event_log.present", "the firmware's event log",
                    DescribeLog(evidence, facts), kReplayClause)) {
    return;
  }
  const auto bank = found.bank;
  if (!bank) return;  // quote.hash has failed
  const tcg::PcrValues& quoted = found.quoted;
  if (quoted.empty()) return;  // quote.pcr_digest has failed: there is nothing to compare with
  CheckReplay(*facts, quoted, *bank, trace);
  // What altered data says of Secure Boot is not worth a word.
  if (CheckDigests(*facts, trace)) CheckSecureBoot(*facts, input, trace);
  if (evidence.ima_log) CheckIma(evidence, input, quoted, *bank, trace);
}

}  // namespace assay::tpm
