#include "tee/core/cc_event_log.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "base/reader.h"

namespace assay::cc_log {
namespace {

constexpr std::uint32_t kEvNoAction = 3;
constexpr std::uint16_t kAlgSha384 = 0x000C;
constexpr std::size_t kMaxAlgorithms = 8;
constexpr std::string_view kSignature{"Spec ID Event03\0", 16};

struct Algorithm {
  std::uint16_t id = 0;
  std::uint16_t size = 0;
};

tl::unexpected<Error> Malformed(std::string message) {
  return Fail(ErrorCode::kMalformed, "event log: " + std::move(message));
}

// The first event has the old SHA-1 layout and names the digests of all that follow.
Result<std::vector<Algorithm>> ParseHeader(Reader& in) {
  TRY(in.U32Le("PCR index"));
  TRY(in.U32Le("event type"));
  TRY(in.Take(20, "SHA-1 digest"));
  const std::uint32_t size = TRY(in.U32Le("event size"));
  Reader spec(TRY(in.Take(size, "specification id event")), "specification id event");
  if (!Equal(TRY(spec.Take(16, "signature")), AsBytes(kSignature))) {
    return Malformed("expected \"Spec ID Event03\" in its first event");
  }
  TRY(spec.Take(8, "platform class and versions"));
  const std::uint32_t count = TRY(spec.U32Le("number of algorithms"));
  if (count == 0 || count > kMaxAlgorithms) return Malformed(fmt::format("{} algorithms", count));
  std::vector<Algorithm> out;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint16_t id = TRY(spec.U16Le("algorithm id"));
    out.push_back({id, TRY(spec.U16Le("digest size"))});
  }
  TRY(spec.Take(TRY(spec.U8("vendor info size")), "vendor info"));
  TRY_VOID(spec.ExpectEnd());
  return out;
}

Result<void> ParseDigests(Reader& in, const std::vector<Algorithm>& algorithms, LogEvent& event) {
  const std::uint32_t count = TRY(in.U32Le("digest count"));
  if (count > kMaxAlgorithms) return Malformed(fmt::format("an event with {} digests", count));
  bool found = false;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint16_t id = TRY(in.U16Le("digest algorithm"));
    const auto it = std::find_if(algorithms.begin(), algorithms.end(),
                                 [&](const Algorithm& a) { return a.id == id; });
    if (it == algorithms.end()) return Malformed(fmt::format("undeclared algorithm 0x{:04x}", id));
    const View digest = TRY(in.Take(it->size, "digest"));
    if (id == kAlgSha384 && digest.size() == event.digest.size()) {
      std::copy(digest.begin(), digest.end(), event.digest.begin());
      found = true;
    }
  }
  if (!found) return Malformed("an event without SHA-384 digest");
  return {};
}

// 0xFFFFFFFF, or an all-zero rest, in place of a register index ends the log.
bool AtPadding(const Reader& in) {
  const View rest = in.rest();
  if (rest.size() < 4) return true;
  const View head = rest.first(4);
  const bool ones =
      std::all_of(head.begin(), head.end(), [](std::byte b) { return b == std::byte{0xFF}; });
  return ones || IsZero(rest);
}

}  // namespace

Result<std::vector<LogEvent>> ParseEventLog(View data) {
  Reader in(data, "event log");
  const std::vector<Algorithm> algorithms = TRY(ParseHeader(in));
  std::vector<LogEvent> out;
  while (in.remaining() > 0 && !AtPadding(in)) {
    LogEvent event;
    event.register_index = TRY(in.U32Le("register index"));
    event.type = TRY(in.U32Le("event type"));
    TRY_VOID(ParseDigests(in, algorithms, event));
    event.data = TRY(in.Take(TRY(in.U32Le("event size")), "event data"));
    if (event.register_index > 4) {
      return Malformed(fmt::format("register index {}, expected 0 to 4", event.register_index));
    }
    if (event.type == kEvNoAction) continue;
    if (out.size() == limits::kEventLogEvents) return Malformed("too many events");
    out.push_back(event);
  }
  return out;
}

std::array<std::optional<Sha384Digest>, 4> Replay(const std::vector<LogEvent>& events) {
  std::array<std::optional<Sha384Digest>, 4> out;
  for (const LogEvent& event : events) {
    if (event.register_index == 0) continue;  // MRTD is fixed at build, never extended
    auto& value = out[event.register_index - 1];
    ByteArray<96> preimage{};
    if (value) std::copy(value->begin(), value->end(), preimage.begin());
    std::copy(event.digest.begin(), event.digest.end(), preimage.begin() + 48);
    value = Sha384(preimage);
  }
  return out;
}

}  // namespace assay::cc_log
