#include "ledger/note.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/reader.h"
#include "base/utf8.h"
#include "crypto/digest.h"

namespace assay::ledger {
namespace {

constexpr std::string_view kEmDash = "\xE2\x80\x94 ";  // U+2014, and a space

tl::unexpected<Error> NoteError(std::string what) {
  return Fail(ErrorCode::kMalformed, "signed note: " + std::move(what));
}

void AppendU64(Bytes& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::byte>((value >> static_cast<unsigned>(shift)) & 0xFFU));
  }
}

// UTF-8 without control characters but newline.
bool IsNoteText(std::string_view text) {
  return IsUtf8(text) && std::all_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) >= 0x20 || c == '\n';
         });
}

// The spaces of Unicode (White_Space), in UTF-8.
constexpr std::string_view kSpaces[] = {" ",
                                        "\xC2\x85",
                                        "\xC2\xA0",
                                        "\xE1\x9A\x80",
                                        "\xE2\x80\x80",
                                        "\xE2\x80\x81",
                                        "\xE2\x80\x82",
                                        "\xE2\x80\x83",
                                        "\xE2\x80\x84",
                                        "\xE2\x80\x85",
                                        "\xE2\x80\x86",
                                        "\xE2\x80\x87",
                                        "\xE2\x80\x88",
                                        "\xE2\x80\x89",
                                        "\xE2\x80\x8A",
                                        "\xE2\x80\xA8",
                                        "\xE2\x80\xA9",
                                        "\xE2\x80\xAF",
                                        "\xE2\x81\x9F",
                                        "\xE3\x80\x80"};

std::uint32_t IdOf(std::string_view name, NoteKeyKind kind, const Ed25519PublicKey& key) {
  Bytes input = ToBytes(AsBytes(name));
  input.push_back(std::byte{'\n'});
  input.push_back(static_cast<std::byte>(kind));
  Append(input, key.bytes());
  const Sha256Digest digest = Sha256(input);
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < 4; ++i) out = (out << 8U) | ToU8(digest[i]);
  return out;
}

// The message of a cosignature (C2SP tlog-cosignature, "Ed25519 signed message").
std::string CosignedMessage(std::string_view text, std::uint64_t seconds) {
  return fmt::format("cosignature/v1\ntime {}\n{}", seconds, text);
}

Result<NoteSignature> ParseSignature(std::string_view line) {
  if (!line.starts_with(kEmDash)) return NoteError("a signature line begins with an em dash");
  line.remove_prefix(kEmDash.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return NoteError("a signature line has no signature");
  NoteSignature out;
  out.name = line.substr(0, space);
  TRY_VOID(CheckKeyName(out.name));
  const Bytes bytes = TRY(Base64Decode(line.substr(space + 1)));
  Reader reader(bytes, "note signature");
  out.key_id = TRY(reader.U32Be("key ID"));
  out.signature = ToBytes(reader.rest());
  if (out.signature.empty()) return NoteError("a signature is empty");
  return out;
}

struct TimedSignature {
  std::uint64_t seconds = 0;
  View signature;
};

// timestamped_signature: the time may not exceed 2^63 - 1.
std::optional<TimedSignature> SplitTimed(View bytes) {
  Reader reader(bytes, "cosignature");
  const auto seconds = reader.U64Be("timestamp");
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!seconds || *seconds > kMost) return std::nullopt;
  return TimedSignature{*seconds, reader.rest()};
}

bool Verifies(const Note& note, const NoteSignature& one, const NoteVerifier& verifier) {
  if (verifier.kind == NoteKeyKind::kEd25519) {
    return verifier.key.Verify(AsBytes(note.text), one.signature);
  }
  const auto timed = SplitTimed(one.signature);
  return timed &&
         verifier.key.Verify(AsBytes(CosignedMessage(note.text, timed->seconds)), timed->signature);
}

bool IsOf(const NoteSignature& one, const NoteVerifier& verifier) {
  return one.name == verifier.name && one.key_id == verifier.KeyId();
}

}  // namespace

Result<void> CheckKeyName(std::string_view name) {
  const bool spaced = std::any_of(
      std::begin(kSpaces), std::end(kSpaces),
      [name](std::string_view space) { return name.find(space) != std::string_view::npos; });
  if (name.empty() || spaced || name.find_first_of("+\n") != std::string_view::npos ||
      !IsNoteText(name)) {
    return NoteError(fmt::format("\"{}\" is no key name: expected UTF-8 without spaces and plus",
                                 IsNoteText(name) ? name : "?"));
  }
  return {};
}

