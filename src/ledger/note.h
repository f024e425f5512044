// Signed notes (C2SP signed-note): text, a blank line, and signatures of keys that have names.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "crypto/ed25519.h"

namespace assay::ledger {

// The kinds of keys whose signatures are read; others are ignored, as the specification demands.
enum class NoteKeyKind : std::uint8_t {
  kEd25519 = 0x01,        // of the log
  kCosignatureV1 = 0x04,  // of a witness, with its time (C2SP tlog-cosignature)
};

// A public key with its name, configured out of band. As text (a "vkey"): NAME+KEYID+BASE64.
struct NoteVerifier {
  std::string name;
  NoteKeyKind kind = NoteKeyKind::kEd25519;
  Ed25519PublicKey key;

  static Result<NoteVerifier> Parse(std::string_view vkey);
  std::string ToText() const;
  std::uint32_t KeyId() const;  // SHA-256(name ‖ "\n" ‖ kind ‖ key)[:4]
};

struct NoteSignature {
  std::string name;
  std::uint32_t key_id = 0;
  Bytes signature;
};

struct Note {
  std::string text;  // with its last newline
  std::vector<NoteSignature> signatures;
};

// Names are not empty and have no space and no plus, so that a line has one reading.
Result<void> CheckKeyName(std::string_view name);

Result<Note> ParseNote(std::string_view note);
std::string WriteNote(const Note& note);
// One line of it, with its newline.
std::string WriteSignatureLine(const NoteSignature& signature);

// A signature by `key` under that name.
Result<NoteSignature> SignNote(std::string_view name, const Ed25519Key& key, std::string_view text);
// Of a witness that saw the checkpoint `text` at that time and none that contradicts it.
Result<NoteSignature> CosignNote(std::string_view name, const Ed25519Key& key,
                                 std::string_view text, Time time);

// What a note says of one known key.
enum class NoteVerdict {
  kSigned,
  kNotSigned,  // no signature of that name and key id
  kForged,     // one that does not verify: the whole note is to be refused
};
NoteVerdict VerifyNote(const Note& note, const NoteVerifier& verifier);
// The time of a witness's signature that VerifyNote finds valid.
std::optional<Time> CosignatureTime(const Note& note, const NoteVerifier& verifier);

}  // namespace assay::ledger
