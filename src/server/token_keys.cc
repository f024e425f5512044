#include "server/token_keys.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/limits.h"
#include "server/key_files.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr int kSignerDays = 3650;

struct Family {
  TokenAlgorithm algorithm;
  KeyType type;
  std::string_view name;
};
// RS256 is what Azure Attestation's tokens have and its clients expect.
constexpr std::array<Family, 2> kFamilies = {{
    {TokenAlgorithm::kRs256, KeyType::kRsa2048, "token"},
    {TokenAlgorithm::kEs256, KeyType::kP256, "token-es256"},
}};

const Family& FamilyOf(TokenAlgorithm algorithm) {
  return algorithm == TokenAlgorithm::kRs256 ? kFamilies[0] : kFamilies[1];
}

struct Scheduled {
  std::string file;
  Time signs_from{};
  std::optional<Time> published_until;
};
using Schedule = std::vector<Scheduled>;

std::string ScheduleFile(const std::string& folder, const Family& family) {
  return folder + "/" + std::string(family.name) + ".keys.json";
}

Result<Schedule> ParseSchedule(std::string_view text, const std::string& path) {
  const json::Value root = TRY(json::Parse(text));
  Schedule out;
  const json::Array* keys = TRY(root.List("keys", path));
  for (const json::Value& item : *keys) {
    Scheduled key;
    key.file = TRY(item.String("file", path));
    key.signs_from = FromUnixSeconds(TRY(item.Int("signsFrom", path)));
    if (item.Find("publishedUntil") != nullptr) {
      key.published_until = FromUnixSeconds(TRY(item.Int("publishedUntil", path)));
    }
    if (key.file.empty() || key.file.find('/') != std::string::npos) {
      return Fail(ErrorCode::kMalformed, path + ": a key's file must be in the same folder");
    }
    out.push_back(std::move(key));
  }
  if (out.empty() || out.size() > limits::kTokenKeys) {
    return Fail(ErrorCode::kMalformed, path + ": expected at least one key, and not too many");
  }
  return out;
}

Result<Schedule> ReadSchedule(const std::string& folder, const Family& family) {
  const std::string path = ScheduleFile(folder, family);
  if (!fs::exists(path)) return Schedule{{std::string(family.name), Time{}, std::nullopt}};
  if (fs::file_size(path) > limits::kTokenScheduleBytes) {
    return Fail(ErrorCode::kMalformed, path + " is too large");
  }
  return ParseSchedule(TRY(ReadWholeFile(path)), path);
}

std::string WriteSchedule(const Schedule& schedule) {
  json::Array keys;
  for (const Scheduled& key : schedule) {
    json::Object item{{"file", key.file}, {"signsFrom", UnixSeconds(key.signs_from)}};
    if (key.published_until) {
      item.emplace_back("publishedUntil", UnixSeconds(*key.published_until));
    }
    keys.emplace_back(std::move(item));
  }
  return json::WritePretty(json::Object{{"keys", std::move(keys)}}) + "\n";
}

CertificateRequest RequestFor(const std::string& common_name, Time start) {
  return {common_name, {}, start, kSignerDays, false, false};
}

