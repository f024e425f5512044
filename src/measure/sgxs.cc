#include "measure/sgxs.h"

#include <fmt/format.h>

#include <bit>
#include <optional>
#include <string>

#include "base/reader.h"
#include "crypto/running_digest.h"

namespace assay::measure {
namespace {

constexpr std::size_t kRecordBytes = 64, kPieceBytes = 256;
constexpr std::uint64_t kEnclavePage = 4096;

// Eight bytes each.
constexpr std::string_view kEcreate("ECREATE\0", 8), kEadd("EADD\0\0\0\0", 8),
    kEextend("EEXTEND\0", 8), kUnmeasured("UNMEASRD", 8), kUnsized("UNSIZED\0", 8);

// SECINFO.FLAGS: access, and the type of the page.
constexpr std::uint64_t kAccess = 7, kRead = 1, kWrite = 2, kTcs = 1, kRegular = 2;

tl::unexpected<Error> MalformedStream(std::size_t at, std::string text) {
  return Fail(ErrorCode::kMalformed, fmt::format("SGXS: record at offset {}: {}", at, text),
              "expected a canonical stream, as ftxsgx-elf2sgxs and sgxs-build write it");
}

class SgxsReader {
 public:
  explicit SgxsReader(View file) : in_(file, "SGXS") {}

  Result<SgxsMeasurement> Run() {
    TRY_VOID(Create());
    while (in_.remaining() > 0) TRY_VOID(Next());
    out_.mrenclave = std::move(digest_).Value();
    return out_;
  }

 private:
  tl::unexpected<Error> Refuse(std::string text) const {
    return MalformedStream(record_at_, std::move(text));
  }

  // The record's tag; its other 56 bytes are what `fields_` reads.
  Result<std::string_view> Record() {
    record_at_ = in_.offset();
    record_ = TRY(in_.Take(kRecordBytes, "a record"));
    fields_ = Reader(record_.subspan(8), "SGXS record", record_at_ + 8);
    return AsText(record_.first(8));
  }

  Result<void> RestIsZero() const {
    return IsZero(fields_.rest()) ? Result<void>() : Refuse("expected zeros behind its fields");
  }

  Result<void> Create() {
    const std::string_view tag = TRY(Record());
    if (tag == kUnsized) {
      return Fail(ErrorCode::kUnsupported, "SGXS: the size of the enclave is not filled in",
                  "finish the stream: the tool that loads it says how large the enclave is");
    }
    if (tag != kEcreate) return Refuse("expected ECREATE");
    const std::uint32_t frame = TRY(fields_.U32Le("SSAFRAMESIZE"));
    out_.size = TRY(fields_.U64Le("SIZE"));
    TRY_VOID(RestIsZero());
    if (frame == 0) return Refuse("SSAFRAMESIZE is 0");
    if (!std::has_single_bit(out_.size) || out_.size < 2 * kEnclavePage) {
      return Refuse(fmt::format("SIZE is 0x{:x}: expected a power of two from 8192 on", out_.size));
    }
    digest_.Add(record_);
    return {};
  }

  Result<void> Next() {
    const std::string_view tag = TRY(Record());
    if (tag == kEadd) return Add();
    if (tag == kEextend) return Piece(true);
    if (tag == kUnmeasured) return Piece(false);
    return Refuse("expected EADD, EEXTEND or UNMEASRD");
  }

  Result<void> Add() {
    const std::uint64_t offset = TRY(fields_.U64Le("ENCLAVEOFFSET"));
    const std::uint64_t flags = TRY(fields_.U64Le("SECINFO.FLAGS"));
    TRY_VOID(RestIsZero());
    if (offset % kEnclavePage != 0 || offset >= out_.size) {
      return Refuse(fmt::format("a page at 0x{:x} of an enclave of 0x{:x}", offset, out_.size));
    }
    if (page_ && offset <= *page_) {
      return Refuse(fmt::format("the page at 0x{:x} follows that at 0x{:x}", offset, *page_));
    }
    const std::uint64_t access = flags & kAccess, type = flags >> 8U;
    const bool regular = type == kRegular && !((access & kWrite) != 0 && (access & kRead) == 0);
    // The processor takes a TCS's access rights away before it measures the page.
    const bool tcs = type == kTcs && access == 0;
    if ((flags & 0xF8U) != 0 || (!regular && !tcs)) {
      return Refuse(fmt::format("SECINFO.FLAGS 0x{:x} are no regular page and no TCS", flags));
    }
    page_ = offset;
    pieces_ = 0;
    ++out_.pages;
    digest_.Add(record_);
    return {};
  }

  Result<void> Piece(bool measured) {
    const std::uint64_t offset = TRY(fields_.U64Le("ENCLAVEOFFSET"));
    TRY_VOID(RestIsZero());
    const View content = TRY(in_.Take(kPieceBytes, "content"));
    if (!page_ || offset % kPieceBytes != 0 || offset < *page_ || offset - *page_ >= kEnclavePage) {
      return Refuse(fmt::format("content for 0x{:x} is not of the page before it", offset));
    }
    const auto bit = static_cast<std::uint16_t>(1U << ((offset - *page_) / kPieceBytes));
    if ((pieces_ & bit) != 0) return Refuse(fmt::format("content for 0x{:x} twice", offset));
    pieces_ = static_cast<std::uint16_t>(pieces_ | bit);
    if (!measured) return {};
    out_.measured_bytes += kPieceBytes;
    digest_.Add(record_);
    digest_.Add(content);
    return {};
  }

  Reader in_;
  std::size_t record_at_ = 0;
  View record_;
  Reader fields_{View(), "SGXS record"};
  std::optional<std::uint64_t> page_;  // the last that was added
  std::uint16_t pieces_ = 0;           // of it that came, a bit each
  RunningSha256 digest_;
  SgxsMeasurement out_;
};

}  // namespace

bool LooksLikeSgxs(View file) {
  return file.size() >= 8 &&
         (AsText(file.first(8)) == kEcreate || AsText(file.first(8)) == kUnsized);
}

Result<SgxsMeasurement> MeasureSgxs(View file) { return SgxsReader(file).Run(); }

}  // namespace assay::measure
