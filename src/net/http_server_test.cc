#include "net/http_server.h"

#include <gtest/gtest.h>

#include <thread>

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

// An answer that was found out after `steps` times.
HttpResponse After(int steps) {
  HttpResponse out;
  out.body = "there";
  if (steps == 0) return out;
  out.later = std::make_shared<const LaterAnswer>(
      LaterAnswer{[](const std::function<void()>& call) { std::thread(call).detach(); },
                  [steps] { return After(steps - 1); }});
  return out;
}

TEST(LaterAnswer, IsAwaitedByWhoCannotDoOtherwise) {
  for (const int steps : {0, 1, 3}) EXPECT_EQ(Completed(After(steps)).body, "there");
}

TEST(LaterAnswer, IsFinishedOnceWhenItIsThere) {
  for (const int steps : {0, 1, 3}) {
    int finished = 0;
    const HttpResponse begun = WhenThere(After(steps), [&finished](HttpResponse answer) {
      answer.body += " and finished " + std::to_string(++finished);
      return answer;
    });
    EXPECT_EQ(finished, steps == 0 ? 1 : 0);
    EXPECT_EQ(Completed(begun).body, "there and finished 1");
  }
}

}  // namespace
}  // namespace assay
