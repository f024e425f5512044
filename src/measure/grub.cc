#include "measure/grub.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/reader.h"
#include "crypto/digest.h"
#include "measure/grub_script.h"

namespace assay::measure {
namespace {

constexpr std::uint32_t kPcrCommands = 8, kPcrFiles = 9;

// Of the commands that are allowed, those that read no file.
constexpr std::array<std::string_view, 4> kQuietCommands = {"boot", "set", "echo", "sleep"};

std::string Joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

// The kernel's command line as GRUB's loader writes it: backslashes and quotes escaped, a word with
// a space in quotes; "\x" with two hexadecimal digits stays.
std::string LoaderCommandLine(const std::vector<std::string>& words) {
  std::string out;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    const bool quoted = word.find(' ') != std::string::npos;
    if (i > 1) out += ' ';
    if (quoted) out += '"';
    for (std::size_t at = 0; at < word.size(); ++at) {
      const auto is_hex = [&](std::size_t n) {
        return n < word.size() && std::isxdigit(static_cast<unsigned char>(word[n])) != 0;
      };
      const bool byte_escape = word[at] == '\\' && at + 1 < word.size() && word[at + 1] == 'x' &&
                               is_hex(at + 2) && is_hex(at + 3);
      if (!byte_escape && (word[at] == '\\' || word[at] == '\'' || word[at] == '"')) out += '\\';
      out += word[at];
    }
    if (quoted) out += '"';
  }
  return out;
}

class Session {
 public:
  Session(const GrubBoot& boot, const Banks& banks) : boot_(boot), banks_(banks) {}

  Result<ExpectedEvents> Run() {
    for (const std::string& command : boot_.preamble) Command(command);
    File("grub.cfg", boot_.config_digests);
    const std::vector<GrubCommand> commands = TRY(ParseGrubScript(boot_.config));
    for (const GrubCommand& command : commands) TRY_VOID(Execute(command));
    if (!booted_ || kernels_ != 1) {
      return Fail(ErrorCode::kUnsupported,
                  fmt::format("grub.cfg: expected one linux command and boot at the end, found {} "
                              "and {}",
                              kernels_, booted_ ? "boot" : "no boot"),
                  "without boot GRUB shows its prompt");
    }
    return std::move(events_);
  }

 private:
  void Command(std::string_view text) {
    events_.push_back(
        Measured(kPcrCommands, fmt::format("grub_cmd: {}", text), AsBytes(text), banks_));
  }
  void File(std::string what, const Digests& digests) {
    events_.push_back({kPcrFiles, std::move(what), digests});
  }

  tl::unexpected<Error> Refuse(const GrubCommand& command, std::string_view why) const {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("grub.cfg line {}: {}: {}", command.line, command.words[0], why),
                "learn PCR 8 and 9 from a log: --learn LOG --learn-pcr 8 --learn-pcr 9");
  }

  Result<void> Execute(const GrubCommand& command) {
    const std::string& name = command.words[0];
    if (booted_) return Refuse(command, "a command after boot");
    Command(Joined(command.words));
    if (name == "linux") {
      if (command.words.size() < 2) return Refuse(command, "it names no kernel");
      ++kernels_;
      File("kernel " + command.words[1], boot_.kernel_digests);
      const std::string line = LoaderCommandLine(command.words);
      events_.push_back(
          Measured(kPcrCommands, fmt::format("kernel_cmdline: {}", line), AsBytes(line), banks_));
      return {};
    }
    if (name == "initrd") {
      if (command.words.size() != 2 || initrds_++ > 0) {
        return Refuse(command, "one initrd can be predicted");
      }
      File("initrd " + command.words[1], boot_.initrd_digests);
      return {};
    }
    if (std::find(kQuietCommands.begin(), kQuietCommands.end(), name) == kQuietCommands.end()) {
      return Refuse(command, "it may read files, which GRUB would measure");
    }
    booted_ = name == "boot";
    return {};
  }

  const GrubBoot& boot_;
  const Banks& banks_;
  ExpectedEvents events_;
  std::size_t kernels_ = 0, initrds_ = 0;
  bool booted_ = false;
};

// The configuration inside Debian's signed images: a start, its size, its SHA-256. It looks for
// PREFIX/x86_64-efi/grub.cfg, then PREFIX/grub.cfg.
constexpr std::string_view kDebianConfigStart = "if [ -z \"$prefix\" -o ! -e \"$prefix\" ]; then\n";
constexpr std::size_t kDebianConfigSize = 348;
constexpr std::string_view kDebianConfigSha256 =
    "6a0f9c43a4fceea223fb6486ce6d345dd3999c283e63b9ed723de42e5d639e8a";

bool HoldsDebianConfig(View modules) {
  const std::string_view text = AsText(modules);
  const std::size_t at = text.find(kDebianConfigStart);
  if (at == std::string_view::npos || text.size() - at < kDebianConfigSize) return false;
  return HexEncode(Sha256(modules.subspan(at, kDebianConfigSize))) == kDebianConfigSha256;
}

// struct grub_module_info64, then headers of type and size (GRUB's include/grub/kernel.h).
Result<std::string> PrefixOf(View modules) {
  constexpr std::uint32_t kTypePrefix = 3;
  Reader in(modules, "GRUB's modules");
  if (AsText(TRY(in.Take(4, "magic"))) != "mimg") {
    return Fail(ErrorCode::kMalformed, "GRUB: expected \"mimg\" at the start of its section mods");
  }
  TRY(in.U32Le("padding"));
  const std::uint64_t offset = TRY(in.U64Le("offset"));
  TRY(in.U64Le("size"));
  if (offset < 24 || offset > modules.size()) {
    return Fail(ErrorCode::kMalformed, fmt::format("GRUB: its modules start at {}", offset));
  }
  TRY(in.Take(static_cast<std::size_t>(offset) - 24, "padding"));
  while (in.remaining() >= 8) {
    const std::uint32_t type = TRY(in.U32Le("module type"));
    const std::uint32_t size = TRY(in.U32Le("module size"));
    if (size < 8) break;
    const std::string_view content = AsText(TRY(in.Take(size - 8, "module")));
    if (type == kTypePrefix) return std::string(content.substr(0, content.find('\0')));
  }
  return Fail(ErrorCode::kMissing, "GRUB: no prefix is built into it");
}

}  // namespace

Result<ExpectedEvents> GrubEvents(const GrubBoot& boot, const Banks& banks) {
  return Session(boot, banks).Run();
}

Result<std::vector<std::string>> DebianPreamble(const PeImage& grub, std::string_view device) {
  const PeSection* const modules = grub.Section("mods");
  if (modules == nullptr || !HoldsDebianConfig(modules->content)) {
    return Fail(ErrorCode::kUnsupported,
                "GRUB: it does not hold the configuration of Debian's signed images, so what it "
                "runs at first is not known",
                "give the commands, one a line as the log shows them behind \"grub_cmd: \", with "
                "--grub-preamble FILE");
  }
  const std::string prefix = fmt::format("({}){}", device, TRY(PrefixOf(modules->content)));
  return std::vector<std::string>{
      fmt::format("[ -z {0} -o ! -e {0} ]", prefix),
      fmt::format("[ -e {}/x86_64-efi/grub.cfg ]", prefix),
      fmt::format("[ -e {}/grub.cfg ]", prefix),
      fmt::format("source {}/grub.cfg", prefix),
  };
}

}  // namespace assay::measure
