#include "measure/vmsa.h"

namespace assay::measure {
namespace {

class Vmsa {
 public:
  void Segment(std::size_t at, std::uint16_t selector, std::uint16_t attributes,
               std::uint32_t limit, std::uint64_t base) {
    Put(at, selector, 2);
    Put(at + 2, attributes, 2);
    Put(at + 4, limit, 4);
    Put(at + 8, base, 8);
  }
  void Put(std::size_t at, std::uint64_t value, std::size_t size = 8) {
    for (std::size_t i = 0; i < size; ++i) page_[at + i] = static_cast<std::byte>(value >> (8 * i));
  }
  Bytes Take() { return std::move(page_); }

 private:
  Bytes page_ = Bytes(4096);
};

}  // namespace

Bytes InitialVmsa(std::uint32_t eip, std::uint32_t cpu_signature, std::uint64_t sev_features) {
  constexpr std::uint16_t kData = 0x93, kCode = 0x9B, kLdt = 0x82, kBusyTss = 0x8B;
  constexpr std::uint32_t kLimit = 0xFFFF;
  Vmsa out;
  out.Segment(0x00, 0, kData, kLimit, 0);                       // ES
  out.Segment(0x10, 0xF000, kCode, kLimit, eip & 0xFFFF0000U);  // CS
  for (const std::size_t at : {0x20U, 0x30U, 0x40U, 0x50U}) {   // SS, DS, FS, GS
    out.Segment(at, 0, kData, kLimit, 0);
  }
  out.Segment(0x60, 0, 0, kLimit, 0);         // GDTR
  out.Segment(0x70, 0, kLdt, kLimit, 0);      // LDTR
  out.Segment(0x80, 0, 0, kLimit, 0);         // IDTR
  out.Segment(0x90, 0, kBusyTss, kLimit, 0);  // TR
  out.Put(0x0D0, 0x1000);                     // EFER: SVME
  out.Put(0x148, 0x40);                       // CR4: MCE
  out.Put(0x158, 0x10);                       // CR0: ET
  out.Put(0x160, 0x400);                      // DR7
  out.Put(0x168, 0xFFFF0FF0);                 // DR6
  out.Put(0x170, 0x2);                        // RFLAGS
  out.Put(0x178, eip & 0xFFFFU);              // RIP
  out.Put(0x268, 0x0007040600070406);         // G_PAT
  out.Put(0x310, cpu_signature);              // RDX
  out.Put(0x3B0, sev_features);               // SEV_FEATURES
  out.Put(0x3E8, 0x1);                        // XCR0
  return out.Take();
}

}  // namespace assay::measure
