// Every bound on untrusted input, in one place, each with its reason.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace assay::limits {

// The first evidence of a machine holds its whole IMA list: some 300,000 files of 120 bytes, in
// base64url. A CC event log area is at most 1 MiB; evidence otherwise stays below 64 KiB.
inline constexpr std::size_t kEvidenceBytes = 64U << 20U;
// The largest vendor document seen (TCB info with all levels) is 60 KiB; Intel's root CRL 1 KiB.
inline constexpr std::size_t kCollateralFileBytes = 4U << 20U;
// A bundle of a whole store: each piece in base64.
inline constexpr std::size_t kBundleBytes = 256U << 20U;
// A collateral folder holds tens of files, a full store some 13,000; this bounds an accidental
// `--collateral /`.
inline constexpr std::size_t kCollateralFiles = 20000;
// Platforms of one kind (Intel has about 100 FMSPCs), or chips of one AMD product, in a store: made
// up names never get there, but chips are many. Beyond this, those written longest ago go.
inline constexpr std::size_t kStoreFolders = 4000;
// VCEKs of one chip in a store: each firmware update makes a new one.
inline constexpr std::size_t kStoreFilesInFolder = 64;
// Answers kept parsed in memory; a VCEK takes about 10 KiB.
inline constexpr std::size_t kKeptPieces = 4096;
// Needs whose gathered collateral is kept in memory: pointers into the above.
inline constexpr std::size_t kGatheredNeeds = 4096;
// Failures remembered, so that evidence with made-up names asks for each name once and not at every
// try.
inline constexpr std::size_t kRememberedFailures = 4096;
// Appraisals that may wait for collateral hosts at a time. More are told so and do not wait, which
// leaves workers to those who have what they need.
inline constexpr std::size_t kWaitingForHosts = 8;
// Requests to one host in a minute, whoever causes them: a fleet that starts needs one for each
// chip, made-up chip numbers must not make this a flood against AMD.
inline constexpr std::size_t kHostRequestsPerMinute = 120;
// Vendor chains have 3 certificates, NVIDIA's 5.
inline constexpr std::size_t kCertificatesInChain = 10;
// Intel's documents nest 6 deep; runtime claims a little more.
inline constexpr std::size_t kJsonDepth = 32;
// TCB levels in one document: about 20 are seen.
inline constexpr std::size_t kTcbLevels = 256;
// Events in one measured-boot log; real logs have 30 to 300.
inline constexpr std::size_t kEventLogEvents = 20000;
// Windows events inside the entries of one log: each module that is loaded has ten; a server has
// 2,000 in all. Containers nest three deep.
inline constexpr std::size_t kSipaEvents = 100'000;
inline constexpr std::size_t kSipaDepth = 8;
// PCR banks of a TPM: five hash algorithms are defined for them.
inline constexpr std::size_t kPcrBanks = 8;
// Entries of an IMA log: a server that measures all files reaches some 100,000 in months.
inline constexpr std::size_t kImaEntries = 500'000;
// Keys that a TPM certifies beside a quote: Azure's protocol sends one and at most two others.
inline constexpr std::size_t kCertifiedKeys = 3;
// Modules of a VBS enclave that its report lists: the enclave and the libraries in it, some five.
inline constexpr std::size_t kVbsModules = 256;
// A VBS enclave report: a fixed part of 0.9 KiB and 100 bytes for each module.
inline constexpr std::size_t kVbsReportBytes = 64U << 10U;
// Claims that an attester adds of its own to a TPM request, and what it passes through.
inline constexpr std::size_t kCustomClaims = 100;
inline constexpr std::size_t kRelyingPartyBytes = 4096;
// Logs in one TPM request: the firmware's and IMA's.
inline constexpr std::size_t kBootLogs = 2;
// IMA's measurements of buffers (keys, critical data) that a policy sees: some ten in a boot.
inline constexpr std::size_t kPolicyImaEvents = 1000;
// Entries of one signature database; dbx has some 500 hashes.
inline constexpr std::size_t kSignatureEntries = 8192;
// Entries of an SNP certificate table: AMD defines 4 GUIDs, hosts may add their own.
inline constexpr std::size_t kCertificateTableEntries = 32;
// Verified certificate paths, keys and documents remembered; an entry is about 4 KiB.
inline constexpr std::size_t kVerifyCacheEntries = 1024;

