// The HTTPS server: TLS 1.2 or later, HTTP/1.1 with keep-alive, bounded in every direction.
//
// Connections are coroutines on one I/O thread; requests are answered by a synchronous handler on a
// pool of workers, so that a slow client never holds a worker and a slow request never holds I/O.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"

namespace assay {

struct HttpRequest {
  std::string method;
  std::string path;   // without the query
  std::string query;  // behind the '?', still percent-encoded
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // DER of the TLS client's certificate, verified against client_ca_file; empty if there is none.
  Bytes client_certificate;
  // Why the certificate that came was not accepted; empty if none came or it was.
  std::string client_certificate_fault;
  // DER of the certificate that came, whoever issued it: the client has its private key, and that
  // is all that is known. For who knows the certificate itself.
  Bytes presented_certificate;
  // Since the handler was first asked, for one that wants to be asked again.
  std::chrono::milliseconds waited{0};

  // The first header of that name, whatever its case; empty if there is none.
  std::string_view Header(std::string_view name) const;
  // The value of a query parameter, still percent-encoded; empty if there is none. Its name may be
  // encoded, too.
  std::string_view Parameter(std::string_view name) const;
};

struct LaterAnswer;

struct HttpResponse {
  unsigned status = 200;
  std::string content_type = "application/json; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  // Not zero: there may be a better answer than this one after that time, so the handler is asked
  // again, and no worker is held meanwhile. Sent as it is when too many requests wait already.
  std::chrono::milliseconds again_in{0};
  // Not null: this is no answer yet.
  std::shared_ptr<const LaterAnswer> later = {};
};

// For an answer that must wait for something to become durable. No worker is held meanwhile.
struct LaterAnswer {
  // Calls what it is given once, when `rest` can be asked: at once, or from another thread.
  std::function<void(std::function<void()>)> then;
  // The answer. The request it is for is still there.
  std::function<HttpResponse()> rest;
};

// The answer itself, whatever it has to wait for.
HttpResponse Completed(HttpResponse response);
// What `finish` makes of the answer, once it is there.
HttpResponse WhenThere(HttpResponse response, std::function<HttpResponse(HttpResponse)> finish);

using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

struct HttpServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;        // 0: the system chooses; port() tells
  std::string certificate_file;  // PEM chain, leaf first
  std::string key_file;
  // PEM of the authorities of TLS client certificates; empty: none is asked for. A client without
  // one, or with a bad one, is served all the same: the handler decides, and can say why.
  std::string client_ca_file;
  // Ask for a certificate of whatever authority, also without client_ca_file.
  bool ask_for_any_certificate = false;
  unsigned workers = 0;                         // threads (base/work_pool.h); 0: one per processor
  std::size_t max_connections = 1024;           // more are closed at once
  std::uint32_t max_header_bytes = 16U << 10U;  // SDK requests stay below 4 KiB
  std::uint64_t max_body_bytes = limits::kRequestBytes;
  // What a request may be that says it is larger, by its head alone; may be empty. Called like the
  // handler.
  std::function<std::uint64_t(const HttpRequest&)> large_body_bytes;
  // Told when a worker has nothing to do, after it had; may be empty, and must not take long.
  std::function<void()> when_free;
  std::chrono::seconds handshake_timeout{10};
  std::chrono::seconds request_timeout{30};  // to receive a whole request; also the idle limit
  std::chrono::seconds stop_grace{10};       // for requests in flight when Stop() is called
};

class HttpServer {
 public:
  // Listening and serving when it returns. `handler` is called from many threads at once.
  static Result<std::unique_ptr<HttpServer>> Start(const HttpServerOptions& options,
                                                   HttpHandler handler);
  ~HttpServer();

  std::uint16_t port() const;
  // As many requests are answered as there are processors, or more wait for that.
  bool busy() const;
  // Reads certificate and key anew for connections made from now on; on error the old ones stay.
  Result<void> ReloadTls();
  // Accepts nothing more, waits for requests in flight, then closes every connection.
  void Stop();

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace assay
