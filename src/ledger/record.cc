#include "ledger/record.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/cbor.h"
#include "base/encoding.h"
#include "base/limits.h"

namespace assay::ledger {
namespace {

constexpr std::uint64_t kFormat = 1;
constexpr std::size_t kFields = 13;

constexpr std::array<std::string_view, 10> kKinds = {
    "",      "attestation",  "denial",      "policy-change",  "enrolment",
    "drift", "key-creation", "key-release", "administration", "redaction"};
constexpr std::array<std::string_view, 3> kVerdicts = {"none", "permitted", "denied"};

tl::unexpected<Error> RecordError(std::string what) {
  return Fail(ErrorCode::kMalformed, "decision record: " + std::move(what));
}

// What holds for a record however it came about.
Result<void> CheckRecord(const Record& record) {
  const bool denied = record.verdict == RecordVerdict::kDenied;
  const bool permitted = record.verdict == RecordVerdict::kPermitted;
  if (record.kind == RecordKind::kAttestation && !permitted) {
    return RecordError("an attestation is permitted; one that is not is a denial");
  }
  if (record.kind == RecordKind::kDenial && !denied) return RecordError("a denial is denied");
  if (permitted && !record.failed_checks.empty()) {
    return RecordError("what was permitted failed no check");
  }
  if (UnixSeconds(record.time) < 0) return RecordError("its time is before 1970");
  const auto ascends = [](const Sha256Digest& a, const Sha256Digest& b) { return a >= b; };
  if (std::adjacent_find(record.collateral.begin(), record.collateral.end(), ascends) !=
      record.collateral.end()) {
    return RecordError("the digests of its collateral do not ascend");
  }
  return {};
}

Result<void> CheckText(const std::string& text, std::size_t most = limits::kLedgerTextBytes) {
  if (text.size() <= most) return {};
  return RecordError(fmt::format("a text has more than {} bytes", most));
}

Result<void> CheckSizes(const Record& record) {
  TRY_VOID(CheckText(record.subject));
  TRY_VOID(CheckText(record.actor));
  TRY_VOID(CheckText(record.detail, limits::kLedgerDetailBytes));
  for (const std::string& one : record.failed_checks) TRY_VOID(CheckText(one));
  if (record.collateral.size() > limits::kLedgerCollateral ||
      record.failed_checks.size() > limits::kLedgerFailedChecks) {
    return RecordError(fmt::format("expected at most {} pieces of collateral and {} failed checks",
                                   limits::kLedgerCollateral, limits::kLedgerFailedChecks));
  }
  return {};
}

void WriteDigest(CborWriter& out, const std::optional<Sha256Digest>& digest) {
  if (digest) {
    out.ByteString(*digest);
  } else {
    out.Null();
  }
}

Result<Sha256Digest> ReadDigest(CborReader& reader, std::string_view field) {
  const View bytes = TRY(reader.ByteString(field, sizeof(Sha256Digest)));
  Sha256Digest out{};
  if (bytes.size() != out.size()) return RecordError(fmt::format("{}: expected 32 bytes", field));
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

Result<std::optional<Sha256Digest>> ReadOptionalDigest(CborReader& reader, std::string_view field) {
  if (TRY(reader.TakeNull())) return std::nullopt;
  return std::optional(TRY(ReadDigest(reader, field)));
}

Result<void> ReadHeader(CborReader& reader, Record& out) {
  TRY_VOID(reader.ArrayOf("record", kFields));
  const std::uint64_t format = TRY(reader.Unsigned("format"));
  if (format != kFormat) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("decision record: expected format {}, found {}", kFormat, format));
  }
  const std::uint64_t kind = TRY(reader.Unsigned("kind"));
  if (kind == 0 || kind >= kKinds.size()) return RecordError(fmt::format("no kind {}", kind));
  out.kind = static_cast<RecordKind>(kind);
  const std::int64_t seconds = TRY(reader.Integer("time"));
  out.time = FromUnixSeconds(seconds);
  out.subject = TRY(reader.Text("subject", limits::kLedgerTextBytes));
  out.actor = TRY(reader.Text("actor", limits::kLedgerTextBytes));
  const std::uint64_t verdict = TRY(reader.Unsigned("verdict"));
  if (verdict >= kVerdicts.size()) return RecordError(fmt::format("no verdict {}", verdict));
  out.verdict = static_cast<RecordVerdict>(verdict);
  return {};
}

json::Value DigestJson(const std::optional<Sha256Digest>& digest) {
  return digest ? json::Value(HexEncode(*digest)) : json::Value();
}

}  // namespace

