#include "ledger/receipt.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/cbor.h"
#include "base/limits.h"

namespace assay::ledger {
namespace {

// RFC 9052 §3.1 and §4.2, RFC 9053 §2.2, RFC 9942 §2 and §5.
constexpr std::uint64_t kSign1Tag = 18;
constexpr std::int64_t kAlg = 1;
constexpr std::int64_t kEdDsa = -8;
constexpr std::int64_t kKid = 4;
constexpr std::int64_t kVds = 395;
constexpr std::int64_t kRfc9162Sha256 = 1;
constexpr std::int64_t kVdp = 396;
constexpr std::int64_t kInclusion = -1;
constexpr std::int64_t kConsistency = -2;
constexpr std::size_t kKidBytes = 4;
constexpr std::string_view kTreeSize = "tree-size";

// Both kinds of proof are two numbers and a path.
struct SignedProof {
  std::int64_t kind = kInclusion;
  std::uint64_t first = 0;   // tree size, or the older one
  std::uint64_t second = 0;  // leaf index, or the newer tree size
  std::vector<Hash> path;

  // Of the tree whose root is signed.
  std::uint64_t tree_size() const { return kind == kInclusion ? first : second; }
};

// What stands in the protected header besides the constants.
struct SignedHeader {
  std::uint32_t key_id = 0;
  std::uint64_t tree_size = 0;
};

struct ParsedReceipt {
  Bytes protected_header;
  SignedHeader header;
  SignedProof proof;
  Bytes signature;
};

Bytes KidOf(std::uint32_t key_id) {
  Bytes out;
  for (unsigned shift = 32; shift > 0; shift -= 8) {
    out.push_back(static_cast<std::byte>((key_id >> (shift - 8)) & 0xFFU));
  }
  return out;
}

Bytes ProtectedHeader(const SignedHeader& header) {
  CborWriter out;
  out.Map(4).Integer(kAlg).Integer(kEdDsa).Integer(kKid).ByteString(KidOf(header.key_id));
  out.Integer(kVds).Integer(kRfc9162Sha256);
  return out.Text(kTreeSize).Unsigned(header.tree_size).Take();
}

// Sig_structure, RFC 9052 §4.4.
Bytes ToBeSigned(View protected_header, const Hash& root) {
  return CborWriter()
      .Array(4)
      .Text("Signature1")
      .ByteString(protected_header)
      .ByteString({})
      .ByteString(root)
      .Take();
}

Bytes EncodeProof(const SignedProof& proof) {
  CborWriter out;
  out.Array(3).Unsigned(proof.first).Unsigned(proof.second).Array(proof.path.size());
  for (const Hash& one : proof.path) out.ByteString(one);
  return out.Take();
}

Result<Bytes> SignProof(const SignedProof& proof, const Hash& root, const NoteVerifier& log,
                        const Ed25519Key& key) {
  const Bytes header = ProtectedHeader({log.KeyId(), proof.tree_size()});
  const Bytes signature = TRY(key.Sign(ToBeSigned(header, root)));
  CborWriter out;
  out.Tag(kSign1Tag).Array(4).ByteString(header).Map(1).Integer(kVdp).Map(1);
  out.Integer(proof.kind).Array(1).ByteString(EncodeProof(proof));
  return out.Null().ByteString(signature).Take();
}

tl::unexpected<Error> ReceiptError(std::string what) {
  return Fail(ErrorCode::kMalformed, "receipt: " + std::move(what));
}

Result<void> ExpectLabel(CborReader& reader, std::int64_t label, std::string_view what) {
  const std::int64_t found = TRY(reader.Integer(what));
  if (found == label) return {};
  return ReceiptError(fmt::format("expected {} ({}), found label {}", what, label, found));
}

Result<SignedHeader> ParseProtected(View header) {
  CborReader reader(header, "receipt: protected header");
  const std::size_t members = TRY(reader.Map("header", 4));
  if (members != 4) return ReceiptError("expected four protected parameters");
  TRY_VOID(ExpectLabel(reader, kAlg, "alg"));
  TRY_VOID(ExpectLabel(reader, kEdDsa, "EdDSA"));
  TRY_VOID(ExpectLabel(reader, kKid, "kid"));
  const View kid = TRY(reader.ByteString("kid", kKidBytes));
  if (kid.size() != kKidBytes) return ReceiptError("expected a kid of 4 bytes");
  TRY_VOID(ExpectLabel(reader, kVds, "vds"));
  TRY_VOID(ExpectLabel(reader, kRfc9162Sha256, "RFC9162_SHA256"));
  const std::string_view label = TRY(reader.Text("tree-size", kTreeSize.size()));
  if (label != kTreeSize) return ReceiptError("expected the parameter tree-size");
  SignedHeader out;
  out.tree_size = TRY(reader.Unsigned("tree-size"));
  TRY_VOID(reader.ExpectEnd());
  for (const std::byte b : kid) out.key_id = (out.key_id << 8U) | ToU8(b);
  return out;
}

Result<void> ParseProof(View bytes, SignedProof& out) {
  CborReader reader(bytes, "receipt: proof");
  TRY_VOID(reader.ArrayOf("proof", 3));
  out.first = TRY(reader.Unsigned("tree size"));
  out.second = TRY(reader.Unsigned("leaf index or tree size"));
  const std::size_t count = TRY(reader.Array("path", limits::kLedgerProofHashes));
  for (std::size_t i = 0; i < count; ++i) {
    const View hash = TRY(reader.ByteString("hash", sizeof(Hash)));
    if (hash.size() != sizeof(Hash)) return ReceiptError("a hash of the path has not 32 bytes");
    std::copy(hash.begin(), hash.end(), out.path.emplace_back().begin());
  }
  return reader.ExpectEnd();
}

Result<void> ParseUnprotected(CborReader& reader, SignedProof& out) {
  const std::size_t members = TRY(reader.Map("unprotected header", 1));
  if (members != 1) return ReceiptError("expected one unprotected parameter, vdp");
  TRY_VOID(ExpectLabel(reader, kVdp, "vdp"));
  const std::size_t kinds = TRY(reader.Map("vdp", 1));
  if (kinds != 1) return ReceiptError("expected one kind of proof");
  out.kind = TRY(reader.Integer("kind of proof"));
  if (out.kind != kInclusion && out.kind != kConsistency) {
    return ReceiptError(fmt::format("no kind of proof {}", out.kind));
  }
  TRY_VOID(reader.ArrayOf("proofs", 1));
  const View proof = TRY(reader.ByteString("proof", limits::kReceiptBytes));
  return ParseProof(proof, out);
}

Result<ParsedReceipt> ParseReceipt(View bytes) {
  if (bytes.size() > limits::kReceiptBytes) {
    return ReceiptError(fmt::format("it has {} bytes, at most {} are accepted", bytes.size(),
                                    limits::kReceiptBytes));
  }
  CborReader reader(bytes, "receipt");
  ParsedReceipt out;
  TRY_VOID(reader.Tag("COSE_Sign1", kSign1Tag));
  TRY_VOID(reader.ArrayOf("COSE_Sign1", 4));
  out.protected_header = ToBytes(TRY(reader.ByteString("protected header", 64)));
  out.header = TRY(ParseProtected(out.protected_header));
  TRY_VOID(ParseUnprotected(reader, out.proof));
  TRY_VOID(reader.Null("payload"));
  out.signature = ToBytes(TRY(reader.ByteString("signature", kEd25519SignatureBytes)));
  TRY_VOID(reader.ExpectEnd());
  return out;
}

// The receipt as it was read, if it is of that kind and that key.
Result<ParsedReceipt> OpenReceipt(View bytes, std::int64_t kind, const NoteVerifier& log) {
  ParsedReceipt out = TRY(ParseReceipt(bytes));
  if (out.proof.kind != kind) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("receipt: expected a proof of {}",
                            kind == kInclusion ? "inclusion" : "consistency"));
  }
  if (out.header.key_id != log.KeyId()) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("receipt: expected key ID {:08x} of {}, found {:08x}", log.KeyId(),
                            log.name, out.header.key_id),
                "it is of another ledger, or its key was replaced");
  }
  if (out.header.tree_size != out.proof.tree_size()) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("receipt: its proof is of a tree of {}, the key signed one of {}",
                            out.proof.tree_size(), out.header.tree_size),
                "the proof was changed");
  }
  return out;
}

