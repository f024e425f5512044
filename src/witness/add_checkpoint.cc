#include "witness/add_checkpoint.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/limits.h"
#include "ledger/checkpoint.h"

namespace assay::witness {
namespace {

constexpr std::string_view kOld = "old ";

tl::unexpected<Error> RequestError(std::string what) {
  return Fail(ErrorCode::kMalformed, "add-checkpoint: " + std::move(what),
              "expected \"old SIZE\", proof lines, an empty line and a signed checkpoint (C2SP "
              "tlog-witness)");
}

// The next line without its newline, taken from `rest`; it may be empty.
Result<std::string_view> TakeLine(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return RequestError("a line has no end");
  const std::string_view out = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return out;
}

}  // namespace

std::string WriteAddCheckpoint(const AddCheckpoint& request) {
  std::string out = fmt::format("{}{}\n", kOld, request.old_size);
  for (const ledger::Hash& one : request.proof) out += Base64Encode(one) + "\n";
  return out + "\n" + request.checkpoint;
}

Result<AddCheckpoint> ParseAddCheckpoint(std::string_view body) {
  if (body.size() > limits::kWitnessRequestBytes) return RequestError("it is too large");
  AddCheckpoint out;
  const std::string_view old = TRY(TakeLine(body));
  if (!old.starts_with(kOld)) return RequestError("the first line has no old size");
  out.old_size = TRY(ledger::ParseTreeSize(old.substr(kOld.size())));
  for (std::string_view line = TRY(TakeLine(body)); !line.empty(); line = TRY(TakeLine(body))) {
    if (out.proof.size() == limits::kWitnessProofLines) {
      return RequestError(fmt::format("more than {} lines of a proof", limits::kWitnessProofLines));
    }
    out.proof.push_back(TRY(ledger::ParseHash(line)));
  }
  out.checkpoint = body;
  return out;
}

}  // namespace assay::witness
