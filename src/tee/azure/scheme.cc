#include "tee/azure/scheme.h"

#include <fmt/format.h>

#include <array>

#include "base/encoding.h"
#include "tee/azure/hcl_report.h"
#include "tee/snp/scheme.h"
#include "tee/tdx/scheme.h"
#include "tee/tpm/checks.h"

namespace assay {
namespace {

constexpr std::string_view kFormat = "azure/1";
constexpr std::string_view kRuntimeClause = "Azure confidential VMs, HCL report, runtime data";

struct AzureEvidence : Parsed {
  std::optional<azure::HclReport> hcl;
  View runtime_data;  // as it was hashed
  std::optional<azure::RuntimeData> runtime;
  const Scheme* hardware_scheme = nullptr;
  std::unique_ptr<Parsed> hardware;
  std::unique_ptr<tpm::TpmEvidence> tpm = std::make_unique<tpm::TpmEvidence>();
};

const AzureEvidence& EvidenceOf(const Parsed& parsed) {
  return static_cast<const AzureEvidence&>(parsed);
}

bool Recognises(View evidence) { return tpm::NamesFormat(evidence, "azure/"); }

// The report that the processor's vendor vouches for: inside the HCL report, or beside it.
Result<void> ReadHardware(const json::Value& document, AzureEvidence& out) {
  const bool has_quote = document.Find("td_quote") != nullptr;
  const bool tdx = out.hcl ? out.hcl->kind == azure::HardwareKind::kTdx : has_quote;
  const bool has_report = document.Find("snp_report") != nullptr;
  if (has_quote != tdx || has_report != (!out.hcl && !tdx)) {
    return Fail(ErrorCode::kMalformed,
                "Azure evidence: expected one report of the hardware, found none or two");
  }
  View report;
  if (tdx) {
    report = TRY(tpm::ReadBytes(document, "td_quote", *out.tpm));
  } else {
    report =
        out.hcl ? out.hcl->hardware_report : TRY(tpm::ReadBytes(document, "snp_report", *out.tpm));
  }
  out.hardware_scheme = tdx ? &kTdxScheme : &kSnpScheme;
  out.hardware = TRY(out.hardware_scheme->parse(report));
  return {};
}

Result<void> ReadRuntimeData(const json::Value& document, AzureEvidence& out) {
  if (document.Find("runtime_data") == nullptr) {
    out.hcl = TRY(azure::ParseHclReport(TRY(tpm::ReadBytes(document, "hcl_report", *out.tpm))));
    out.runtime_data = out.hcl->runtime_data;
  } else if (document.Find("hcl_report") != nullptr) {
    return Fail(ErrorCode::kMalformed, "Azure evidence: runtime_data beside an HCL report");
  } else {
    out.runtime_data = TRY(tpm::ReadBytes(document, "runtime_data", *out.tpm));
  }
  out.runtime = TRY(azure::ParseRuntimeData(out.runtime_data));
  return {};
}

Result<std::unique_ptr<Parsed>> Parse(View evidence) {
  const json::Value document = TRY(json::Parse(AsText(evidence)));
  const std::string format = TRY(document.String("assay-evidence", "Azure evidence"));
  if (format != kFormat) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("Azure evidence: expected the format {}, found {}", kFormat,
                            format.substr(0, 16)));
  }
  constexpr std::array<std::string_view, 6> kMembers = {
      "assay-evidence", "hcl_report", "td_quote", "snp_report", "runtime_data", "ak"};
  TRY_VOID(tpm::RefuseOtherMembers(document, kMembers));
  auto out = std::make_unique<AzureEvidence>();
  TRY_VOID(ReadRuntimeData(document, *out));
  out->tpm->key = out->runtime->ak;
  if (document.Find("ak") != nullptr) {
    out->tpm->ak = TRY(tpm::ParsePublicFields(TRY(tpm::ReadBytes(document, "ak", *out->tpm))));
  }
  TRY_VOID(ReadHardware(document, *out));
  TRY_VOID(tpm::ReadQuotesAndLogs(document, *out->tpm));
  return std::unique_ptr<Parsed>(std::move(out));
}

// Which hash of the runtime data the report holds, where no HCL report says so. Whichever it is,
// it binds them.
Bytes BoundHash(const AzureEvidence& evidence, const VerifyInput& input) {
  std::string bound;
  for (const auto& [name, value] : evidence.hardware_scheme->claims(*evidence.hardware, input)) {
    if (name == "report_data" && value.AsString() != nullptr) bound = *value.AsString();
  }
  for (const auto hash : {tcg::HashAlgorithm::kSha384, tcg::HashAlgorithm::kSha512}) {
    Bytes digest = tcg::Hash(hash, evidence.runtime_data);
    if (bound.starts_with(HexEncode(digest))) return digest;
  }
  return tcg::Hash(tcg::HashAlgorithm::kSha256, evidence.runtime_data);
}

// The hardware must have bound exactly these runtime data.
Expectations HardwareExpectations(const AzureEvidence& evidence, const VerifyInput& input) {
  Expectations out;
  out.allow_missing_crl = input.expectations.allow_missing_crl;
  out.allow_debug = input.expectations.allow_debug;
  const VerifyInput own{input.collateral, input.roots, out, input.now, input.cache};
  out.report_data = evidence.hcl ? tcg::Hash(evidence.hcl->hash, evidence.runtime_data)
                                 : BoundHash(evidence, own);
  return out;
}