Result<NoteVerifier> NoteVerifier::Parse(std::string_view vkey) {
  // The base64 at the end may hold a plus; name and key ID do not.
  const std::size_t first = vkey.find('+');
  const std::size_t second = first == std::string_view::npos ? first : vkey.find('+', first + 1);
  if (second == std::string_view::npos) {
    return Fail(ErrorCode::kMalformed, "verifier key: expected NAME+KEYID+KEY",
                "`assay ledger export` prints the one of its ledger");
  }
  std::string name(vkey.substr(0, first));
  TRY_VOID(CheckKeyName(name));
  const Bytes bytes = TRY(Base64Decode(vkey.substr(second + 1)));
  Reader reader(bytes, "verifier key");
  const std::uint8_t kind = TRY(reader.U8("type"));
  if (kind != static_cast<std::uint8_t>(NoteKeyKind::kEd25519) &&
      kind != static_cast<std::uint8_t>(NoteKeyKind::kCosignatureV1)) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("verifier key: expected type 1 or 4 (Ed25519), found {}", kind));
  }
  Ed25519PublicKey key = TRY(Ed25519PublicKey::FromBytes(reader.rest()));
  NoteVerifier out{std::move(name), static_cast<NoteKeyKind>(kind), std::move(key)};
  const std::string expected = fmt::format("{:08x}", out.KeyId());
  if (vkey.substr(first + 1, second - first - 1) != expected) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("verifier key: expected key ID {}, found {}", expected,
                            vkey.substr(first + 1, second - first - 1)),
                "it was changed or mistyped");
  }
  return out;
}

std::string NoteVerifier::ToText() const {
  Bytes bytes{static_cast<std::byte>(kind)};
  Append(bytes, key.bytes());
  return fmt::format("{}+{:08x}+{}", name, KeyId(), Base64Encode(bytes));
}

std::uint32_t NoteVerifier::KeyId() const { return IdOf(name, kind, key); }

Result<Note> ParseNote(std::string_view note) {
  if (note.size() > limits::kNoteBytes) return NoteError("it is too large");
  if (!IsNoteText(note)) return NoteError("expected UTF-8 without control characters");
  // The last empty line parts text from signatures.
  const std::size_t blank = note.rfind("\n\n");
  if (blank == std::string_view::npos || !note.ends_with('\n')) {
    return NoteError("expected text, an empty line and signature lines that end in newline");
  }
  Note out;
  out.text = note.substr(0, blank + 1);
  std::string_view rest = note.substr(blank + 2);
  if (rest.empty()) return NoteError("it has no signature");
  while (!rest.empty()) {
    if (out.signatures.size() == limits::kNoteSignatures) return NoteError("too many signatures");
    const std::size_t end = rest.find('\n');
    out.signatures.push_back(TRY(ParseSignature(rest.substr(0, end))));
    rest.remove_prefix(end + 1);
  }
  return out;
}

std::string WriteSignatureLine(const NoteSignature& signature) {
  Bytes bytes;
  for (unsigned shift = 32; shift > 0; shift -= 8) {
    bytes.push_back(static_cast<std::byte>((signature.key_id >> (shift - 8)) & 0xFFU));
  }
  Append(bytes, signature.signature);
  return fmt::format("{}{} {}\n", kEmDash, signature.name, Base64Encode(bytes));
}

std::string WriteNote(const Note& note) {
  std::string out = note.text + "\n";
  for (const NoteSignature& one : note.signatures) out += WriteSignatureLine(one);
  return out;
}

Result<NoteSignature> SignNote(std::string_view name, const Ed25519Key& key,
                               std::string_view text) {
  TRY_VOID(CheckKeyName(name));
  NoteSignature out;
  out.name = name;
  out.key_id = IdOf(name, NoteKeyKind::kEd25519, key.Public());
  out.signature = TRY(key.Sign(AsBytes(text)));
  return out;
}

Result<NoteSignature> CosignNote(std::string_view name, const Ed25519Key& key,
                                 std::string_view text, Time time) {
  TRY_VOID(CheckKeyName(name));
  if (UnixSeconds(time) < 0) {
    return Fail(ErrorCode::kInvalidArgument, "a cosignature has no time before 1970");
  }
  const auto seconds = static_cast<std::uint64_t>(UnixSeconds(time));
  NoteSignature out;
  out.name = name;
  out.key_id = IdOf(name, NoteKeyKind::kCosignatureV1, key.Public());
  AppendU64(out.signature, seconds);
  Append(out.signature, TRY(key.Sign(AsBytes(CosignedMessage(text, seconds)))));
  return out;
}

NoteVerdict VerifyNote(const Note& note, const NoteVerifier& verifier) {
  NoteVerdict out = NoteVerdict::kNotSigned;
  for (const NoteSignature& one : note.signatures) {
    if (!IsOf(one, verifier)) continue;
    if (!Verifies(note, one, verifier)) return NoteVerdict::kForged;
    out = NoteVerdict::kSigned;
  }
  return out;
}

std::optional<Time> CosignatureTime(const Note& note, const NoteVerifier& verifier) {
  for (const NoteSignature& one : note.signatures) {
    if (!IsOf(one, verifier) || verifier.kind != NoteKeyKind::kCosignatureV1) continue;
    if (!Verifies(note, one, verifier)) return std::nullopt;
    return FromUnixSeconds(static_cast<std::int64_t>(SplitTimed(one.signature)->seconds));
  }
  return std::nullopt;
}

}  // namespace assay::ledger
