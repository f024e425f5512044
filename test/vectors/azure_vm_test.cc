// Real confidential VMs of Azure: the hardware's report, what it binds, and the vTPM's quote.
#include <gtest/gtest.h>

#include <iostream>

#include "collateral/load.h"
#include "tee/azure/hcl_report.h"
#include "tee/azure/scheme.h"
#include "tee/core/roots.h"
#include "tee/core/verify_cache.h"
#include "vectors/tpm_samples.h"

namespace assay {
namespace {

#define SKIP_WITHOUT_SAMPLES() \
  if (!samples::Present()) GTEST_SKIP() << "no real evidence at " << samples::Root()

struct Vm {
  Bytes hcl_report, td_quote, quote, signature;
  json::Object pcrs;
  Collateral collateral;
  Expectations expectations;
  Time at{};

  std::string Json() const {
    const auto text = [](const Bytes& bytes) { return json::Value(Base64UrlEncode(bytes)); };
    json::Object out{{"assay-evidence", "azure/1"},
                     {"hcl_report", text(hcl_report)},
                     {"quotes", json::Array{json::Object{{"message", text(quote)},
                                                         {"signature", text(signature)}}}},
                     {"pcrs", json::Object{{"sha256", pcrs}}}};
    if (!td_quote.empty()) out.emplace_back("td_quote", text(td_quote));
    return json::Write(out);
  }
};

// A bare RSA signature as TPMT_SIGNATURE: RSASSA, SHA-256, 256 bytes.
Bytes Tpmt(const Bytes& rsa) {
  Bytes out = HexDecode("0014000b0100").value();
  Append(out, rsa);
  return out;
}

json::Object Pcrs(const std::filesystem::path& file) {
  json::Object out;
  const json::Value list = json::Parse(AsText(samples::Read(file))).value();
  for (std::size_t i = 0; i < list.AsArray()->size(); ++i) {
    out.emplace_back(std::to_string(i), (*list.AsArray())[i]);
  }
  return out;
}

Vm Load(const std::filesystem::path& folder, const char* at) {
  Vm out;
  out.hcl_report = samples::Read(folder / "hcl_report.bin");
  out.td_quote = samples::Read(folder / "td_quote.bin");
  out.quote = samples::Read(folder / "tpm_quote.msg");
  out.signature = Tpmt(samples::Read(folder / "tpm_quote.sig"));
  out.pcrs = Pcrs(folder / "tpm_pcrs.json");
  out.collateral = LoadCollateralDir(folder, nullptr).value_or(Collateral{});
  const json::Value about = samples::About(folder);
  const std::string nonce = about.Find("expected")->String("nonce", "expected").value_or("");
  out.expectations.report_data = HexDecode(nonce).value();
  out.expectations.allow_missing_crl = true;  // the samples have none
  out.at = ParseTime(at).value();
  return out;
}

std::string Failures(const Vm& vm) {
  const std::string text = vm.Json();
  const auto parsed = kAzureScheme.parse(AsBytes(text));
  if (!parsed) return "parse: " + parsed.error().message;
  VerifyCache cache;
  Trace trace;
  kAzureScheme.check(**parsed, {vm.collateral, DefaultRoots(), vm.expectations, vm.at, cache},
                     trace);
  std::string out;
  for (const Check& check : trace.checks()) {
    if (check.outcome == Outcome::kFail) out += (out.empty() ? "" : " ") + std::string(check.name);
  }
  return out;
}

// The only moment at which all of the TDX sample's collateral is valid, and the newest.
constexpr const char* kAt = "2026-06-08T12:42:41Z";

Vm Milan() { return Load(samples::Root() / "az-snp/coco-milan-v2", kAt); }

TEST(AzureVm, EverySampleWithAQuoteIsJudged) {
  SKIP_WITHOUT_SAMPLES();
  std::size_t judged = 0;
  for (const char* tee : {"az-snp", "az-tdx"}) {
    for (const auto& folder : samples::Folders(tee)) {
      if (!std::filesystem::exists(folder / "tpm_quote.msg")) continue;
      // One has no collateral of Intel's beside it; all else about it holds.
      const bool bare = folder.filename() == "coco-tdx-v1";
      EXPECT_EQ(Failures(Load(folder, kAt)), bare ? "tcb_info.present qe_identity.present" : "")
          << folder;
      ++judged;
    }
  }
  EXPECT_EQ(judged, 6U);
  std::cout << "judged: " << judged << " Azure confidential VMs\n";
}

TEST(AzureVm, EveryHclReportIsRead) {
  SKIP_WITHOUT_SAMPLES();
  std::size_t read = 0;
  for (const char* tee : {"az-snp", "az-tdx"}) {
    for (const auto& folder : samples::Folders(tee)) {
      const Bytes bytes = samples::Read(folder / "hcl_report.bin");
      const auto report = azure::ParseHclReport(bytes);
      ASSERT_TRUE(report) << folder << ": " << report.error().message;
      EXPECT_EQ(ToBytes(report->runtime_data), samples::Read(folder / "runtime_data.json"));
      const auto data = azure::ParseRuntimeData(report->runtime_data);
      ASSERT_TRUE(data) << folder << ": " << data.error().message;
      ++read;
    }
  }
  EXPECT_EQ(read, 8U);
}

TEST(AzureVm, AnotherChallengeIsRefused) {
  SKIP_WITHOUT_SAMPLES();
  Vm vm = Milan();
  vm.expectations.report_data->front() ^= std::byte{1};
  EXPECT_EQ(Failures(vm), "quote.nonce");
}

TEST(AzureVm, TheQuoteOfAnotherVmsTpmIsRefused) {
  SKIP_WITHOUT_SAMPLES();
  Vm vm = Milan();
  const Vm other = Load(samples::Root() / "az-snp/coco-milan-v1", kAt);
  vm.quote = other.quote;
  vm.signature = other.signature;
  vm.pcrs = other.pcrs;
  vm.expectations.report_data = other.expectations.report_data;
  EXPECT_EQ(Failures(vm), "quote.signature");
}

// The runtime data of one VM with the hardware report of another: the binding is all that fails
// of the report.
TEST(AzureVm, RuntimeDataThatTheHardwareDidNotBindAreRefused) {
  SKIP_WITHOUT_SAMPLES();
  Vm vm = Milan();
  const std::string_view text = AsText(vm.hcl_report);
  const std::size_t at = text.find("\"console-enabled\":true");
  ASSERT_NE(at, std::string_view::npos);
  constexpr std::string_view kChanged = "\"console-enabled\":null";
  std::copy(kChanged.begin(), kChanged.end(), reinterpret_cast<char*>(vm.hcl_report.data()) + at);
  EXPECT_EQ(Failures(vm), "report.report_data");
}

TEST(AzureVm, NoBitOfTheHclReportOrTheQuoteCanBeChanged) {
  SKIP_WITHOUT_SAMPLES();
  const Vm vm = Milan();
  // Fields that nobody relies on: the version (1 or 2), the total size, the reserved bytes.
  const auto without_effect = [](std::size_t byte) {
    return (byte >= 4 && byte < 12) || (byte >= 20 && byte < 32);
  };
  std::size_t refused = 0;
  for (Bytes Vm::*part : {&Vm::hcl_report, &Vm::quote}) {
    for (std::size_t bit = 0; bit < (vm.*part).size() * 8; bit += 3) {
      if (part == &Vm::hcl_report && without_effect(bit / 8)) continue;
      Vm changed = vm;
      (changed.*part)[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
      ASSERT_NE(Failures(changed), "") << "bit " << bit;
      ++refused;
    }
  }
  std::cout << "refused: " << refused << " changed bits of an Azure VM's evidence\n";
}

}  // namespace
}  // namespace assay
