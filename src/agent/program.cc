#include "agent/program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "agent/handover.h"
#include "base/limits.h"

namespace assay::agent {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { Close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }
  void Close() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }

 private:
  int number_;
};

class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  void Become(int descriptor, int number) {
    posix_spawn_file_actions_adddup2(&actions_, descriptor, number);
  }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

Result<pid_t> Spawn(const std::vector<std::string>& command, const FileActions& actions) {
  std::vector<char*> arguments;
  for (const std::string& one : command) arguments.push_back(const_cast<char*>(one.c_str()));
  arguments.push_back(nullptr);
  pid_t pid = -1;
  const int error =
      ::posix_spawnp(&pid, arguments.front(), actions.get(), nullptr, arguments.data(), environ);
  if (error == 0) return pid;
  return Fail(
      ErrorCode::kIo, fmt::format("cannot run {}: {}", command.front(), std::strerror(error)),
      error == ENOENT ? "install it; of Debian's packages cryptsetup-bin has cryptsetup" : "");
}

// To its end, also beyond what is kept: a program must not wait for us to read.
Result<std::string> ReadOutput(int descriptor) {
  std::string out;
  std::array<char, 4096> piece{};
  bool too_much = false;
  while (true) {
    const ssize_t count = ::read(descriptor, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    const auto size = static_cast<std::size_t>(count);
    too_much = too_much || out.size() + size > limits::kAgentProgramOutput;
    if (!too_much) out.append(piece.data(), size);
  }
  if (!too_much) return out;
  return Fail(ErrorCode::kMalformed,
              fmt::format("a program printed more than {} bytes", limits::kAgentProgramOutput));
}

int Wait(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Result<ProgramEnd> RunProgram(const std::vector<std::string>& command,
                              const std::optional<View>& input) {
  const Descriptor in(input ? TRY(SealedFile(*input)) : -1);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return Fail(ErrorCode::kIo, fmt::format("a pipe: {}", std::strerror(errno)));
  }
  const Descriptor read_end(ends[0]);
  Descriptor write_end(ends[1]);
  FileActions actions;
  if (input) actions.Become(in.get(), STDIN_FILENO);
  actions.Become(write_end.get(), STDOUT_FILENO);
  const pid_t pid = TRY(Spawn(command, actions));
  write_end.Close();
  Result<std::string> output = ReadOutput(read_end.get());
  const int code = Wait(pid);
  if (!output) return tl::unexpected(output.error());
  return ProgramEnd{code, std::move(*output)};
}

}  // namespace assay::agent