// Boot images and firmware that `assay measure` reads: a kernel with its initrd in one image takes
// 40 to 200 MB, an initrd with all firmware files 300 MB.
inline constexpr std::size_t kBootImageBytes = 1U << 30U;
// Sections of a PE image: the loader of Windows takes at most 96 (PE/COFF, "COFF File Header").
inline constexpr std::size_t kPeSections = 96;
// Signatures on one PE image: two are common while a CA is replaced.
inline constexpr std::size_t kPeSignatures = 16;
// Variables in a UEFI store; OVMF's, after many boots, holds some 100 in 256 KiB.
inline constexpr std::size_t kUefiVariables = 4096;
// Commands in one GRUB configuration; only straight ones are predicted, which have few.
inline constexpr std::size_t kGrubCommands = 4096;
// Files under a root whose digests are listed; a Debian server has 100,000.
inline constexpr std::size_t kMeasuredFiles = 1'000'000;
// Sections of OVMF's SEV or TDX metadata: 4 to 12 are seen.
inline constexpr std::size_t kFirmwareSections = 64;
// Virtual processors of a guest: KVM's own bound on x86.
inline constexpr unsigned kVirtualProcessors = 4096;
// Memory that a launch measures page by page, zero pages included: firmware takes 4 to 16 MiB.
inline constexpr std::size_t kLaunchBytes = 256U << 20U;

// A JMESPath query: the longest of Azure's samples has 400 bytes, and policies join queries from
// parts.
inline constexpr std::size_t kJmesPathBytes = 64U << 10U;
// How deep a query nests, and so how deep its evaluation recurses; Azure's samples reach 12.
inline constexpr std::size_t kJmesPathDepth = 128;
// Nodes and elements that one evaluation visits; a query over a log of 300 events takes about
// 10,000. It bounds memory too: a step keeps at most 40 bytes.
inline constexpr std::size_t kJmesPathSteps = 2'000'000;

// A policy's text: Azure's longest sample has 12 KiB; a thousand allow-listed measurements, 200
// KiB.
inline constexpr std::size_t kPolicyBytes = 1U << 20U;
// Rules of a policy, conditions of a rule, items of a condition: samples have 60, 16 and 4.
inline constexpr std::size_t kPolicyRules = 10000;
inline constexpr std::size_t kPolicyConditions = 256;
inline constexpr std::size_t kPolicyItems = 64;
// Calls in calls; samples nest 4 deep. It bounds the recursion of parser, check and evaluator.
inline constexpr std::size_t kPolicyNesting = 32;
// Claims during an evaluation, those that its rules add included; samples make about 60.
inline constexpr std::size_t kPolicyClaims = 20000;
// Claims tested and nodes visited by one evaluation, its queries included; a default policy
// takes 50.
inline constexpr std::size_t kPolicySteps = 4'000'000;
// An explanation is read by a person: what of a value is shown, and how much is searched for the
// nearest rule and claim.
inline constexpr std::size_t kPolicyShownBytes = 200;
inline constexpr std::size_t kPolicyExplainedRules = 1000;
inline constexpr std::size_t kPolicyExplainedClaims = 1000;

