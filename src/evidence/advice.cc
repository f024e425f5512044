#include "evidence/advice.h"

#include <algorithm>
#include <array>

namespace assay {
namespace {

struct Advice {
  std::string_view part;  // of the check's name
  std::string_view text;
};

constexpr std::string_view kChanged =
    "the bytes were changed, or belong to something else: ask for the evidence and fetch the "
    "collateral anew; if it fails again, treat the sender as hostile";
constexpr std::string_view kDates =
    "fetch collateral that is valid at that time; check this machine's clock; old evidence is "
    "judged with --at";
constexpr std::string_view kMissing =
    "put it into the collateral folder, or fetch it: `assay collateral fetch`";
constexpr std::string_view kOther =
    "the collateral is for another platform: fetch that of this one";
constexpr std::string_view kRevoked =
    "the vendor has taken it back: do not trust this platform; have its owner contact the vendor";

// The first part that the name contains speaks: more specific ones come first.
constexpr std::array kAdvice = std::to_array<Advice>({
    {"pinned", "simulated, pre-production or forged: it does not end at a vendor's root key"},
    {"revoked", kRevoked},
    {"ak.attributes",
     "such a key signs what its holder writes: make a restricted attestation key in the TPM"},
    {"ak.trust",
     "send the key's certificate with the evidence, or enrol the key and name it with "
     "--enrolled-ak"},
    {"ak.enrolled", "another machine, or a new key: enrol it if you know why it changed"},
    {"ak.purpose",
     "send a certificate that names the purpose 2.23.133.8.3 for the key, or its public area"},
    {"ak.chain",
     "put the certificates of its issuers into the collateral; if they are there, the "
     "authority is not one that is trusted"},
    {"ek.trust",
     "read the endorsement key's certificate from the TPM and send it; --trust-on-first-use of the "
     "service enrols TPMs that nobody vouches for"},
    {"ek.certificate",
     "send the certificate of just that endorsement key: RSA and ECC have each one"},
    {"ek.chain",
     "give the service the maker's root with --tpm-root, if it is one you trust, and send the "
     "certificates between"},
    {"ek.attributes", "make the endorsement key from the TCG's default template"},
    {"iak.chain", "give the service the device maker's root with --tpm-root, if you trust it"},
    {"idevid.present", "send the device's IDevID certificate beside that of its IAK"},
    {"idevid.device", "the two certificates are of different devices: send those of one"},
    {"certified_key.nonce", "certify the key over the challenge that this service gave"},
    {"certified_key", "certify just that key by the attestation key that quotes: TPM2_Certify"},
    {"sealing_key.present",
     "send one encryption key of the TPM, certified: the answer is sealed to it"},
    {"sealing_key.attributes",
     "make the encryption key in the TPM, fixed to it, for decryption only"},
    {"sealing_key.policy",
     "make the encryption key with the policy of PolicyPCR over just the quoted PCRs, and without "
     "userWithAuth"},
    {"runtime_key.single", "certify the one key that secrets are to be wrapped to, and no other"},
    {"runtime_key.origin", "make the key inside the TPM, so that it cannot leave it"},
    {"runtime_key.purpose", "make the key for decryption only: decrypt, not sign or restricted"},
    {"runtime_key.type", "make an RSA key of 2048 bits or more: keys are released under RSA-OAEP"},
    {"quote.required_pcrs",
     "quote the PCRs of the policy's required_pcr_mask; without one, all 24"},
    {"vbs.windows", "boot Windows by its own boot manager; what others measure is not believed"},
    {"vbs.boot_state",
     "turn off debugging, test and flight signing and safe mode, and boot again; --allow-debug "
     "accepts them"},
    {"vbs.identity_key", "turn on virtualization-based security, and quote PCR 11 to 14"},
    {"vbs.enclave_data", "let the enclave ask for its report over the SHA-512 of the statement"},
    {"vbs.debug", "build the enclave without debugging; --allow-debug accepts it"},
    {"quote.same_boot", "make all quotes in one boot, over one challenge"},
    {"quote.nonce", "ask for a new quote over your challenge: this may be a replay"},
    {"quote.pcrs", "quote PCR 0 to 7 with all that the logs explain"},
    {"quote.pcr_digest",
     "read the PCRs and quote them again: they changed in between, or were "
     "made up"},
    {"quote.hash", "quote a SHA-256 bank; --allow-sha1 accepts what old machines have"},
    {"event_log.present",
     "collect the firmware's log; with Secure Boot off, GRUB hides it from Linux"},
    {"secure_boot.enabled",
     "turn Secure Boot on; --allow-secure-boot-off accepts the machine as it is"},
    {"ima.known", "send the IMA list from its first entry, without ima_from"},
    {"ima.replay", "collect list and quote together, and quote PCR 10"},
    {"crl.present",
     "put the revocation list into the collateral, or fetch it; absent ones can be "
     "waived with --allow-missing-crl"},
    {"dates", kDates},
    {"validity", kDates},
    {"debug", "build and launch it for production; where you develop, --allow-debug accepts it"},
    {"report_data", "ask for new evidence that carries your nonce or data: this may be a replay"},
    {"ra_tls", "the certificate is not the attester's own: do not talk to its holder"},
    {"binding.init_time", "the launch data is not that of this machine: compare what was launched"},
    {"event_log", "the log does not lead to the quoted registers: collect log and quote together"},
    {"tcb.status",
     "update firmware and microcode of the platform as the advisories say, then ask "
     "for new evidence"},
    {"level",
     "Intel lists no level for this platform's versions: update its firmware, or fetch "
     "newer TCB info"},
    {"tcb_info.fmspc", kOther},
    {"tcb_info.id", kOther},
    {"tcb_info.pce_id", kOther},
    {"qe_identity.id", kOther},
    {"leaf.tcb", kOther},
    {"leaf.hwid", kOther},
    {"leaf.product", kOther},
    {"pck.chain",
     "only quotes with the certificate chain inside (type 5) are supported: configure "
     "the platform's quote provider so"},
    {"present", kMissing},
    {"found", kMissing},
    {"signer", kMissing},
    {"version", "the vendor no longer supports it: fetch current collateral"},
    {"trailing", "send the quote alone, without what follows it"},
    {"signature", kChanged},
    {"binding", kChanged},
    {"chain", "put the whole certificate chain into the collateral, or fetch it"},
});

}  // namespace

std::string_view AdviceFor(std::string_view check_name) {
  const auto it = std::find_if(kAdvice.begin(), kAdvice.end(), [&](const Advice& advice) {
    return check_name.find(advice.part) != std::string_view::npos;
  });
  return it == kAdvice.end() ? std::string_view() : it->text;
}

}  // namespace assay
