"""Keras 3 on TensorFlow, on the CPU, with float64 that is float64.

Keras casts a Python number to float64 by way of float32, which puts beta_2 = 0.999 off by 1.3e-8 and with it the first
1 - beta_2 by 1.3e-5 of itself. Here the cast goes straight to float64; the optimizers' weights differ by up to 5e-7 without.
"""

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np
from keras.src import ops

_cast = ops.cast
ops.cast = lambda x, dtype: _cast(np.float64(x) if isinstance(x, float) else x, dtype)

keras.config.set_floatx("float64")