// A JWS: the largest that the management API takes is a policy of kPolicyBytes in base64url twice;
// beyond the HTTP server's own body limit nothing comes here.
inline constexpr std::size_t kJwsBytes = 2U << 20U;
// Its protected header: ten certificates of a chain in base64 take about 30 KiB.
inline constexpr std::size_t kJwsHeaderBytes = 64U << 10U;
// Keys in one key set: Entra publishes about 10; a set with thousands is no issuer's.
inline constexpr std::size_t kJwksKeys = 64;
// RSA keys for signatures: RFC 7518 §3.3 demands 2048 bits; above 8192 one verification takes
// milliseconds, which is work a stranger could choose for us.
inline constexpr int kRsaLeastBits = 2048;
inline constexpr int kRsaMostBits = 8192;
// Of the persistent store. A key is a few names joined; a value at most a policy of kPolicyBytes in
// a token (base64 of base64: 1.8 times its size) or one piece of evidence; a batch deletes a
// provider with all revisions of its policies at most.
inline constexpr std::size_t kStoreKeyBytes = 1024;
inline constexpr std::size_t kStoreValueBytes = 8U << 20U;
inline constexpr std::size_t kStoreBatch = 4096;
// Entries that one scan returns: more take another.
inline constexpr std::size_t kStoreScan = 1000;
// How long a writer waits for another process that writes; a commit takes some 10 ms.
inline constexpr int kStoreBusyMilliseconds = 5000;

// Providers of one service: each has its keys and its compiled policies in memory, about 100 KiB.
inline constexpr std::size_t kProviders = 1000;
// A name is a segment of a path, a folder, and may become a label of a host name (RFC 1035, 2.3.4).
inline constexpr std::size_t kProviderNameBytes = 63;
// Revisions of one policy that are kept; beyond, the oldest goes.
inline constexpr std::size_t kPolicyRevisions = 100;
// Certificates that may manage one provider: people and pipelines, not machines.
inline constexpr std::size_t kManagementCertificates = 64;
// Evidence recorded of one provider, each at most kRecordedEvidenceBytes (a report with its chain
// has 10 KiB), and for how long it may be kept.
inline constexpr std::size_t kRecordedEvidence = 10000;
inline constexpr std::size_t kRecordedEvidenceBytes = 64U << 10U;
inline constexpr int kRecordedDays = 90;

// An access file: a grant takes 150 bytes, so this is room for thousands.
inline constexpr std::size_t kAccessFileBytes = 1U << 20U;
// A bearer token; the HTTP server takes no longer header. Entra's with 200 groups take 10 KiB.
inline constexpr std::size_t kBearerTokenBytes = 16U << 10U;
// A discovery document or a key set: Entra's key set, with certificates, has 20 KiB.
inline constexpr std::size_t kJwksBytes = 256U << 10U;
// How far the clock of a token's issuer may be from ours.
inline constexpr std::chrono::seconds kClockSkew{60};
// Keys of an issuer: used so long without asking, and so long when it does not answer. Entra
// advises to ask once a day.
inline constexpr std::chrono::seconds kJwksFresh{3600};
inline constexpr std::chrono::seconds kJwksStale{24 * 3600};
// Between two questions to an issuer, whoever causes them: made-up kids must not make this service
// a flood against it.
inline constexpr std::chrono::seconds kJwksPace{30};
// Two requests, discovery and keys; each within this.
inline constexpr std::chrono::milliseconds kIssuerConnectTimeout{2000};
inline constexpr std::chrono::milliseconds kIssuerTimeout{5000};
// Requests that wait for an issuer's first answer at a time; more are told to try again.
inline constexpr std::size_t kWaitingForIssuer = 4;

// How long a token may live, by a policy's report_validity_in_minutes: and so how long a key that
// signed stays published.
inline constexpr std::chrono::seconds kLongestToken{366LL * 24 * 3600};
// Token keys in a state folder: one each rotation, for a year.
inline constexpr std::size_t kTokenKeys = 64;
// A schedule of those: 100 bytes each.
inline constexpr std::size_t kTokenScheduleBytes = 64U << 10U;
// Local tokens, for development and CI; long enough for a working day, not for a production.
inline constexpr unsigned kLocalTokenMinutes = 24 * 60;

