// Messages about machines to receivers outside: kept until they were taken, signed as Standard
// Webhooks 1.0 says (standardwebhooks.com, "Signature scheme").
//
//   webhook/TIME/FLEET/ID/NUMBER   TIME: when it is due, in seconds, so that a scan gives the next
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "monitor/machine.h"
#include "store/store.h"

namespace assay::monitor {

// What the commit of a machine's change carries for webhooks.
store::Put AnnouncementOf(std::string_view fleet, const Machine& machine, const MachineEvent& event,
                          std::uint64_t number);

struct Announcement {
  Bytes key;
  std::string id;    // the same at each attempt: a receiver may see it twice
  std::string body;  // JSON
  int attempts = 0;
};

// One sender at a time.
class WebhookQueue {
 public:
  explicit WebhookQueue(store::Store& store) : store_(store) {}

  // Those that are due, the oldest first.
  Result<std::vector<Announcement>> Due(Time now, std::size_t limit);
  Result<void> Taken(const Announcement& announcement);
  // Tried again after 1, 2, 4 ... seconds, an hour at most; given up after
  // limits::kWebhookAttempts. True if it was given up.
  Result<bool> NotTaken(const Announcement& announcement, Time now);

 private:
  store::Store& store_;
};

// webhook-id, webhook-timestamp and webhook-signature.
using WebhookHeaders = std::vector<std::pair<std::string, std::string>>;
WebhookHeaders SignWebhook(View secret, const Announcement& announcement, Time now);

// "whsec_" and base64, as receivers are given it; 24 to 64 bytes.
Result<Bytes> ParseWebhookSecret(std::string_view text);

}  // namespace assay::monitor
