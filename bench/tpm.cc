#include "tpm.h"

#include <fmt/core.h>

#include <cstdlib>

#include "appraise/appraise.h"
#include "base/encoding.h"
#include "crypto/digest.h"
#include "simulate/machine.h"
#include "tee/tpm/evidence.h"
#include "tee/tpm/scheme.h"

namespace assay::bench {
namespace {

using simulate::SimulatedMachine;

constexpr std::size_t kImaEntries = 100'000;
constexpr std::size_t kNewEntries = 100;

// A machine, and what its service knows of it.
struct Seen {
  SimulatedMachine machine = SimulatedMachine::Make().value();
  Expectations expectations;

  Seen() {
    expectations.enrolled_aks = {machine.ak_name()};
    expectations.report_data = Bytes(32, std::byte{7});
  }
  std::string Answer(const simulate::LeftOut& left_out = {}) const {
    return machine.Answer(*expectations.report_data, left_out).value();
  }
};

Claims Judge(const std::string& evidence, const Expectations& expectations, VerifyCache& cache) {
  const auto parsed = kTpmScheme.parse(AsBytes(evidence));
  if (!parsed) {
    fmt::print(stderr, "bench: {}\n", parsed.error().message);
    std::exit(2);
  }
  const Collateral collateral;
  const TrustedRoots roots;
  const VerifyInput input{collateral, roots, expectations, Time{}, cache};
  Trace trace;
  kTpmScheme.check(**parsed, input, trace);
  if (trace.failed()) {
    fmt::print(stderr, "bench: a machine is not trusted\n");
    std::exit(2);
  }
  return kTpmScheme.claims(**parsed, input);
}

// What the first verdict established.
void Remember(const Claims& claims, std::size_t entries, Seen& seen) {
  for (const auto& [name, value] : claims) {
    if (name != "pcrs") continue;
    seen.expectations.known_ima =
        KnownImaList{entries, "sha256", HexDecode(*value.Find("10")->AsString()).value()};
  }
}

// Quote, unchanged log and list: the signature, and little else.
Measured Warm(const std::function<void()>& p256) {
  Seen seen;
  VerifyCache cache;
  Remember(Judge(seen.Answer(), seen.expectations, cache), seen.machine.ima_entries(), seen);
  const std::string evidence = seen.Answer({true, seen.machine.ima_entries()});
  const auto work = [&] { Judge(evidence, seen.expectations, cache); };
  return Measure({"tpm_warm", p256, {}, work, 1.5, 151, 20});
}

// What no verifier of a list can do without: three digests of each entry.
std::function<void()> ImaFloor() {
  return [data = Bytes(100, std::byte{1}), pcr = Bytes(64, std::byte{2})] {
    for (std::size_t i = 0; i < kImaEntries; ++i) {
      (void)Sha1(data);
      (void)Sha256(data);
      (void)Sha256(pcr);
    }
  };
}

std::vector<Measured> ImaList(const std::function<void()>& p256) {
  Seen seen;
  for (std::size_t i = seen.machine.ima_entries(); i < kImaEntries; ++i) {
    seen.machine.Run(fmt::format("/usr/lib/x86_64-linux-gnu/file-{}", i), fmt::format("{}", i));
  }
  const std::string whole = seen.Answer();
  VerifyCache cache;
  const auto all = [&] { Judge(whole, seen.expectations, cache); };
  std::vector<Measured> out = {Measure({"ima_100000_entries", ImaFloor(), {}, all, 4, 5, 1})};
  Remember(Judge(whole, seen.expectations, cache), kImaEntries, seen);
  for (std::size_t i = 0; i < kNewEntries; ++i) {
    seen.machine.Run(fmt::format("/opt/new-{}", i), fmt::format("{}", i));
  }
  const std::string rest = seen.Answer({true, kImaEntries});
  const auto increment = [&] { Judge(rest, seen.expectations, cache); };
  // Whatever stands before it costs nothing: as much as some signatures.
  out.push_back(Measure({"ima_100_new_of_100000", p256, {}, increment, 10, 31, 10}));
  return out;
}

}  // namespace

std::vector<Measured> MeasureTpm(const std::function<void()>& p256) {
  std::vector<Measured> out = {Warm(p256)};
  for (Measured& one : ImaList(p256)) out.push_back(std::move(one));
  return out;
}

}  // namespace assay::bench
