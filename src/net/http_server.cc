#include "net/http_server.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <future>
#include <mutex>
#include <optional>
#include <thread>

#include "base/limits.h"
#include "base/work_pool.h"
#include "net/client_certificate.h"

namespace assay {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;
using Tcp = asio::ip::tcp;
using Stream = beast::ssl_stream<beast::tcp_stream>;
using Parser = http::request_parser<http::string_body>;
using Outgoing = http::response<http::string_body>;
using TlsPtr = std::shared_ptr<ssl::context>;

// After a refused request; enough for a client that sent a body a few times too large.
constexpr std::chrono::seconds kDrainTime{2};
constexpr std::size_t kDrainBytes = 8U << 20U;

// That a request waits at most to be answered, when those who are answered wait for something and
// do not say so (base/work_pool.h).
constexpr std::chrono::milliseconds kPatience{200};

unsigned Processors() { return std::max(1U, std::thread::hardware_concurrency()); }

Result<TlsPtr> LoadTls(const HttpServerOptions& options) {
  boost::system::error_code error;
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  // Renegotiation lets a client make the server work for nothing.
  SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  context->use_certificate_chain_file(options.certificate_file, error);
  if (error) {
    return Fail(ErrorCode::kIo,
                "TLS certificate " + options.certificate_file + ": " + error.message(),
                "expected a PEM file with the server certificate first");
  }
  context->use_private_key_file(options.key_file, ssl::context::pem, error);
  if (error || SSL_CTX_check_private_key(context->native_handle()) != 1) {
    return Fail(ErrorCode::kIo,
                "TLS key " + options.key_file + ": " +
                    (error ? error.message() : "belongs to another certificate"),
                "expected the PEM private key of the TLS certificate");
  }
  if (!options.client_ca_file.empty() || options.ask_for_any_certificate) {
    TRY_VOID(AskForClientCertificates(context->native_handle(), options.client_ca_file,
                                      options.ask_for_any_certificate));
  }
  return context;
}

// Without its body.
HttpRequest HeadOf(const http::request<http::string_body>& message) {
  HttpRequest out;
  out.method = std::string(message.method_string());
  const std::string_view target(message.target().data(), message.target().size());
  const std::size_t question = std::min(target.find('?'), target.size());
  out.path = target.substr(0, question);
  if (question < target.size()) out.query = target.substr(question + 1);
  for (const auto& field : message) {
    out.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  return out;
}

Outgoing ToMessage(HttpResponse&& response, unsigned version, bool keep_alive) {
  Outgoing out{http::int_to_status(response.status), version};
  out.set(http::field::content_type, response.content_type);
  for (const auto& [name, value] : response.headers) out.set(name, value);
  out.keep_alive(keep_alive);
  out.body() = std::move(response.body);
  out.prepare_payload();
  return out;
}

HttpResponse Refusal(unsigned status, std::string_view code, std::string_view message) {
  HttpResponse out;
  out.status = status;
  out.body.append(R"({"error":{"code":")").append(code);
  out.body.append(R"(","message":")").append(message).append(R"("}})");
  return out;
}

// What can be said to a client whose request could not be read; nothing if it only went away.
std::optional<HttpResponse> ReadRefusal(const boost::system::error_code& error) {
  if (error == http::error::body_limit) {
    return Refusal(413, "RequestTooLarge", "the body is larger than this service accepts");
  }
  if (error == boost::asio::error::no_buffer_space) {
    HttpResponse out =
        Refusal(503, "ServiceBusy", "other requests of this size are answered; send it again");
    out.headers.emplace_back("Retry-After", "2");
    return out;
  }
  if (error == http::error::header_limit) {
    return Refusal(431, "HeaderTooLarge", "the header is larger than this service accepts");
  }
  if (error.category() == http::make_error_code(http::error::bad_method).category() &&
      error != http::error::end_of_stream && error != http::error::partial_message) {
    return Refusal(400, "BadRequest", "the request is not HTTP/1.1");
  }
  return std::nullopt;
}