std::string_view Name(RecordKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }
std::string_view Name(RecordVerdict verdict) {
  return kVerdicts[static_cast<std::size_t>(verdict)];
}

Result<Bytes> EncodeRecord(const Record& record) {
  TRY_VOID(CheckRecord(record));
  TRY_VOID(CheckSizes(record));
  CborWriter out;
  out.Array(kFields).Unsigned(kFormat).Unsigned(static_cast<std::uint64_t>(record.kind));
  out.Integer(UnixSeconds(record.time)).Text(record.subject).Text(record.actor);
  out.Unsigned(static_cast<std::uint64_t>(record.verdict));
  WriteDigest(out, record.evidence);
  WriteDigest(out, record.policy);
  out.Array(record.collateral.size());
  for (const Sha256Digest& one : record.collateral) out.ByteString(one);
  out.Array(record.failed_checks.size());
  for (const std::string& one : record.failed_checks) out.Text(one);
  WriteDigest(out, record.build);
  WriteDigest(out, record.configuration);
  out.Text(record.detail);
  Bytes bytes = out.Take();
  // What was written can be read again: texts are UTF-8, and the whole fits.
  TRY_VOID(DecodeRecord(bytes).map([](const Record&) {}));
  return bytes;
}

Result<Record> DecodeRecord(View bytes) {
  if (bytes.size() > limits::kLedgerRecordBytes) {
    return RecordError(fmt::format("it has {} bytes, at most {} are accepted", bytes.size(),
                                   limits::kLedgerRecordBytes));
  }
  CborReader reader(bytes, "decision record");
  Record out;
  TRY_VOID(ReadHeader(reader, out));
  out.evidence = TRY(ReadOptionalDigest(reader, "evidence"));
  out.policy = TRY(ReadOptionalDigest(reader, "policy"));
  const std::size_t pieces = TRY(reader.Array("collateral", limits::kLedgerCollateral));
  for (std::size_t i = 0; i < pieces; ++i) {
    out.collateral.push_back(TRY(ReadDigest(reader, "collateral")));
  }
  const std::size_t failed = TRY(reader.Array("failed checks", limits::kLedgerFailedChecks));
  for (std::size_t i = 0; i < failed; ++i) {
    out.failed_checks.emplace_back(TRY(reader.Text("failed check", limits::kLedgerTextBytes)));
  }
  out.build = TRY(ReadOptionalDigest(reader, "build"));
  out.configuration = TRY(ReadOptionalDigest(reader, "configuration"));
  out.detail = TRY(reader.Text("detail", limits::kLedgerDetailBytes));
  TRY_VOID(reader.ExpectEnd());
  TRY_VOID(CheckRecord(out));
  return out;
}

json::Object RecordJson(const Record& record) {
  json::Array collateral;
  for (const Sha256Digest& one : record.collateral) collateral.emplace_back(HexEncode(one));
  json::Array failed;
  for (const std::string& one : record.failed_checks) failed.emplace_back(one);
  return {{"kind", Name(record.kind)},
          {"time", FormatTime(record.time)},
          {"subject", record.subject},
          {"actor", record.actor},
          {"verdict", Name(record.verdict)},
          {"evidence", DigestJson(record.evidence)},
          {"policy", DigestJson(record.policy)},
          {"collateral", std::move(collateral)},
          {"failed_checks", std::move(failed)},
          {"build", DigestJson(record.build)},
          {"configuration", DigestJson(record.configuration)},
          {"detail", record.detail}};
}

}  // namespace assay::ledger
