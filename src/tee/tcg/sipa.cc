#include "tee/tcg/sipa.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "base/reader.h"

namespace assay::tcg {
namespace {

class SipaParser {
 public:
  Result<std::vector<SipaEvent>> Parse(View data, std::size_t depth) {
    if (depth > limits::kSipaDepth) {
      return Fail(ErrorCode::kMalformed, "Windows events: they nest too deep");
    }
    std::vector<SipaEvent> out;
    Reader in(data, "Windows event");
    while (in.remaining() > 0) {
      if (++count_ > limits::kSipaEvents) {
        return Fail(ErrorCode::kMalformed, "Windows events: too many");
      }
      SipaEvent event;
      event.id = TRY(in.U32Le("id"));
      event.data = TRY(in.Take(TRY(in.U32Le("size")), "data"));
      if (event.is_container()) event.inner = TRY(Parse(event.data, depth + 1));
      out.push_back(std::move(event));
    }
    return out;
  }

 private:
  std::size_t count_ = 0;
};

}  // namespace

Result<std::vector<SipaEvent>> ParseSipa(View data) { return SipaParser().Parse(data, 0); }

Result<std::uint64_t> SipaNumber(const SipaEvent& event) {
  const View data = event.data;
  if (data.size() != 1 && data.size() != 4 && data.size() != 8) {
    return Fail(ErrorCode::kMalformed, fmt::format("Windows event 0x{:08x}: {} bytes are no number",
                                                   event.id, data.size()));
  }
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < data.size(); ++i) out |= std::uint64_t{ToU8(data[i])} << (8 * i);
  return out;
}

}  // namespace assay::tcg
