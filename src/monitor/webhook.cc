#include "monitor/webhook.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/hmac.h"

namespace assay::monitor {
namespace {

constexpr std::string_view kPrefix = "webhook/";
constexpr std::size_t kTimeDigits = 12;

Bytes Raw(std::string_view text) { return ToBytes(AsBytes(text)); }

std::string TimeText(Time time) { return fmt::format("{:012}", UnixSeconds(time)); }

// "FLEET/ID/NUMBER" of a key.
std::string_view RestOf(const Bytes& key) {
  return AsText(key).substr(kPrefix.size() + kTimeDigits + 1);
}

Time DueAt(const Bytes& key) {
  std::int64_t seconds = 0;
  const std::string_view text = AsText(key).substr(kPrefix.size(), kTimeDigits);
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return FromUnixSeconds(seconds);
}

store::Put Entry(std::string_view key, std::string_view body, int attempts) {
  const json::Object value{{"attempts", attempts}, {"body", body}};
  return {Raw(key), Raw(json::Write(value))};
}

json::Array DriftOf(const Machine& machine) {
  json::Array out;
  for (const Drift& one : machine.drift) out.emplace_back(one.what);
  return out;
}

}  // namespace

store::Put AnnouncementOf(std::string_view fleet, const Machine& machine, const MachineEvent& event,
                          std::uint64_t number) {
  const json::Object body{{"type", "machine." + event.what},
                          {"timestamp", FormatTime(event.at)},
                          {"data", json::Object{{"fleet", fleet},
                                                {"machine", machine.id},
                                                {"name", machine.name},
                                                {"state", Name(machine.state)},
                                                {"release", machine.release},
                                                {"text", event.text},
                                                {"drift", DriftOf(machine)}}}};
  return Entry(fmt::format("{}{}/{}/{}/{}", kPrefix, TimeText(event.at), fleet, machine.id, number),
               json::Write(body), 0);
}

Result<std::vector<Announcement>> WebhookQueue::Due(Time now, std::size_t limit) {
  std::vector<Announcement> out;
  for (const store::Entry& entry : TRY(store_.Scan(Raw(kPrefix), {}, limit))) {
    if (DueAt(entry.key) > now) break;
    const json::Value value = TRY(json::Parse(AsText(entry.value)));
    Announcement one;
    one.key = entry.key;
    one.id = HexEncode(Sha256(AsBytes(RestOf(entry.key)))).substr(0, 32);
    one.body = TRY(value.String("body", "webhook"));
    one.attempts = static_cast<int>(TRY(value.Int("attempts", "webhook")));
    out.push_back(std::move(one));
  }
  return out;
}

Result<void> WebhookQueue::Taken(const Announcement& announcement) {
  store::Batch batch;
  batch.deletes.push_back(announcement.key);
  TRY(store_.Commit(batch));
  return {};
}

Result<bool> WebhookQueue::NotTaken(const Announcement& announcement, Time now) {
  const int attempts = announcement.attempts + 1;
  const bool given_up = attempts >= limits::kWebhookAttempts;
  store::Batch batch;
  batch.deletes.push_back(announcement.key);
  if (!given_up) {
    constexpr int kMostDoublings = 12;  // beyond an hour
    const std::chrono::seconds wait =
        std::min(std::chrono::seconds(1LL << std::min(announcement.attempts, kMostDoublings)),
                 limits::kWebhookLongestWait);
    batch.puts.push_back(
        Entry(fmt::format("{}{}/{}", kPrefix, TimeText(now + wait), RestOf(announcement.key)),
              announcement.body, attempts));
  }
  TRY(store_.Commit(batch));
  return given_up;
}

WebhookHeaders SignWebhook(View secret, const Announcement& announcement, Time now) {
  const std::string timestamp = std::to_string(UnixSeconds(now));
  const std::string covered =
      fmt::format("{}.{}.{}", announcement.id, timestamp, announcement.body);
  return {{"webhook-id", announcement.id},
          {"webhook-timestamp", timestamp},
          {"webhook-signature", "v1," + Base64Encode(HmacSha256(secret, AsBytes(covered)))}};
}

Result<Bytes> ParseWebhookSecret(std::string_view text) {
  constexpr std::string_view kMark = "whsec_";
  while (!text.empty() && text.back() <= ' ') text.remove_suffix(1);
  Result<Bytes> out =
      text.starts_with(kMark) ? Base64Decode(text.substr(kMark.size())) : Result<Bytes>(Bytes());
  constexpr std::size_t kLeast = 24, kMost = 64;
  if (!out || out->size() < kLeast || out->size() > kMost) {
    return Fail(ErrorCode::kMalformed,
                "webhook secret: expected \"whsec_\" and 24 to 64 bytes in base64",
                "echo whsec_$(openssl rand -base64 32) > FILE");
  }
  return out;
}

}  // namespace assay::monitor
