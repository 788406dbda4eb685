"""Records keras.txt: .keras files that Keras wrote, each packed as model.keras into a zip archive, and Keras's outputs.

Weights are those of keras_networks.py, x0 and x1 are value(1, i) and value(2, i). In each file Keras notes its date, and numbers by
which it knows objects: these two differ from one recording to another.
"""

import io
import os
import tempfile
import zipfile

from formula import self_check, write_tensor
from keras_networks import article, branching, deferred, frozen, inputs_of, keras, nested, operations, outputs_of, with_weights


def packed(model):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        model.save(path)
        with open(path, "rb") as file:
            content = file.read()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        out.writestr(zipfile.ZipInfo("model.keras"), content, zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def main():
    self_check()
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "keras.txt")
    with open(path, "w", newline="\n") as out:
        for build in (article, deferred, branching, nested, operations, frozen):
            keras.utils.clear_session()
            model = with_weights(build())
            if build is article:
                model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
            content = packed(model)
            print(f"case {build.__name__}\nbytes {content.hex()}", file=out)
            for i, y in enumerate(outputs_of(model, inputs_of(model, 2))):
                write_tensor(out, f"y{i}", y)
            print("end", file=out)
            print(build.__name__, len(content), "bytes")


if __name__ == "__main__":
    main()
