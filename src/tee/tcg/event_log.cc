#include "tee/tcg/event_log.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "base/reader.h"

namespace assay::tcg {
namespace {

constexpr std::string_view kSpecId{"Spec ID Event03\0", 16};
constexpr std::size_t kMaxAlgorithms = 8;  // TPMs have at most five banks
constexpr std::size_t kSha1Size = 20;

struct Declared {
  std::uint16_t id = 0;
  std::uint16_t size = 0;
};

tl::unexpected<Error> Malformed(std::string message) {
  return Fail(ErrorCode::kMalformed, "event log: " + std::move(message));
}

// TCG_PCClientPCREvent: the layout of TPM 1.2, and of the first event in every log.
Result<Event> ParseSha1Event(Reader& in) {
  Event out;
  out.index = TRY(in.U32Le("PCR index"));
  out.type = TRY(in.U32Le("event type"));
  out.digests.emplace_back(HashAlgorithm::kSha1, TRY(in.Take(kSha1Size, "SHA-1 digest")));
  out.data = TRY(in.Take(TRY(in.U32Le("event size")), "event data"));
  return out;
}

// TCG_EfiSpecIDEvent: names the algorithms of all digests that follow.
Result<std::vector<Declared>> ParseSpecId(View data) {
  Reader in(data, "specification id event");
  TRY(in.Take(kSpecId.size(), "signature"));
  TRY(in.Take(8, "platform class and versions"));
  const std::uint32_t count = TRY(in.U32Le("number of algorithms"));
  if (count == 0 || count > kMaxAlgorithms) return Malformed(fmt::format("{} algorithms", count));
  std::vector<Declared> out;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint16_t id = TRY(in.U16Le("algorithm id"));
    const std::uint16_t size = TRY(in.U16Le("digest size"));
    const auto known = HashAlgorithmOf(id);
    if (known && DigestSize(*known) != size) {
      return Malformed(fmt::format("{} digests of {} bytes", Name(*known), size));
    }
    for (const Declared& other : out) {
      if (other.id == id) return Malformed(fmt::format("algorithm 0x{:04x} declared twice", id));
    }
    out.push_back({id, size});
  }
  TRY(in.Take(TRY(in.U8("vendor info size")), "vendor info"));
  TRY_VOID(in.ExpectEnd());
  return out;
}

// TCG_PCR_EVENT2. Each declared bank has exactly one digest: with one missing, that bank could not
// be replayed; with two, which one counts would be open.
Result<Event> ParseEvent2(Reader& in, const std::vector<Declared>& declared) {
  Event out;
  out.index = TRY(in.U32Le("PCR index"));
  out.type = TRY(in.U32Le("event type"));
  const std::uint32_t count = TRY(in.U32Le("digest count"));
  if (count != declared.size()) {
    return Malformed(fmt::format("an event with {} digests, expected {}", count, declared.size()));
  }
  std::vector<std::uint16_t> seen;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint16_t id = TRY(in.U16Le("digest algorithm"));
    const auto it = std::find_if(declared.begin(), declared.end(),
                                 [id](const Declared& d) { return d.id == id; });
    if (it == declared.end() || std::find(seen.begin(), seen.end(), id) != seen.end()) {
      return Malformed(fmt::format("algorithm 0x{:04x} undeclared or twice in an event", id));
    }
    seen.push_back(id);
    const View digest = TRY(in.Take(it->size, "digest"));
    if (const auto known = HashAlgorithmOf(id)) out.digests.emplace_back(*known, digest);
  }
  out.data = TRY(in.Take(TRY(in.U32Le("event size")), "event data"));
  return out;
}

bool AtPadding(const Reader& in) {
  const View rest = in.rest();
  const auto is_ones = [](std::byte b) { return b == std::byte{0xFF}; };
  if (rest.size() >= 4 && std::all_of(rest.begin(), rest.begin() + 4, is_ones)) return true;
  return IsZero(rest);
}

void DeclareBanks(const std::vector<Declared>& declared, EventLog& log) {
  for (const Declared& one : declared) {
    if (const auto known = HashAlgorithmOf(one.id)) log.banks.push_back(*known);
  }
}

}  // namespace

View Event::Digest(HashAlgorithm bank) const {
  for (const auto& [algorithm, digest] : digests) {
    if (algorithm == bank) return digest;
  }
  return {};
}

Result<EventLog> ParseEventLog(View data) {
  if (data.empty()) return Malformed("it is empty");
  Reader in(data, "event log");
  EventLog out;
  Event first = TRY(ParseSha1Event(in));
  out.crypto_agile = first.type == kEvNoAction && first.data.size() >= kSpecId.size() &&
                     Equal(first.data.first(kSpecId.size()), AsBytes(kSpecId));
  std::vector<Declared> declared;
  if (out.crypto_agile) {
    declared = TRY(ParseSpecId(first.data));
    DeclareBanks(declared, out);
  } else {
    out.banks = {HashAlgorithm::kSha1};
  }
  out.events.push_back(std::move(first));
  while (in.remaining() > 0 && !AtPadding(in)) {
    if (out.events.size() == limits::kEventLogEvents) return Malformed("too many events");
    Event event = TRY(out.crypto_agile ? ParseEvent2(in, declared) : ParseSha1Event(in));
    event.number = out.events.size();
    out.events.push_back(std::move(event));
  }
  return out;
}

}  // namespace assay::tcg
