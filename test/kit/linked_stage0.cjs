// stage0 in this process: the script that cot.js runs, loaded once. vitest.config.ts has each import of a module of stage0
// lead here: as vitest loads modules, each use of an imported name is a property read, and stage0 takes 1.6 times as long.
"use strict";
const path = require("node:path");
const { loadStage0 } = require("../../launch/stage0.js");

module.exports = loadStage0(path.resolve(__dirname, "../.."), null);
