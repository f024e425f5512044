#include "simulate/event_log.h"

#include <string>

namespace assay::simulate {
namespace {

constexpr std::uint16_t kSha384 = 0x000C;
constexpr std::uint32_t kEvNoAction = 3, kEvIpl = 13;
constexpr std::size_t kEventData = 24;  // of every event here
constexpr std::size_t kEventSize = 4 + 4 + 4 + 2 + 48 + 4 + kEventData;
constexpr std::size_t kHeaderSize = 32 + 33;  // SHA-1 event, specification id with one algorithm

Bytes Header() {
  Bytes spec = ToBytes(AsBytes(std::string_view("Spec ID Event03\0", 16)));
  AppendLe(spec, 0, 4);              // platform class: client
  AppendLe(spec, 0x02'00'00'02, 4);  // versions 0.2.0, UINTN of 64 bits
  AppendLe(spec, 1, 4);
  AppendLe(spec, kSha384, 2);
  AppendLe(spec, 48, 2);
  AppendLe(spec, 0, 1);  // no vendor information
  Bytes out;
  AppendLe(out, 0, 4);
  AppendLe(out, kEvNoAction, 4);
  Append(out, Bytes(20));
  AppendLe(out, spec.size(), 4);
  Append(out, spec);
  return out;
}

void AppendEvent(Bytes& out, std::uint32_t index, View digest, View data) {
  AppendLe(out, index, 4);
  AppendLe(out, kEvIpl, 4);
  AppendLe(out, 1, 4);
  AppendLe(out, kSha384, 2);
  Append(out, digest);
  AppendLe(out, data.size(), 4);
  Append(out, data);
}

}  // namespace

EventLog MakeEventLog() {
  EventLog out;
  out.data = Header();
  for (std::uint32_t event = 0; event < 8; ++event) {
    const std::uint32_t rtmr = event % 4;
    const Bytes data = Filler("Assay simulation event " + std::to_string(event), kEventData);
    const Sha384Digest digest = Sha384(data);
    AppendEvent(out.data, rtmr + 1, digest, data);
    Bytes extended = ToBytes(out.rtmrs[rtmr]);
    Append(extended, digest);
    out.rtmrs[rtmr] = Sha384(extended);
  }
  Append(out.data, Bytes(64, std::byte{0xFF}));  // the rest of the log's area
  return out;
}

Bytes WithFault(const EventLog& log, const Order& order) {
  constexpr std::string_view kPrefix = "event_log.rtmr";
  Bytes out = log.data;
  if (order.fault == "event_log.layout") out[32] ^= std::byte{1};  // of "Spec ID Event03"
  if (!order.fault.starts_with(kPrefix)) return out;
  const auto event = static_cast<std::size_t>(order.fault[kPrefix.size()] - '0');
  out[kHeaderSize + event * kEventSize + 14] ^= std::byte{1};  // the first byte of its digest
  return out;
}

}  // namespace assay::simulate
