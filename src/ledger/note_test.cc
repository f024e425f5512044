#include "ledger/note.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/limits.h"
#include "ledger/checkpoint.h"

namespace assay::ledger {
namespace {

const Ed25519Key& LogKey() {
  static const Ed25519Key key = Ed25519Key::FromSeed(Bytes(32, std::byte{1})).value();
  return key;
}

NoteVerifier LogVerifier(std::string name = "log.example/1") {
  return {std::move(name), NoteKeyKind::kEd25519, LogKey().Public()};
}

Checkpoint SomeCheckpoint() { return {"log.example/1", 42, LeafHash(AsBytes("root")), {}}; }

TEST(NoteVerifier, ReadsWhatItWrites) {
  for (const NoteKeyKind kind : {NoteKeyKind::kEd25519, NoteKeyKind::kCosignatureV1}) {
    const NoteVerifier verifier{"w.example/w", kind, LogKey().Public()};
    const auto read = NoteVerifier::Parse(verifier.ToText());
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->name, verifier.name);
    EXPECT_EQ(read->kind, kind);
    EXPECT_EQ(read->key.bytes(), LogKey().Public().bytes());
    EXPECT_EQ(read->KeyId(), verifier.KeyId());
  }
}

TEST(NoteVerifier, RefusesAChangedKeyOrName) {
  const std::string good = LogVerifier().ToText();
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = bad[i] == 'x' ? 'y' : 'x';
    EXPECT_FALSE(NoteVerifier::Parse(bad)) << bad;
  }
  EXPECT_FALSE(NoteVerifier::Parse("name+00000000"));
  EXPECT_FALSE(NoteVerifier::Parse(""));
}

TEST(Note, SaysWhoSignedIt) {
  Note note{"text\n\nwith an empty line\n", {}};
  EXPECT_EQ(VerifyNote(note, LogVerifier()), NoteVerdict::kNotSigned);
  note.signatures.push_back(SignNote("log.example/1", LogKey(), note.text).value());
  const auto read = ParseNote(WriteNote(note));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->text, note.text);
  EXPECT_EQ(VerifyNote(*read, LogVerifier()), NoteVerdict::kSigned);
  EXPECT_EQ(VerifyNote(*read, LogVerifier("other")), NoteVerdict::kNotSigned);
  Note changed = *read;
  changed.text += "more\n";
  EXPECT_EQ(VerifyNote(changed, LogVerifier()), NoteVerdict::kForged);
}

TEST(Note, IsRefusedWholeWhenOneSignatureOfAKnownKeyIsForged) {
  Note note{"text\n", {}};
  note.signatures.push_back(SignNote("log.example/1", LogKey(), note.text).value());
  note.signatures.push_back(note.signatures[0]);
  note.signatures[1].signature[0] ^= std::byte{1};
  EXPECT_EQ(VerifyNote(note, LogVerifier()), NoteVerdict::kForged);
}

TEST(Note, RefusesWhatHasNotItsForm) {
  const std::string good =
      WriteNote({"text\n", {SignNote("log.example/1", LogKey(), "text\n").value()}});
  ASSERT_TRUE(ParseNote(good));
  EXPECT_FALSE(ParseNote(good.substr(0, good.size() - 1)));  // no last newline
  EXPECT_FALSE(ParseNote("text\n\n"));                       // no signature
  EXPECT_FALSE(ParseNote("text\n"));                         // no blank line
  EXPECT_FALSE(ParseNote("te\txt" + good.substr(4)));        // a control character
  EXPECT_FALSE(ParseNote("te\xC0\xAF" + good.substr(4)));    // no UTF-8
  EXPECT_FALSE(ParseNote(good + "- a line\n"));
  EXPECT_FALSE(ParseNote(good + "\xE2\x80\x94 name\n"));
  EXPECT_FALSE(ParseNote(good + "\xE2\x80\x94 na+me AAAAAAA=\n"));
  EXPECT_FALSE(ParseNote(good + "\xE2\x80\x94 name AAAAAA==\n"));  // the key ID alone
  EXPECT_TRUE(ParseNote(good + "\xE2\x80\x94 name AAAAAAA=\n"));
  EXPECT_FALSE(ParseNote(std::string(limits::kNoteBytes, 'x') + good));
  std::string many = good;
  for (std::size_t i = 1; i < limits::kNoteSignatures; ++i) many += "\xE2\x80\x94 n AAAAAAA=\n";
  EXPECT_TRUE(ParseNote(many));
  EXPECT_FALSE(ParseNote(many + "\xE2\x80\x94 n AAAAAAA=\n"));
}

