#include "api/attest_request.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/json.h"

namespace assay {
namespace {

std::string Encoded(std::string_view text) { return Base64UrlEncode(AsBytes(text)); }

Result<AttestRequest> Parse(AttestKind kind, json::Object body) {
  return ParseAttestRequest(kind, json::Write(json::Value(std::move(body))));
}

json::Object Data(std::string_view text, std::string_view type) {
  return {{"data", Encoded(text)}, {"dataType", type}};
}

TEST(AttestRequest, ReadsAQuoteWithBoundDataAndNonce) {
  const auto request = Parse(AttestKind::kSgxEnclave, {{"quote", Encoded("quote")},
                                                       {"runtimeData", Data("held", "Binary")},
                                                       {"initTimeData", Data(R"({"a":1})", "JSON")},
                                                       {"nonce", "n-1"}});
  ASSERT_TRUE(request.has_value()) << request.error().message;
  EXPECT_EQ(request->scheme, "sgx");
  EXPECT_EQ(AsText(request->evidence), "quote");
  EXPECT_EQ(AsText(request->runtime_data->bytes), "held");
  EXPECT_FALSE(request->runtime_data->document.has_value());
  EXPECT_EQ(*request->init_time_data->document->Find("a")->AsInt(), 1);
  EXPECT_EQ(request->nonce, "n-1");
}

TEST(AttestRequest, HashesJsonDataAsSentButReadsItWithoutATerminator) {
  const std::string text("{\"a\":1}\0", 8);
  const auto request =
      Parse(AttestKind::kTdxVm, {{"quote", Encoded("quote")}, {"runtimeData", Data(text, "JSON")}});
  ASSERT_TRUE(request.has_value()) << request.error().message;
  EXPECT_EQ(request->scheme, "tdx");
  EXPECT_EQ(request->runtime_data->bytes.size(), 8U);
  EXPECT_TRUE(request->runtime_data->document.has_value());
}

TEST(AttestRequest, UnwrapsAnOpenEnclaveReport) {
  const std::string header("\1\0\0\0\2\0\0\0\5\0\0\0\0\0\0\0", 16);
  const auto request = Parse(AttestKind::kOpenEnclave, {{"report", Encoded(header + "quote")}});
  ASSERT_TRUE(request.has_value()) << request.error().message;
  EXPECT_EQ(AsText(request->evidence), "quote");
  EXPECT_FALSE(Parse(AttestKind::kOpenEnclave, {{"report", Encoded(header + "longer quote")}}));
  EXPECT_FALSE(Parse(AttestKind::kOpenEnclave, {{"report", Encoded("quote")}}));
}

TEST(AttestRequest, ReadsAnSnpReportWithoutItsChain) {
  const std::string inner = json::Write(json::Object{{"SnpReport", Encoded("report")}});
  const auto request = Parse(AttestKind::kSevSnpVm, {{"report", Encoded(inner)}});
  ASSERT_TRUE(request.has_value()) << request.error().message;
  EXPECT_EQ(AsText(request->evidence), "report");
  EXPECT_TRUE(request->certificates.empty());
}

TEST(AttestRequest, SaysWhichMemberIsWrong) {
  const json::Object quote = {{"quote", Encoded("quote")}};
  const auto with = [&](std::string_view name, json::Value value) {
    json::Object body = quote;
    body.emplace_back(std::string(name), std::move(value));
    return Parse(AttestKind::kSgxEnclave, std::move(body));
  };
  const auto names = [](const Result<AttestRequest>& result, std::string_view member) {
    ASSERT_FALSE(result.has_value()) << member;
    EXPECT_NE(result.error().message.find(member), std::string::npos) << result.error().message;
  };
  names(Parse(AttestKind::kSgxEnclave, {}), "quote");
  names(Parse(AttestKind::kSgxEnclave, {{"quote", "not base64!"}}), "quote");
  names(with("runtimeData", Data("x", "Text")), "runtimeData.dataType");
  names(with("runtimeData", Data("[1]", "JSON")), "runtimeData.data");
  names(with("initTimeData", Data("{", "JSON")), "initTimeData.data");
  names(with("initTimeData", json::Value(1)), "data");
  names(with("nonce", json::Value(1)), "nonce");
  names(with("draftPolicyForAttestation", json::Value(1)), "draftPolicy");
}

TEST(AttestRequest, RefusesBodiesThatAreNoObject) {
  for (const char* body : {"", "[]", "null", "\"x\"", "{\"quote\":\"AA\",\"quote\":\"AA\"}"}) {
    EXPECT_FALSE(ParseAttestRequest(AttestKind::kSgxEnclave, body).has_value()) << body;
  }
}

}  // namespace
}  // namespace assay
