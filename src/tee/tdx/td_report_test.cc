#include "tee/tdx/td_report.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace assay::tdx {
namespace {

using dcap::BodyType;

// Every byte of the body tells its own offset, as far as a byte can.
Bytes NumberedBody(std::size_t size) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::byte>(i % 251);
  return out;
}

// The field holds the bytes of [offset, offset + size) of a numbered body.
void ExpectAt(View field, std::size_t offset, std::size_t size, const Bytes& body) {
  EXPECT_EQ(HexEncode(field), HexEncode(View(body).subspan(offset, size))) << offset;
}

TEST(TdReport, Td10HasTheOffsetsOfItsTable) {
  const Bytes body = NumberedBody(dcap::kTd10ReportSize);
  const TdReport report = ParseTdReport(body, BodyType::kTd10).value();
  ExpectAt(report.mr_seam, 16, 48, body);
  ExpectAt(report.mr_signer_seam, 64, 48, body);
  ExpectAt(report.seam_attributes, 112, 8, body);
  ExpectAt(report.td_attributes, 120, 8, body);
  ExpectAt(report.xfam, 128, 8, body);
  ExpectAt(report.mr_td, 136, 48, body);
  ExpectAt(report.mr_config_id, 184, 48, body);
  ExpectAt(report.mr_owner, 232, 48, body);
  ExpectAt(report.mr_owner_config, 280, 48, body);
  ExpectAt(report.rtmr[3], 472, 48, body);
  ExpectAt(report.report_data, 520, 64, body);
  EXPECT_FALSE(report.tee_tcb_svn_2.has_value());
  EXPECT_FALSE(report.ex.has_value());
}

TEST(TdReport, Td15AddsTheSvnsOfNowAndTheServiceTd) {
  const Bytes body = NumberedBody(dcap::kTd15ReportSize);
  const TdReport report = ParseTdReport(body, BodyType::kTd15).value();
  EXPECT_EQ(report.tee_tcb_svn_2->front(), 584 % 251);
  ExpectAt(report.mr_service_td, 600, 48, body);
  EXPECT_FALSE(report.ex.has_value());
}

TEST(TdReport, Td15ExAddsIdentityDevicesAndServiceTds) {
  const Bytes body = NumberedBody(dcap::kTd15ExReportSize);
  const TdReport report = ParseTdReport(body, BodyType::kTd15Ex).value();
  ExpectAt(report.mr_service_td, 600, 48, body);
  EXPECT_EQ(report.ex->vm_id, 648 % 251);
  ExpectAt(report.ex->td_id, 649, 32, body);
  ExpectAt(report.ex->device_info, 681, 48, body);
  ExpectAt(report.ex->init_service_td_hash, 729, 48, body);
  ExpectAt(report.ex->init_service_td_attributes, 777, 8, body);
  ExpectAt(report.ex->init_cpu_svn, 785, 16, body);
  ExpectAt(report.ex->init_tee_tcb_svn, 801, 16, body);
  ExpectAt(report.ex->init_tee_fmspc, 817, 12, body);
  ExpectAt(report.ex->current_service_td_hash, 829, 48, body);
  ExpectAt(report.ex->current_service_td_attributes, 877, 8, body);
}

TEST(TdReport, RefusesABodyOfAnotherSize) {
  for (const std::size_t size : {583U, 585U, 647U, 649U, 884U, 886U}) {
    const Bytes body = NumberedBody(size);
    EXPECT_FALSE(ParseTdReport(body, BodyType::kTd10).has_value()) << size;
    EXPECT_FALSE(ParseTdReport(body, BodyType::kTd15).has_value()) << size;
    EXPECT_FALSE(ParseTdReport(body, BodyType::kTd15Ex).has_value()) << size;
  }
}

}  // namespace
}  // namespace assay::tdx