template <typename Handler>
HttpResponse Answer(const Handler& handler) {
  try {
    return handler();
  } catch (const std::exception&) {
    // What a library threw is not for clients; nothing of ours throws.
    return Refusal(500, "InternalError", "the request could not be processed");
  }
}

// As Answer: what is thrown ends this request and not the server.
std::uint64_t Allowed(const HttpServerOptions& options, const HttpRequest& head) {
  try {
    return options.large_body_bytes ? options.large_body_bytes(head) : options.max_body_bytes;
  } catch (const std::exception&) {
    return 0;
  }
}

// A counter that is held for a scope.
class Held {
 public:
  explicit Held(std::atomic<std::size_t>& count) : count_(count) { ++count_; }
  ~Held() { --count_; }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

 private:
  std::atomic<std::size_t>& count_;
};

}  // namespace

class HttpServer::Impl {
 public:
  Impl(const HttpServerOptions& options, HttpHandler handler)
      : options_(options),
        handler_(std::move(handler)),
        pool_(Processors(), options.workers != 0 ? options.workers : Processors(), kPatience,
              options.when_free) {}
  ~Impl() { Stop(); }

  Result<void> Start() {
    TRY_VOID(ReloadTls());
    boost::system::error_code error;
    const auto address = asio::ip::make_address(options_.address, error);
    if (error) {
      return Fail(ErrorCode::kInvalidArgument,
                  "listen address " + options_.address + ": expected an IPv4 or IPv6 address");
    }
    const Tcp::endpoint endpoint(address, options_.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      return Fail(ErrorCode::kIo,
                  "cannot listen on " + options_.address + " port " +
                      std::to_string(options_.port) + ": " + error.message(),
                  "choose another port");
    }
    port_ = acceptor_.local_endpoint().port();
    asio::co_spawn(io_, Accept(), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
    return {};
  }

  Result<void> ReloadTls() {
    TlsPtr fresh = TRY(LoadTls(options_));
    const std::lock_guard lock(tls_mutex_);
    tls_ = std::move(fresh);
    return {};
  }

  void Stop() {
    if (stopping_.exchange(true)) return;
    asio::post(io_, [this] {
      boost::system::error_code ignored;
      acceptor_.close(ignored);
    });
    const auto deadline = std::chrono::steady_clock::now() + options_.stop_grace;
    // An answer that comes later comes in any case, and needs the pool.
    while (later_ != 0 || (busy_ != 0 && std::chrono::steady_clock::now() < deadline)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    pool_.Stop();
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }

  std::uint16_t port() const { return port_; }
  bool busy() const { return pool_.busy(); }

 private:
  asio::awaitable<void> Accept() {
    while (!stopping_) {
      boost::system::error_code error;
      Tcp::socket socket(io_);
      co_await acceptor_.async_accept(socket, asio::redirect_error(asio::use_awaitable, error));
      if (error == asio::error::operation_aborted || stopping_) co_return;
      if (error) {
        // Out of descriptors, most likely: wait instead of spinning.
        asio::steady_timer timer(io_, std::chrono::milliseconds(50));
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
        continue;
      }
      if (connections_ >= options_.max_connections) continue;  // the socket closes here
      socket.set_option(Tcp::no_delay(true), error);
      asio::co_spawn(io_, Serve(std::move(socket)), asio::detached);
    }
  }

  asio::awaitable<void> Serve(Tcp::socket socket) {
    const Held connection(connections_);
    const TlsPtr tls = CurrentTls();
    Stream stream(std::move(socket), *tls);
    boost::system::error_code error;
    beast::get_lowest_layer(stream).expires_after(options_.handshake_timeout);
    co_await stream.async_handshake(ssl::stream_base::server,
                                    asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    const TlsPeer peer = PeerOf(stream.native_handle());
    beast::flat_buffer buffer;
    bool again = true;
    while (again) again = co_await ServeOne(stream, buffer, peer);
    beast::get_lowest_layer(stream).expires_after(std::chrono::seconds(2));
    co_await stream.async_shutdown(asio::redirect_error(asio::use_awaitable, error));
  }

  // A request, unless the error says why not. `large` is held as long as it is.
  asio::awaitable<boost::system::error_code> Read(Stream& stream, beast::flat_buffer& buffer,
                                                  Parser& parser, std::optional<Held>& large) {
    boost::system::error_code error;
    parser.header_limit(options_.max_header_bytes);
    parser.body_limit(boost::none);  // the head says which bound it has
    beast::get_lowest_layer(stream).expires_after(options_.request_timeout);
    co_await http::async_read_header(stream, buffer, parser,
                                     asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return error;
    const std::uint64_t length = parser.content_length().value_or(0);
    if (length > options_.max_body_bytes) {
      const HttpRequest head = HeadOf(parser.get());
      const std::uint64_t most = co_await OnPool<std::uint64_t>(
          [this, &head](const std::function<void(std::uint64_t)>& done) {
            done(Allowed(options_, head));
          });
      if (length > most) co_return http::make_error_code(http::error::body_limit);
      // Counted by the I/O thread alone, so nobody comes in between.
      if (large_ >= limits::kLargeRequests) co_return asio::error::no_buffer_space;
      large.emplace(large_);
      beast::get_lowest_layer(stream).expires_after(limits::kLargeRequestTime);
    }
    parser.body_limit(std::max(length, options_.max_body_bytes));
    co_await http::async_read(stream, buffer, parser,
                              asio::redirect_error(asio::use_awaitable, error));
    co_return error;
  }

  // Until the handler has its answer, or no more requests may wait for theirs.
  asio::awaitable<HttpResponse> Respond(HttpRequest request) {
    const auto begin = std::chrono::steady_clock::now();
    std::optional<Held> waiting;
    for (;;) {
      HttpResponse out = co_await AnswerOf(request);
      const bool room = waiting || waiting_ < limits::kWaitingRequests;
      if (out.again_in.count() == 0 || stopping_ || !room) co_return out;
      if (!waiting) waiting.emplace(waiting_);
      boost::system::error_code ignored;
      asio::steady_timer timer(io_, out.again_in);
      co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
      request.waited = std::chrono::duration_cast<std::chrono::milliseconds>(
          std::chrono::steady_clock::now() - begin);
    }
  }

  // One request and its answer; true to go on with the connection.
  asio::awaitable<bool> ServeOne(Stream& stream, beast::flat_buffer& buffer, const TlsPeer& peer) {
    Parser parser;
    std::optional<Held> large;
    boost::system::error_code error = co_await Read(stream, buffer, parser, large);
    HttpResponse response;
    bool keep_alive = false;
    const Held busy(busy_);
    if (error) {
      std::optional<HttpResponse> refusal = ReadRefusal(error);
      if (!refusal) co_return false;
      response = std::move(*refusal);
    } else {
      keep_alive = parser.get().keep_alive() && !stopping_;
      http::request<http::string_body> message = parser.release();
      HttpRequest request = HeadOf(message);
      request.body = std::move(message.body());
      request.client_certificate = peer.certificate;
      request.client_certificate_fault = peer.fault;
      request.presented_certificate = peer.presented;
      beast::get_lowest_layer(stream).expires_never();
      response = co_await Respond(std::move(request));
    }
    Outgoing message = ToMessage(std::move(response), 11, keep_alive);
    beast::get_lowest_layer(stream).expires_after(options_.request_timeout);
    co_await http::async_write(stream, message, asio::redirect_error(asio::use_awaitable, error));
    if (!parser.is_done() && !error) co_await Drain(stream);
    co_return keep_alive && !error;
  }

  // Reads on for a little after a refusal: closing with unread data would reset the connection
  // before the client has read why.
  static asio::awaitable<void> Drain(Stream& stream) {
    std::array<char, 16U << 10U> waste{};
    boost::system::error_code error;
    beast::get_lowest_layer(stream).expires_after(kDrainTime);
    std::size_t left = kDrainBytes;
    while (!error && left > 0) {
      const std::size_t count = co_await stream.async_read_some(
          asio::buffer(waste), asio::redirect_error(asio::use_awaitable, error));
      left -= std::min(left, count);
    }
  }

  // What `work` finds out on the pool. Whoever awaits it keeps what it refers to.
  template <typename T>
  asio::awaitable<T> OnPool(std::function<void(std::function<void(T)>)> work) {
    return asio::async_initiate<const asio::use_awaitable_t<>&, void(T)>(
        [this, work = std::move(work)](auto handler) mutable {
          const auto executor = asio::get_associated_executor(handler);
          const auto resume = std::make_shared<decltype(handler)>(std::move(handler));
          const auto done = [executor, resume](T out) {
            asio::post(executor, [resume, out = std::move(out)]() mutable {
              std::move (*resume)(std::move(out));
            });
          };
          pool_.Submit([work = std::move(work), done] { work(done); });
        },
        asio::use_awaitable);
  }

  asio::awaitable<HttpResponse> AnswerOf(const HttpRequest& request) {
    return OnPool<HttpResponse>([this, &request](std::function<void(HttpResponse)> done) {
      Advance([this, &request] { return handler_(request); }, std::move(done));
    });
  }

  // A step to the answer. Between two of them the request is with no thread.
  template <typename Step>
  void Advance(const Step& step, std::function<void(HttpResponse)> done) {
    HttpResponse out = Answer(step);
    const std::shared_ptr<const LaterAnswer> later = out.later;
    if (later == nullptr) return done(std::move(out));
    const auto held = std::make_shared<const Held>(later_);
    later->then([this, later, held, done = std::move(done)] {
      pool_.Submit([this, later, held, done] { Advance(later->rest, done); });
    });
  }

  TlsPtr CurrentTls() {
    const std::lock_guard lock(tls_mutex_);
    return tls_;
  }

  const HttpServerOptions options_;
  const HttpHandler handler_;
  asio::io_context io_{1};
  Tcp::acceptor acceptor_{io_};
  std::mutex tls_mutex_;
  TlsPtr tls_;  // guarded by tls_mutex_; connections keep the one they started with
  std::atomic<std::size_t> connections_{0};
  std::atomic<std::size_t> busy_{0};
  std::atomic<std::size_t> large_{0};    // requests beyond max_body_bytes
  std::atomic<std::size_t> waiting_{0};  // to be asked again
  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> later_{0};  // answers that are not there yet
  std::uint16_t port_ = 0;
  std::thread thread_;
  WorkPool pool_;  // goes first: its tasks use all the others
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpServerOptions& options,
                                                      HttpHandler handler) {
  auto impl = std::make_unique<Impl>(options, std::move(handler));
  TRY_VOID(impl->Start());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpResponse WhenThere(HttpResponse response, std::function<HttpResponse(HttpResponse)> finish) {
  const std::shared_ptr<const LaterAnswer> later = response.later;
  if (later == nullptr) return finish(std::move(response));
  response.later = std::make_shared<const LaterAnswer>(LaterAnswer{
      later->then,
      [later, finish = std::move(finish)] { return WhenThere(later->rest(), finish); }});
  return response;
}

HttpResponse Completed(HttpResponse response) {
  while (response.later != nullptr) {
    const std::shared_ptr<const LaterAnswer> later = std::move(response.later);
    const auto ready = std::make_shared<std::promise<void>>();
    later->then([ready] { ready->set_value(); });
    ready->get_future().wait();
    response = later->rest();
  }
  return response;
}

std::uint16_t HttpServer::port() const { return impl_->port(); }
bool HttpServer::busy() const { return impl_->busy(); }
Result<void> HttpServer::ReloadTls() { return impl_->ReloadTls(); }
void HttpServer::Stop() { impl_->Stop(); }

}  // namespace assay
