#include "ledger/checkpoint.h"

#include <fmt/format.h>

#include <charconv>

#include "base/encoding.h"

namespace assay::ledger {
namespace {

tl::unexpected<Error> CheckpointError(std::string what) {
  return Fail(ErrorCode::kMalformed, "checkpoint: " + std::move(what));
}

// The next line, which is not empty; it is taken from `rest`.
Result<std::string_view> TakeLine(std::string_view& rest, std::string_view what) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos || end == 0) {
    return CheckpointError(fmt::format("expected a line with the {}", what));
  }
  const std::string_view out = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return out;
}

}  // namespace

Result<std::uint64_t> ParseTreeSize(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size() || text != std::to_string(out)) {
    return CheckpointError(fmt::format("\"{}\" is no tree size", text));
  }
  return out;
}

Result<Hash> ParseHash(std::string_view base64) {
  const Bytes bytes = TRY(Base64Decode(base64));
  Hash out{};
  if (bytes.size() != out.size()) {
    return CheckpointError(fmt::format("expected a hash of 32 bytes, found {}", bytes.size()));
  }
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

std::string CheckpointText(const Checkpoint& checkpoint) {
  std::string out = fmt::format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.size,
                                Base64Encode(checkpoint.root));
  for (const std::string& line : checkpoint.extensions) out += line + "\n";
  return out;
}

Result<Checkpoint> ParseCheckpointText(std::string_view text) {
  Checkpoint out;
  out.origin = TRY(TakeLine(text, "origin"));
  const std::string_view size = TRY(TakeLine(text, "tree size"));
  out.size = TRY(ParseTreeSize(size));
  const std::string_view root = TRY(TakeLine(text, "root hash"));
  out.root = TRY(ParseHash(root));
  while (!text.empty()) {
    out.extensions.emplace_back(TRY(TakeLine(text, "extension")));
  }
  return out;
}

Result<std::string> SignCheckpoint(const Checkpoint& checkpoint, const Ed25519Key& key) {
  Note note;
  note.text = CheckpointText(checkpoint);
  note.signatures.push_back(TRY(SignNote(checkpoint.origin, key, note.text)));
  return WriteNote(note);
}

Result<Checkpoint> OpenCheckpoint(std::string_view note, const NoteVerifier& log) {
  const Note parsed = TRY(ParseNote(note));
  Checkpoint out = TRY(ParseCheckpointText(parsed.text));
  if (out.origin != log.name) {
    return Fail(
        ErrorCode::kInvalidArgument,
        fmt::format("checkpoint: expected one of {}, found one of {}", log.name, out.origin));
  }
  switch (VerifyNote(parsed, log)) {
    case NoteVerdict::kSigned: return out;
    case NoteVerdict::kNotSigned:
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("checkpoint: expected a signature of key {} {:08x}, found none",
                              log.name, log.KeyId()),
                  "it is of another key: compare the verifier key with the ledger's");
    case NoteVerdict::kForged: break;
  }
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("checkpoint: the signature of key {} {:08x} does not verify", log.name,
                          log.KeyId()),
              "it was changed after it was signed, or forged");
}

}  // namespace assay::ledger
