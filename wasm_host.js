// Runs a WASI preview 1 command under Node: node wasm_host.js [--dir=DIR]... PROGRAM.wasm [ARGS].
// The host itself is a part of the library, since the native compiler brings it along.
"use strict";
require("./std/rt/wasm_host.js");