// Machines that one provider watches, and how many of them answers and pages list at a time.
inline constexpr std::size_t kMachines = 100'000;
inline constexpr std::size_t kMachinesPage = 500;
// Events of a machine's history that are kept; beyond, the oldest goes.
inline constexpr std::size_t kMachineHistory = 100;
// A machine's display name.
inline constexpr std::size_t kMachineNameBytes = 64;
// Names that an administrator approves for a machine's certificates: a host has a few.
inline constexpr std::size_t kMachineDnsNames = 16;
// A name in the DNS (RFC 1035 §2.3.4).
inline constexpr std::size_t kDnsNameBytes = 253;
// A certification request: one with a key of RSA 4096 and sixteen names has 5 KiB.
inline constexpr std::size_t kSigningRequestBytes = 8U << 10U;
// How long a machine's certificate is good for, unless asked otherwise, and at most: there are no
// revocation lists, so its time is how long a machine that drifted can still use it.
inline constexpr std::chrono::seconds kMachineCertificateLife{3600};
inline constexpr std::chrono::seconds kMachineCertificateLongest{24 * 3600};
// Less would be over before it is in use.
inline constexpr std::chrono::seconds kMachineCertificateShortest{60};
// Enrolments that were completed and are remembered, so that none is twice, until they would have
// ended. Those that are only begun take no memory here.
inline constexpr std::size_t kOpenEnrolments = 4096;
// A TPM with its key in software answers a credential in a second, a slow discrete one in ten.
inline constexpr std::chrono::seconds kEnrolmentLife{300};
// A challenge is answered by one quote; the logs beside it take a second on a slow line.
inline constexpr std::chrono::seconds kChallengeLife{120};
// Every other request: a quote with its chain is below 64 KiB.
inline constexpr std::size_t kRequestBytes = 2U << 20U;
// Requests with a machine's whole lists that are received and judged at a time: each takes several
// times its size in memory, and nobody has proven anything yet.
inline constexpr std::size_t kLargeRequests = 2;
// To receive one: 64 MiB from a machine behind 5 Mbit/s.
inline constexpr std::chrono::seconds kLargeRequestTime{120};
// Machines that wait at a time for the service to ask them to attest: each holds a connection, and
// three quarters of these are left for requests. The others are found at their next attestation.
inline constexpr std::size_t kWaitingRequests = 256;
// How long one of them waits, and how often it is looked at meanwhile.
inline constexpr std::chrono::seconds kLongestWait{50};
inline constexpr std::chrono::milliseconds kWaitStep{500};
// The time that an administrator gives a machine to answer.
inline constexpr std::chrono::seconds kRecheckLongest{24 * 3600};
// Releases of one provider, and what each may hold: a file list of a whole distribution.
inline constexpr std::size_t kReleases = 1000;
inline constexpr std::size_t kReleaseBytes = 8U << 20U;
inline constexpr std::size_t kReleaseValues = 256;
inline constexpr std::size_t kReleaseFiles = 100'000;
// Differences that an explanation of drift lists: it is read by a person.
inline constexpr std::size_t kDriftReasons = 50;
inline constexpr std::chrono::seconds kWebhookLongestWait{3600};
inline constexpr int kWebhookAttempts = 20;
// Batches that one commit carries when many threads write at a time.
inline constexpr std::size_t kGroupCommit = 512;

// Key material that is wrapped at once: the PKCS #8 form of RSA 4096 has 2.4 KiB, of RSA 8192 4.7.
inline constexpr std::size_t kWrappedKeyBytes = 16U << 10U;
// A key release policy: one allow-listed measurement takes some 300 bytes with its branch, so this
// is room for hundreds. It is kept with each version of the key.
inline constexpr std::size_t kReleasePolicyBytes = 128U << 10U;
// anyOf and allOf in each other; published samples nest 3 deep. It bounds the recursion of parser
// and evaluator.
inline constexpr std::size_t kReleasePolicyDepth = 12;
// Conditions and groups of one policy; published samples have 10.
inline constexpr std::size_t kReleasePolicyNodes = 2048;
// A claim's path, and the objects it goes through: tokens of confidential VMs nest 4 deep.
inline constexpr std::size_t kReleaseClaimBytes = 512;
inline constexpr std::size_t kReleaseClaimParts = 16;
// Authorities that have to agree on one release, and so the tokens of one request: each costs a
// verification.
inline constexpr std::size_t kReleaseTokens = 4;
// Conditions that a denial explains: it is read by a person.
inline constexpr std::size_t kReleaseExplained = 100;
// What a caller may send to find its answer again; the API's samples have 36 bytes.
inline constexpr std::size_t kReleaseNonceBytes = 1024;
// Spent nonces that one that is spent takes away when their time is over.
inline constexpr std::size_t kReleaseNoncesForgotten = 8;
// A clock skew that may be configured for tokens that release keys: more would make an expired
// token a valid one.
inline constexpr std::chrono::seconds kReleaseLongestSkew{300};