Result<void> CheckSignature(const ParsedReceipt& receipt, const Hash& root,
                            const NoteVerifier& log) {
  if (log.key.Verify(ToBeSigned(receipt.protected_header, root), receipt.signature)) return {};
  return Fail(ErrorCode::kInvalidArgument,
              "receipt: the signature does not verify over the root that its proof leads to",
              "the receipt or the entry was changed, or the receipt is of another entry");
}

}  // namespace

Result<Bytes> SignReceipt(const InclusionReceipt& proof, const Hash& root, const NoteVerifier& log,
                          const Ed25519Key& key) {
  return SignProof({kInclusion, proof.size, proof.index, proof.path}, root, log, key);
}

Result<Bytes> SignReceipt(const ConsistencyReceipt& proof, const Hash& root,
                          const NoteVerifier& log, const Ed25519Key& key) {
  return SignProof({kConsistency, proof.first, proof.second, proof.path}, root, log, key);
}

Result<VerifiedInclusion> VerifyInclusionReceipt(View receipt, const Hash& leaf,
                                                 const NoteVerifier& log) {
  const ParsedReceipt parsed = TRY(OpenReceipt(receipt, kInclusion, log));
  const SignedProof& proof = parsed.proof;
  const auto root = RootOfInclusion(proof.second, proof.first, leaf, proof.path);
  if (!root) {
    return ReceiptError(fmt::format("its path has not the shape of entry {} in a tree of {}",
                                    proof.second, proof.first));
  }
  TRY_VOID(CheckSignature(parsed, *root, log));
  return VerifiedInclusion{proof.second, {proof.first, *root}};
}

Result<ReceiptTree> VerifyConsistencyReceipt(View receipt, const ReceiptTree& older,
                                             const NoteVerifier& log) {
  const ParsedReceipt parsed = TRY(OpenReceipt(receipt, kConsistency, log));
  const SignedProof& proof = parsed.proof;
  if (proof.first != older.size) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("receipt: expected a proof from a tree of {}, found one from {}",
                            older.size, proof.first));
  }
  const auto root = RootOfConsistency(proof.first, proof.second, older.root, proof.path);
  if (!root) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("receipt: the tree of {} that is known does not lead to that of {}",
                            proof.first, proof.second),
                "the ledger was rewritten or forked, or the receipt was changed");
  }
  TRY_VOID(CheckSignature(parsed, *root, log));
  return ReceiptTree{proof.second, *root};
}

}  // namespace assay::ledger
