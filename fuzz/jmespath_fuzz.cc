// A query, a zero byte, a document: compiling and searching must end, in a value or in an error.
#include <cstdlib>

#include "base/bytes.h"
#include "policy/jmespath/jmespath.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const std::string_view input = AsText(std::as_bytes(std::span(data, size)));
  const std::size_t split = input.find('\0');
  const auto query = jmespath::Query::Compile(input.substr(0, split));
  if (!query) {
    if (!query.error().message.starts_with("JMESPath: ")) std::abort();
    return 0;
  }
  const std::string_view text = split == input.npos ? "{}" : input.substr(split + 1);
  const auto document = json::Parse(text);
  if (!document) return 0;
  jmespath::Budget budget(100000);  // small, so that its end is fuzzed too
  const auto found = query->Search(*document, budget);
  if (!found && !found.error().message.starts_with("JMESPath: ")) std::abort();
  if (found) (void)json::Write(*found);
  return 0;
}
