#include "agent/luks_header.h"

#include <gtest/gtest.h>

#include <string>

namespace assay::agent {
namespace {

// As cryptsetup 2.6 prints it, without what is not read.
struct Metadata {
  std::string keyslot_type = "luks2", keyslot_cipher = "aes-xts-plain64";
  std::string segment_type = "crypt", segment_cipher = "aes-xts-plain64";
  std::string token =
      R"({"type":"assay","keyslots":["3"],"server":"https://a.example","key":"disk",)"
      R"("version":"0123"})";

  std::string Text() const {
    return R"({"keyslots":{"0":{"type":"luks2","area":{"encryption":"aes-xts-plain64"}},"3":{"type":")" +
           keyslot_type + R"(","area":{"encryption":")" + keyslot_cipher +
           R"("}}},"tokens":{"0":{"type":"systemd-tpm2","keyslots":["0"]},"1":)" + token +
           R"(},"segments":{"0":{"type":")" + segment_type + R"(","encryption":")" +
           segment_cipher + R"("}},"digests":{},"config":{}})";
  }
  std::string Complaint() const {
    const auto header = ParseLuksHeader(Text());
    return header ? "" : header.error().message;
  }
};

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(LuksHeader, TellsWhichKeyOpensWhichKeyslot) {
  const auto header = ParseLuksHeader(Metadata().Text());
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(header->keyslots, (std::set<unsigned>{0, 3}));
  ASSERT_EQ(header->tokens.size(), 1U);
  const LuksToken& token = header->tokens.front();
  EXPECT_EQ(token.keyslot, "3");
  EXPECT_EQ(token.server, "https://a.example");
  EXPECT_EQ(token.provider, "");
  EXPECT_EQ(token.key.name, "disk");
  EXPECT_EQ(token.key.version, "0123");
  EXPECT_EQ(FreeKeyslot(*header), 1U);
}

TEST(LuksHeader, ReadsTheTokenThatItWrites) {
  const LuksToken token{"7", "https://a.example:8443", "team-a", {"disk", "0123"}};
  Metadata metadata;
  metadata.token = LuksTokenJson(token);
  const auto header = ParseLuksHeader(metadata.Text());
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(header->tokens.front().keyslot, "7");
  EXPECT_EQ(header->tokens.front().provider, "team-a");
}

// What whoever has the disk could write there to have the data in the clear.
TEST(LuksHeader, RefusesACipherThatHidesNothing) {
  Metadata metadata;
  metadata.segment_cipher = "cipher_null-ecb";
  EXPECT_TRUE(Has(metadata.Complaint(), "segment 0"));
  metadata = {};
  metadata.keyslot_cipher = "cipher_null-ecb";
  EXPECT_TRUE(Has(metadata.Complaint(), "keyslot 3"));
  metadata = {};
  metadata.segment_type = "linear";
  EXPECT_TRUE(Has(metadata.Complaint(), "segment 0"));
  metadata = {};
  metadata.keyslot_type = "reencrypt";
  EXPECT_TRUE(Has(metadata.Complaint(), "keyslot 3"));
  EXPECT_FALSE(ParseLuksHeader(R"({"keyslots":{},"tokens":{},"segments":{}})"));
}

TEST(LuksHeader, RefusesTokensThatSayTooMuchOrTooLittle) {
  Metadata metadata;
  for (const char* token :
       {R"({"type":"assay","keyslots":[],"server":"s","key":"k","version":"1"})",
        R"({"type":"assay","keyslots":["1","2"],"server":"s","key":"k","version":"1"})",
        R"({"type":"assay","keyslots":["32"],"server":"s","key":"k","version":"1"})",
        R"({"type":"assay","keyslots":["--header"],"server":"s","key":"k","version":"1"})",
        R"({"type":"assay","keyslots":["1"],"key":"k","version":"1"})",
        R"({"type":"assay","keyslots":["1"],"server":"s","key":"a/b","version":"1"})",
        R"({"type":"assay","keyslots":["1"],"server":"s","key":"k"})"}) {
    metadata.token = token;
    EXPECT_NE(metadata.Complaint(), "") << token;
  }
}

TEST(LuksHeader, HasNoFreeKeyslotWhenAllAreInUse) {
  LuksHeader header;
  for (unsigned number = 0; number < 32; ++number) header.keyslots.insert(number);
  EXPECT_FALSE(FreeKeyslot(header));
}

}  // namespace
}  // namespace assay::agent