// The key vault. Names and tags are as Azure Key Vault bounds them.
inline constexpr std::size_t kKeyNameBytes = 127;
inline constexpr std::size_t kKeyTags = 15;
inline constexpr std::size_t kKeyTagBytes = 256;
// Entries of a page of keys; clients are told where the next one begins.
inline constexpr std::size_t kKeysPage = 25;
// Versions of one key: as many as Azure Key Vault puts into a backup.
inline constexpr std::size_t kKeyVersions = 500;
// A backup comes back in a request, as base64url in JSON: it has to fit the server's body limit.
inline constexpr std::size_t kKeyBackupBytes = 1400U << 10U;
// What one operation encrypts, wraps or verifies: the vault is for keys and small secrets.
inline constexpr std::size_t kKeyOperationBytes = 64U << 10U;
// Days for which a deleted key can be recovered, as the API has it.
inline constexpr int kKeyRetentionLeastDays = 7;
inline constexpr int kKeyRetentionMostDays = 90;
// Random bytes of one request, as the API has it.
inline constexpr std::size_t kKeyRandomBytes = 128;
// A rotation policy has one action to rotate and one to notify.
inline constexpr std::size_t kKeyLifetimeActions = 2;
// A duration of ISO 8601 in a rotation policy: longest in years of four digits with all parts.
inline constexpr std::size_t kKeyDurationBytes = 64;
// Private keys kept parsed in memory; one takes about 10 KiB, and of the arena for secrets 2 KiB.
inline constexpr std::size_t kKeysPrepared = 1024;
// Officers who may recover keys, and how long those who are needed have to approve.
inline constexpr std::size_t kRecoveryOfficers = 32;
inline constexpr std::chrono::seconds kRecoveryLife{3 * 24 * 3600};
inline constexpr std::size_t kRecoveryReasonBytes = 1024;
// Memory that is locked for secrets: what a process without privileges may lock is 8 MiB.
inline constexpr std::size_t kSecretArenaBytes = 4U << 20U;
// Keys that one round of the sweep rotates or purges before it looks again.
inline constexpr std::size_t kKeySweepAtATime = 100;
// How often an operation is decided again when others changed the same key meanwhile. Of 64 clients
// at one key one wins in each turn.
inline constexpr int kKeyAttempts = 100;
// A file with a wrapped key-encryption key; it has 400 bytes.
inline constexpr std::size_t kKekFileBytes = 4096;
inline constexpr std::size_t kKekPassphraseBytes = 1024;
// Work of scrypt that a file may ask for: 2^20 blocks of 1 KiB, 1 GiB of memory; what is written
// asks for 2^17 (OWASP Password Storage Cheat Sheet).
inline constexpr unsigned kScryptLogNMost = 20;
inline constexpr unsigned kScryptLogN = 17;
// Sessions with an HSM that stay open while nobody uses them: as many as the service has workers at
// most at work on it. Tokens grant hundreds.
inline constexpr std::size_t kHsmSessionsKept = 32;
// Tokens of one PKCS#11 module; racks have tens.
inline constexpr unsigned long kHsmSlots = 1024;
// Objects of one id in an HSM: a key pair has two.
inline constexpr std::size_t kHsmObjectsOfKey = 8;
// A key that an HSM makes is recorded within this, or given up and its objects removed: RSA 4096
// takes a slow token half a minute.
inline constexpr std::chrono::seconds kHsmKeyRecordedWithin{900};

