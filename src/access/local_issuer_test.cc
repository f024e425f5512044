#include "access/local_issuer.h"

#include <gtest/gtest.h>

#include "access/testing.h"
#include "base/limits.h"

namespace assay::access {
namespace {

using access_testing::IssuerKey;
using access_testing::kNow;
using access_testing::With;

const LocalToken kGood{"urn:assay:local",        "ci", Role::kContributor,
                       "https://localhost:8443", kNow, std::chrono::minutes(5)};

TEST(LocalIssuer, MakesTokensThatAGateWithItsKeySetBelieves) {
  AccessFile file = ParseAccessFile(R"({
    "issuers": [{"issuer": "urn:assay:local", "audiences": ["https://localhost:8443"],
                 "jwks": "x"}],
    "providers": {"default": {"grants": [{"role": "contributor", "issuer": "urn:assay:local",
                  "claim": "roles", "value": "contributor"}]}}})",
                                    "")
                        .value();
  auto keys = std::make_shared<PinnedKeys>(ParseJwks(LocalKeySet(IssuerKey()).value()).value());
  const std::vector<TrustedIssuer> issuers = {{file.issuers[0], keys}};
  const Gate gate(file, issuers, {false, [] { return kNow; }});
  const auto allowed = gate.Check("default", Action::kWritePolicy,
                                  With(IssueLocalToken(IssuerKey(), kGood).value()));
  ASSERT_TRUE(allowed) << allowed.error().message;
  EXPECT_EQ(allowed->subject, "ci");
}

TEST(LocalIssuer, RefusesEmptyClaimsAndLongLives) {
  for (std::string LocalToken::*member :
       {&LocalToken::issuer, &LocalToken::subject, &LocalToken::audience}) {
    LocalToken token = kGood;
    token.*member = "";
    EXPECT_FALSE(IssueLocalToken(IssuerKey(), token));
  }
  LocalToken token = kGood;
  token.lifetime = std::chrono::minutes(0);
  EXPECT_FALSE(IssueLocalToken(IssuerKey(), token));
  token.lifetime = std::chrono::minutes(limits::kLocalTokenMinutes + 1);
  EXPECT_FALSE(IssueLocalToken(IssuerKey(), token));
}

}  // namespace
}  // namespace assay::access