// One rotation at a time; given back when the process ends, however it ends.
class FolderLock {
 public:
  explicit FolderLock(const std::string& folder)
      : fd_(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
        held_(fd_ >= 0 && flock(fd_, LOCK_EX | LOCK_NB) == 0) {}
  ~FolderLock() {
    if (fd_ >= 0) close(fd_);
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  bool held() const { return held_; }

 private:
  const int fd_;
  const bool held_;
};

// "token-7" behind "token-6"; numbers are not used again.
std::string NextName(const Schedule& schedule, const Family& family) {
  const std::string prefix = std::string(family.name) + "-";
  unsigned highest = 1;
  for (const Scheduled& key : schedule) {
    if (!key.file.starts_with(prefix)) continue;
    unsigned number = 0;
    for (const char c : key.file.substr(prefix.size())) {
      number = c >= '0' && c <= '9' && number < 1'000'000 ? number * 10 + unsigned(c - '0') : 0;
    }
    highest = std::max(highest, number);
  }
  return prefix + std::to_string(highest + 1);
}

void RemovePair(const std::string& base) {
  std::error_code ignored;  // what stays is named by no schedule
  for (const char* ending : {".key", ".pem", ".pem.new"}) fs::remove(base + ending, ignored);
}

// Takes those out of the schedule that are published no more, and tells them.
std::vector<std::string> TakeEnded(Schedule& schedule, Time now) {
  std::vector<std::string> out;
  std::erase_if(schedule, [&](const Scheduled& key) {
    const bool ended = key.published_until && *key.published_until <= now;
    if (ended) out.push_back(key.file);
    return ended;
  });
  return out;
}

Result<Schedule> ReadForRotation(const std::string& folder, const Family& family, Time now,
                                 bool compromised) {
  Schedule schedule = TRY(ReadSchedule(folder, family));
  if (!fs::exists(folder + "/" + schedule.front().file + ".key")) {
    return Fail(ErrorCode::kMissing, folder + " has no token key of this algorithm",
                "start the service once with --state " + folder);
  }
  for (const Scheduled& key : schedule) {
    if (key.signs_from > now && !compromised) {
      return Fail(ErrorCode::kInvalidArgument,
                  key.file + " is published and signs from " + FormatTime(key.signs_from),
                  "rotate again after that; with --compromised at once");
    }
  }
  return schedule;
}

}  // namespace

Result<std::shared_ptr<const KeyRing>> OpenTokenKeys(const std::string& folder,
                                                     const std::string& issuer,
                                                     TokenAlgorithm algorithm, Time start) {
  // A certificate's common name has at most 64 characters (RFC 5280, ub-common-name).
  const std::string name = issuer.size() <= 64 ? issuer : "Assay token signer";
  std::vector<RingKey> keys;
  for (const Family& family : kFamilies) {
    const bool signs = family.algorithm == algorithm;
    const Schedule schedule = TRY(ReadSchedule(folder, family));
    const std::string first = folder + "/" + schedule.front().file;
    if (!signs && !fs::exists(first + ".key")) continue;
    for (const Scheduled& key : schedule) {
      // Only the very first key is made here: one that a schedule names and that is gone is a
      // fault, and a new one in its place would hide it.
      if (fs::exists(ScheduleFile(folder, family)) &&
          !fs::exists(folder + "/" + key.file + ".key")) {
        return Fail(ErrorCode::kMissing, ScheduleFile(folder, family) + " names the key " +
                                             key.file + ", and there is no such file");
      }
      KeyPair pair =
          TRY(OpenKeyPair(folder + "/" + key.file, family.type, RequestFor(name, start), nullptr));
      keys.push_back({{std::move(pair.key), std::move(pair.certificate)},
                      key.signs_from,
                      key.published_until,
                      signs});
    }
  }
  return std::make_shared<const KeyRing>(TRY(KeyRing::Make(std::move(keys))));
}

Result<Rotation> RotateTokenKeys(const std::string& folder, const RotationRequest& request) {
  const FolderLock lock(folder);
  if (!lock.held()) {
    return Fail(ErrorCode::kIo, folder + " cannot be locked for a rotation",
                "wait for the other `assay token rotate-keys`, or check the folder");
  }
  const auto stopped = [&request] { return request.go_on && !request.go_on(); };
  const auto crash = [] { return Fail(ErrorCode::kInternal, "stopped as a test asked"); };
  const Family& family = FamilyOf(request.algorithm);
  Schedule schedule = TRY(ReadForRotation(folder, family, request.now, request.compromised));
  const auto old =
      TRY(CertificatesFromPem(TRY(ReadWholeFile(folder + "/" + schedule.front().file + ".pem"))));
  if (stopped()) return crash();

  // 1. The key. What lies under its name is of a rotation that did not come to its end.
  const std::string name = NextName(schedule, family);
  RemovePair(folder + "/" + name);
  const SigningKey key = TRY(SigningKey::Generate(family.type));
  TRY_VOID(key.Save(folder + "/" + name + ".key"));
  if (stopped()) return crash();
  // 2. Its certificate.
  const KeyPair pair = TRY(OpenKeyPair(
      folder + "/" + name, family.type,
      RequestFor(old.front()->subject_cn(), request.now - std::chrono::hours(1)), nullptr));
  if (stopped()) return crash();

  // 3. The schedule: from here on the rotation has happened.
  const Time signs_from = request.compromised ? request.now : request.now + request.lead;
  const Time until = request.compromised ? request.now : signs_from + limits::kLongestToken;
  for (Scheduled& other : schedule) {
    if (request.compromised || !other.published_until) other.published_until = until;
  }
  std::vector<std::string> ended = TakeEnded(schedule, request.now);
  schedule.push_back({name, signs_from, std::nullopt});
  TRY_VOID(WriteDurably(ScheduleFile(folder, family), WriteSchedule(schedule)));
  if (stopped()) return crash();

  // 4. What nothing names any more.
  for (const std::string& file : ended) RemovePair(folder + "/" + file);
  return Rotation{KeyId(*pair.certificate), signs_from, until};
}

}  // namespace assay
