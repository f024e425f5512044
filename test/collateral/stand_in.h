// A stand-in for Intel's PCS, a PCCS and AMD's KDS: serves what a simulation made, by the vendors'
// paths, with the faults that a test asks for.
//
// Paths and answers as in Intel PCS API v4 (documents with an issuer chain in a header), PCCS v4
// (the root's list as hexadecimal text under rootcacrl) and AMD 57230 (VCEK and CRL as DER, chain
// as PEM). One thread for each connection.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "simulate/simulate.h"

namespace assay::testing {

enum class HostFault {
  kNone,
  kSlow,          // answers after half a second
  kThrottled,     // 429 with Retry-After: 3600
  kServerError,   // 500
  kTruncated,     // closes in the middle of the body
  kRedirect,      // 302 to a file: URL
  kHuge,          // 5 MiB of nothing
  kWrongContent,  // a portal's page
};

class StandIn {
 public:
  // Serves the collateral of `simulation`; more can be added.
  explicit StandIn(const simulate::Simulation& simulation);
  ~StandIn();
  StandIn(const StandIn&) = delete;
  StandIn& operator=(const StandIn&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  // What is served under a path and its query from now on.
  void Serve(const std::string& target, Bytes body, std::string issuer_chain = {});
  // For paths that contain `part`; kNone to end it.
  void SetFault(const std::string& part, HostFault fault);
  // Everything that was asked for, in order.
  std::vector<std::string> asked() const;
  std::size_t count(const std::string& part) const;
  std::size_t not_modified() const { return not_modified_; }

 private:
  struct Document {
    Bytes body;
    std::string issuer_chain;
  };
  void AddIntel(const simulate::Simulation& simulation);
  void AddAmd(const simulate::Simulation& simulation);
  void Accept();
  void AnswerOne(int connection);
  std::string Respond(const std::string& request, HostFault& fault);

  mutable std::mutex mutex_;
  std::map<std::string, Document> documents_;  // guarded by mutex_
  std::map<std::string, HostFault> faults_;    // guarded by mutex_
  std::vector<std::string> asked_;             // guarded by mutex_
  std::vector<std::thread> connections_;       // of the accepting thread
  std::atomic<std::size_t> not_modified_{0};
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace assay::testing