TEST(Note, HasNamesWithoutSpacesOfUnicode) {
  EXPECT_TRUE(CheckKeyName("log.example/\xC3\xA9"));
  for (const char* bad : {"", "a b", "a+b",
                          "a\xC2\xA0"
                          "b",
                          "a\xE2\x80\xAF", "a\nb", "\xFF"}) {
    EXPECT_FALSE(CheckKeyName(bad)) << bad;
    EXPECT_FALSE(SignNote(bad, LogKey(), "text\n")) << bad;
  }
}

TEST(Cosignature, HasTheTimeOfItsWitness) {
  const Time time = FromUnixSeconds(1'679'315'147);
  Note note{CheckpointText(SomeCheckpoint()), {}};
  note.signatures.push_back(CosignNote("w.example/w", LogKey(), note.text, time).value());
  const NoteVerifier witness{"w.example/w", NoteKeyKind::kCosignatureV1, LogKey().Public()};
  const Note read = ParseNote(WriteNote(note)).value();
  EXPECT_EQ(VerifyNote(read, witness), NoteVerdict::kSigned);
  EXPECT_EQ(CosignatureTime(read, witness), time);
  // 8 bytes of time, then the signature over both lines and the text.
  ASSERT_EQ(read.signatures[0].signature.size(), 72U);
  EXPECT_TRUE(LogKey().Public().Verify(AsBytes("cosignature/v1\ntime 1679315147\n" + note.text),
                                       View(read.signatures[0].signature).subspan(8)));
  for (const std::size_t i : {std::size_t{0}, std::size_t{7}, std::size_t{8}}) {
    Note bad = read;
    bad.signatures[0].signature[i] ^= std::byte{0x81};
    EXPECT_EQ(VerifyNote(bad, witness), NoteVerdict::kForged) << i;
    EXPECT_FALSE(CosignatureTime(bad, witness)) << i;
  }
  // The same key as the log's has another key ID.
  EXPECT_EQ(VerifyNote(read, LogVerifier("w.example/w")), NoteVerdict::kNotSigned);
  EXPECT_FALSE(CosignNote("w", LogKey(), note.text, FromUnixSeconds(-1)));
}

TEST(Checkpoint, HasTheThreeLinesOfTheSpecification) {
  const Checkpoint checkpoint = SomeCheckpoint();
  EXPECT_EQ(CheckpointText(checkpoint),
            "log.example/1\n42\n" + Base64Encode(checkpoint.root) + "\n");
  const std::string note = SignCheckpoint(checkpoint, LogKey()).value();
  const auto opened = OpenCheckpoint(note, LogVerifier());
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(*opened, checkpoint);
}

TEST(Checkpoint, OpensForItsOwnLogAndKeyAlone) {
  const std::string note = SignCheckpoint(SomeCheckpoint(), LogKey()).value();
  EXPECT_FALSE(OpenCheckpoint(note, LogVerifier("log.example/2")));
  const NoteVerifier other{"log.example/1", NoteKeyKind::kEd25519,
                           Ed25519Key::Generate().value().Public()};
  EXPECT_FALSE(OpenCheckpoint(note, other));
  for (std::size_t i = 0; i < note.size(); ++i) {
    std::string bad = note;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(OpenCheckpoint(bad, LogVerifier())) << bad;
  }
}

TEST(Checkpoint, RefusesWhatHasTwoReadings) {
  const std::string root = Base64Encode(EmptyRoot()) + "\n";
  EXPECT_TRUE(ParseCheckpointText("o\n0\n" + root));
  EXPECT_EQ(ParseCheckpointText("o\n1\n" + root + "more\n").value().extensions,
            std::vector<std::string>{"more"});
  for (const std::string& bad :
       {"o\n01\n" + root, "o\n-1\n" + root, "o\n1 \n" + root, "o\n18446744073709551616\n" + root,
        "\n1\n" + root, "o\n1\n" + root.substr(4), "o\n1\n" + root + "\n", std::string("o\n1\n"),
        "o\n1\n" + root + "unfinished"}) {
    EXPECT_FALSE(ParseCheckpointText(bad)) << bad;
  }
}

}  // namespace
}  // namespace assay::ledger
