// A libnvrtc.so whose compiler is g++: the source is preprocessed, what g++ does not know of CUDA C is written otherwise, and the
// image is a shared object.
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <dlfcn.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

#define EXPORT extern "C" __attribute__((visibility("default")))
#ifndef FAKE_MINOR
#define FAKE_MINOR 0
#endif

namespace {
enum Result { SUCCESS = 0, INVALID_INPUT = 3, INVALID_PROGRAM = 4, INVALID_OPTION = 5, COMPILATION = 6, INTERNAL = 11 };

struct Program {
    std::string text, name, log, image;
};

// The folder of this library, where the rest of it lies.
std::string folder() {
    Dl_info info;
    dladdr(reinterpret_cast<void*>(&folder), &info);
    std::string path = info.dli_fname;
    return path.substr(0, path.rfind('/'));
}

std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

bool is_word(char c) { return isalnum(static_cast<unsigned char>(c)) || c == '_'; }

std::string trimmed(const std::string& text) {
    size_t first = text.find_first_not_of(" \t\n"), last = text.find_last_not_of(" \t\n");
    return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

// Splits at commas outside of brackets.
std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> parts(1);
    int depth = 0;
    for (char c : text) {
        if (strchr("([{<", c)) depth++;
        if (strchr(")]}>", c)) depth--;
        if (c == ',' && depth == 0) parts.emplace_back();
        else parts.back() += c;
    }
    return parts;
}

// The name in a declarator `name[2][3]`, and where it ends.
std::string name_in(const std::string& declarator, size_t* end) {
    size_t bracket = declarator.find('[');
    size_t last = declarator.find_last_not_of(" \t\n", bracket == std::string::npos ? bracket : bracket - 1);
    size_t first = last;
    while (first > 0 && is_word(declarator[first - 1])) first--;
    *end = last + 1;
    return declarator.substr(first, last + 1 - first);
}

// Shared memory is that of the block, and not a variable.
std::string shared_declaration(const std::string& declaration, bool is_dynamic) {
    std::string base, text;
    for (const std::string& part : split(declaration)) {
        size_t end;
        std::string name = name_in(part, &end);
        if (base.empty()) base = trimmed(part.substr(0, end - name.size()));
        std::string dimensions = trimmed(part.substr(end));
        if (is_dynamic) {
            text += base + "* " + name + " = static_cast<" + base + "*>(fake::dynamic());";
        } else {
            text += "typedef " + base + " fake_" + name + "_t" + dimensions + "; static const char fake_" + name +
                    "_at = 0; fake_" + name + "_t& " + name + " = *static_cast<fake_" + name +
                    "_t*>(fake::shared(&fake_" + name + "_at, sizeof(fake_" + name + "_t)));";
        }
    }
    return text;
}

// `text` without what g++ does not know, and a table of its kernels.
std::string translated(const std::string& text, const std::string& architecture) {
    std::string out, table;
    unsigned kernels = 0;
    size_t at = 0;
    auto word_at = [&](size_t from) {
        size_t end = from;
        while (end < text.size() && is_word(text[end])) end++;
        return text.substr(from, end - from);
    };
    while (at < text.size()) {
        char c = text[at];
        if (c == '"' || (c == '\'' && !(at > 0 && is_word(text[at - 1])))) {
            size_t end = at + 1;
            while (end < text.size() && text[end] != c) end += text[end] == '\\' ? 2 : 1;
            out += text.substr(at, end + 1 - at);
            at = end + 1;
            continue;
        }
        if (!is_word(c)) {
            out += c;
            at++;
            continue;
        }
        std::string word = word_at(at);
        at += word.size();
        if (word == "__shared__") {
            size_t end = text.find(';', at);
            if (end == std::string::npos) return out + word;
            size_t kept = out.find_last_not_of(" \t\n");
            bool is_dynamic = kept != std::string::npos && kept >= 5 && out.compare(kept - 5, 6, "extern") == 0;
            bool is_static = kept != std::string::npos && kept >= 5 && out.compare(kept - 5, 6, "static") == 0;
            if (is_dynamic || is_static) out.erase(kept - 5);
            out += shared_declaration(text.substr(at, end - at), is_dynamic);
            at = end + 1;
            continue;
        }
        out += word;
        if (word != "__global__") continue;
        // The name is the word before the first bracket that is not that of the bounds.
        size_t from = at, open;
        std::string bounds = "1024";
        for (;;) {
            open = text.find('(', from);
            if (open == std::string::npos) return out;
            size_t last = text.find_last_not_of(" \t\n", open - 1), first = last;
            while (first > 0 && is_word(text[first - 1])) first--;
            std::string name = text.substr(first, last + 1 - first);
            if (name != "__launch_bounds__") {
                table += (kernels++ ? ", " : "") + ("FAKE_KERNEL(" + name + ", (") + bounds + "))";
                break;
            }
            size_t close = open + 1;
            for (int depth = 1; depth > 0 && close < text.size(); close++) {
                if (text[close] == '(') depth++;
                if (text[close] == ')') depth--;
            }
            bounds = split(text.substr(open + 1, close - open - 2))[0];
            from = close;
        }
    }
    out += "\nstatic const fake::Kernel fake_kernels[] = {" + (kernels ? table : "fake::Kernel{}") + "};\n";
    return out + "extern \"C\" __attribute__((visibility(\"default\"))) const fake::Image fake_image = {\"" + architecture +
           "\", " + std::to_string(kernels) + ", fake_kernels};\n";
}

// Runs a program; what it says on standard error is added to `log`.
bool run(const std::vector<std::string>& command, const std::string& directory, std::string& log) {
    std::vector<char*> arguments;
    for (const std::string& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
    arguments.push_back(nullptr);
    std::string said = directory + "/log";
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 2, said.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    // A library that is loaded before all others is meant for this program.
    std::vector<char*> kept;
    for (char** variable = environ; *variable; variable++)
        if (strncmp(*variable, "LD_PRELOAD=", 11)) kept.push_back(*variable);
    kept.push_back(nullptr);
    pid_t child;
    int refused = posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), kept.data());
    posix_spawn_file_actions_destroy(&actions);
    if (refused) {
        log += "fake cuda: g++ cannot be started: " + std::string(strerror(refused)) + "\n";
        return false;
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    log += read(said);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// What this processor has that matters: a fused product and sum that is not a call.
std::string processor() {
    static const bool is_v3 = [] {
        std::string flags = read("/proc/cpuinfo");
        return flags.find(" avx2") != std::string::npos && flags.find(" fma") != std::string::npos;
    }();
    return is_v3 ? "-march=x86-64-v3" : "";
}

Result compile(Program& program, int count, const char* const* options) {
    std::vector<std::string> defines;
    std::string architecture = "sm_75";
    bool is_watched = false;
    program.log.clear();
    for (int i = 0; i < count; i++) {
        std::string option = options[i];
        auto begins = [&](const char* with) { return option.rfind(with, 0) == 0; };
        if (begins("--gpu-architecture=")) architecture = option.substr(19);
        else if (begins("-arch=")) architecture = option.substr(6);
        else if (option == "-fsanitize=thread") is_watched = true;
        else if (begins("-D") || begins("-U") || begins("-I")) defines.push_back(option);
        else if (!begins("--std=") && !begins("--generate-line-info") && !begins("-lineinfo") && !begins("--fmad=") &&
                 !begins("--ptxas-options=") && !begins("--maxrregcount=")) {
            program.log = "fake cuda: an option that this compiler does not know: " + option + "\n";
            return INVALID_OPTION;
        }
    }
    std::string in = (std::filesystem::temp_directory_path() / "fake-nvrtc-XXXXXX").string();
    if (!mkdtemp(in.data())) return INTERNAL;
    std::string own = folder(), source = in + "/source.cpp", first = in + "/first.ii";
    std::string second = in + "/kernel.cpp", image = in + "/image.so";
    std::ofstream(source) << "# 1 \"" << program.name << "\"\n" << program.text;
    std::vector<std::string> command = {"g++", "-E", "-std=c++17", "-w", "-D__CUDACC__", "-D__CUDACC_RTC__"};
    std::string number = architecture.substr(architecture.find('_') + 1);
    command.push_back("-D__CUDA_ARCH__=" + number + "0");
    command.insert(command.end(), defines.begin(), defines.end());
    command.insert(command.end(), {"-o", first, source});
    bool is_done = run(command, in, program.log);
    if (is_done) {
        std::ofstream(second) << "#include \"device.h\"\n" << translated(read(first), architecture);
        std::string libraries = is_watched ? own + "/watched" : own;
        command = {"g++", "-std=c++17", "-w", "-fPIC", "-shared", "-fvisibility=hidden", "-ffp-contract=off",
                   "-U_FORTIFY_SOURCE", "-fno-stack-protector"};
        if (is_watched) command.insert(command.end(), {"-O1", "-g", "-fsanitize=thread"});
        else command.push_back("-O2");
        if (!processor().empty()) command.push_back(processor());
        command.insert(command.end(), {"-I" + own, "-o", image, second, "-L" + libraries, "-lfakefibers"});
        is_done = run(command, in, program.log);
    }
    if (is_done) program.image = read(image);
    for (const std::string& file : {source, first, second, image, in + "/log"}) unlink(file.c_str());
    rmdir(in.c_str());
    return is_done ? SUCCESS : COMPILATION;
}
}  // namespace

EXPORT int nvrtcVersion(int* major, int* minor) {
    const char* other = getenv("FAKE_NVRTC");
    *major = other ? atoi(other) : 13;
    *minor = FAKE_MINOR;
    return SUCCESS;
}
EXPORT const char* nvrtcGetErrorString(int code) {
    switch (code) {
        case SUCCESS: return "NVRTC_SUCCESS";
        case INVALID_OPTION: return "NVRTC_ERROR_INVALID_OPTION";
        case COMPILATION: return "NVRTC_ERROR_COMPILATION";
        default: return "NVRTC_ERROR";
    }
}
EXPORT int nvrtcCreateProgram(Program** program, const char* text, const char* name, int headers, const char* const*,
                              const char* const*) {
    if (!text || headers) return INVALID_INPUT;
    *program = new Program{text, name ? name : "default_program", "", ""};
    return SUCCESS;
}
EXPORT int nvrtcDestroyProgram(Program** program) {
    delete *program;
    *program = nullptr;
    return SUCCESS;
}
EXPORT int nvrtcCompileProgram(Program* program, int count, const char* const* options) {
    return program ? compile(*program, count, options) : INVALID_PROGRAM;
}
EXPORT int nvrtcGetProgramLogSize(Program* program, size_t* size) {
    *size = program->log.size() + 1;
    return SUCCESS;
}
EXPORT int nvrtcGetProgramLog(Program* program, char* log) {
    memcpy(log, program->log.c_str(), program->log.size() + 1);
    return SUCCESS;
}
EXPORT int nvrtcGetCUBINSize(Program* program, size_t* size) {
    *size = program->image.size();
    return program->image.empty() ? INVALID_PROGRAM : SUCCESS;
}
EXPORT int nvrtcGetCUBIN(Program* program, char* image) {
    memcpy(image, program->image.data(), program->image.size());
    return SUCCESS;
}
