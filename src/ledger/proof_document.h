// What convinces somebody who has no access to the ledger, in one file: a leaf, its receipt and,
// if it is to be shown, what the leaf commits to.
//
//   {"ledger": ORIGIN, "leaf": BASE64URL, "receipt": BASE64URL,
//    "record": BASE64URL, "salt": BASE64URL, "checkpoint": TEXT}
//
// The leaf is that of ledger/entry.h, the receipt COSE (ledger/receipt.h), the record a body: that
// of ledger/record.h, or what an application wrote (ledger/application_entry.h). Record and salt
// stand together or not at all. The checkpoint, if there is one, is the signed note of the tree to
// which the receipt leads, with the cosignatures of its witnesses (witness/quorum.h): without it
// the receipt has the word of the ledger alone that there is no other history.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "ledger/application_entry.h"
#include "ledger/entry.h"
#include "ledger/receipt.h"

namespace assay::ledger {

struct EntryProof {
  std::string origin;
  Bytes leaf;
  Bytes receipt;
  std::optional<OpenedBody> body;
  std::string checkpoint;  // empty: none
};

json::Object EntryProofJson(const EntryProof& proof);
std::string WriteEntryProof(const EntryProof& proof);
Result<EntryProof> ParseEntryProof(std::string_view text);

struct VerifiedEntry {
  VerifiedInclusion inclusion;
  Time time{};
  // One of them, if the proof shows what the entry says.
  std::optional<Record> record;
  std::optional<ApplicationEntry> application;
};
// kInvalidArgument when the leaf is not in the tree that the key signed, the record is not the one
// the leaf commits to, or the checkpoint is of another tree. Cosignatures are not looked at.
Result<VerifiedEntry> VerifyEntryProof(const EntryProof& proof, const NoteVerifier& log);

}  // namespace assay::ledger
