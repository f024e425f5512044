#include "cli/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/report.h"

namespace assay::cli {
namespace {

struct SubjectTitle {
  std::string_view subject, text;
};

// What the first part of a check's name stands for.
constexpr std::array kTitles = std::to_array<SubjectTitle>({
    {"ak", "the TPM's attestation key"},
    {"ak_crl", "the revocation lists of its issuers"},
    {"attestation_key", "the key that signed the evidence"},
    {"binding", "data bound to the evidence"},
    {"chain", "the certificate path to AMD's root"},
    {"event_log", "the boot log against the registers"},
    {"ima", "what ran since the boot"},
    {"intermediate", "the issuing CA"},
    {"intermediate_crl", "the issuing CA's revocation list"},
    {"leaf", "the certificate of the chip or the provider"},
    {"pck", "the platform's certificate (PCK)"},
    {"pck_crl", "the issuing CA's revocation list"},
    {"qe", "the quoting enclave against Intel's description"},
    {"qe_identity", "Intel's description of the quoting enclave"},
    {"qe_report", "the quoting enclave's own report"},
    {"quote", "the quote"},
    {"ra_tls", "the TLS certificate that carried the evidence"},
    {"report", "the report"},
    {"report_data", "what the attester bound"},
    {"root", "the vendor's root certificate"},
    {"root_crl", "the root's revocation list"},
    {"secure_boot", "whether only signed code could boot"},
    {"sgx", "the enclave"},
    {"tcb", "firmware and microcode"},
    {"tcb_info", "Intel's statement about platforms of this kind"},
    {"tdx", "the trust domain"},
    {"tdx_module", "the TDX module"},
});

std::string_view SubjectOf(const Check& check) {
  return check.name.substr(0, check.name.find('.'));
}

std::string_view TitleOf(std::string_view subject) {
  const auto it = std::find_if(kTitles.begin(), kTitles.end(),
                               [&](const SubjectTitle& title) { return title.subject == subject; });
  return it == kTitles.end() ? std::string_view() : it->text;
}

std::vector<std::string_view> Subjects(const std::vector<Check>& checks) {
  std::vector<std::string_view> out;
  for (const Check& check : checks) {
    const std::string_view subject = SubjectOf(check);
    if (std::find(out.begin(), out.end(), subject) == out.end()) out.push_back(subject);
  }
  return out;
}

std::string Branch(const Check& check, bool last) {
  const std::string_view subject = SubjectOf(check);
  const std::string_view name =
      check.name.size() > subject.size() ? check.name.substr(subject.size() + 1) : check.name;
  const std::string_view trunk = last ? "   " : "│  ";
  std::string out = fmt::format("{} {} {:<20} {}\n", last ? "└─" : "├─", OutcomeMark(check.outcome),
                                name, check.found);
  out += fmt::format("{}       {:<20} expected {}\n", trunk, "", check.expected);
  out += fmt::format("{}       {:<20} {}{}\n", trunk, "", check.clause, PlaceText(check.where));
  return out;
}

}  // namespace

std::string ExplainText(const Verdict& verdict) {
  std::string out = Headline(verdict) + FailedText(verdict);
  for (const std::string_view subject : Subjects(verdict.checks)) {
    std::vector<const Check*> checks;
    for (const Check& check : verdict.checks) {
      if (SubjectOf(check) == subject) checks.push_back(&check);
    }
    out += fmt::format("\n{}: {}\n", subject, TitleOf(subject));
    for (const Check* check : checks) out += Branch(*check, check == checks.back());
  }
  return out + "\n" + MeaningText(verdict);
}

}  // namespace assay::cli
