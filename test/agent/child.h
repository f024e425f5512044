// Programs that a test runs: their output, their end, and a software TPM among them.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace assay {

// Started at once; killed if it still runs when this goes.
class Child {
 public:
  // Standard output and error go to files in `folder`.
  Child(const std::vector<std::string>& command, const std::string& folder);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  int Wait();  // the exit code; 128 and the signal's number if one ended it
  void Signal(int number);
  bool Running();
  std::string Output() const;
  std::string Errors() const;

 private:
  std::string out_, err_;
  pid_t pid_ = -1;
  int code_ = -1;
};

// A software TPM that was manufactured with an EK certificate, on a port of its own.
class Swtpm {
 public:
  explicit Swtpm(const std::string& folder);
  ~Swtpm();
  Swtpm(const Swtpm&) = delete;
  Swtpm& operator=(const Swtpm&) = delete;

  std::string tcti() const;
  void PowerOn();
  void PowerOff();
  std::string ca_certificate() const;  // PEM file of the authority of its EK certificate

 private:
  std::string folder_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Child> child_;
};

// Whether it came to be in that time.
template <typename Condition>
bool Within(std::chrono::seconds time, Condition condition) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

}  // namespace assay
