// A server that speaks no protocol.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>

namespace assay {

// A server that takes one connection, sends some bytes and keeps or closes it.
class RawServer {
 public:
  RawServer(std::string answer, bool keep) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 4), 0);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, answer, keep] {
      const int peer = ::accept(listener_, nullptr, nullptr);
      char waste[4096];
      const ssize_t count = ::read(peer, waste, sizeof waste);
      if (count > 0) request_.assign(waste, static_cast<std::size_t>(count));
      static_cast<void>(!::write(peer, answer.data(), answer.size()));
      while (keep && ::read(peer, waste, sizeof waste) > 0) continue;
      ::close(peer);
    });
  }
  ~RawServer() {
    if (thread_.joinable()) thread_.join();
    ::close(listener_);
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;
  std::uint16_t port() const { return port_; }
  // Its first bytes, at most 4096, once the server has answered.
  std::string Request() {
    if (thread_.joinable()) thread_.join();
    return request_;
  }

 private:
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::string request_;  // of the thread, until it ended
  std::thread thread_;
};

}  // namespace assay