// The ledger. A leaf goes into entry bundles with a length of 16 bits (C2SP tlog-tiles); ours have
// some 50 bytes.
inline constexpr std::size_t kLedgerLeafBytes = 4096;
// A decision record: digests, and a line for each failed check.
inline constexpr std::size_t kLedgerRecordBytes = 64U << 10U;
inline constexpr std::size_t kLedgerTextBytes = 4096;
// What it says in full: of the service's own evidence a quote or a report with its certificates.
inline constexpr std::size_t kLedgerDetailBytes = 32U << 10U;
inline constexpr std::size_t kLedgerCollateral = 64;
inline constexpr std::size_t kLedgerFailedChecks = 256;
// Entries on one page; collections and users, too.
inline constexpr std::size_t kLedgerPage = 100;
// Hashes in a proof: an inclusion path in a tree of 2^63 leaves has 63, a consistency proof one
// more.
inline constexpr std::size_t kLedgerProofHashes = 64;
// Entries that one commit carries: with tiles and checkpoints, and were each a redaction that
// rewrites another, it fits kStoreBatch. And their bytes, most of which are bodies.
inline constexpr std::size_t kLedgerGroup = 2000;
inline constexpr std::size_t kLedgerGroupBytes = 8U << 20U;
// Rows of one commit beside tiles and heads, of which there are some 40: it fits kStoreBatch.
inline constexpr std::size_t kLedgerGroupRows = 4000;
// What an application writes into one entry: with JSON around it, it fits kRequestBytes.
inline constexpr std::size_t kLedgerContentsBytes = 1U << 20U;
// Collections and tags are names. Each tag of an entry is a row of its own.
inline constexpr std::size_t kLedgerNameBytes = 256;
inline constexpr std::size_t kLedgerTags = 16;
// Users: object ids, or fingerprints of certificates, which have 95 characters. Three roles exist.
inline constexpr std::size_t kLedgerUserBytes = 256;
inline constexpr std::size_t kLedgerRoles = 3;
// Contents on one page, whose entries are kLedgerPage at most.
inline constexpr std::size_t kLedgerPageBytes = 4U << 20U;
// Service certificates between a node's and the one in force: one for each recovery of a ledger.
inline constexpr std::size_t kServiceEndorsements = 16;
// A receipt of Confidential Ledger in JSON: some 6 KiB, and the contents of its entry in a claim.
inline constexpr std::size_t kCcfReceiptBytes = 8U << 20U;
// Appends that wait for the sequencer; more are told so at once. Of findings, an audit tells so
// many.
inline constexpr std::size_t kLedgerQueue = 65'536;
inline constexpr std::size_t kLedgerFindings = 100;
// How often a group is sequenced again because another process was faster.
inline constexpr int kLedgerAttempts = 100;
// A signed note: C2SP wants room for 16 signatures at least, those with ML-DSA take 3.4 KiB each.
inline constexpr std::size_t kNoteBytes = 128U << 10U;
inline constexpr std::size_t kNoteSignatures = 32;
// A COSE receipt: 64 hashes and one signature take 2.4 KiB.
inline constexpr std::size_t kReceiptBytes = 8192;
// A receipt with its leaf and body, in JSON and base64: a body is kLedgerContentsBytes and a
// little.
inline constexpr std::size_t kProofDocumentBytes = 2U << 20U;
inline constexpr std::size_t kLedgerBodyBytes = kLedgerContentsBytes + (16U << 10U);

