// `assay serve`: what it asks to be told before it opens a port.
#include <gtest/gtest.h>

#include "cli/commands.h"

namespace assay::cli {
namespace {

std::string WhyNot(const Options& options) {
  const auto started = RunServe(options);
  return started ? "it started" : started.error().message;
}

TEST(Serve, DoesNotStartOpenUnlessToldInWords) {
  Options options;
  options.store = "/nonexistent";
  EXPECT_EQ(WhyNot(options), "who may use the service is not said");
}

TEST(Serve, DoesNotTakeAnAccessFileAndOpennessAtOnce) {
  Options options;
  options.store = "/nonexistent";
  options.access = "access.json";
  options.insecure_open_attestation = true;
  EXPECT_EQ(WhyNot(options), "--access and --insecure-open-attestation exclude each other");
}

TEST(Serve, NeedsCollateralFromSomewhere) {
  EXPECT_EQ(WhyNot(Options{}), "no collateral: --store DIR or --collateral DIR is needed");
}

TEST(Serve, PutsItsOwnEvidenceOnTheRecordOrStartsWithout) {
  Options options;
  options.store = "/nonexistent";
  options.insecure_open_attestation = true;
  options.own_evidence = "required";
  options.without_ledger = true;
  EXPECT_EQ(WhyNot(options),
            "--own-evidence required goes on the record: it excludes --without-ledger");
}

}  // namespace
}  // namespace assay::cli
