#include "resumable.hpp"

#include <fovea/callbacks/stop_on_signal.hpp>
#include <fovea/fovea.hpp>
#include <fovea/io/checkpoint.hpp>

#include "command_line.hpp"

using namespace fovea;

void Resumable::add_to(CommandLine& line) {
    line.add_option("--checkpoint", folder_, "Folder to keep checkpoints of the training in");
    line.add_option("--save-freq", save_freq_, "Batches from one checkpoint to the next; 0: one for each epoch");
    line.add_flag("--resume", resume_, "Go on from the checkpoint, if there is one");
}

void Resumable::open() {
    require_range("--save-freq", save_freq_, 0, 1'000'000'000);
    require<ValueError>(!resume_ || !folder_.empty(), "--resume needs --checkpoint");
    if (folder_.empty()) return;
    require<ValueError>(resume_ || CheckpointFolder(folder_).empty(), "--checkpoint: ", folder_,
                        " has checkpoints of a training; --resume goes on with it");
    static StopOnSignal<float> stop;
    callbacks = {&stop};
    checkpoint = {folder_, {.save_freq = save_freq_}};
}
