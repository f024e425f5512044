#include "net/client/https_client.h"

#include <algorithm>
#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <cctype>

namespace assay {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;
using ErrorStatus = boost::system::error_code;
using Tcp = asio::ip::tcp;
using TcpStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<TcpStream>;
using Clock = std::chrono::steady_clock;

tl::unexpected<Error> Failed(std::string_view peer, std::string_view doing, std::string why,
                             std::string hint = {}) {
  return Fail(ErrorCode::kIo, std::string(peer) + ": " + std::string(doing) + ": " + std::move(why),
              std::move(hint));
}

// Runs one asynchronous operation to its end; streams bound it by their own timers.
template <typename Start>
ErrorStatus Await(asio::io_context& io, Start start) {
  ErrorStatus out = asio::error::would_block;
  start([&out](const ErrorStatus& error, auto&&...) { out = error; });
  io.restart();
  io.run();
  return out;
}

Result<std::vector<Tcp::endpoint>> Resolve(asio::io_context& io, const std::string& host,
                                           std::uint16_t port, Clock::time_point deadline) {
  ErrorStatus error;
  const asio::ip::address address = asio::ip::make_address(host, error);
  if (!error) return std::vector{Tcp::endpoint(address, port)};
  std::vector<Tcp::endpoint> out;
  error = asio::error::timed_out;
  Tcp::resolver resolver(io);
  resolver.async_resolve(host, std::to_string(port),
                         [&](const ErrorStatus& result, const Tcp::resolver::results_type& found) {
                           error = result;
                           for (const auto& entry : found) out.push_back(entry.endpoint());
                         });
  io.restart();
  io.run_until(deadline);
  if (error == asio::error::timed_out) {
    resolver.cancel();
    io.restart();
    io.run();
  }
  if (error || out.empty()) {
    return Failed(host, "looking up the host", error.message(), "check the name and the network");
  }
  return out;
}

Result<void> Connect(asio::io_context& io, TcpStream& stream,
                     const std::vector<Tcp::endpoint>& endpoints, std::string_view peer,
                     Clock::time_point deadline) {
  stream.expires_at(deadline);
  const ErrorStatus error = Await(io, [&](auto done) { stream.async_connect(endpoints, done); });
  if (error) {
    return Failed(peer, "connecting", error.message(), "is the service running and reachable?");
  }
  return {};
}

Result<ssl::context> MakeTls(const HttpsClientOptions& options) {
  ssl::context context(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  ErrorStatus error;
  if (options.ca_file.empty()) {
    context.set_default_verify_paths(error);
  } else {
    context.load_verify_file(options.ca_file, error);
  }
  if (error) {
    return Fail(ErrorCode::kIo, "CA file " + options.ca_file + ": " + error.message(),
                "expected a PEM file with the certificate of the authority to trust");
  }
  return context;
}

Result<void> Handshake(asio::io_context& io, TlsStream& stream, const HttpsUrl& url,
                       std::string_view peer) {
  stream.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
  stream.set_verify_callback(ssl::host_name_verification(url.host));
  ErrorStatus ignored;
  asio::ip::make_address(url.host, ignored);
  // RFC 6066 §3: an address is no server name.
  if (ignored && SSL_set_tlsext_host_name(stream.native_handle(), url.host.c_str()) != 1) {
    return Failed(peer, "TLS", "the host's name cannot be sent");
  }
  const ErrorStatus error =
      Await(io, [&](auto done) { stream.async_handshake(ssl::stream_base::client, done); });
  if (!error) return {};
  const long verdict = SSL_get_verify_result(stream.native_handle());
  std::string why = error.message();
  if (verdict != X509_V_OK) {
    why += std::string(" (") + X509_verify_cert_error_string(verdict) + ")";
  }
  return Failed(peer, "TLS handshake", std::move(why),
                "the certificate must name this host and stand under the CA that was given");
}

http::request<http::string_body> ToMessage(const HttpsRequest& request, std::string_view prefix,
                                           const std::string& authority) {
  http::request<http::string_body> out;
  out.method_string(request.method);
  out.target(std::string(prefix) + request.target);
  out.set(http::field::host, authority);
  out.set(http::field::user_agent, "assay-agent/" ASSAY_VERSION);
  out.set(http::field::accept, "application/json");
  out.set(http::field::connection, "close");
  if (!request.body.empty()) out.set(http::field::content_type, "application/json");
  for (const auto& [name, value] : request.headers) out.set(name, value);
  out.body() = request.body;
  out.prepare_payload();
  return out;
}

HttpsResponse ToResponse(http::response<http::string_body>&& message) {
  HttpsResponse out;
  out.status = message.result_int();
  for (const auto& field : message) {
    std::string name(field.name_string());
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    out.headers[std::move(name)] = std::string(field.value());
  }
  out.body = std::move(message.body());
  return out;
}

template <typename Stream>
Result<HttpsResponse> Exchange(asio::io_context& io, Stream& stream,
                               const http::request<http::string_body>& message,
                               std::string_view peer, const HttpsClientOptions& options) {
  ErrorStatus error = Await(io, [&](auto done) { http::async_write(stream, message, done); });
  // A server that refuses a body early closes while it is sent: its answer may be there already.
  const ErrorStatus sending = error;
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.header_limit(limits::kAgentAnswerHeaderBytes);
  parser.body_limit(options.body_bytes);
  error = Await(io, [&](auto done) { http::async_read(stream, buffer, parser, done); });
  if (error && sending) return Failed(peer, "sending the request", sending.message());
  if (error) return Failed(peer, "reading the answer", error.message());
  // Without a length, an answer that an attacker cut short would look complete.
  if (parser.need_eof() && !parser.get().body().empty()) {
    return Failed(peer, "reading the answer", "it does not say how long it is");
  }
  return ToResponse(parser.release());
}

}  // namespace

Result<HttpsResponse> SendHttps(const HttpsUrl& url, const HttpsRequest& request,
                                const HttpsClientOptions& options) {
  const auto begin = Clock::now();
  const std::string peer = "https://" + url.Authority();
  asio::io_context io{1};
  ssl::context context = TRY(MakeTls(options));
  const auto connected_by = begin + options.connect_timeout;
  const auto endpoints = TRY(Resolve(io, url.host, url.port, connected_by));
  TlsStream stream(io, context);
  TcpStream& tcp = beast::get_lowest_layer(stream);
  TRY_VOID(Connect(io, tcp, endpoints, peer, connected_by));
  tcp.expires_at(begin + options.total_timeout);
  TRY_VOID(Handshake(io, stream, url, peer));
  return Exchange(io, stream, ToMessage(request, url.prefix, url.Authority()), peer, options);
}

Result<HttpsResponse> SendToMetadataService(std::string_view address, std::uint16_t port,
                                            const HttpsRequest& request,
                                            const HttpsClientOptions& options) {
  const auto begin = Clock::now();
  const std::string peer = "http://" + std::string(address);
  ErrorStatus error;
  const asio::ip::address_v4 host = asio::ip::make_address_v4(std::string(address), error);
  if (error || (!host.is_loopback() && (host.to_uint() >> 16U) != 0xA9FEU)) {
    return Fail(ErrorCode::kInvalidArgument,
                peer + ": plain HTTP goes to link-local addresses only");
  }
  asio::io_context io{1};
  TcpStream stream(io);
  TRY_VOID(Connect(io, stream, {Tcp::endpoint(host, port)}, peer, begin + options.connect_timeout));
  stream.expires_at(begin + options.total_timeout);
  return Exchange(io, stream, ToMessage(request, {}, std::string(address)), peer, options);
}

}  // namespace assay
