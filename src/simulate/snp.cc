// A made-up AMD: ARK and ASK of RSA 4096, a VCEK or VLEK of P-384 and a report for Milan.
// AMD 56860 "SEV-SNP Firmware ABI" Table 23; AMD 57230 "VCEK/VLEK Certificate and KDS Interface".
#include "simulate/der_writer.h"
#include "simulate/parts.h"

namespace assay::simulate {
namespace {

constexpr const char* kNotAmd = "Assay simulation - not AMD";
constexpr std::string_view kChip = "Assay simulation chip";
constexpr std::size_t kReportSize = 1184;
constexpr std::size_t kSignedSize = 0x2A0;
constexpr std::uint8_t kFmc = 1, kBootloader = 4, kTee = 1, kSnp = 24, kMicrocode = 219;

// Where AMD put the version numbers into TCB_VERSION, and what the product is called.
struct Product {
  std::string name, stepping;
  std::uint8_t family, model;
  bool has_fmc;
  std::size_t bootloader, tee, snp;  // byte of TCB_VERSION; the microcode's is 7
  std::size_t hwid_size;
};

Product ProductFor(const Order& order) {
  const std::string& name = order.shape.product;
  // Only Turin has an FMC.
  if (name == "Turin" || order.fault == "leaf.tcb.fmc") {
    return {"Turin", "Turin-B1", 0x1A, 0x02, true, 1, 2, 3, 8};
  }
  if (name == "Genoa") return {"Genoa", "Genoa-B1", 0x19, 0x11, false, 0, 1, 6, 64};
  return {"Milan", "Milan-B0", 0x19, 0x01, false, 0, 1, 6, 64};
}

struct AmdKeys {
  VendorKey root, intermediate, leaf;
  VendorKey rogue_ca, rogue_leaf;  // sign what shall not verify
};

// RSA 4096 takes a second to make: once per process.
Result<AmdKeys> MakeAmdKeys() {
  constexpr auto kRsa = VendorKeyType::kRsa4096;
  constexpr auto kEc = VendorKeyType::kP384;
  static const Result<AmdKeys> keys = []() -> Result<AmdKeys> {
    return AmdKeys{TRY(VendorKey::Generate(kRsa)), TRY(VendorKey::Generate(kRsa)),
                   TRY(VendorKey::Generate(kEc)), TRY(VendorKey::Generate(kRsa)),
                   TRY(VendorKey::Generate(kEc))};
  }();
  return keys;
}

// Only a report signed by a VLEK names no chip and its provider instead.
bool NeedsVlek(const Order& order) {
  return order.shape.vlek || order.fault == "report.chip_id" || order.fault == "leaf.csp_id";
}

CertificateSpec AmdSpec(std::string name, Validity validity, bool is_ca) {
  return {std::move(name), kNotAmd, validity.from, validity.to, is_ca, {}};
}

Bytes Hwid(std::string_view chip, const Product& product) {
  return Filler(chip, product.hwid_size);
}

void AddLeafExtensions(CertificateSpec& spec, const Order& order) {
  const auto add = [&](const char* arc, Bytes value) {
    spec.extensions.emplace_back(std::string("1.3.6.1.4.1.3704.1.") + arc, std::move(value));
  };
  const auto svn = [&](const char* arc, std::string_view check, unsigned value) {
    add(arc, DerInteger(order.fault == check ? value + 1 : value));
  };
  const Product product = ProductFor(order);
  if (order.fault != "leaf.extensions") add("1", DerInteger(product.has_fmc ? 1 : 0));
  add("2", DerElement(0x16, AsBytes(product.stepping)));
  if (product.has_fmc) svn("3.9", "leaf.tcb.fmc", kFmc);
  svn("3.1", "leaf.tcb.bootloader", kBootloader);
  svn("3.2", "leaf.tcb.tee", kTee);
  svn("3.3", "leaf.tcb.snp", kSnp);
  svn("3.8", "leaf.tcb.microcode", kMicrocode);
  if (!NeedsVlek(order)) {
    add("4", Hwid(order.fault == "leaf.hwid" ? "another chip" : kChip, product));
  } else if (order.fault != "leaf.csp_id") {
    add("5", DerElement(0x16, AsBytes("Assay simulation")));
  }
}

struct AmdPki {
  CertificatePtr root, intermediate, leaf;
};

Result<AmdPki> MakeChain(const AmdKeys& keys, const Order& order, Simulation& out) {
  const Validity root = Around(4000, order.fault == "chain.validity.root");
  const Validity intermediate = Around(3000, order.fault == "chain.validity.intermediate");
  const Validity leaf = Around(1000, order.fault == "chain.validity.leaf");
  out.validity["chain.validity.root"] = root;
  out.validity["chain.validity.intermediate"] = intermediate;
  out.validity["chain.validity.leaf"] = leaf;
  AmdPki pki;
  const std::string own = ProductFor(order).name;
  const VendorKey& root_signer = order.fault == "chain.root" ? keys.rogue_ca : keys.root;
  pki.root =
      TRY(BuildCertificate(AmdSpec("ARK-" + own, root, true), keys.root, root_signer, nullptr));
  const std::string prefix = NeedsVlek(order) ? "SEV-VLEK-" : "SEV-";
  const std::string product =
      order.fault != "leaf.product" ? own : (own == "Genoa" ? "Milan" : "Genoa");
  pki.intermediate = TRY(BuildCertificate(
      AmdSpec(prefix + product, intermediate, order.fault != "chain.ca"), keys.intermediate,
      order.fault == "chain.intermediate" ? keys.rogue_ca : keys.root, pki.root.get()));
  CertificateSpec leaf_spec = AmdSpec(NeedsVlek(order) ? "SEV-VLEK" : "SEV-VCEK", leaf, false);
  AddLeafExtensions(leaf_spec, order);
  pki.leaf = TRY(BuildCertificate(leaf_spec, keys.leaf,
                                  order.fault == "chain.leaf" ? keys.rogue_ca : keys.intermediate,
                                  pki.intermediate.get()));
  AddCertificate(out, "ark.pem", pki.root);
  AddCertificate(out, "ask.pem", pki.intermediate);
  AddCertificate(out, NeedsVlek(order) ? "vlek.pem" : "vcek.pem", pki.leaf);
  return pki;
}

Result<void> AddRootCrl(const AmdKeys& keys, const AmdPki& pki, const Order& order,
                        Simulation& out) {
  if (order.fault == "root_crl.present") return {};
  const Validity validity = Around(90, order.fault == "root_crl.dates");
  out.validity["root_crl.dates"] = validity;
  CrlSpec spec{validity.from, validity.to, {}};
  if (order.fault == "intermediate.revoked") spec.revoked.push_back(pki.intermediate);
  const VendorKey& key = order.fault == "root_crl.signature" ? keys.rogue_ca : keys.root;
  return AddCrl(out, "ark.crl", TRY(BuildCrl(spec, *pki.root, key)));
}

// AMD publishes none: only the faults have it.
Result<void> AddIntermediateCrl(const AmdKeys& keys, const AmdPki& pki, const Order& order,
                                Simulation& out) {
  const bool forged = order.fault == "intermediate_crl.signature";
  const bool stale = order.fault == "intermediate_crl.dates";
  const bool revokes = order.fault == "leaf.revoked";
  if (!forged && !stale && !revokes) return {};
  const Validity validity = Around(90, stale);
  CrlSpec spec{validity.from, validity.to, {}};
  if (revokes) spec.revoked.push_back(pki.leaf);
  const VendorKey& key = forged ? keys.rogue_ca : keys.intermediate;
  return AddCrl(out, "ask.crl", TRY(BuildCrl(spec, *pki.intermediate, key)));
}

void PutTcbs(Bytes& out, const Order& order) {
  const Product product = ProductFor(order);
  Bytes tcb(8);
  if (product.has_fmc) PutLe(tcb, 0, kFmc, 1);
  PutLe(tcb, product.bootloader, kBootloader, 1);
  PutLe(tcb, product.tee, kTee, 1);
  PutLe(tcb, product.snp, kSnp, 1);
  PutLe(tcb, 7, kMicrocode, 1);
  if (order.fault == "report.tcb.reserved") PutLe(tcb, 5, 1, 1);
  for (const std::size_t offset : {0x38U, 0x180U, 0x1E0U, 0x1F0U}) Put(out, offset, tcb);
  // CURRENT_TCB, or COMMITTED_TCB, below what it must reach.
  if (order.fault == "report.tcb.committed") PutLe(out, 0x38 + 7, kMicrocode - 1, 1);
  if (order.fault == "report.tcb.reported") PutLe(out, 0x1E0 + 7, kMicrocode - 1, 1);
}

Bytes ReportDataOf(const Order& order) {
  return order.report_data.empty() ? Filler(kReportData, 32) : order.report_data;
}

std::uint32_t KeyFlags(const Order& order) {
  if (order.fault == "report.signing_key") return 7U << 2U;  // none
  return NeedsVlek(order) ? 1U << 2U : 0;
}

Bytes UnsignedReport(const Order& order) {
  constexpr std::uint64_t kSmtAllowed = 1U << 16U, kReservedOne = 1U << 17U, kDebug = 1U << 19U;
  Bytes out(kReportSize);
  const Product product = ProductFor(order);
  const unsigned version = order.shape.version == 0 ? 3 : order.shape.version;
  PutLe(out, 0x00, version, 4);
  PutLe(out, 0x08, kSmtAllowed | kReservedOne | (order.fault == "report.policy.debug" ? kDebug : 0),
        8);
  PutLe(out, 0x30, order.fault == "report.vmpl" ? 4 : 0, 4);
  PutLe(out, 0x34, order.fault == "report.signature_algorithm" ? 2 : 1, 4);
  PutLe(out, 0x48, KeyFlags(order), 4);
  if (order.fault == "report.reserved") PutLe(out, 0x4C, 1, 4);
  Put(out, 0x50, ReportDataOf(order));
  Put(out, 0x90, Filler("Assay simulation guest", 48));
  Put(out, 0x140, Filler("Assay simulation report id", 32));
  Put(out, 0x160, Bytes(32, std::byte{0xFF}));  // no migration agent
  if (version >= 3) {
    PutLe(out, 0x188, product.family, 1);
    PutLe(out, 0x189, product.model, 1);
    // The fault: another product of the same family.
    if (order.fault == "report.product")
      PutLe(out, 0x188, product.model == 0x11 ? 0x0119 : 0x1119, 2);
    PutLe(out, 0x18A, 1, 1);
  }
  if (!NeedsVlek(order) || order.fault == "report.chip_id") Put(out, 0x1A0, Hwid(kChip, product));
  PutTcbs(out, order);
  if (version >= 5) PutLe(out, 0x1F8, 0x3F, 8);  // LAUNCH_MIT_VECTOR
  if (version >= 5) PutLe(out, 0x200, 0x3F, 8);  // CURRENT_MIT_VECTOR
  return out;
}

// R and S little-endian, each in 72 bytes.
Result<void> SignReport(Bytes& report, const VendorKey& key) {
  const Bytes signature = TRY(key.SignEcdsa(View(report).first(kSignedSize)));
  const auto middle = signature.begin() + static_cast<std::ptrdiff_t>(signature.size() / 2);
  Put(report, kSignedSize, Bytes(std::make_reverse_iterator(middle), signature.rend()));
  Put(report, kSignedSize + 72, Bytes(signature.rbegin(), std::make_reverse_iterator(middle)));
  return {};
}

}  // namespace

Result<Simulation> SimulateSnp(const Order& order) {
  Simulation out;
  const AmdKeys keys = TRY(MakeAmdKeys());
  const AmdPki pki = TRY(MakeChain(keys, order, out));
  TRY_VOID(AddRootCrl(keys, pki, order, out));
  TRY_VOID(AddIntermediateCrl(keys, pki, order, out));
  out.evidence = UnsignedReport(order);
  TRY_VOID(
      SignReport(out.evidence, order.fault == "report.signature" ? keys.rogue_leaf : keys.leaf));
  // Not pinned: the verifier is told to trust another root of the same name.
  const CertificatePtr trusted =
      order.fault == "chain.root_pinned"
          ? TRY(BuildCertificate(AmdSpec(pki.root->subject_cn(), Around(4000), true), keys.rogue_ca,
                                 keys.rogue_ca, nullptr))
          : pki.root;
  ExpectReportData(out, ReportDataOf(order), order, "report.report_data");
  out.roots.amd.push_back(trusted->key().SpkiDigest());
  Finish(out, *trusted);
  return out;
}

}  // namespace assay::simulate
