#include "net/http_server.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

TEST(HttpRequest, FindsHeadersWhateverTheirCase) {
  HttpRequest request;
  request.headers = {{"Content-Type", "text/plain"}};
  EXPECT_EQ(request.Header("content-type"), "text/plain");
  EXPECT_EQ(request.Header("content-typ"), "");
}

TEST(HttpRequest, FindsQueryParametersWhoseNameIsEncoded) {
  HttpRequest request;
  request.query = "api%2Dversion=7.5&%24skip%74oken=a&bad%2=1&bad%zz=2&%=3";
  EXPECT_EQ(request.Parameter("api-version"), "7.5");
  EXPECT_EQ(request.Parameter("$skiptoken"), "a");
  EXPECT_EQ(request.Parameter("api%2Dversion"), "");
  EXPECT_EQ(request.Parameter("bad"), "");
  EXPECT_EQ(request.Parameter("api-versio"), "");
}

TEST(HttpRequest, FindsQueryParametersByTheirWholeName) {
  HttpRequest request;
  request.query = "xapi-version=1&api-version=2022-08-01&flag";
  EXPECT_EQ(request.Parameter("api-version"), "2022-08-01");
  EXPECT_EQ(request.Parameter("flag"), "");
  EXPECT_EQ(request.Parameter("version"), "");
}

TEST(HttpServer, SaysWhichCertificateItCannotRead) {
  HttpServerOptions options;
  options.certificate_file = "/nonexistent.pem";
  const auto server = HttpServer::Start(options, [](const HttpRequest&) { return HttpResponse(); });
  ASSERT_FALSE(server);
  EXPECT_NE(server.error().message.find("/nonexistent.pem"), std::string::npos);
}

}  // namespace
}  // namespace assay
