#include "tee/tpm/boot_documents.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "tee/tcg/uefi.h"

namespace assay::tpm {
namespace {

void Le(Bytes& out, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i)));
}

// A log in the SHA-1 format.
class LogBuilder {
 public:
  LogBuilder& Add(std::uint32_t pcr, std::uint32_t type, View data) {
    return Add(pcr, type, data, data);
  }
  LogBuilder& Add(std::uint32_t pcr, std::uint32_t type, View data, View measured) {
    Le(bytes_, pcr, 4);
    Le(bytes_, type, 4);
    Append(bytes_, tcg::Hash(tcg::HashAlgorithm::kSha1, measured));
    Le(bytes_, data.size(), 4);
    Append(bytes_, data);
    return *this;
  }
  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

Bytes VariableBytes(std::string_view name, View value) {
  Bytes out = ToBytes(tcg::kEfiGlobalVariable);
  Le(out, name.size(), 8);
  Le(out, value.size(), 8);
  for (const char c : name) Le(out, static_cast<unsigned char>(c), 2);
  Append(out, value);
  return out;
}

const Bytes kOn = {std::byte{1}};

// With PCR 0 to 14 quoted, but for `without`.
std::string EventsOf(const LogBuilder& log, std::uint32_t without = 99) {
  TpmEvidence evidence;
  Found found;
  found.facts = FindLogFacts(log.bytes()).value();
  for (std::uint32_t pcr = 0; pcr < 15; ++pcr) {
    if (pcr != without) found.quoted[pcr] = Bytes(20);
  }
  return json::Write(EventsDocument(evidence, found, 0));
}

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

Bytes Boundary(std::uint32_t id, View data) {
  Bytes inner;
  Le(inner, id, 4);
  Le(inner, data.size(), 4);
  Append(inner, data);
  Bytes out;
  Le(out, 0x40010001, 4);
  Le(out, inner.size(), 4);
  Append(out, inner);
  return out;
}

TEST(EventsDocument, ShowsAVariableAsItWasMeasured) {
  const std::string events = EventsOf(
      LogBuilder().Add(7, tcg::kEvEfiVariableDriverConfig, VariableBytes("SecureBoot", kOn)));
  EXPECT_TRUE(Has(events, R"("EventSeq":0,"EventTypeString":"EV_EFI_VARIABLE_DRIVER_CONFIG")"
                          R"(,"PcrIndex":7)"))
      << events;
  EXPECT_TRUE(Has(events,
                  R"("ProcessedData":{"VariableGuid":"8BE4DF61-93CA-11D2-AA0D-00E098032B8C")"
                  R"(,"UnicodeName":"SecureBoot","VariableData":"AQ"})"))
      << events;
}

TEST(EventsDocument, NamesNoVariableOfWhichOnlyTheValueWasMeasured) {
  const std::string events =
      EventsOf(LogBuilder().Add(1, tcg::kEvEfiVariableBoot, VariableBytes("BootOrder", kOn), kOn));
  EXPECT_TRUE(Has(events, R"("ProcessedData":{"VariableData":"AQ"})")) << events;
  EXPECT_FALSE(Has(events, "BootOrder"));
}

TEST(EventsDocument, ShowsNoVariableThatARunningSystemCouldHaveExtended) {
  const Bytes variable = VariableBytes("SecureBoot", kOn);
  const std::string late = EventsOf(LogBuilder()
                                        .Add(1, tcg::kEvSeparator, Bytes(4))
                                        .Add(1, tcg::kEvEfiVariableDriverConfig, variable));
  EXPECT_FALSE(Has(late, "UnicodeName")) << late;
  const std::string elsewhere =
      EventsOf(LogBuilder().Add(12, tcg::kEvEfiVariableDriverConfig, variable));
  EXPECT_FALSE(Has(elsewhere, "UnicodeName")) << elsewhere;
}

TEST(EventsDocument, SaysNothingOfALogWhoseDataWasAltered) {
  const LogBuilder log =
      LogBuilder()
          .Add(5, tcg::kEvEfiAction, AsBytes("one"), AsBytes("other"))
          .Add(7, tcg::kEvEfiVariableDriverConfig, VariableBytes("SecureBoot", kOn));
  EXPECT_EQ(EventsOf(log), R"({"Events":[]})");
}

TEST(EventsDocument, LeavesOutWhatIsNotQuotedAndWhatIsNotExtended) {
  const LogBuilder log = LogBuilder()
                             .Add(0, tcg::kEvNoAction, AsBytes("no action"))
                             .Add(2, tcg::kEvSeparator, Bytes(4))
                             .Add(3, tcg::kEvSeparator, Bytes(4));
  const std::string events = EventsOf(log, 2);
  EXPECT_FALSE(Has(events, "EV_NO_ACTION"));
  EXPECT_FALSE(Has(events, R"("PcrIndex":2)"));
  EXPECT_TRUE(Has(events, R"("PcrIndex":3)"));
}

TEST(EventsDocument, CallsWhatWindowsSaysByItsContentWhateverTheType) {
  // The type is not measured: relabelled, it would be missing to a policy that looks for it.
  for (const std::uint32_t type : {std::uint32_t{tcg::kEvEventTag}, std::uint32_t{tcg::kEvIpl}}) {
    const std::string events = EventsOf(LogBuilder().Add(12, type, Boundary(0x00040001, kOn)));
    EXPECT_TRUE(Has(events, R"("EventTypeString":"EV_EVENT_TAG")")) << events;
    EXPECT_TRUE(Has(events, R"("EVENT_TRUSTBOUNDARY":{"EVENT_BOOTDEBUGGING":true})")) << events;
  }
}

TEST(EventsDocument, ShowsNothingOfWindowsWhenOneEventIsDoubtful) {
  const Bytes boundary = Boundary(0x00050002, kOn);
  const LogBuilder good = LogBuilder().Add(12, tcg::kEvEventTag, boundary);
  EXPECT_TRUE(Has(EventsOf(good), "EVENT_CODEINTEGRITY"));
  const LogBuilder late =
      LogBuilder().Add(12, tcg::kEvSeparator, Bytes(4)).Add(12, tcg::kEvEventTag, boundary);
  EXPECT_FALSE(Has(EventsOf(late), "EVENT_CODEINTEGRITY"));
  const LogBuilder two =
      LogBuilder().Add(12, tcg::kEvEventTag, boundary).Add(13, tcg::kEvEventTag, boundary);
  EXPECT_FALSE(Has(EventsOf(two, 13), "EVENT_CODEINTEGRITY")) << "PCR 13 is not quoted";
}

TEST(EventsDocument, KeepsBothOfTwoStatementsThatDiffer) {
  Bytes both;
  for (const std::byte value : {std::byte{0}, std::byte{1}}) {
    Le(both, 0x00050002, 4);
    Le(both, 1, 4);
    both.push_back(value);
  }
  Bytes boundary;
  Le(boundary, 0x40010001, 4);
  Le(boundary, both.size(), 4);
  Append(boundary, both);
  const std::string events = EventsOf(LogBuilder().Add(12, tcg::kEvEventTag, boundary));
  EXPECT_TRUE(Has(events, R"("EVENT_CODEINTEGRITY":[false,true])")) << events;
}

}  // namespace
}  // namespace assay::tpm