// Witnesses (C2SP tlog-witness). Proof lines of one request: the specification allows no more.
inline constexpr std::size_t kWitnessProofLines = 63;
// A request: the old size, proof lines of 45 bytes, and a checkpoint.
inline constexpr std::size_t kWitnessRequestBytes = kNoteBytes + 4096;
// An answer: a cosignature has some 200 bytes, one of ML-DSA 3.4 KiB.
inline constexpr std::size_t kWitnessAnswerBytes = 64U << 10U;
// Logs of one witness, and witnesses of one log: a checkpoint with theirs has kNoteSignatures at
// most, one of them the log's.
inline constexpr std::size_t kWitnessLogs = 1000;
inline constexpr std::size_t kWitnesses = kNoteSignatures - 1;
// How long a witness may take; one that is slower holds up the others of a publication.
inline constexpr std::chrono::milliseconds kWitnessConnectTimeout{2000};
inline constexpr std::chrono::milliseconds kWitnessTimeout{5000};
// Between two publications: what is cosigned at most so often, and asked for again after a failure.
inline constexpr std::chrono::milliseconds kPublicationPause{1000};
// How long a copy of a published tree's checkpoint counts as fresh (C2SP tlog-tiles: no more than a
// few seconds), and of its tiles, which never change.
inline constexpr std::chrono::seconds kCheckpointFresh{1};
inline constexpr std::chrono::seconds kTileFresh{365LL * 24 * 3600};

// The agent. An answer of the service: a token takes some KiB, a refusal with all its checks 64
// KiB.
inline constexpr std::size_t kAgentAnswerBytes = 1U << 20U;
inline constexpr std::uint32_t kAgentAnswerHeaderBytes = 16U << 10U;
// A bearer token or another small file that the agent is pointed at.
inline constexpr std::size_t kAgentSmallFileBytes = 64U << 10U;
// An NV index: Azure's HCL report has 2.6 KiB, certificates 1 to 2 KiB; TPMs have some 8 KiB in
// all.
inline constexpr std::size_t kNvIndexBytes = 16U << 10U;
// Indices that an EK certificate chain may be spread over: the profile reserves 256, chains have 3
// certificates.
inline constexpr std::uint32_t kEkChainIndices = 16;
// The kernel's IMA list as a file: kImaEntries of 120 bytes each.
inline constexpr std::size_t kImaLogBytes = 64U << 20U;
// What configfs-tsm hands out at most (include/linux/tsm.h, TSM_OUTBLOB_MAX); the certificate table
// beside it has its own file of the same bound.
inline constexpr std::size_t kTsmBlobBytes = 32U << 10U;
// PCR 10 moves with each file measured: so often PCRs are read and quoted before it is an error.
inline constexpr unsigned kQuoteTries = 8;
// A service that is there answers in milliseconds; a worker waits for collateral at most 30 s.
inline constexpr std::chrono::milliseconds kAgentConnectTimeout{5000};
inline constexpr std::chrono::milliseconds kAgentTimeout{35000};
// The agent waits for the service to ask it in pieces of this: below kAgentTimeout, with room for a
// slow connection.
inline constexpr std::chrono::seconds kAgentWait{25};
// Between tries while the service is away: first and longest. A minute is how long a recovered
// service waits for its fleet at most.
inline constexpr std::chrono::seconds kAgentFirstBackoff{1};
inline constexpr std::chrono::seconds kAgentLongestBackoff{60};
// What a service may make the agent wait, whatever next_in or Retry-After say: a day.
inline constexpr std::chrono::seconds kAgentLongestPause{24 * 3600};
// New challenges at once after "nonce expired": more is a clock or a service that is wrong.
inline constexpr unsigned kAgentNonceTries = 3;
// Secrets that one program is given: each is a request to the service before the program starts.
inline constexpr std::size_t kAgentSecrets = 32;
// What another program (cryptsetup) may print to the agent: the tokens of a LUKS2 header, whose
// JSON area has at most 4 MiB, one at a time.
inline constexpr std::size_t kAgentProgramOutput = 64U << 10U;
// Keyslots of a LUKS2 header, and tokens in it (LUKS2 On-Disk Format 1.1, section 3).
inline constexpr unsigned kLuksSlots = 32;

}  // namespace assay::limits
