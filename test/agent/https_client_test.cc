// The agent's HTTPS client against the service's own server, and against servers that misbehave.
#include "net/client/https_client.h"

#include <gtest/gtest.h>

#include "agent/raw_server.h"
#include "agent/tls_files.h"
#include "support/temporary_folder.h"

namespace assay {
namespace {

using std::chrono::milliseconds;

class HttpsClient : public testing::Test {
 protected:
  void Serve(std::vector<std::string> names, HttpHandler handler) {
    files_ = MakeTlsFiles(folder_.path(), std::move(names));
    HttpServerOptions options;
    options.certificate_file = files_.certificate;
    options.key_file = files_.key;
    server_ = HttpServer::Start(options, std::move(handler)).value();
  }

  Result<HttpsResponse> Send(const std::string& host, HttpsRequest request = {}) {
    HttpsUrl url;
    url.host = host;
    url.port = server_->port();
    url.prefix = "/prefix";
    HttpsClientOptions options;
    options.ca_file = files_.ca;
    options.body_bytes = 1000;
    return SendHttps(url, request, options);
  }

  TemporaryFolder folder_;
  TestTlsFiles files_;
  std::unique_ptr<HttpServer> server_;
};

HttpResponse Hello(const HttpRequest&) {
  HttpResponse out;
  out.body = "{}";
  return out;
}

TEST_F(HttpsClient, SendsTheRequestAndReadsTheAnswer) {
  HttpRequest seen;
  Serve({"IP:127.0.0.1"}, [&seen](const HttpRequest& request) {
    seen = request;
    HttpResponse out;
    out.status = 403;
    out.body = R"({"error":{}})";
    out.headers.emplace_back("Retry-After", "7");
    return out;
  });
  const auto response =
      Send("127.0.0.1", {"POST", "/a?b=c", "{\"x\":1}", {{"Authorization", "Bearer t"}}});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 403U);
  EXPECT_EQ(response->body, R"({"error":{}})");
  EXPECT_EQ(response->headers.at("retry-after"), "7");
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.path, "/prefix/a");
  EXPECT_EQ(seen.query, "b=c");
  EXPECT_EQ(seen.body, "{\"x\":1}");
  EXPECT_EQ(seen.Header("authorization"), "Bearer t");
  EXPECT_EQ(seen.Header("content-type"), "application/json");
}

TEST_F(HttpsClient, FindsTheHostByName) {
  Serve({"DNS:localhost"}, Hello);
  const auto response = Send("localhost");
  EXPECT_TRUE(response) << response.error().message;
}

TEST_F(HttpsClient, RefusesACertificateForAnotherHost) {
  Serve({"DNS:elsewhere.example", "IP:127.0.0.2"}, Hello);
  for (const char* host : {"127.0.0.1", "localhost"}) {
    const auto response = Send(host);
    ASSERT_FALSE(response) << host;
    EXPECT_NE(response.error().message.find("TLS handshake"), std::string::npos);
  }
}

TEST_F(HttpsClient, ACommonNameIsNoName) {
  Serve({}, Hello);
  EXPECT_FALSE(Send("server"));
  EXPECT_FALSE(Send("127.0.0.1"));
}

TEST_F(HttpsClient, RefusesACertificateOfAnotherAuthority) {
  Serve({"IP:127.0.0.1"}, Hello);
  const TemporaryFolder other;
  files_.ca = MakeTlsFiles(other.path(), {"IP:127.0.0.1"}).ca;
  const auto response = Send("127.0.0.1");
  ASSERT_FALSE(response);
  EXPECT_NE(response.error().message.find("TLS handshake"), std::string::npos);
}

TEST_F(HttpsClient, WithoutAnAuthorityTheSystemsAreAsked) {
  Serve({"IP:127.0.0.1"}, Hello);
  files_.ca.clear();
  EXPECT_FALSE(Send("127.0.0.1"));
}

TEST_F(HttpsClient, NamesACaFileThatIsNotThere) {
  Serve({"IP:127.0.0.1"}, Hello);
  files_.ca = "/no/such/ca.pem";
  const auto response = Send("127.0.0.1");
  ASSERT_FALSE(response);
  EXPECT_NE(response.error().message.find("/no/such/ca.pem"), std::string::npos);
}

TEST_F(HttpsClient, RefusesAnAnswerLargerThanItsBound) {
  Serve({"IP:127.0.0.1"}, [](const HttpRequest&) {
    HttpResponse out;
    out.body.assign(1001, 'x');
    return out;
  });
  EXPECT_FALSE(Send("127.0.0.1"));
}

TEST_F(HttpsClient, SaysThatNobodyListens) {
  Serve({"IP:127.0.0.1"}, Hello);
  HttpsUrl url;
  url.host = "127.0.0.1";
  url.port = server_->port();
  server_.reset();
  const auto response = SendHttps(url, {}, {});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kIo);
}

Result<HttpsResponse> SendPlain(const RawServer& server) {
  HttpsClientOptions options;
  options.total_timeout = milliseconds(300);
  return SendToMetadataService("127.0.0.1", server.port(), {}, options);
}

TEST_F(HttpsClient, GivesUpOnAServerThatSaysNothing) {
  const RawServer server("", true);
  HttpsUrl url;
  url.host = "127.0.0.1";
  url.port = server.port();
  HttpsClientOptions options;
  options.total_timeout = milliseconds(300);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(SendHttps(url, {}, options));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST_F(HttpsClient, GivesUpOnAnAnswerThatDoesNotEnd) {
  const RawServer server("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab", true);
  EXPECT_FALSE(SendPlain(server));
}

TEST_F(HttpsClient, RefusesAnAnswerThatWasCutShort) {
  const RawServer server("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab", false);
  EXPECT_FALSE(SendPlain(server));
}

TEST_F(HttpsClient, RefusesAnAnswerThatDoesNotSayHowLongItIs) {
  const RawServer server("HTTP/1.1 200 OK\r\n\r\n{}", false);
  const auto response = SendPlain(server);
  ASSERT_FALSE(response);
  EXPECT_NE(response.error().message.find("how long"), std::string::npos);
}

TEST_F(HttpsClient, RefusesWhatIsNoHttp) {
  const RawServer server("220 mail.example ESMTP\r\n", false);
  EXPECT_FALSE(SendPlain(server));
}

}  // namespace
}  // namespace assay