// What the paravisor says of Secure Boot counts as the hardware vouches for it. With a log, the log
// is asked, too.
void CheckConfiguration(const AzureEvidence& evidence, const VerifyInput& input, Trace& trace) {
  if (evidence.tpm->event_log_digest) return;
  const json::Value* const state = evidence.runtime->vm_configuration.Find("secure-boot");
  const bool on = state != nullptr && state->AsBool() != nullptr && *state->AsBool();
  const Outcome off = input.expectations.allow_secure_boot_off ? Outcome::kWaived : Outcome::kFail;
  trace.Add({"secure_boot.enabled",
             on ? Outcome::kPass : off,
             "Secure Boot is on",
             on ? "on, by the runtime data" : "off, or not told by the runtime data",
             {},
             kRuntimeClause});
}

// The hardware vouches for the key that the runtime data name. Enrolment knows it by its name,
// which only the public area has.
void CheckKey(const AzureEvidence& evidence, const VerifyInput& input, Trace& trace) {
  if (evidence.tpm->ak) {
    const Result<PublicKey> key = evidence.tpm->ak->Key();
    const bool same = key && key->SpkiDigest() == evidence.tpm->key->SpkiDigest();
    trace.Expect(same, "ak.runtime_data", "the attestation key that the runtime data name",
                 same ? "it is" : "another key", kRuntimeClause);
  }
  if (!input.expectations.enrolled_aks.empty()) {
    tpm::CheckAttestationKey(*evidence.tpm, input, trace);
  } else if (evidence.tpm->ak) {
    tpm::CheckKeyAttributes(*evidence.tpm->ak, trace);
  }
}

void CheckAll(const Parsed& parsed, const VerifyInput& input, Trace& trace) {
  const AzureEvidence& evidence = EvidenceOf(parsed);
  const Expectations hardware = HardwareExpectations(evidence, input);
  const VerifyInput own{input.collateral, input.roots, hardware, input.now, input.cache};
  evidence.hardware_scheme->check(*evidence.hardware, own, trace);
  CheckKey(evidence, input, trace);
  tpm::CheckQuotes(*evidence.tpm, input, trace);
  tpm::CheckCertifiedKeys(*evidence.tpm, input, trace);
  if (evidence.tpm->event_log_digest) tpm::CheckLogs(*evidence.tpm, input, trace);
  CheckConfiguration(evidence, input, trace);
}

Claims ClaimsOf(const Parsed& parsed, const VerifyInput& input) {
  const AzureEvidence& evidence = EvidenceOf(parsed);
  const Expectations hardware = HardwareExpectations(evidence, input);
  const VerifyInput own{input.collateral, input.roots, hardware, input.now, input.cache};
  Claims out = evidence.hardware_scheme->claims(*evidence.hardware, own);
  for (json::Member& member : tpm::MakeClaims(*evidence.tpm, input))
    out.push_back(std::move(member));
  out.emplace_back("isolation", std::string(evidence.hardware_scheme->name));
  out.emplace_back("vm_configuration", evidence.runtime->vm_configuration);
  out.emplace_back("runtime_data", evidence.runtime->document);
  out.emplace_back("user_data", HexEncode(evidence.runtime->user_data));
  return out;
}

json::Value DescribeIt(const Parsed& parsed) {
  const AzureEvidence& evidence = EvidenceOf(parsed);
  return json::Value(json::Object{
      {"hcl_version", evidence.hcl ? json::Value(evidence.hcl->version) : json::Value()},
      {"isolation", std::string(evidence.hardware_scheme->name)},
      {"hardware", evidence.hardware_scheme->describe(*evidence.hardware)},
      {"runtime_data", evidence.runtime->document},
      {"tpm", tpm::Describe(*evidence.tpm)},
  });
}

Meaning MeaningOf(const Parsed& parsed, const Trace& trace) {
  const AzureEvidence& evidence = EvidenceOf(parsed);
  Meaning out = evidence.hardware_scheme->meaning(*evidence.hardware, trace);
  if (!trace.failed()) {
    out.proves.emplace_back("The vTPM that quoted is the one of this confidential VM.");
  }
  if (!evidence.tpm->event_log_digest) {
    out.does_not_prove.emplace_back("How the machine booted: there is no event log, only PCRs.");
  }
  out.does_not_prove.emplace_back(
      "That Azure's paravisor is good: it keeps the vTPM, and only its measurement is proven.");
  return out;
}

CollateralNeeds Needs(const Parsed& parsed, VerifyCache& cache) {
  const AzureEvidence& evidence = EvidenceOf(parsed);
  return evidence.hardware_scheme->needs(*evidence.hardware, cache);
}

}  // namespace

const Scheme kAzureScheme = {
    .name = "azure",
    .title = "Azure confidential VM: hardware report with vTPM quote",
    .recognises = Recognises,
    .parse = Parse,
    .check = CheckAll,
    .claims = ClaimsOf,
    .describe = DescribeIt,
    .meaning = MeaningOf,
    .needs = Needs,
};

}  // namespace assay
