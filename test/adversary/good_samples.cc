#include "adversary/good_samples.h"

#include <array>

#include "tee/core/roots.h"
#include "tee/core/verify_cache.h"
#include "tee/dcap/quote.h"

namespace assay::adversary {
namespace {

namespace fs = std::filesystem;

// Samples whose folder alone does not make them trusted at any time, although they are good.
struct Exception {
  std::string_view name;
  std::string_view lent;     // a file of collateral from another sample
  std::string_view omitted;  // a file of its own
  std::string_view at;
};
constexpr std::array<Exception, 2> kExceptions = {{
    // Its TCB signing certificate was borrowed from two years later.
    {"tdx/v4-oe-50806F", "sgx/oasis-00606A000000-2022/collateral/tcb_signing_chain.pem",
     "tcb_signing_chain.pem", "2023-06-20T00:00:00Z"},
    // Its PCK CRL ended before its TCB info was issued: without it, and waived, it is good.
    {"sgx/mobilecoin-00906ED50000", "", "pck_crl.der", ""},
}};

const Exception* ExceptionFor(std::string_view name) {
  const auto it = std::find_if(kExceptions.begin(), kExceptions.end(),
                               [&](const Exception& e) { return e.name == name; });
  return it == kExceptions.end() ? nullptr : &*it;
}

// Good by its about.json, and not one of Intel's two synthetic samples, which cannot be trusted:
// one has no PCK chain in its quote, the other's TCB info has SVNs beyond the byte that an SVN is
// (65473). RA-TLS certificates, which have no collateral, are judged in test/vectors.
bool IsGood(const fs::path& folder, const std::string& name) {
  return fs::exists(folder / "quote.bin") && name != "sgx/intel-qvl-sample-testroot" &&
         name != "tdx/v4-intel-qvl-sample-testroot" &&
         *samples::About(folder).Find("kind")->AsString() == "good";
}

// Parts of collateral that the verdict rests on, at the sample's time.
Collateral Reduce(const GoodSample& sample) {
  const dcap::Endorsements used = EndorsementsOf(sample, sample.collateral);
  Collateral out;
  for (const CertificatePtr& c : sample.collateral.certificates) {
    if (c == used.tcb_info_signer || c == used.qe_identity_signer) out.certificates.push_back(c);
  }
  for (const CrlPtr& c : sample.collateral.crls) {
    if (c == used.root_crl || c == used.pck_crl) out.crls.push_back(c);
  }
  for (const auto& d : sample.collateral.documents) {
    if ((used.tcb_info && d->digest == used.tcb_info->digest) ||
        (used.qe_identity && d->digest == used.qe_identity->digest)) {
      out.documents.push_back(d);
    }
  }
  return out;
}

void LoadFiles(GoodSample& sample, const Exception* exception) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(sample.folder / "collateral")) {
    const bool omitted = exception && entry.path().filename() == exception->omitted;
    if (!omitted) files.push_back(entry.path());
  }
  if (exception && !exception->lent.empty()) files.push_back(samples::Root() / exception->lent);
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    (void)AddCollateral(samples::Read(file), sample.collateral, &sample.crl_der);
  }
}

Time LatestStart(const GoodSample& sample) {
  const dcap::Endorsements used = EndorsementsOf(sample, sample.collateral);
  Time out{};
  const auto later = [&](Time t) { out = std::max(out, t); };
  if (used.chain) {
    later(used.chain->leaf->not_before());
    later(used.chain->intermediate->not_before());
    later(used.chain->root->not_before());
  }
  if (used.tcb_info) later(used.tcb_info->tcb_info->issue_date);
  if (used.qe_identity) later(used.qe_identity->qe_identity->issue_date);
  if (used.tcb_info_signer) later(used.tcb_info_signer->not_before());
  if (used.root_crl) later(used.root_crl->this_update());
  if (used.pck_crl) later(used.pck_crl->this_update());
  return out + std::chrono::minutes{1};
}

GoodSample LoadDcap(const fs::path& folder, const std::string& name) {
  GoodSample out;
  out.name = name;
  out.folder = folder;
  out.about = samples::About(folder);
  out.evidence = samples::Read(folder / "quote.bin");
  out.roots = DefaultRoots();
  const Exception* exception = ExceptionFor(name);
  LoadFiles(out, exception);
  const json::Value& expected = *out.about.Find("expected");
  out.at = LatestStart(out);
  if (const json::Value* at = expected.Find("verify_at"))
    out.at = ParseTime(*at->AsString()).value();
  if (exception && !exception->at.empty()) out.at = ParseTime(exception->at).value();
  out.collateral = Reduce(out);
  out.waived = out.collateral.crls.size() < 2;
  out.expectations.allow_missing_crl = out.waived;
  const json::Value* debug = expected.Find("debug");
  out.expectations.allow_debug = debug != nullptr && debug->AsBool() && *debug->AsBool();
  return out;
}

GoodSample LoadSnp(const fs::path& folder, const std::string& name) {
  GoodSample out;
  out.name = name;
  out.folder = folder;
  out.about = samples::About(folder);
  out.evidence = samples::Read(folder / "report.bin");
  out.roots = DefaultRoots();
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".der") {
      out.collateral.certificates.push_back(
          Certificate::FromDer(samples::Read(entry.path())).value());
    }
  }
  // No sample has AMD's revocation list with it.
  out.waived = out.expectations.allow_missing_crl = true;
  const json::Value* valid = out.about.Find("expected")->Find("cert_valid");
  out.at = ParseTime(*valid->AsArray()->at(0).AsString()).value() + std::chrono::hours{24};
  return out;
}

}  // namespace

std::vector<GoodSample> GoodDcapSamples() {
  std::vector<GoodSample> out;
  for (const char* tee : {"sgx", "oe", "tdx"}) {
    for (const fs::path& folder : samples::Folders(tee)) {
      const std::string name = std::string(tee) + "/" + folder.filename().string();
      if (IsGood(folder, name)) out.push_back(LoadDcap(folder, name));
    }
  }
  std::stable_partition(out.begin(), out.end(), [](const GoodSample& s) { return !s.waived; });
  return out;
}

std::vector<GoodSample> GoodSnpSamples() {
  std::vector<GoodSample> out;
  for (const fs::path& folder : samples::Folders("snp")) {
    const bool good = *samples::About(folder).Find("kind")->AsString() == "good";
    if (good && fs::exists(folder / "report.bin")) {
      out.push_back(LoadSnp(folder, "snp/" + folder.filename().string()));
    }
  }
  return out;
}

bool Trusts(Appraiser& appraiser, const GoodSample& sample, View evidence,
            const Collateral& collateral) {
  const auto verdict = appraiser.Appraise(evidence, "", collateral, sample.expectations, sample.at);
  return verdict && verdict->trusted;
}

dcap::Endorsements EndorsementsOf(const GoodSample& sample, const Collateral& collateral) {
  VerifyCache cache;
  const VerifyInput input{collateral, sample.roots, sample.expectations, sample.at, cache};
  return dcap::GatherEndorsements(dcap::ParseQuote(sample.evidence).value(), input);
}

}  // namespace assay::adversary
