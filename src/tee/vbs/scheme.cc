#include "tee/vbs/scheme.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "crypto/certificate.h"
#include "crypto/rsa_verify.h"
#include "tee/tcg/windows_boot.h"
#include "tee/tpm/checks.h"
#include "tee/tpm/found.h"
#include "tee/vbs/report.h"

namespace assay {
namespace {

constexpr std::string_view kVbsFormat = "vbs/1";
constexpr std::string_view kReportClause = "Windows SDK, ntenclv.h, VBS_ENCLAVE_REPORT";
constexpr std::string_view kProtocolClause =
    "azure-docs, virtualization-based-security-protocol.md, vsm_report";
constexpr std::string_view kMeasuredBootClause = "Windows SDK, wbcl.h";
constexpr std::uint32_t kEnclaveTypeVbs = 0x10;  // ENCLAVE_TYPE_VBS

struct VbsEvidence : Parsed {
  std::unique_ptr<tpm::TpmEvidence> tpm;
  View statement;
  vbs::Report report;
};

const VbsEvidence& VbsOf(const Parsed& parsed) { return static_cast<const VbsEvidence&>(parsed); }

bool RecognisesVbs(View evidence) { return tpm::NamesFormat(evidence, "vbs/"); }

Result<std::unique_ptr<Parsed>> ParseVbs(View evidence) {
  const json::Value document = TRY(json::Parse(AsText(evidence)));
  const std::string format = TRY(document.String("assay-evidence", "VBS evidence"));
  if (format != kVbsFormat) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("VBS evidence: expected the format {}, found {}", kVbsFormat,
                            format.substr(0, 16)));
  }
  constexpr std::array<std::string_view, 2> kMembers = {"statement", "report"};
  auto out = std::make_unique<VbsEvidence>();
  out->tpm = TRY(tpm::ReadTpmMembers(document, kMembers));
  out->statement = TRY(tpm::ReadBytes(document, "statement", *out->tpm));
  out->report = TRY(vbs::ParseReport(TRY(tpm::ReadBytes(document, "report", *out->tpm))));
  return std::unique_ptr<Parsed>(std::move(out));
}

// What Windows measured of its start, if all of it is quoted and beyond doubt.
std::optional<tcg::WindowsBoot> QuotedBoot(const tpm::Found& found) {
  const tcg::EventLog& log = found.facts->log;
  if (!tcg::WindowsPcrsAmong(log, found.quoted)) return std::nullopt;
  auto boot = tcg::ReadWindowsBoot(log);
  return boot ? std::move(*boot) : std::nullopt;
}

bool IsOfWindows(const tcg::Authority& authority, const TrustedRoots& roots) {
  constexpr std::size_t kOwner = 16;  // EFI_SIGNATURE_DATA, UEFI 2.10 section 32.4.1
  if (authority.variable != "db" || authority.data.size() <= kOwner) return false;
  const auto certificate = Certificate::FromDer(authority.data.subspan(kOwner));
  return certificate && std::find(roots.windows.begin(), roots.windows.end(),
                                  (*certificate)->key().SpkiDigest()) != roots.windows.end();
}

// Another system can extend the same events into the same PCRs: only what Windows' own signer
// started measures as Windows does.
void CheckWindows(const tpm::Found& found, const VerifyInput& input, Trace& trace) {
  const auto& state = *found.facts->secure_boot;
  if (!state) return;  // secure_boot.state has failed
  std::size_t own = 0, others = 0;
  for (const tcg::Authority& authority : state->authorities) {
    if (authority.before_separator) continue;  // drivers of the firmware
    ++(IsOfWindows(authority, input.roots) ? own : others);
  }
  trace.Expect(own > 0 && others == 0, "vbs.windows",
               "what started after the firmware is signed by Windows' own authority",
               fmt::format("{} authorities of Windows, {} others", own, others),
               kMeasuredBootClause);
}

void CheckBootState(const std::optional<tcg::WindowsBoot>& boot, const VerifyInput& input,
                    Trace& trace) {
  std::string wrong;
  const auto expect = [&wrong](bool good, std::string_view what) {
    if (!good) wrong += (wrong.empty() ? "" : ", ") + std::string(what);
  };
  const tcg::WindowsBoot state = boot.value_or(tcg::WindowsBoot());
  expect(state.code_integrity == true, "code integrity off");
  expect(state.boot_debugging == false, "boot debugging");
  expect(state.kernel_debugging == false, "kernel debugging");
  expect(!state.hypervisor_debugging.value_or(false), "hypervisor debugging");
  expect(state.test_signing == false, "test signing");
  expect(!state.flight_signing.value_or(false), "flight signing");
  expect(!state.safe_mode.value_or(false), "safe mode");
  expect(!state.winpe.value_or(false), "WinPE");
  const Outcome bad = input.expectations.allow_debug ? Outcome::kWaived : Outcome::kFail;
  trace.Add({"vbs.boot_state",
             wrong.empty() ? Outcome::kPass : bad,
             "Windows states that nothing weakens its secure kernel",
             wrong.empty() ? "it does" : wrong,
             {},
             kMeasuredBootClause});
}

std::size_t CountSigners(const VbsEvidence& evidence, const tcg::WindowsBoot& boot) {
  const Bytes digest = tcg::Hash(tcg::HashAlgorithm::kSha256, evidence.report.statement);
  return static_cast<std::size_t>(
      std::count_if(boot.idks.begin(), boot.idks.end(), [&](View measured) {
        const auto key = vbs::ParseIdentityKey(measured);
        return key && VerifyRsaSignature(*key, RsaPadding::kPss, digest, evidence.report.signature);
      }));
}

