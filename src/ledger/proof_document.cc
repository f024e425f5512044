#include "ledger/proof_document.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/json.h"
#include "base/limits.h"
#include "ledger/checkpoint.h"

namespace assay::ledger {
namespace {

constexpr std::string_view kWhere = "entry proof";

tl::unexpected<Error> ProofError(std::string what) {
  return Fail(ErrorCode::kMalformed, fmt::format("{}: {}", kWhere, what),
              "expected what `GET /ledger/...` or the ledger's owner gave as proof");
}

Result<Bytes> BytesOf(const json::Value& value, std::string_view name, std::size_t most) {
  const std::string text = TRY(value.String(name, kWhere));
  Bytes out = TRY(Base64UrlDecode(text));
  if (out.size() > most) {
    return ProofError(
        fmt::format("{} has {} bytes, at most {} are accepted", name, out.size(), most));
  }
  return out;
}

// One signature of the ledger's key is as good as the other: but they must be of one tree.
Result<void> CheckTree(const std::string& note, const ReceiptTree& tree, const NoteVerifier& log) {
  const Checkpoint checkpoint = TRY(OpenCheckpoint(note, log));
  if (checkpoint.size == tree.size && checkpoint.root == tree.root) return {};
  return Fail(
      ErrorCode::kInvalidArgument,
      fmt::format("{}: expected a checkpoint of the receipt's tree of {} entries, found one "
                  "of {}",
                  kWhere, tree.size, checkpoint.size),
      "receipt and checkpoint come from one answer");
}

}  // namespace

json::Object EntryProofJson(const EntryProof& proof) {
  json::Object out{{"ledger", proof.origin},
                   {"leaf", Base64UrlEncode(proof.leaf)},
                   {"receipt", Base64UrlEncode(proof.receipt)}};
  if (proof.body) {
    out.emplace_back("record", Base64UrlEncode(proof.body->body));
    out.emplace_back("salt", Base64UrlEncode(proof.body->salt));
  }
  if (!proof.checkpoint.empty()) out.emplace_back("checkpoint", proof.checkpoint);
  return out;
}

std::string WriteEntryProof(const EntryProof& proof) {
  return json::WritePretty(EntryProofJson(proof)) + "\n";
}

Result<EntryProof> ParseEntryProof(std::string_view text) {
  if (text.size() > limits::kProofDocumentBytes) return ProofError("it is too large");
  const json::Value value = TRY(json::Parse(text));
  EntryProof out;
  out.origin = TRY(value.String("ledger", kWhere));
  out.leaf = TRY(BytesOf(value, "leaf", limits::kLedgerLeafBytes));
  out.receipt = TRY(BytesOf(value, "receipt", limits::kReceiptBytes));
  if (value.Find("checkpoint") != nullptr) out.checkpoint = TRY(value.String("checkpoint", kWhere));
  const bool has_record = value.Find("record") != nullptr;
  if (has_record != (value.Find("salt") != nullptr)) {
    return ProofError("record and salt stand together");
  }
  if (!has_record) return out;
  OpenedBody body;
  body.body = TRY(BytesOf(value, "record", limits::kLedgerBodyBytes));
  body.salt = TRY(BytesOf(value, "salt", kSaltBytes));
  if (body.salt.size() != kSaltBytes) return ProofError("expected a salt of 32 bytes");
  out.body = std::move(body);
  return out;
}

Result<VerifiedEntry> VerifyEntryProof(const EntryProof& proof, const NoteVerifier& log) {
  if (proof.origin != log.name) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("{}: expected one of {}, found one of {}",
                                                         kWhere, log.name, proof.origin));
  }
  const Leaf leaf = TRY(DecodeLeaf(proof.leaf));
  VerifiedEntry out;
  out.inclusion = TRY(VerifyInclusionReceipt(proof.receipt, LeafHash(proof.leaf), log));
  out.time = leaf.time;
  if (!proof.checkpoint.empty()) {
    TRY_VOID(CheckTree(proof.checkpoint, out.inclusion.tree, log));
  }
  if (!proof.body) return out;
  if (Commit(proof.body->salt, proof.body->body) != leaf.commitment) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: the record is not the one that the leaf commits to", kWhere),
                "the record or the salt was changed");
  }
  Body body = TRY(DecodeBody(proof.body->body));
  if (auto* const record = std::get_if<Record>(&body)) {
    out.record = std::move(*record);
  } else {
    out.application = std::move(std::get<ApplicationEntry>(body));
  }
  return out;
}

}  // namespace assay::ledger
