// Keeps in the background what a service uses fresh, before it ends.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "collateral/store_source.h"

namespace assay {

struct RefresherOptions {
  std::chrono::seconds interval{60};                    // between looks, give or take a quarter
  std::chrono::seconds longest_interval{3600};          // after failures it doubles, up to this
  std::chrono::seconds ahead{std::chrono::hours{2}};    // renewed up to this much before it is due
  std::chrono::seconds in_use{std::chrono::hours{24}};  // what was asked for within this time
  std::function<Time()> evidence_clock;                 // as of when evidence is judged; required
  std::function<void(std::size_t failed)> after;        // told after each look; may be empty
};

// One thread, from construction to destruction.
class Refresher {
 public:
  // The source outlives it.
  Refresher(RefresherOptions options, StoreSource& source);
  ~Refresher() { Stop(); }
  Refresher(const Refresher&) = delete;
  Refresher& operator=(const Refresher&) = delete;

  // Returns when the thread has ended; what it was waiting for from the network is given up if the
  // fetcher's `cancelled` says so.
  void Stop();
  // For the fetcher's HttpClientOptions::cancelled.
  bool stopping() const { return stopping_.load(); }

 private:
  void Run();
  // False when it is to stop.
  bool Sleep(std::chrono::milliseconds time);

  const RefresherOptions options_;
  StoreSource& source_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace assay
