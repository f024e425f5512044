#include "tee/tpm/windows_claims.h"

#include <gtest/gtest.h>

namespace assay::tpm {
namespace {

// One event of Windows in PCR 12: code integrity was on.
struct Log {
  Log() {  // its event looks into it: never copied
    for (const std::uint32_t word : {0x40010001U, 9U, 0x00050002U, 1U}) {
      for (unsigned i = 0; i < 4; ++i) data.push_back(static_cast<std::byte>(word >> (8 * i)));
    }
    data.push_back(std::byte{1});
    digest = tcg::Hash(tcg::HashAlgorithm::kSha256, data);
    tcg::Event event;
    event.index = 12;
    event.type = tcg::kEvEventTag;
    event.digests = {{tcg::HashAlgorithm::kSha256, digest}};
    event.data = data;
    log.events = {event};
  }

  Bytes data, digest;
  tcg::EventLog log;
};

std::string ClaimsOf(const tcg::EventLog& log, const tcg::PcrValues& quoted) {
  Claims out;
  AddWindowsClaims(log, quoted, out);
  return json::Write(out);
}

TEST(WindowsClaims, SayWhatWasStatedAndNothingElse) {
  const Log log;
  EXPECT_EQ(ClaimsOf(log.log, {{12, {}}}),
            "{\"windows\":{\"code_integrity\":true,\"elam_drivers\":[],\"vbs_idks_sha256\":[]}}");
}

TEST(WindowsClaims, AreNoneWhereTheirPcrIsNotQuoted) {
  const Log log;
  EXPECT_EQ(ClaimsOf(log.log, {{4, {}}}), "{}");
}

TEST(WindowsClaims, AreNoneWhereTheyCannotBeBelieved) {
  Log log;
  log.digest[0] ^= std::byte{1};
  EXPECT_EQ(ClaimsOf(log.log, {{12, {}}}), "{}");
}

TEST(WindowsClaims, AreNoneOfAnotherSystem) {
  Log log;
  log.log.events.clear();
  EXPECT_EQ(ClaimsOf(log.log, {}), "{}");
}

}  // namespace
}  // namespace assay::tpm
