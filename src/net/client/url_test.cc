#include <gtest/gtest.h>

#include "net/client/https_client.h"

namespace assay {
namespace {

TEST(HttpsUrl, HasHostPortAndPrefix) {
  const auto url = ParseHttpsUrl("https://assay.example:8443/a/b/").value();
  EXPECT_EQ(url.host, "assay.example");
  EXPECT_EQ(url.port, 8443);
  EXPECT_EQ(url.prefix, "/a/b");
  EXPECT_EQ(url.Authority(), "assay.example:8443");
  EXPECT_EQ(ParseHttpsUrl("https://assay.example")->Authority(), "assay.example");
  EXPECT_EQ(ParseHttpsUrl("https://assay.example/")->prefix, "");
}

TEST(HttpsUrl, TakesAnIpv6AddressInBrackets) {
  const auto url = ParseHttpsUrl("https://[::1]:8443").value();
  EXPECT_EQ(url.host, "::1");
  EXPECT_EQ(url.Authority(), "[::1]:8443");
}

TEST(HttpsUrl, RefusesWhatIsNotHttpsOrSaysMore) {
  for (const char* text :
       {"http://assay.example", "assay.example", "https://", "https://:443", "https://a:0",
        "https://a:65536", "https://a:", "https://a:1x", "https://user@a", "https://a/?x=1",
        "https://a/#x", "https://a b", "https://a\r\nHost: b", "https://[::1", "https://[::1]x"}) {
    EXPECT_FALSE(ParseHttpsUrl(text)) << text;
  }
}

TEST(MetadataService, GetsNothingOutsideOfLinkLocalAddresses) {
  for (const char* address : {"10.0.0.1", "169.253.0.1", "8.8.8.8", "metadata", "::1"}) {
    const auto response = SendToMetadataService(address, 80, {}, {});
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, ErrorCode::kInvalidArgument) << address;
  }
}

}  // namespace
}  // namespace assay
