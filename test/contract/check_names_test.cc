// Every check that any scheme makes can be made to fail alone by a simulation, or stands in the one
// list below with the reason why it cannot.
#include <fmt/format.h>

#include <map>
#include <set>

#include "collateral/load.h"
#include "contract/support.h"
#include "simulate/parts.h"
#include "tee/core/roots.h"
#include "vectors/samples.h"

namespace assay::contract {
namespace {

struct Inseparable {
  std::string_view kind, check, reason;
};
constexpr std::array<Inseparable, 10> kCannotFailAlone = {{
    {"tdx", "tcb_info.version",
     "version 2 and older know no TDX: id and levels fail with the version"},
    {"tdx", "tcb_info.id", "TCB info for SGX has no TDX levels: tcb.level fails, too"},
    {"tdx", "qe_identity.version", "version 1 is of the SGX QE: qe_identity.id fails, too"},
    {"snp", "leaf.found", "without a certificate there is no key: report.signature fails, too"},
    {"snp", "report.signature_encoding",
     "R or S beyond 48 bytes is no signature: report.signature fails, too"},
    {"snp", "report.policy.migration", "it warns and never fails: a guest policy may allow it"},
    {"azure", "leaf.found", "as of snp"},
    {"azure", "report.signature_encoding", "as of snp"},
    {"azure", "report.policy.migration", "as of snp"},
    {"azure", "event_log.present", "a log is optional there; once given, it is present"},
}};

using Emitted = std::map<std::string, std::set<std::string>>;  // by scheme

void Collect(const Result<Verdict>& verdict, Emitted& out) {
  if (!verdict) return;
  for (const Check& check : verdict->checks) out[verdict->scheme].emplace(check.name);
}

void CollectSimulations(Emitted& out) {
  for (const NamedShape& shape : AllShapes()) {
    simulate::Simulation simulation = simulate::Simulate(shape.kind, "", shape.shape).value();
    Collect(Judge(simulation), out);
    simulation.expectations = {};
    Collect(Judge(simulation), out);
    simulation.expectations.allow_debug = simulation.expectations.allow_missing_crl = true;
    simulation.collateral = {};
    Collect(Judge(simulation), out);
  }
  for (const char* kind : {"sgx", "tdx", "snp", "tpm", "azure", "vbs"}) {
    for (const std::string& fault : simulate::FaultsOf(kind)) {
      Collect(Judge(simulate::Simulate(kind, fault).value(), kind), out);
    }
  }
}

void CollectSamples(Emitted& out) {
  if (!samples::Present()) return;
  Appraiser appraiser(DefaultRoots());
  for (const char* tee : {"sgx", "oe", "tdx", "snp"}) {
    for (const auto& folder : samples::Folders(tee)) {
      Collateral collateral = LoadCollateralDir(folder, nullptr).value_or(Collateral{});
      for (const char* file :
           {"quote.bin", "oe_report.bin", "cert.der", "sample.signing.cert.der", "report.bin"}) {
        if (!std::filesystem::exists(folder / file)) continue;
        Expectations expectations;
        if (std::filesystem::exists(folder / "ccel_data.bin")) {
          expectations.event_log = samples::Read(folder / "ccel_data.bin");
        }
        Collect(appraiser.Appraise(samples::Read(folder / file), "", collateral, expectations,
                                   ParseTime("2025-06-20T00:00:00Z").value()),
                out);
      }
    }
  }
}

const Inseparable* ReasonFor(std::string_view kind, std::string_view check) {
  for (const Inseparable& one : kCannotFailAlone) {
    if (one.kind == kind && one.check == check) return &one;
  }
  return nullptr;
}

TEST(CheckNames, EachIsAFaultOrHasAReasonNotToBe) {
  Emitted emitted;
  CollectSimulations(emitted);
  CollectSamples(emitted);
  EXPECT_EQ(emitted.size(), AllSchemes().size());
  for (const auto& [kind, names] : emitted) {
    const auto faults = simulate::FaultsOf(kind);
    const std::set<std::string> known(faults.begin(), faults.end());
    for (const std::string& name : names) {
      const bool excused = ReasonFor(kind, name) != nullptr;
      EXPECT_NE(known.contains(name), excused) << kind << ": " << name;
    }
    for (const std::string& fault : known) {
      EXPECT_TRUE(names.contains(fault)) << kind << " never makes the check " << fault;
    }
    fmt::print("{}: {} checks, {} of them can fail alone\n", kind, names.size(), known.size());
  }
  for (const Inseparable& one : kCannotFailAlone) {
    EXPECT_TRUE(emitted[std::string(one.kind)].contains(std::string(one.check))) << one.check;
  }
}

bool Contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The reasons are true: the check fails, and another with it.
TEST(CheckNames, ThoseThatCannotFailAloneFailWithOthers) {
  std::size_t shown = 0;
  for (const Inseparable& one : kCannotFailAlone) {
    if (one.kind != "tdx") continue;
    const auto simulation = simulate::SimulateTdx({one.check, {}}).value();
    const Names failed = FailedIn(Judge(simulation, one.kind).value());
    EXPECT_TRUE(Contains(failed, one.check)) << one.check;
    EXPECT_GT(failed.size(), 1U) << one.check;
    ++shown;
  }
  EXPECT_EQ(shown, 3U);
  simulate::Simulation snp = simulate::Simulate("snp", "").value();
  simulate::Simulation no_leaf = snp;
  std::erase_if(no_leaf.collateral.certificates,
                [](const CertificatePtr& c) { return c->subject_cn() == "SEV-VCEK"; });
  EXPECT_EQ(FailedIn(Judge(no_leaf).value()), (Names{"leaf.found", "report.signature"}));
  snp.evidence[0x2A0 + 48] = std::byte{1};
  EXPECT_EQ(FailedIn(Judge(snp).value()), (Names{"report.signature_encoding", "report.signature"}));
}

}  // namespace
}  // namespace assay::contract
