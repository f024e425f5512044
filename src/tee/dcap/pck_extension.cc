#include "tee/dcap/pck_extension.h"

#include <fmt/format.h>

#include <charconv>

#include "crypto/der.h"

namespace assay::dcap {
namespace {

constexpr std::string_view kPrefix = "1.2.840.113741.1.13.1.";
constexpr std::string_view kWhat = "PCK certificate extension";

tl::unexpected<Error> Malformed(std::string why) {
  return Fail(ErrorCode::kMalformed, fmt::format("{}: {}", kWhat, why));
}

// The arc of `oid` directly below `prefix`: 4 for "<prefix>4".
Result<unsigned> LastArc(const std::string& oid, std::string_view prefix) {
  unsigned arc = 0;
  const std::string_view text(oid);
  if (!text.starts_with(prefix)) return Malformed(fmt::format("unexpected OID {}", oid));
  const std::string_view tail = text.substr(prefix.size());
  const auto [end, status] = std::from_chars(tail.data(), tail.data() + tail.size(), arc);
  if (status != std::errc{} || end != tail.data() + tail.size()) {
    return Malformed(fmt::format("unexpected OID {}", oid));
  }
  return arc;
}

Result<Bytes> TakeOctets(DerReader& in, std::size_t size, std::string_view field) {
  const View content = TRY(in.Take(DerReader::kOctetString));
  if (content.size() != size) {
    return Malformed(fmt::format("{} has {} bytes, expected {}", field, content.size(), size));
  }
  return ToBytes(content);
}

Result<bool> TakeBoolean(DerReader& in) {
  const View content = TRY(in.Take(0x01));
  if (content.size() != 1) return Malformed("a BOOLEAN has not one byte");
  return content[0] != std::byte{0};
}

// .2: sixteen component SVNs, PCESVN and CPUSVN; every one exactly once.
Result<void> ParseTcb(DerReader in, PckExtension& out) {
  std::uint32_t seen = 0;
  while (!in.done()) {
    DerReader entry = TRY(in.Enter(DerReader::kSequence));
    const unsigned arc = TRY(LastArc(TRY(entry.TakeOid()), "1.2.840.113741.1.13.1.2."));
    if (arc < 1 || arc > 18 || (seen & (1U << arc)) != 0) {
      return Malformed(fmt::format("TCB entry {} unknown or repeated", arc));
    }
    seen |= 1U << arc;
    if (arc == 18) {
      out.cpu_svn = TRY(TakeOctets(entry, 16, "CPUSVN"));
      continue;
    }
    const std::uint32_t svn = TRY(entry.TakeSmallInteger());
    if (arc == 17) {
      if (svn > 0xFFFF) return Malformed("PCESVN above 65535");
      out.pce_svn = static_cast<std::uint16_t>(svn);
    } else {
      if (svn > 0xFF) return Malformed("a TCB component SVN above 255");
      out.component_svns[arc - 1] = static_cast<std::uint8_t>(svn);
    }
  }
  if (seen != 0x7FFFE) return Malformed("expected TCB components 1 to 16, PCESVN and CPUSVN");
  return {};
}

Result<void> ParseConfiguration(DerReader in, PckExtension& out) {
  while (!in.done()) {
    DerReader entry = TRY(in.Enter(DerReader::kSequence));
    const unsigned arc = TRY(LastArc(TRY(entry.TakeOid()), "1.2.840.113741.1.13.1.7."));
    const bool value = TRY(TakeBoolean(entry));
    if (arc == 1) out.dynamic_platform = value;
    if (arc == 2) out.cached_keys = value;
    if (arc == 3) out.smt_enabled = value;
  }
  return {};
}

Result<void> ParseMember(unsigned arc, DerReader& entry, PckExtension& out) {
  switch (arc) {
    case 1: out.ppid = TRY(TakeOctets(entry, 16, "PPID")); return {};
    case 2: return ParseTcb(TRY(entry.Enter(DerReader::kSequence)), out);
    case 3: out.pce_id = TRY(TakeOctets(entry, 2, "PCEID")); return {};
    case 4: out.fmspc = TRY(TakeOctets(entry, 6, "FMSPC")); return {};
    case 5: {
      const View type = TRY(entry.Take(DerReader::kEnumerated));
      if (type.size() != 1 || ToU8(type[0]) > 2) return Malformed("unknown SGX type");
      out.sgx_type = ToU8(type[0]);
      return {};
    }
    case 6:
      out.platform_instance_id = TRY(TakeOctets(entry, 16, "platform instance id"));
      return {};
    case 7: return ParseConfiguration(TRY(entry.Enter(DerReader::kSequence)), out);
    default: return {};  // Intel may add members; none of them weakens those above
  }
}

}  // namespace

Result<PckExtension> ParsePckExtension(View extension) {
  DerReader outer(extension, kWhat);
  DerReader in = TRY(outer.Enter(DerReader::kSequence));
  PckExtension out;
  std::uint32_t seen = 0;
  while (!in.done()) {
    DerReader entry = TRY(in.Enter(DerReader::kSequence));
    const unsigned arc = TRY(LastArc(TRY(entry.TakeOid()), kPrefix));
    if (arc < 32) {
      if ((seen & (1U << arc)) != 0) return Malformed(fmt::format("member {} stands twice", arc));
      seen |= 1U << arc;
    }
    TRY_VOID(ParseMember(arc, entry, out));
  }
  constexpr std::uint32_t kMandatory = 0b111110;  // members 1 to 5
  if ((seen & kMandatory) != kMandatory) return Malformed("a mandatory member is missing");
  return out;
}

}  // namespace assay::dcap