// Who signed the report: the secure kernel that the quoted boot started.
void CheckSigner(const VbsEvidence& evidence, const tpm::Found& found, const VerifyInput& input,
                 Trace& trace) {
  CheckWindows(found, input, trace);
  const auto boot = QuotedBoot(found);
  const std::size_t keys = boot ? boot->idks.size() : 0;
  CheckBootState(boot, input, trace);
  if (trace.Expect(keys > 0, "vbs.identity_key",
                   "the key of the secure kernel, as the boot measured it",
                   fmt::format("{} keys in quoted events", keys), kMeasuredBootClause)) {
    const bool good = CountSigners(evidence, *boot) > 0;
    trace.Expect(good, "vbs.signature", "a report signed by that key", good ? "it is" : "it is not",
                 kReportClause);
  }
}

void CheckReport(const VbsEvidence& evidence, const VerifyInput& input, Trace& trace) {
  const vbs::Report& report = evidence.report;
  const Bytes bound = tcg::Hash(tcg::HashAlgorithm::kSha512, evidence.statement);
  trace.Expect(Equal(report.enclave_data, bound), "vbs.enclave_data", HexEncode(bound),
               HexEncode(report.enclave_data), kProtocolClause);
  trace.Expect(report.enclave_type == kEnclaveTypeVbs, "vbs.enclave_type", "16, ENCLAVE_TYPE_VBS",
               std::to_string(report.enclave_type), kReportClause);
  const Outcome debug = input.expectations.allow_debug ? Outcome::kWaived : Outcome::kFail;
  trace.Add({"vbs.debug",
             report.debuggable() ? debug : Outcome::kPass,
             "an enclave that cannot be debugged",
             fmt::format("flags 0x{:x}", report.flags),
             {},
             kReportClause});
}

void CheckVbs(const Parsed& parsed, const VerifyInput& input, Trace& trace) {
  const VbsEvidence& evidence = VbsOf(parsed);
  tpm::CheckAttestationKey(*evidence.tpm, input, trace);
  tpm::CheckQuotes(*evidence.tpm, input, trace);
  tpm::CheckCertifiedKeys(*evidence.tpm, input, trace);
  tpm::CheckLogs(*evidence.tpm, input, trace);
  const tpm::Found& found = tpm::FoundIn(*evidence.tpm, input);
  // Without log or proven PCRs, event_log.present or quote.pcr_digest has failed.
  if (found.facts != nullptr && !found.quoted.empty()) CheckSigner(evidence, found, input, trace);
  CheckReport(evidence, input, trace);
}

json::Object ReportClaims(const vbs::Report& report) {
  json::Object out{{"enclave_owner_id", HexEncode(report.owner_id)},
                   {"enclave_unique_id", HexEncode(report.unique_id)},
                   {"enclave_author_id", HexEncode(report.author_id)},
                   {"enclave_family_id", HexEncode(report.family_id)},
                   {"enclave_image_id", HexEncode(report.image_id)},
                   {"enclave_svn", std::int64_t{report.enclave_svn}},
                   {"secure_kernel_svn", std::int64_t{report.secure_kernel_svn}},
                   {"platform_svn", std::int64_t{report.platform_svn}},
                   {"enclave_flags", std::int64_t{report.flags}},
                   {"signing_level", std::int64_t{report.signing_level}}};
  json::Array modules;
  for (const vbs::Module& module : report.modules) {
    modules.emplace_back(json::Object{{"name", module.name},
                                      {"unique_id", HexEncode(module.unique_id)},
                                      {"author_id", HexEncode(module.author_id)},
                                      {"svn", std::int64_t{module.svn}}});
  }
  out.emplace_back("enclave_modules", std::move(modules));
  return out;
}

Claims VbsClaims(const Parsed& parsed, const VerifyInput& input) {
  const VbsEvidence& evidence = VbsOf(parsed);
  Claims out = tpm::MakeClaims(*evidence.tpm, input);
  for (json::Member& member : ReportClaims(evidence.report)) out.push_back(std::move(member));
  return out;
}

json::Value DescribeVbs(const Parsed& parsed) {
  const VbsEvidence& evidence = VbsOf(parsed);
  return json::Value(json::Object{{"report", ReportClaims(evidence.report)},
                                  {"enclave_data", HexEncode(evidence.report.enclave_data)},
                                  {"tpm", tpm::Describe(*evidence.tpm)}});
}

Meaning MeaningOfVbs(const Parsed& parsed, const Trace& trace) {
  Meaning out = tpm::Explain(*VbsOf(parsed).tpm, trace);
  if (!trace.failed()) {
    out.proves.emplace_back(
        "The secure kernel of that machine reported this enclave, and the enclave the statement.");
  }
  out.does_not_prove.emplace_back(
      "That the secure kernel is free of faults: only Windows' own word says how it started.");
  return out;
}

}  // namespace

const Scheme kVbsScheme = {
    .name = "vbs",
    .title = "VBS enclave report on a machine with a TPM",
    .recognises = RecognisesVbs,
    .parse = ParseVbs,
    .check = CheckVbs,
    .claims = VbsClaims,
    .describe = DescribeVbs,
    .meaning = MeaningOfVbs,
};

}  // namespace assay
