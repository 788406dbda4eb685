#pragma once
#include <string>
#include <vector>

#include <fovea/models/options.hpp>

class CommandLine;

/// --checkpoint, --save-freq and --resume, of examples that train for long. They are read in resumable.cpp, as files of checkpoints take time
/// to compile.
class Resumable {
public:
    fovea::Checkpoint<float> checkpoint;
    std::vector<fovea::Callback<float>*> callbacks; ///< with a checkpoint, one that stops training on Ctrl-C

protected:
    void add_to(CommandLine& line);

    /// Once the command line has been read. Throws fovea::ValueError for a folder with checkpoints without --resume.
    void open();

private:
    std::string folder_;
    fovea::Index save_freq_ = 0;
    bool resume_ = false;
};
