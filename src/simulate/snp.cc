// A made-up AMD: ARK and ASK of RSA 4096, a VCEK or VLEK of P-384 and a report for Milan.
// AMD 56860 "SEV-SNP Firmware ABI" Table 23; AMD 57230 "VCEK/VLEK Certificate and KDS Interface".
#include "simulate/der_writer.h"
#include "simulate/parts.h"

namespace assay::simulate {
namespace {

constexpr const char* kOrganisation = "Assay simulation - not AMD";
constexpr std::size_t kReportSize = 1184;
constexpr std::size_t kSignedSize = 0x2A0;
constexpr std::uint8_t kBootloader = 4, kTee = 1, kSnp = 24, kMicrocode = 219;

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
bool NeedsVlek(std::string_view fault) {
  return fault == "report.chip_id" || fault == "leaf.csp_id";
}

CertificateSpec Spec(std::string name, Validity validity, bool is_ca) {
  return {std::move(name), kOrganisation, validity.from, validity.to, is_ca, {}};
}

Bytes ChipId() { return Filler("Assay simulation chip", 64); }

void AddLeafExtensions(CertificateSpec& spec, std::string_view fault) {
  const auto add = [&](const char* arc, Bytes value) {
    spec.extensions.emplace_back(std::string("1.3.6.1.4.1.3704.1.") + arc, std::move(value));
  };
  const auto svn = [&](const char* arc, std::string_view check, unsigned value) {
    add(arc, DerInteger(fault == check ? value + 1 : value));
  };
  if (fault != "leaf.extensions") add("1", DerInteger(0));
  add("2", DerElement(0x16, AsBytes("Milan-B0")));
  svn("3.1", "leaf.tcb.bootloader", kBootloader);
  svn("3.2", "leaf.tcb.tee", kTee);
  svn("3.3", "leaf.tcb.snp", kSnp);
  svn("3.8", "leaf.tcb.microcode", kMicrocode);
  if (!NeedsVlek(fault)) {
    add("4", fault == "leaf.hwid" ? Filler("another chip", 64) : ChipId());
  } else if (fault != "leaf.csp_id") {
    add("5", DerElement(0x16, AsBytes("Assay simulation")));
  }
}

struct AmdPki {
  CertificatePtr root, intermediate, leaf;
};

Result<AmdPki> MakeChain(const AmdKeys& keys, std::string_view fault, Simulation& out) {
  const Validity root = Around(4000, fault == "chain.validity.root");
  const Validity intermediate = Around(3000, fault == "chain.validity.intermediate");
  const Validity leaf = Around(1000, fault == "chain.validity.leaf");
  out.validity["chain.validity.root"] = root;
  out.validity["chain.validity.intermediate"] = intermediate;
  out.validity["chain.validity.leaf"] = leaf;
  AmdPki pki;
  const VendorKey& root_signer = fault == "chain.root" ? keys.rogue_ca : keys.root;
  pki.root = TRY(BuildCertificate(Spec("ARK-Milan", root, true), keys.root, root_signer, nullptr));
  const std::string prefix = NeedsVlek(fault) ? "SEV-VLEK-" : "SEV-";
  const std::string product = fault == "leaf.product" ? "Genoa" : "Milan";
  pki.intermediate = TRY(
      BuildCertificate(Spec(prefix + product, intermediate, fault != "chain.ca"), keys.intermediate,
                       fault == "chain.intermediate" ? keys.rogue_ca : keys.root, pki.root.get()));
  CertificateSpec leaf_spec = Spec(NeedsVlek(fault) ? "SEV-VLEK" : "SEV-VCEK", leaf, false);
  AddLeafExtensions(leaf_spec, fault);
  pki.leaf = TRY(BuildCertificate(leaf_spec, keys.leaf,
                                  fault == "chain.leaf" ? keys.rogue_ca : keys.intermediate,
                                  pki.intermediate.get()));
  AddCertificate(out, "ark.pem", pki.root);
  AddCertificate(out, "ask.pem", pki.intermediate);
  AddCertificate(out, NeedsVlek(fault) ? "vlek.pem" : "vcek.pem", pki.leaf);
  return pki;
}

Result<void> AddCrls(const AmdKeys& keys, const AmdPki& pki, std::string_view fault,
                     Simulation& out) {
  const Validity validity = Around(90);
  out.validity["crl.root"] = validity;
  CrlSpec root{validity.from, validity.to, {}};
  if (fault == "crl.root") root.revoked.push_back(pki.intermediate);
  TRY_VOID(AddCrl(out, "ark.crl", TRY(BuildCrl(root, *pki.root, keys.root))));
  if (fault != "crl.intermediate") return {};  // AMD publishes none
  const CrlSpec intermediate{validity.from, validity.to, {pki.leaf}};
  return AddCrl(out, "ask.crl", TRY(BuildCrl(intermediate, *pki.intermediate, keys.intermediate)));
}

void PutTcbs(Bytes& out, std::string_view fault) {
  Bytes tcb(8);
  PutLe(tcb, 0, kBootloader, 1);
  PutLe(tcb, 1, kTee, 1);
  PutLe(tcb, 6, kSnp, 1);
  PutLe(tcb, 7, kMicrocode, 1);
  if (fault == "report.tcb.reserved") PutLe(tcb, 3, 1, 1);
  for (const std::size_t offset : {0x38U, 0x180U, 0x1E0U, 0x1F0U}) Put(out, offset, tcb);
  // CURRENT_TCB, or COMMITTED_TCB, below what it must reach.
  if (fault == "report.tcb.committed") PutLe(out, 0x38 + 7, kMicrocode - 1, 1);
  if (fault == "report.tcb.reported") PutLe(out, 0x1E0 + 7, kMicrocode - 1, 1);
}

std::uint32_t KeyFlags(std::string_view fault) {
  if (fault == "report.signing_key") return 7U << 2U;  // none
  return NeedsVlek(fault) ? 1U << 2U : 0;
}

Bytes UnsignedReport(std::string_view fault) {
  constexpr std::uint64_t kSmtAllowed = 1U << 16U, kReservedOne = 1U << 17U, kDebug = 1U << 19U;
  Bytes out(kReportSize);
  PutLe(out, 0x00, 3, 4);
  PutLe(out, 0x08, kSmtAllowed | kReservedOne | (fault == "report.policy.debug" ? kDebug : 0), 8);
  PutLe(out, 0x30, fault == "report.vmpl" ? 4 : 0, 4);
  PutLe(out, 0x34, fault == "report.signature_algorithm" ? 2 : 1, 4);
  PutLe(out, 0x48, KeyFlags(fault), 4);
  if (fault == "report.reserved") PutLe(out, 0x4C, 1, 4);
  Put(out, 0x50, Filler("Assay simulation report data", 32));
  Put(out, 0x90, Filler("Assay simulation guest", 48));
  Put(out, 0x140, Filler("Assay simulation report id", 32));
  Put(out, 0x160, Bytes(32, std::byte{0xFF}));  // no migration agent
  PutLe(out, 0x188, 0x19, 1);
  PutLe(out, 0x189, fault == "report.product" ? 0x11 : 0x01, 1);  // Genoa, Milan
  PutLe(out, 0x18A, 1, 1);
  if (!NeedsVlek(fault) || fault == "report.chip_id") Put(out, 0x1A0, ChipId());
  PutTcbs(out, fault);
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

Result<Simulation> SimulateSnp(std::string_view fault) {
  Simulation out;
  const AmdKeys keys = TRY(MakeAmdKeys());
  const AmdPki pki = TRY(MakeChain(keys, fault, out));
  TRY_VOID(AddCrls(keys, pki, fault, out));
  out.evidence = UnsignedReport(fault);
  TRY_VOID(SignReport(out.evidence, fault == "report.signature" ? keys.rogue_leaf : keys.leaf));
  // Not pinned: the verifier is told to trust another root of the same name.
  const CertificatePtr trusted = fault == "chain.root_pinned"
                                     ? TRY(BuildCertificate(Spec("ARK-Milan", Around(4000), true),
                                                            keys.rogue_ca, keys.rogue_ca, nullptr))
                                     : pki.root;
  out.roots.amd.push_back(trusted->key().SpkiDigest());
  Finish(out, *trusted);
  return out;
}

}  // namespace assay::simulate
